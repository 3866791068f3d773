import type { AccessRequest, Grant } from "../../access/model.ts";
import type { AuditEvent } from "../../audit/event.ts";
import type { Token, User, UserKey } from "../../identity/model.ts";
import type { GrantId, KeyId, LockId, PrincipalName, RequestId, SessionId, TargetName, TokenId } from "../../kernel/ids.ts";
import type { SessionRow } from "../../session/port.ts";
import type { Lock } from "../../watch/lock.ts";
import { START } from "./openers.ts";

/** Values that stand for any; a test names only what it is about. */
export const ada = "ada" as PrincipalName;
export const bob = "bob" as PrincipalName;
export const web = "web-1.prod" as TargetName;

const role = {
  name: "debug",
  gate: [],
  budget: {},
  recording: { exec: "full" },
  ssh: { account: "infra", shell: true, exec: true, files: "read", env: [] },
} as const;

const scope = [
  {
    target: {
      name: web,
      kind: "ssh",
      address: "10.0.0.1:22",
      labels: { env: "prod" },
      hostKeys: ["ssh-ed25519 AAAA"],
      hostAuthorities: [],
    },
    account: "infra",
    rule: "oncall",
  },
];

type NoteEvent = Extract<AuditEvent, { kind: "gate.stopped" }>;

/** Any event, told apart by its text. */
export function note(reason: string, more: Partial<NoteEvent> = {}): NoteEvent {
  return { kind: "gate.stopped", principal: "ada", session: "s-0000000000", ...more, body: { reason } };
}

export function request(more: Partial<AccessRequest> = {}): AccessRequest {
  return {
    id: "req-0000000001" as RequestId,
    version: 1,
    type: "ordinary",
    requester: ada,
    reason: "checkout is slow",
    role,
    scope,
    durationMs: 3_600_000,
    createdAt: START,
    lapsesAt: START + 1000,
    demands: [],
    state: "pending",
    approvals: [],
    ...more,
  };
}

export function grant(more: Partial<Grant> = {}): Grant {
  return {
    id: "gr-0000000001" as GrantId,
    version: 1,
    request: "req-0000000001" as RequestId,
    principal: ada,
    reason: "checkout is slow",
    role,
    scope,
    start: START,
    end: START + 3_600_000,
    elapsedEnd: { bootId: "test", at: START + 3_600_000 },
    state: "active",
    selfExtensionsLeft: 0,
    approvers: [bob],
    used: { bytes: 0, seconds: 0 },
    ...more,
  };
}

export function session(more: Partial<SessionRow> = {}): SessionRow {
  return {
    id: "s-0000000001" as SessionId,
    grant: "gr-0000000001" as GrantId,
    principal: ada,
    target: web,
    protocol: "ssh",
    remote: "127.0.0.1:4711",
    startedAt: START,
    ...more,
  };
}

export function user(more: Partial<User> = {}): User {
  return { name: ada, version: 1, type: "human", createdAt: START, ...more };
}

export function userKey(more: Partial<UserKey> = {}): UserKey {
  const publicKey = "ssh-ed25519 AAAA";
  return { id: "key-0000000001" as KeyId, user: ada, publicKey, fingerprint: "SHA256:one", comment: "", addedAt: START, ...more };
}

export function token(more: Partial<Token> = {}): Token {
  const times = { createdAt: START, expiresAt: START + 1000 };
  return { id: "tok-0000000001" as TokenId, user: ada, name: "ci", hash: "00", scopes: ["self"], type: "personal", ...times, ...more };
}

export function lock(more: Partial<Lock> = {}): Lock {
  return { id: "lock-0000000001" as LockId, subject: { kind: "gate" }, reason: "drill", by: "gate", createdAt: START, ...more };
}
