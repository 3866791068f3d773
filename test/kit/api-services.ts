/**
 * Services for tests of the API alone: a small world of three people, one request, one grant, one session, and a list of
 * everything that was done (`happened`) and logged (`log`). Ada owns the gate, bob is on call, eve holds nothing.
 */
import { buildHandlers } from "../../src/api/handlers.ts";
import type { ApiOptions } from "../../src/api/server.ts";
import { systemRandom } from "../../src/kernel/random.ts";
import { createHash } from "node:crypto";
import type { Hold } from "../../src/session/holds.ts";
import type { AccessRequest, Grant, Target } from "../../src/access/model.ts";
import type { AuditEvent } from "../../src/audit/event.ts";
import type { Conversation } from "../../src/contract/socket.ts";
import type { Services } from "../../src/api/services.ts";
import type { Frame } from "../../src/audit/recording/frame.ts";
import type { Authenticated, Principal } from "../../src/identity/model.ts";
import { effectivePermissions } from "../../src/identity/tokens.ts";
import type { CreationOptions, RequestOptions } from "../../src/identity/factors/passkeys.ts";
import type { Branded, FactorId, KeyId, LockId, PrincipalName, RecordingId, SessionId, TargetName, TokenId } from "../../src/kernel/ids.ts";
import { deny, type Denial } from "../../src/kernel/result.ts";
import { Secret } from "../../src/kernel/secret.ts";
import { GATE_PERMISSIONS, type GatePermission } from "../../src/policy/permissions.ts";
import type { Role } from "../../src/policy/role.ts";
import type { SessionRow } from "../../src/session/port.ts";
import type { Lock } from "../../src/watch/lock.ts";

const LISTING = { path: Buffer.from("/var/log"), files: [], isTruncated: false };
const DOWNLOAD = { name: Buffer.from("hostname"), size: 3, content: ReadableStream.from([Buffer.from("web")]) };

