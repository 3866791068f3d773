/**
 * Permissions on the gate itself, carried by roles (`gate:`) and demanded by every route and console command.
 * What concerns a person's own requests, grants, sessions, keys and tokens needs none.
 */
export const GATE_PERMISSIONS = {
  "request.read": "see everybody's requests and grants",
  "grant.revoke": "revoke anybody's grant",
  "grant.review": "review break-glass grants",
  "session.read": "see everybody's live and past sessions",
  "session.control": "freeze, thaw and write to anybody's session",
  "session.kill": "end anybody's session",
  "recording.view": "replay and search recordings",
  "audit.read": "read and search the audit log",
  "audit.export": "export the audit log and its proofs",
  "audit.erase": "erase personal data, leaving a tombstone",
  "user.read": "see the users and their keys",
  "user.write": "create, change and disable users, reset passwords",
  "token.revoke": "revoke anybody's token",
  "lock.write": "lock and unlock principals, targets and the gate",
  "target.read": "see every target, and which rules reach it",
  "target.test": "scan and check hosts",
  "config.read": "read the configuration in force",
  "config.reload": "reload the configuration",
  "config.confirm": "confirm another owner's widening of access",
  "backup.make": "make a backup",
  "gate.status": "see the health of the gate",
} as const satisfies Record<string, string>;

export type GatePermission = keyof typeof GATE_PERMISSIONS;

export function isGatePermission(text: string): text is GatePermission {
  return Object.hasOwn(GATE_PERMISSIONS, text);
}
