/**
 * The error registry: every failure and every refusal the product can tell a person has one code here.
 *
 * `text` is safe to show to anybody; `hint` says what to do next. Values that help are passed as `detail`
 * and quoted by the caller; secrets never are. A *denial* is a value that carries a code from this table,
 * a *failure* is a thrown GateError that carries one.
 */
export const ERRORS = {
  "bad-request": { status: 400, text: "The request is not valid", hint: "Correct the fields named and try again" },
  "bad-config": {
    status: 400,
    text: "The configuration is not valid",
    hint: "Run `sallyport config check` for every problem with its place",
  },
  "cannot-listen": {
    status: 500,
    text: "The gate cannot listen there",
    hint: "Another program has the port, or the address is not this machine's",
  },
  "too-large": { status: 413, text: "The request is too large", hint: "Send less at a time" },
  "wrong-host": {
    status: 421,
    text: "The gate does not answer to this name",
    hint: "Use the address of the gate that its operator gave you",
  },
  "wrong-origin": {
    status: 403,
    text: "This came from a page that is not the gate's own",
    hint: "Open the console at the gate's own address",
  },
  "not-authenticated": { status: 401, text: "Who you are could not be established", hint: "Log in with `sallyport login`" },
  "provider-unreachable": {
    status: 502,
    text: "The identity provider could not be reached",
    hint: "Try again in a moment; who has a password or passkey of the gate's own logs in with that",
  },
  "provider-refused": {
    status: 403,
    text: "The identity provider's answer was not accepted",
    hint: "Start the login again; an administrator finds the reason in the audit log under `login.failed`",
  },
  "workload-refused": {
    status: 401,
    text: "This is not proof of being that workload",
    hint: "Whoever runs the gate finds the reason in the audit log under `login.failed`",
  },
  "provider-ended": {
    status: 403,
    text: "The identity provider does not vouch for you any more",
    hint: "Log in again with `sallyport login`, or ask whoever runs the identity provider",
  },
  "no-account": {
    status: 403,
    text: "The gate lets nobody in by this identity",
    hint: "Ask an administrator of the gate to link it to your user; the audit log has its number under `login.failed`",
  },
  "login-lapsed": {
    status: 400,
    text: "This login is over, was used already, or began somewhere else",
    hint: "Start it again, and finish it in the same browser within ten minutes",
  },
  "token-expired": { status: 401, text: "The token has expired", hint: "Log in again with `sallyport login`" },
  "key-store-unavailable": {
    status: 401,
    text: "This machine's key store cannot be used",
    hint: "Unlock it and try again, or log in with the token in a file: `sallyport login --key-store file`",
  },
  "not-permitted": {
    status: 403,
    text: "You do not hold the permission this needs",
    hint: "An owner of the gate says who holds it: `holders` in its configuration",
  },
  "second-factor-needed": {
    status: 403,
    text: "This takes a second factor, and this login has shown none that counts",
    hint: "Show one with `sallyport step-up`; set one up with `sallyport factors add`",
  },
  "step-up-needed": {
    status: 403,
    text: "This takes a second factor that was shown a moment ago",
    hint: "Show it again with `sallyport step-up`, then repeat",
  },
  "wrong-address": {
    status: 403,
    text: "This login was made at another network address, and your role takes it only from there",
    hint: "Log in again from here with `sallyport login`",
  },
  "factor-refused": {
    status: 403,
    text: "The second factor did not convince",
    hint: "Try again: a code is good once, a passkey only on the gate's own pages",
  },
  "no-grant": { status: 403, text: "No active grant covers this target", hint: "Request access with `sallyport request`" },
  "several-grants": { status: 403, text: "Several grants cover this target", hint: "Name one: target%grant" },
  "no-rule": {
    status: 403,
    text: "No access rule lets you request this role on this target",
    hint: "Run `sallyport why` to see what you may request",
  },
  "role-denies": { status: 403, text: "The role of your grant does not allow this action", hint: "Request a role that allows it" },
  "not-approved": {
    status: 403,
    text: "This needs an approval, and was not approved",
    hint: "Ask who may approve it, then run it again",
  },
  masked: {
    status: 403,
    text: "Your role sees this database through masks, and this could show or tell of what is masked",
    hint: "Leave the masked column out, or request a role that shows it",
  },
  "not-supported": {
    status: 403,
    text: "The gate does not support this",
    hint: "See the documentation for what this kind of target allows",
  },
  "own-request": { status: 403, text: "Nobody approves their own request", hint: "Ask another approver" },
  "not-approver": {
    status: 403,
    text: "You have no place in this request's approval expression",
    hint: "Ask one of the approvers it names",
  },
  "review-overdue": {
    status: 403,
    text: "A break-glass grant of yours has waited too long for its review",
    hint: "Have it reviewed with `sallyport grants review`",
  },
  locked: { status: 403, text: "Access is locked", hint: "Ask the security team; the lock's reason is in `sallyport status`" },
  "gate-locked": {
    status: 403,
    text: "The gate is locked",
    hint: "An owner unlocks it with `sallyport status --unlock` after looking at the reason",
  },
  "clock-behind": { status: 503, text: "The gate's clock is behind its own record", hint: "Correct the clock of the gate's machine" },
  "grant-ended": { status: 403, text: "The grant has ended", hint: "Request access again" },
  "grant-revoked": { status: 403, text: "The grant was revoked", hint: "Ask who revoked it; the reason is in `sallyport grants`" },
  "grant-narrowed": { status: 403, text: "The grant no longer covers this", hint: "Run `sallyport grants` to see what it covers now" },
  "session-killed": { status: 403, text: "The session was ended by an administrator", hint: "Ask the security team for the reason" },
  "no-moderator": {
    status: 403,
    text: "The session needs a moderator present, and none is",
    hint: "Connect again when somebody is there to moderate",
  },
  "idle-timeout": { status: 403, text: "The session was idle for too long", hint: "Connect again while the grant lasts" },
  "budget-used-up": { status: 403, text: "A budget of the grant is used up", hint: "Request access again or with a larger budget" },
  "limit-reached": {
    status: 403,
    text: "A limit of the role on statements is reached",
    hint: "Ask for less at a time, or request a role with a higher limit",
  },
  "too-many-sessions": { status: 429, text: "The grant's number of simultaneous sessions is reached", hint: "End another session first" },
  "too-many-connections": { status: 429, text: "Too many connections", hint: "Try again in a minute" },
  "too-many-attempts": {
    status: 429,
    text: "Too many failed attempts from this address",
    hint: "Wait, or log in from an address you have used before",
  },
  "rate-limited": { status: 429, text: "Too many requests", hint: "Slow down and try again" },
  "too-slow": {
    status: 503,
    text: "The client read too slowly, so the stream was ended",
    hint: "Connect again; it goes on where it stopped",
  },
  "log-unavailable": {
    status: 503,
    text: "The audit log cannot take the record, so the action was refused",
    hint: "An operator must look at the gate's disk and log",
  },
  "recording-unavailable": {
    status: 503,
    text: "The recording cannot be written, so the session was stopped",
    hint: "An operator must look at the gate's disk",
  },
  "disk-reserve": {
    status: 507,
    text: "The gate's disk is nearly full; only owners and break-glass may act",
    hint: "An operator must free space",
  },
  "store-unavailable": { status: 503, text: "The gate's store is not available", hint: "An operator must look at the gate's log" },
  "store-newer": {
    status: 503,
    text: "The data directory was written by a later version",
    hint: "Install that version, or restore a backup made by this one",
  },
  "log-damaged": {
    status: 503,
    text: "The audit log is damaged",
    hint: "Do not repair it by hand: keep a copy and restore a backup with `sallyport restore`",
  },
  "bad-master-key": {
    status: 503,
    text: "The master key cannot be used",
    hint: "Name a file readable by its owner only, outside the data directory, that holds 32 bytes in base64",
  },
  "bad-backup": { status: 400, text: "The backup cannot be restored", hint: "Take another backup; nothing was changed" },
  "data-dir-locked": { status: 409, text: "Another gate uses this data directory", hint: "Stop the other gate first" },
  conflict: {
    status: 409,
    text: "Somebody else changed this at the same moment",
    hint: "Look at it again and repeat if it still makes sense",
  },
  "wrong-state": { status: 409, text: "This is not possible in its present state", hint: "Look at its state and history first" },
  "not-found": { status: 404, text: "There is no such thing, or you may not see it", hint: "Check the name or id" },
  "already-exists": { status: 409, text: "It exists already", hint: "Choose another name" },
  "target-unreachable": { status: 502, text: "The target could not be reached", hint: "Check the target with `sallyport targets test`" },
  "target-untrusted": {
    status: 502,
    text: "The target did not prove to be the one on record",
    hint: "Have its host key or certificate looked at (`sallyport targets scan` shows the keys of a host); never ignore this",
  },
  "target-refused": {
    status: 502,
    text: "The target refused the gate's login",
    hint: "Check it with `sallyport targets test`, a host with `sallyport host check`",
  },
  "file-denied": {
    status: 403,
    text: "The host does not let this account at the file",
    hint: "The role's account on the host lacks the right: request a role with another, or have the host changed",
  },
  "file-failed": {
    status: 502,
    text: "The host could not do this with the file",
    hint: "Look at the host: a full disk, a directory that is not empty, a file system that is read-only",
  },
  "protocol-error": { status: 400, text: "The peer broke the protocol", hint: "Use a current client" },
  timeout: { status: 504, text: "It took too long", hint: "Try again" },
  "gate-unreachable": { status: 502, text: "The gate could not be reached", hint: "Check its address and that it runs" },
  "gate-stopping": { status: 503, text: "The gate is stopping", hint: "Connect again in a moment" },
  internal: { status: 500, text: "Something went wrong inside the gate", hint: "The gate's log has the details under this id" },
} as const satisfies Record<string, { status: number; text: string; hint: string }>;

export type ErrorCode = keyof typeof ERRORS;

/** A failure. `detail` is shown to the user after the registered text: quote values, never put a secret in it. */
export class GateError extends Error {
  readonly code: ErrorCode;
  readonly detail: string | undefined;

  constructor(code: ErrorCode, detail?: string, options?: { cause?: unknown }) {
    super(describe(code, detail), options);
    this.name = "GateError";
    this.code = code;
    this.detail = detail;
  }
}

/** One line for a person: the registered text and, after a colon, the detail. */
export function describe(code: ErrorCode, detail?: string): string {
  return detail === undefined ? ERRORS[code].text : `${ERRORS[code].text}: ${detail}`;
}

/** Any thrown value as a GateError; what is unknown becomes `internal` and keeps its cause for the gate's own log only. */
export function asGateError(thrown: unknown): GateError {
  return thrown instanceof GateError ? thrown : new GateError("internal", undefined, { cause: thrown });
}