/** Any branded text, from a literal. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- where it is used says which brand it is
export function named<T extends Branded<string>>(text: string): T {
  return text as T;
}

const ROLE: Role = { name: "debug", gate: [], budget: { sessions: 2 }, recording: { exec: "full" } };

export const TARGET: Target = {
  name: named<TargetName>("web-1.prod"),
  kind: "ssh",
  address: "10.0.0.1:22",
  labels: { env: "prod" },
  hostKeys: ["ssh-ed25519 AAAA"],
  hostAuthorities: [],
};

const DATABASE: Target = {
  name: named("orders-db"),
  kind: "postgres",
  address: "10.0.0.2:5432",
  labels: {},
  hostKeys: [],
  hostAuthorities: [],
  postgres: { database: "orders", tls: "verify-full" },
};

export const REQUEST: AccessRequest = {
  id: named("req-0000000000"),
  version: 1,
  type: "ordinary",
  requester: named("bob"),
  reason: "Checkout answers 500",
  role: ROLE,
  scope: [
    { target: TARGET, account: "infra", rule: "on-call" },
    { target: DATABASE, account: "app", rule: "on-call" },
  ],
  durationMs: 60_000,
  createdAt: 1_000,
  lapsesAt: 2_000,
  demands: [{ kind: "quorum", count: 1, groups: ["owners"] }],
  state: "pending",
  approvals: [],
};

export const GRANT: Grant = {
  id: named("gr-0000000000"),
  version: 1,
  request: REQUEST.id,
  principal: named("bob"),
  reason: REQUEST.reason,
  role: ROLE,
  scope: REQUEST.scope,
  start: 1_000,
  end: 61_000,
  elapsedEnd: { bootId: "b", at: 1 },
  state: "active",
  selfExtensionsLeft: 1,
  approvers: [named("ada")],
  used: { bytes: 0, seconds: 0 },
  breakGlass: { openedAt: 1_000 },
};

const SESSION: SessionRow = {
  id: named<SessionId>("s-0000000000"),
  grant: GRANT.id,
  principal: named("bob"),
  target: TARGET.name,
  protocol: "ssh",
  remote: "127.0.0.1:1",
  startedAt: 1_000,
  recording: named<RecordingId>("rec-0000000000"),
};

export const HOLD: Hold = {
  id: named("hold-0000000000"),
  principal: named("bob"),
  target: TARGET.name,
  session: SESSION.id,
  grant: GRANT,
  createdAt: 1_000,
  lapsesAt: 61_000,
  what: "delete from orders",
  digest: "0".repeat(64),
  rule: "debug.postgres.hold",
  preview: { possible: false, why: "there is no database here" },
  state: "waiting",
  demands: [{ kind: "quorum", count: 1, groups: ["owners"] }],
  approvals: [],
  missing: "1 of owners",
  approvers: ["ada"],
};

const TOKEN = {
  id: named<TokenId>("tok-0000000000"),
  user: named<PrincipalName>("bob"),
  name: "laptop",
  scopes: ["all"],
  createdAt: 1,
  expiresAt: 2,
  type: "personal" as const,
};

const FACTOR = { id: named<FactorId>("fac-0000000000"), kind: "passkey" as const, name: "laptop", addedAt: 1, synced: false };
const ADDED = { user: "bob", factor: FACTOR.id, kind: "passkey", name: "laptop" } as const;
const REQUESTED: RequestOptions = { rpId: "localhost", challenge: "AAAA", timeout: 1, userVerification: "required", allowCredentials: [] };
const CREATION: CreationOptions = {
  rp: { id: "localhost", name: "gate" },
  user: { id: "AAAA", name: "bob", displayName: "bob" },
  challenge: "AAAA",
  pubKeyCredParams: [{ type: "public-key", alg: -7 }],
  timeout: 1,
  attestation: "none",
  excludeCredentials: [],
  authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" },
};

const LOCK: Lock = {
  id: named<LockId>("lock-0000000000"),
  subject: { kind: "principal", name: "mallory" },
  reason: "x",
  by: "gate",
  createdAt: 1,
};

const FRAMES: readonly Frame[] = [
  { type: "resize", channel: 1, timeUs: 0, body: { cols: 80, rows: 24 } },
  { type: "stdout", channel: 1, timeUs: 5, data: Buffer.from("hi") },
];

async function* each<T>(...values: readonly T[]): AsyncGenerator<T> {
  yield* values;
}

export interface World {
  readonly services: Services;
  readonly happened: string[];
  readonly log: AuditEvent[];
  /** Token text → whom it makes; change it to revoke. */
  readonly tokens: Map<string, Authenticated | Denial>;
  readonly locks: Lock[];
  change(request: AccessRequest): void;
  changeHold(hold: Hold): void;
}

export function tokenOf(name: string, groups: readonly string[], scopes: readonly string[]): Authenticated {
  const principal: Principal = { name: named(name), type: "human", groups };
  const digits = createHash("sha256").update(`${name} ${scopes.join()}`).digest("hex").slice(0, 10);
  return { principal, method: "token", credential: `tok-${digits}`, at: 0, remote: "127.0.0.1:1", scopes };
}

export function openWorld(): World {
  const happened: string[] = [];
  const log: AuditEvent[] = [];
  const locks: Lock[] = [];
  const listeners = new Set<(change: { request?: AccessRequest }) => void>();
  const holdListeners = new Set<(hold: Hold) => void>();
  const tokens = new Map<string, Authenticated | Denial>([
    ["owner", tokenOf("ada", ["owners"], ["all"])],
    ["on-call", tokenOf("bob", [], ["all"])],
    ["nobody", tokenOf("eve", [], ["all"])],
    ["self-only", tokenOf("ada", ["owners"], ["self"])],
    ["audit-only", tokenOf("ada", ["owners"], ["audit.read"])],
    ["ended", deny("token-expired")],
  ]);
  /** Something happened, and is in the log. */
  const did = <T>(what: string, event: AuditEvent, result: T): T => {
    happened.push(what);
    log.push(event);
    return result;
  };
  const ended = { ...GRANT, state: "ended" as const, endedHow: "revoked" as const, endedAt: 2_000 };
  const session = (id: string): SessionRow | undefined => (id === SESSION.id ? SESSION : undefined);
  const user = { name: named<PrincipalName>("bob"), type: "human" as const, createdAt: 1, hasPassword: true };
  const key = {
    id: named<KeyId>("key-0000000000"),
    user: user.name,
    publicKey: "ssh-ed25519 AAAA",
    fingerprint: "SHA256:x",
    comment: "",
    addedAt: 1,
  };
  const about = { principal: "somebody" };
  const authority = { publicKey: "ssh-ed25519 AAAA", fingerprint: "SHA256:x" };
  const reload = { outcome: "loaded" as const, hash: "0".repeat(64), diff: ["+ group"], widening: [], narrowing: [] };
  const report = { address: TARGET.address, ok: true, findings: [{ check: "host key", ok: true, detail: "as on record" }] };

  const conversation = (): Conversation<unknown, unknown> => (peer) => {
    peer.close();
    return { bytes: () => undefined, frame: () => undefined, closed: () => undefined };
  };

  const services: Services = {
    files: {
      list: async () => did("files.list", { kind: "file.list", ...about, body: {} as never }, LISTING),
      download: async () => did("files.download", { kind: "file.open", ...about, body: {} as never }, DOWNLOAD),
      upload: async (_visitor, { path }) =>
        did("files.upload", { kind: "file.open", ...about, body: {} as never }, { path, size: 0, sha256: "0".repeat(64) }),
      remove: async () => did("files.remove", { kind: "file.change", ...about, body: {} as never }, undefined),
      rename: async () => did("files.rename", { kind: "file.change", ...about, body: {} as never }, undefined),
      mkdir: async () => did("files.mkdir", { kind: "file.change", ...about, body: {} as never }, undefined),
    },
    terminals: {
      open: () => did("terminals.open", { kind: "session.started", ...about, body: {} as never }, conversation()),
      resume: () => did("terminals.resume", { kind: "session.resumed", ...about, body: {} as never }, conversation()),
    },
    login: {
      authenticateToken: async (token) => tokens.get(token) ?? deny("not-authenticated"),
      effectivePermissions: ({ principal: { groups }, scopes }) =>
        effectivePermissions(new Set(groups.includes("owners") ? (Object.keys(GATE_PERMISSIONS) as GatePermission[]) : []), scopes),
      lacking: () => undefined,
      login: async () =>
        did(
          "login",
          { kind: "login.ok", body: { method: "password", door: "api", remote: "" } },
          { authenticated: tokenOf("ada", [], ["all"]), token: new Secret("new-token"), expiresAt: 5 },
        ),
      createHandover: async () =>
        did(
          "hand over",
          { kind: "handover.created", body: { token: "tok-0000000000" } },
          { code: new Secret("a-code"), expiresInMs: 60_000 },
        ),
      redeemHandover: async () =>
        did(
          "redeem handover",
          { kind: "login.ok", body: { method: "handover", door: "api", remote: "" } },
          { user: named<PrincipalName>("ada"), token: new Secret("new-token"), expiresAt: 5 },
        ),
      loginByPasskey: async () =>
        did(
          "login",
          { kind: "login.ok", body: { method: "passkey", door: "api", remote: "" } },
          { authenticated: tokenOf("ada", [], ["all"]), token: new Secret("new-token"), expiresAt: 5 },
        ),
      loginByWorkload: async () =>
        did(
          "log in as a workload",
          { kind: "login.ok", body: { method: "workload", door: "api", remote: "" } },
          { authenticated: tokenOf("ada", [], ["all"]), token: new Secret("new-token"), expiresAt: 5 },
        ),
      logout: async (token) => did("logout", { kind: "login.ended", body: { token, how: "logout" } }, TOKEN),
      setupPending: () => false,
      setup: async () => did("setup", { kind: "setup.completed", body: { owner: "ada" } }, user),
      setPassword: async () => did("set password", { kind: "user.password-set", body: { user: "ada", how: "self" } }, user),
      completeReset: async () => did("reset password", { kind: "user.password-set", body: { user: "ada", how: "reset" } }, user),
    },
    providers: {
      list: () => [{ name: "corp", kind: "oidc" }],
      describe: () => [
        {
          name: "corp",
          kind: "oidc",
          issuer: "https://id.example",
          clientId: "gate",
          create: false,
          groups: { eng: "owners" },
          redirectUri: "https://gate.example/v1/login/callback/corp",
          logoutUri: "https://gate.example/v1/login/backchannel/corp",
          health: { state: "ok", detail: "it answers" },
        },
      ],
      beginConsole: async () => ({ url: "https://id.example/auth", expiresAt: 5, browser: new Secret("only this browser") }),
      beginLink: async () => ({ url: "https://id.example/auth", expiresAt: 5, browser: new Secret("only this browser") }),
      beginProgram: async () => ({ url: "https://id.example/auth", expiresAt: 5 }),
      finish: async () =>
        did(
          "log in by a provider",
          { kind: "login.ok", body: { method: "oidc", door: "api", remote: "", provider: "corp" } },
          { kind: "console", login: { user, token: new Secret("new-token"), expiresAt: 5 }, location: "/" },
        ),
      redeem: async () =>
        did(
          "redeem",
          { kind: "login.ok", body: { method: "oidc", door: "api", remote: "", provider: "corp" } },
          { user, token: new Secret("new-token"), expiresAt: 5 },
        ),
      beginDevice: () => ({ deviceCode: "long", userCode: "BCDF-GHJK", expiresAt: 5, intervalMs: 1 }),
      pollDevice: async () =>
        did(
          "device login",
          { kind: "login.ok", body: { method: "device", door: "api", remote: "" } },
          { state: "done", user, token: new Secret("new-token"), expiresAt: 5 },
        ),
      findDevice: () => ({ userCode: "BCDF-GHJK", remote: "127.0.0.1:1", startedAt: 1 }),
      decideDevice: async () =>
        did(
          "decide device",
          { kind: "login.device-decided", body: { remote: "", approved: true } },
          { userCode: "BCDF-GHJK", remote: "127.0.0.1:1", startedAt: 1 },
        ),
      receiveLogout: async () => did("logout notice", { kind: "login.ended", body: { token: "", how: "provider-logout" } }, undefined),
      test: async () =>
        did(
          "test provider",
          { kind: "errand.started", body: { errand: "provider test", address: "", by: "ada" } },
          { redirectUri: "", steps: [{ check: "discovery", ok: true, detail: "" }] },
        ),
      identitiesOf: async () => [],
      link: async () =>
        did(
          "link",
          { kind: "user.linked", body: { user: "bob", provider: "corp", subject: "42", how: "administrator" } },
          { provider: "corp", subject: "42", linkedAt: 1 },
        ),
      unlinkOwn: async () => did("unlinkOwn", { kind: "user.unlinked", body: { user: "ana", provider: "corp", subject: "42" } }, user),
      unlink: async () => did("unlink", { kind: "user.unlinked", body: { user: "bob", provider: "corp", subject: "42" } }, user),
    },
    users: {
      listUsers: async () => [user],
      createUser: async () => did("create user", { kind: "user.created", body: { user: "bob", type: "human" } }, user),
      disableUser: async () => did("disable user", { kind: "user.disabled", body: { user: "bob", reason: "" } }, user),
      enableUser: async () => did("enable user", { kind: "user.enabled", body: { user: "bob" } }, user),
      issueReset: async () =>
        did(
          "issue reset",
          { kind: "user.reset-issued", body: { user: "bob", expiresAt: 1, how: "administrator" } },
          { secret: new Secret("reset-1"), expiresAt: 1 },
        ),
    },
    unproven: () => undefined,
    factors: {
      list: async () => [FACTOR],
      startPasskey: async () => CREATION,
      finishPasskey: async () => did("add passkey", { kind: "factor.added", body: ADDED }, FACTOR),
      startTotp: async () => ({ secret: new Secret("AAAA"), uri: new Secret("otpauth://totp/x") }),
      confirmTotp: async () => did("add totp", { kind: "factor.added", body: ADDED }, FACTOR),
      makeRecoveryCodes: async () => did("make codes", { kind: "factor.added", body: ADDED }, [new Secret("code-1")]),
      rename: async () => did("rename factor", { kind: "factor.renamed", body: { user: "bob", factor: FACTOR.id, name: "x" } }, FACTOR),
      remove: async () =>
        did("remove factor", { kind: "factor.removed", body: { user: "bob", factor: FACTOR.id, kind: "passkey" } }, FACTOR),
      reset: async () =>
        did(
          "reset factors",
          { kind: "factors.reset", body: { user: "bob", removed: [], expiresAt: 1, how: "administrator" } },
          { code: new Secret("code-1"), expiresAt: 1 },
        ),
      startStepUp: async () => ({ kinds: ["passkey"], shown: [], passkey: REQUESTED }),
      openPage: async () => ({ url: "https://gate.example/step-up/00000000000000000000000000" }),
      findLink: async () => ({ user: named<PrincipalName>("bob"), what: "a session", remote: "192.0.2.7:1", passkey: REQUESTED }),
      finishLink: async () =>
        did(
          "finish page",
          { kind: "factor.shown", body: { kind: "passkey", factor: FACTOR.id, login: TOKEN.id, remote: "" } },
          named<PrincipalName>("bob"),
        ),
      finishStepUp: async () =>
        did("step up", { kind: "factor.shown", body: { kind: "totp", factor: FACTOR.id, login: TOKEN.id, remote: "" } }, [
          { kind: "totp", at: 1 },
        ]),
      startLogin: () => REQUESTED,
    },
    directory: { groupsOf: () => [], groups: () => ["owners"] },
    keys: {
      listKeys: async () => [key],
      addKey: async () => did("add key", { kind: "user.key-added", body: { user: "bob", fingerprint: "", type: "", comment: "" } }, key),
      removeKey: async () => did("remove key", { kind: "user.key-removed", body: { user: "bob", fingerprint: "" } }, key),
    },
    tokens: {
      listTokens: async () => [TOKEN],
      findToken: async (id) => (id === TOKEN.id ? TOKEN : undefined),
      revokeTokens: async (actor, user, reason) =>
        did("revoke tokens", { kind: "token.revoked", principal: actor.name, body: { user, token: TOKEN.id, reason } }, [TOKEN.id]),
      createToken: async () =>
        did(
          "create token",
          { kind: "token.created", body: { user: "ada", token: TOKEN.id, name: "", scopes: [], expiresAt: 1 } },
          { token: TOKEN, secret: new Secret("sp-1") },
        ),
      createAccessToken: async () =>
        did(
          "create access token",
          { kind: "token.created", body: { user: "bob", token: TOKEN.id, name: "", scopes: [], expiresAt: 1 } },
          { token: { ...TOKEN, type: "access" }, secret: new Secret("sp-2") },
        ),
      createAccessCertificate: async () => {
        const body = { user: "bob", token: TOKEN.id, name: "", scopes: [], expiresAt: 1 };
        const issued = {
          authority: "database",
          serial: "1",
          keyId: "",
          publicKey: "",
          principals: [],
          validAfter: 0,
          validBefore: 1,
        } as const;
        did("create access token", { kind: "token.created", body }, undefined);
        const made = { token: { ...TOKEN, type: "access" as const }, certificate: "-----BEGIN CERTIFICATE-----" };
        return did("issue certificate", { kind: "certificate.issued", body: issued }, made);
      },
      revokeToken: async () => did("revoke token", { kind: "token.revoked", body: { user: "bob", token: TOKEN.id, reason: "" } }, TOKEN),
    },
    targets: {
      listTargets: () => [TARGET],
      findTarget: (name) => ([TARGET.name, "orders-db"].includes(name) ? TARGET : undefined),
      requestable: ({ name }) =>
        name === "eve"
          ? []
          : [
              {
                role: "debug",
                rule: "on-call",
                maxDurationMs: 60_000,
                approval: { kind: "quorum", count: 1, groups: ["owners"] },
                breakGlass: false,
                allows: ["may: a shell"],
              },
            ],
    },
    columns: {
      scan: async () => {
        happened.push("columns");
        return { database: "shop", account: "app", looked: 1, columns: [], unmatched: [] };
      },
    },
    holds: {
      inWords: () => "1 of owners",
      list: () => [HOLD],
      subscribe: (listener) => {
        holdListeners.add(listener);
        return { [Symbol.dispose]: () => void holdListeners.delete(listener) };
      },
      find: (id) => (id === HOLD.id ? HOLD : undefined),
      mayDecide: (_, { groups }) => groups.includes("owners"),
      decide: async (id, { name }, approved, reason) => {
        const about = { hold: id, digest: HOLD.digest, groups: ["owners"], complete: true };
        return approved
          ? did("hold-approved", { kind: "action.approved", principal: name, body: about }, { ...HOLD, state: "approved" })
          : did(
              "hold-denied",
              { kind: "action.denied", principal: name, body: { hold: id, reason: reason ?? "" } },
              { ...HOLD, state: "denied" },
            );
      },
    },
    hosts: {
      scan: async () => {
        happened.push("scan");
        return [{ type: "ssh-ed25519", publicKey: "ssh-ed25519 AAAA", fingerprint: "SHA256:x" }];
      },
      test: async () => {
        happened.push("test");
        return report;
      },
      check: async () => {
        happened.push("check");
        return report;
      },
    },
    authorities: {
      publicKeys: () => ({ gate: "gate", login: authority, access: authority, host: authority, log: "gate/n1+00000000+AAAA" }),
      issueLogin: async () =>
        did(
          "issue certificate",
          {
            kind: "certificate.issued",
            body: { authority: "login", serial: "1", keyId: "", publicKey: "", principals: [], validAfter: 0, validBefore: 1 },
          },
          { certificate: "ssh-ed25519-cert-v01@openssh.com AAAA", serial: "1", principals: ["ada"], validBefore: 1 },
        ),
    },
    access: {
      request: async () =>
        did(
          "request",
          { ...about, kind: "request.created", body: { reason: "", role: "", targets: [], durationMs: 1, type: "ordinary" } },
          { allowed: true, request: REQUEST },
        ),
      preview: async () => ({
        rules: ["on-call"],
        targets: ["web-1.prod"],
        approval: "1 of owners",
        approvers: ["ada"],
        durationMs: 1,
        maxDurationMs: 2,
        breakGlass: true,
      }),
      approve: async () =>
        did(
          "approve",
          { kind: "request.approved", body: { approver: "ada", groups: [], complete: true } },
          { allowed: true, request: REQUEST, grant: GRANT },
        ),
      deny: async () => did("deny", { kind: "request.denied", body: { approver: "ada", reason: "" } }, { request: REQUEST }),
      cancel: async () => did("cancel", { kind: "request.cancelled", body: { reason: "" } }, { request: REQUEST }),
      findRequest: async (id) => (id === REQUEST.id ? REQUEST : undefined),
      listRequests: async ({ requester }) => (requester === undefined || requester === REQUEST.requester ? [REQUEST] : []),
      stillMissing: () => "1 of owners",
      approvers: () => ["ada"],
      allows: () => ["may: a shell"],
      isApprover: (_, { groups }) => groups.includes("owners"),
      subscribe: (listener) => {
        listeners.add(listener);
        return { [Symbol.dispose]: () => void listeners.delete(listener) };
      },
      inWords: () => "1 of owners",
      findGrant: async (id) => (id === GRANT.id ? GRANT : undefined),
      listGrants: async ({ principal }) => (principal === undefined || principal === GRANT.principal ? [GRANT] : []),
      extend: async () =>
        did("extend", { kind: "grant.extended", body: { until: 1, by: "self" } }, { allowed: true, request: REQUEST, grant: GRANT }),
      revoke: async () => did("revoke", { kind: "grant.ended", body: { how: "revoked", reason: "" } }, { grant: ended }),
      narrow: async () => did("narrow", { kind: "grant.narrowed", body: { targets: [], until: 1, by: "", reason: "" } }, { grant: GRANT }),
      review: async () =>
        did("review", { kind: "break-glass.reviewed", body: { reviewer: "", verdict: "justified", note: "" } }, { grant: GRANT }),
      mayReview: () => false,
      remainingMs: ({ state }) => (state === "active" ? 30_000.5 : 0),
    },
    sessions: {
      findSession: async (id) => session(id),
      listSessions: async ({ principal }) => (principal === undefined || principal === SESSION.principal ? [SESSION] : []),
      kill: async () => did("kill", { kind: "session.kill-asked", body: { reason: "", by: "" } }, true),
      liveFacts: () => ({
        frozen: { by: "ada", reason: "", at: 2_000 },
        watchers: [],
        isSilent: false,
        moderation: { by: ["ada"], present: [], absent: "pause" },
      }),
      subscribe: () => ({ [Symbol.dispose]: () => undefined }),
      watch: () => ({ [Symbol.dispose]: () => undefined }),
      moderate: async () => {
        did("moderate", { kind: "session.moderator-joined", body: { by: "ada" } }, undefined);
        return { leave: () => undefined };
      },
      freeze: async () => did("freeze", { kind: "session.frozen", body: { reason: "", by: "" } }, undefined),
      thaw: async () => did("thaw", { kind: "session.thawed", body: { reason: "", by: "" } }, undefined),
      message: async () => did("message", { kind: "session.messaged", body: { text: "", by: "" } }, { shown: true }),
    },
    recordings: {
      frames: () => each(...FRAMES),
      asciicast: () => each('{"version":3}', '[0.1,"o","hi"]'),
      follow: (_, after) => each(...FRAMES.slice(after)),
      thin: () => each({ isAnew: true, frames: FRAMES, statements: [] }),
      glances: () => each({ screen: { cols: 80, rows: 24, anew: true, plain: false, output: Buffer.from("hi") }, statements: [] }),
      searchOne: async () => ({ hits: [{ atUs: 5, channel: 1, text: "hi" }], isWhole: true }),
      search: async () => ({
        hits: [],
        searched: 1,
        more: false,
        recordings: [{ recording: named("rec-0000000000"), session: SESSION.id }],
      }),
    },
    audit: {
      append: async (events) => void log.push(...events),
      head: () => ({ size: 3, lastTime: 9 }),
      query: async ({ from = 0, to = 2_000, limit }) =>
        from >= to || limit === 0
          ? []
          : [{ seq: Math.max(from, 2), time: 9, kind: "login.ok", body: { method: "token", door: "api", remote: "" } }],
      erase: async (_, event) => did("erase", event, undefined),
    },
    proofs: {
      inclusion: async (seq) =>
        seq < 3
          ? { seq, size: 3, checkpoint: "gate/n1\n3\nAAAA\n", envelope: "e30=", proof: [] }
          : deny("not-found", { detail: `entry ${seq}` }),
      consistency: async (from, to = 3) => ({ from, to, checkpoint: "gate/n1\n3\nAAAA\n", proof: [] }),
    },
    published: {
      checkpoint: async () => Buffer.from("gate/n1\n3\nAAAA\n"),
      tile: async (path) => (path.endsWith("999") ? undefined : Buffer.alloc(32)),
      bodies: async () => each(Buffer.alloc(4)),
      recording: async () => each(Buffer.from("SPREC"), Buffer.alloc(3)),
    },
    locks: {
      find: ({ principal }) => locks.find(({ subject }) => subject.kind === "principal" && subject.name === principal),
      gateLocked: () => locks.find(({ subject }) => subject.kind === "gate"),
      list: () => locks,
      lock: async () => did("lock", { kind: "lock.created", body: { lock: LOCK.id, subject: "bob", reason: "" } }, LOCK),
      lift: async () => did("lift", { kind: "lock.lifted", body: { lock: LOCK.id, subject: "bob", reason: "" } }, undefined),
    },
    config: {
      show: () => ({ hash: "0".repeat(64), source: "sallyport.yaml", text: "", loadedAt: 1 }),
      explain: () => ["ada may ask for debug on web-1.prod"],
      validate: () => ({ ok: true, problems: [], warnings: [], diff: [], widening: [], narrowing: [] }),
      reload: async () => did("reload", { kind: "config.loaded", body: { hash: "", how: "reload", diff: [] } }, reload),
      confirm: async () => did("confirm", { kind: "config.loaded", body: { hash: "", how: "confirmed", diff: [] } }, reload),
    },
    why: { explain: () => ({ verdict: "ask", rule: "on-call", demands: "1 of owners", lines: ["rule on-call matches"] }) },
    backup: {
      make: async () => did("backup", { kind: "backup.made", body: { size: 3, root: "" } }, { path: "/backups/x", size: 3, root: "" }),
    },
    matrix: { compute: () => ({ entries: [], isPart: false }) },
    statistics: {
      show: async ({ since = 0, until = 1, by }) => ({
        since,
        until,
        by,
        sessions: [],
        targets: [],
        approvals: { count: 0, histogram: [] },
        denials: [],
      }),
    },
    health: {
      storage: async () => ({ database: 1, journal: 1, recordings: 1, published: 1, backups: 0, free: 9, reserve: 1 }),
      health: () => ({
        state: "warning",
        version: "1.2.3",
        startedAt: 1,
        log: { size: 3, lastTime: 9 },
        sessions: 1,
        checks: [{ name: "anchor", state: "warning", detail: "none is configured" }],
      }),
    },
    gate: {
      version: "1.2.3",
      name: "gate",
      url: "http://localhost:7700",
      sshHost: "gate.example",
      sshPort: 7722,
      postgres: { host: "gate.example", port: 7732, tls: true },
      now: () => 1_000,
    },
  };
  return {
    services,
    happened,
    log,
    tokens,
    locks,
    change: (request) => listeners.forEach((listener) => listener({ request })),
    changeHold: (hold) => holdListeners.forEach((listener) => listener(hold)),
  };
}

/** The services of whichever world is there when they are called: one server for many worlds. */
export function servicesOf(world: () => World): World["services"] {
  const forward = (name: keyof World["services"]): unknown => {
    const now = world().services[name];
    return name === "gate" || name === "directory"
      ? now
      : new Proxy(now, { get: (_, method) => Reflect.get(world().services[name], method) as unknown });
  };
  return new Proxy({} as World["services"], { get: (_, name) => forward(name as keyof World["services"]) });
}

/** What every test gives the API's server, and some of them otherwise. */
export function apiOptions(services: World["services"]): ApiOptions {
  return {
    handlers: buildHandlers(services, systemRandom).handlers,
    guard: services.login,
    locks: services.locks,
    random: systemRandom,
    listenHost: "127.0.0.1",
    publicUrl: "http://localhost:7700",
    onFailure: (thrown) => {
      throw thrown;
    },
  };
}
