/**
 * What the handlers need of the rest of the gate, a narrow interface for each resource. main/ passes the real things;
 * tests pass small ones. A handler file takes the ones it names and no other.
 *
 * A refusal comes back as a Denial; a failure is thrown. Who calls a method that changes something has already been
 * checked for the route's permission; whether *this* request, grant or user may be touched is the service's to say.
 * Unless a method says otherwise, what it does is in the log, durable, when it resolves.
 */
import type { Holds } from "../session/holds.ts";
import type { AccessRequest, ApprovalExpression, Grant, GrantState, RequestState, Target } from "../access/model.ts";
import type { AuditEvent, LoggedEvent } from "../audit/event.ts";
import type { Door } from "../audit/events/identity.ts";
import type { EventQuery } from "../audit/port.ts";
import type { Glance } from "../audit/recording/glance.ts";
import type { Frame } from "../audit/recording/frame.ts";
import type { FactorProof, StepUpOffer } from "../identity/factors/factors.ts";
import type { ShownLink } from "../identity/factors/links.ts";
import type { FactorSummary } from "../identity/factors/model.ts";
import type { CreationOptions, RequestOptions } from "../identity/factors/passkeys.ts";
import type { AssertionAnswer, RegistrationAnswer } from "../identity/factors/webauthn.ts";
import type { ModerationView, Presence } from "../session/moderation.ts";
import type { AccessUse, Authenticated, LinkedIdentity, Principal, PrincipalType, Token, UserKey } from "../identity/model.ts";
import type {
  FactorId,
  GrantId,
  KeyId,
  LockId,
  PrincipalName,
  RecordingId,
  RequestId,
  SessionId,
  TargetName,
  TokenId,
} from "../kernel/ids.ts";
import type { Denial } from "../kernel/result.ts";
import type { Secret } from "../kernel/secret.ts";
import type { ActsFor } from "../kernel/acts-for.ts";
import type { ShownFactor } from "../kernel/step-up.ts";
import type { Role } from "../policy/role.ts";
import type { Presented } from "../policy/second-factor.ts";
import type { GatePermission } from "../policy/permissions.ts";
import type { SessionRow } from "../session/port.ts";
import type { Files } from "../terminal/files/files.ts";
import type { Terminals } from "../terminal/terminals.ts";
import type { Lock, LockSubject } from "../watch/lock.ts";
import type { Received, Reply } from "../contract/types.ts";

export interface Services {
  readonly login: LoginService;
  readonly providers: ProviderService;
  readonly users: UserService;
  readonly factors: FactorService;
  readonly directory: GroupDirectory;
  readonly keys: KeyService;
  readonly tokens: TokenService;
  readonly targets: TargetService;
  readonly hosts: HostService;
  readonly holds: HoldService;
  readonly columns: ColumnService;
  readonly authorities: AuthorityService;
  readonly access: RequestService & GrantService;
  readonly sessions: SessionService;
  readonly recordings: RecordingService;
  readonly terminals: TerminalService;
  readonly files: FileService;
  readonly audit: AuditService;
  readonly published: PublishedLog;
  readonly proofs: LogProofs;
  readonly locks: LockService;
  readonly config: ConfigService;
  readonly why: WhyService;
  readonly matrix: MatrixService;
  readonly statistics: StatisticsService;
  readonly backup: BackupService;
  readonly health: HealthService;
  readonly gate: GateFacts;
  /** What opening a session on a target under a role would be refused for, of this login as it is now. */
  readonly unproven: (by: Authenticated, role: Role, target: TargetName) => Denial | undefined;
}

export interface Actor extends Presented {
  readonly name: PrincipalName;
  readonly groups: readonly string[];
  /** Of an agent. */
  readonly actsFor?: ActsFor;
}

/** Whose account may be changed depends on the token, too. */
export interface Administrator extends Actor {
  readonly scopes?: readonly string[] | undefined;
}

/** How clients reach the gate. */
export interface GateFacts {
  readonly version: string;
  readonly name: string;
  readonly url: string;
  readonly sshHost: string;
  readonly sshPort: number;
  /** Absent: this gate has no door for PostgreSQL. */
  readonly postgres?: { readonly host: string; readonly port: number; readonly tls: boolean };
  /** The gate's clock. */
  now(): number;
}

export interface LoginContext {
  readonly door: Door;
  readonly remote: string;
}

/** IdentityService, as far as the door of the API needs it. */
export interface TokenGuard {
  authenticateToken(token: string, context: LoginContext): Promise<Authenticated | Denial>;
  /** What a login may do: its owner's permissions now, cut down to its token's scopes. */
  effectivePermissions(authenticated: Authenticated): ReadonlySet<GatePermission>;
  /** What the login would have to show for a permission that its owner holds. */
  lacking(authenticated: Authenticated, permission: GatePermission): Denial | undefined;
}

export interface LoginService extends TokenGuard {
  login(
    user: string,
    password: Secret,
    context: LoginContext,
    options: { ttlMs?: number },
  ): Promise<{ authenticated: Authenticated; token: Secret; expiresAt: number } | Denial>;
  createHandover(by: Authenticated): Promise<{ code: Secret; expiresInMs: number } | Denial>;
  redeemHandover(code: Secret, context: LoginContext): Promise<{ user: PrincipalName; token: Secret; expiresAt: number } | Denial>;
  loginByPasskey(
    answer: AssertionAnswer,
    context: LoginContext,
  ): Promise<{ authenticated: Authenticated; token: Secret; expiresAt: number } | Denial>;
  logout(token: TokenId): Promise<unknown>;
  setupPending(): boolean;
  setup(secret: Secret, draft: { owner: string; password?: Secret; publicKey?: string }, context: LoginContext): Promise<unknown>;
  setPassword(actor: Authenticated, old: Secret, next: Secret, context: LoginContext): Promise<unknown>;
  completeReset(user: string, secret: Secret, password: Secret, context: LoginContext): Promise<unknown>;
}

/** One's own second factors; `Factors` of identity/, which says what each method does and demands. */
export interface FactorService {
  list(user: PrincipalName): Promise<readonly FactorSummary[]>;
  startPasskey(by: Authenticated): Promise<CreationOptions | Denial>;
  finishPasskey(by: Authenticated, name: string, answer: RegistrationAnswer, context: LoginContext): Promise<FactorSummary | Denial>;
  startTotp(by: Authenticated): Promise<{ readonly secret: Secret; readonly uri: Secret } | Denial>;
  confirmTotp(by: Authenticated, name: string, code: string, context: LoginContext): Promise<FactorSummary | Denial>;
  makeRecoveryCodes(by: Authenticated): Promise<readonly Secret[] | Denial>;
  rename(by: Authenticated, id: FactorId, name: string): Promise<FactorSummary | Denial>;
  remove(by: Authenticated, id: FactorId): Promise<FactorSummary | Denial>;
  reset(actor: Administrator, user: PrincipalName): Promise<{ readonly code: Secret; readonly expiresAt: number } | Denial>;
  startStepUp(by: Authenticated): Promise<StepUpOffer | Denial>;
  /** A page on which a passkey counts for this login. */
  openPage(by: Authenticated): Promise<{ readonly url: string } | Denial>;
  findLink(page: string): Promise<ShownLink | Denial>;
  finishLink(page: string, answer: AssertionAnswer, context: LoginContext): Promise<PrincipalName | Denial>;
  finishStepUp(by: Authenticated, proof: FactorProof, context: LoginContext): Promise<readonly ShownFactor[] | Denial>;
  startLogin(): RequestOptions | Denial;
}

export type { FactorProof };

export interface UserSummary {
  readonly name: PrincipalName;
  readonly type: PrincipalType;
  readonly createdAt: number;
  readonly disabled?: { readonly at: number; readonly reason: string };
  readonly hasPassword: boolean;
  readonly identities?: readonly LinkedIdentity[];
}

/** Where to go to log in; `browser` is for a cookie of the browser that began. */
export interface BegunLogin {
  readonly url: string;
  readonly expiresAt: number;
  readonly browser?: Secret;
}

export interface MadeLogin {
  readonly user: { readonly name: PrincipalName };
  readonly token: Secret;
  readonly expiresAt: number;
}

export interface DeviceAsked {
  readonly userCode: string;
  readonly remote: string;
  readonly startedAt: number;
}

/** IdentityProviders. */
export interface ProviderService {
  list(): readonly { readonly name: string; readonly kind: "oidc" | "github" }[];
  describe(): Reply<"providers.list">["providers"];
  beginConsole(provider: string, returnTo: string): Promise<BegunLogin | Denial>;
  beginLink(by: Authenticated, provider: string, returnTo: string): Promise<BegunLogin | Denial>;
  beginProgram(provider: string, to: { port: number; state: string; challenge: string }): Promise<BegunLogin | Denial>;
  /** `browser`: the cookie that the browser came with. Where it goes on, whatever came of it. */
  finish(
    provider: string,
    query: URLSearchParams,
    browser: string | undefined,
    context: LoginContext,
  ): Promise<
    | { readonly kind: "console"; readonly login: MadeLogin; readonly location: string }
    | { readonly kind: "elsewhere"; readonly location: string }
  >;
  redeem(code: string, verifier: string, context: LoginContext): Promise<MadeLogin | Denial>;
  beginDevice(context: LoginContext): { deviceCode: string; userCode: string; expiresAt: number; intervalMs: number };
  pollDevice(
    deviceCode: string,
    context: LoginContext,
  ): Promise<
    | { readonly state: "waiting" | "slow-down"; readonly intervalMs: number }
    | { readonly state: "denied" | "expired" }
    | ({ readonly state: "done" } & MadeLogin)
  >;
  findDevice(by: Authenticated, code: string): DeviceAsked | Denial;
  decideDevice(by: Authenticated, code: string, approve: boolean): Promise<DeviceAsked | Denial>;
  receiveLogout(provider: string, token: string, context: LoginContext): Promise<Denial | undefined>;
  /** Logs `errand.started`. */
  test(
    provider: string,
    by: PrincipalName,
  ): Promise<{ redirectUri: string; steps: readonly { readonly check: string; readonly ok: boolean; readonly detail: string }[] }>;
  link(actor: Administrator, user: PrincipalName, to: { provider: string; subject: string }): Promise<LinkedIdentity | Denial>;
  /** By the person; `isAdministrator`: may unlink anybody. */
  unlinkOwn(by: Authenticated, provider: string, isAdministrator: boolean): Promise<unknown>;
  unlink(actor: Administrator, user: PrincipalName, provider: string): Promise<unknown>;
}

export interface UserService {
  listUsers(): Promise<readonly UserSummary[]>;
  createUser(actor: Actor, draft: { name: string; type: PrincipalType }): Promise<UserSummary | Denial>;
  disableUser(actor: Administrator, user: PrincipalName, reason: string): Promise<unknown>;
  enableUser(actor: Administrator, user: PrincipalName): Promise<unknown>;
  issueReset(actor: Administrator, user: PrincipalName): Promise<{ secret: Secret; expiresAt: number } | Denial>;
}

export interface GroupDirectory {
  /** Every group of the configuration. */
  groups(): readonly string[];
  /** The groups somebody is in now. */
  groupsOf(principal: PrincipalName): readonly string[];
}

export interface KeyService {
  listKeys(user: PrincipalName): Promise<readonly UserKey[]>;
  addKey(actor: Administrator, user: PrincipalName, line: string, by: Authenticated): Promise<UserKey | Denial>;
  removeKey(actor: Administrator, user: PrincipalName, key: KeyId): Promise<unknown>;
}

export type TokenSummary = Omit<Token, "hash" | "access" | "madeWith">;

export interface TokenService {
  listTokens(user: PrincipalName): Promise<readonly TokenSummary[]>;
  findToken(id: TokenId): Promise<TokenSummary | undefined>;
  createToken(
    by: Authenticated,
    draft: { name: string; scopes: readonly string[]; ttlMs: number; for?: PrincipalName },
  ): Promise<{ token: TokenSummary; secret: Secret } | Denial>;
  createAccessToken(by: Authenticated, draft: AccessUse & { expiresAt: number }): Promise<{ token: TokenSummary; secret: Secret } | Denial>;
  /** `publicKey`: SubjectPublicKeyInfo in DER. `certificate`: PEM. */
  createAccessCertificate(
    by: Authenticated,
    draft: AccessUse & { expiresAt: number },
    publicKey: Buffer,
  ): Promise<{ token: TokenSummary; certificate: string } | Denial>;
  revokeToken(actor: Actor, token: TokenId, reason: string): Promise<unknown>;
}

/** A role somebody may ask for on a target. */
export interface Requestable {
  readonly role: string;
  readonly rule: string;
  readonly maxDurationMs: number;
  readonly approval?: ApprovalExpression;
  readonly breakGlass: boolean;
  /** What the role lets its holder do there, in words. */
  readonly allows: readonly string[];
}

export interface TargetService {
  /** Every target of the configuration. */
  listTargets(): readonly Target[];
  findTarget(name: string): Target | undefined;
  /** What the actor may ask for there; empty: the target is not theirs to see. */
  requestable(actor: Actor, target: Target): readonly Requestable[];
}

/** Errands of the gate itself. These methods log nothing: the handler does, before it answers. */
export type ScannedColumns = Reply<"targets.columns">;

export interface ColumnService {
  /** `account`: a login of the target; the first, where it is not named. */
  scan(target: Target, by: string, where: { account?: string; database?: string }): Promise<ScannedColumns | Denial>;
}

export interface HoldService extends Pick<Holds, "list" | "find" | "mayDecide" | "decide" | "subscribe"> {
  inWords(demand: ApprovalExpression): string;
}

export interface HostService {
  /** `by`: on whose word; in the log before the gate connects. */
  scan(address: string, by: string): Promise<readonly { type: string; publicKey: string; fingerprint: string }[] | Denial>;
  test(target: Target, by: string): Promise<HostReport | Denial>;
  check(target: Target, account: string | undefined, by: string): Promise<HostReport | Denial>;
}

export type HostReport = Reply<"hosts.check">;

export interface AuthorityService {
  publicKeys(): Reply<"authorities.show">;
  /** Logs `certificate.issued`. */
  issueLogin(actor: Authenticated, publicKey: string, ttlMs: number | undefined): Promise<Reply<"certificates.login"> | Denial>;
}

export interface Draft {
  readonly reason: string;
  readonly ticket?: string;
  readonly role: string;
  readonly targets: readonly string[];
  readonly durationMs?: number;
  readonly breakGlass?: boolean;
}

export interface Preview {
  readonly rules: readonly string[];
  readonly targets: readonly string[];
  /** In words; absent: nobody needs to approve. */
  readonly approval?: string;
  readonly approvers: readonly string[];
  readonly durationMs: number;
  readonly maxDurationMs: number;
  readonly breakGlass: boolean;
}

export interface Outcome {
  readonly allowed: true;
  readonly request: AccessRequest;
  readonly grant?: Grant;
}

export interface RequestService {
  request(actor: Actor, draft: Draft): Promise<Outcome | Denial>;
  preview(actor: Actor, draft: Draft): Promise<Preview | Denial>;
  approve(id: RequestId, actor: Actor, change: { durationMs?: number; targets?: readonly string[] }): Promise<Outcome | Denial>;
  deny(id: RequestId, actor: Actor, reason: string): Promise<{ request: AccessRequest } | Denial>;
  cancel(id: RequestId, actor: Actor, reason: string): Promise<{ request: AccessRequest } | Denial>;
  findRequest(id: RequestId): Promise<AccessRequest | undefined>;
  listRequests(filter: { state?: RequestState; requester?: PrincipalName; limit: number }): Promise<readonly AccessRequest[]>;
  /** Whether the actor has a place in the request's approval expression. */
  isApprover(request: AccessRequest, actor: Actor): boolean;
  subscribe(listener: (change: { readonly request?: AccessRequest; readonly grant?: Grant }) => void): Disposable;
  inWords(expression: ApprovalExpression): string;
  /** What is still to come, in words; empty when nothing is. */
  stillMissing(request: AccessRequest): string;
  /** Who has a place in it that is not taken, by the groups of this moment. */
  approvers(request: AccessRequest): readonly string[];
  /** What its role lets its holder do on its targets, in words. */
  allows(request: AccessRequest): readonly string[];
}

export interface GrantService {
  findGrant(id: GrantId): Promise<Grant | undefined>;
  listGrants(filter: { state?: GrantState; principal?: PrincipalName; unreviewed?: boolean; limit: number }): Promise<readonly Grant[]>;
  extend(id: GrantId, actor: Actor, draft: { durationMs: number; reason: string }): Promise<Outcome | Denial>;
  revoke(id: GrantId, actor: Actor, reason: string): Promise<{ grant: Grant } | Denial>;
  narrow(
    id: GrantId,
    actor: Actor,
    change: { targets?: readonly TargetName[]; end?: number; reason: string },
  ): Promise<{ grant: Grant } | Denial>;
  review(id: GrantId, actor: Actor, review: { verdict: "justified" | "unjustified"; note: string }): Promise<{ grant: Grant } | Denial>;
  /** Whether the actor could have approved it. Permissions are looked at by who calls. */
  mayReview(grant: Grant, actor: Actor): boolean;
  /** 0 once it has ended. */
  remainingMs(grant: Grant): number;
}

export interface LiveFacts {
  readonly frozen?: { readonly by: string; readonly reason: string; readonly at: number };
  readonly watchers: readonly { readonly who: string; readonly since: number }[];
  /** The session's person is not to know who watches. */
  readonly isSilent: boolean;
  readonly moderation?: ModerationView;
}

export interface SessionChange {
  readonly kind: "started" | "changed" | "ended";
  readonly session: SessionRow;
  /** As it is at this moment; of a session that has ended there is nothing. */
  readonly facts?: LiveFacts;
}

export interface SessionService {
  findSession(id: SessionId): Promise<SessionRow | undefined>;
  listSessions(filter: {
    live?: boolean;
    principal?: PrincipalName;
    target?: TargetName;
    grant?: GrantId;
    before?: number;
    following?: { readonly startedAt: number; readonly id: SessionId };
    limit: number;
  }): Promise<readonly SessionRow[]>;
  /** Logs `session.kill-asked` before the cut; `false`: it is not live. */
  kill(id: SessionId, by: PrincipalName, reason: string): Promise<boolean>;
  /** What is so of it only while it lasts. */
  liveFacts(id: SessionId): LiveFacts | undefined;
  subscribe(listener: (change: SessionChange) => void): Disposable;
  /** From now until it is disposed of; nothing where it is not live. The person is told, unless their role says otherwise. */
  watch(id: SessionId, who: PrincipalName): Disposable;
  /** Logs `session.moderator-joined` before anything passes. */
  moderate(id: SessionId, by: Principal): Promise<Presence | Denial>;
  freeze(id: SessionId, by: PrincipalName, reason: string): Promise<Denial | undefined>;
  /** `behind`: the person for whom an agent says so. */
  thaw(id: SessionId, by: PrincipalName, reason: string, behind?: PrincipalName): Promise<Denial | undefined>;
  message(id: SessionId, by: PrincipalName, text: string): Promise<Denial | { readonly shown: boolean }>;
}

/** `isAnew`: takes the place of everything before. */
export interface ThinUpdate {
  readonly isAnew: boolean;
  readonly frames: readonly Frame[];
  readonly statements: readonly LoggedEvent[];
}

export interface GlanceUpdate extends Pick<ThinUpdate, "statements"> {
  /** Absent: nothing new is to be seen. */
  readonly screen?: Glance;
}

export interface RecordingService {
  /** Decrypts and checks as it goes; ends early only by throwing. */
  frames(recording: RecordingId, signal: AbortSignal): AsyncIterable<Frame>;
  /** Lines of asciicast v3. */
  asciicast(recording: RecordingId, channel: number | undefined, signal: AbortSignal): AsyncIterable<string>;
  /** The frames from number `after` on, then each as it is recorded; ends with the session. */
  follow(recording: RecordingId, after: number, signal: AbortSignal): AsyncIterable<Frame>;
  /** What is to be seen now, then what follows, some times a second; who does not take it begins anew. Ends with the session. */
  thin(session: SessionId, signal: AbortSignal): AsyncIterable<ThinUpdate>;
  /** The same for a small screen. */
  glances(session: SessionId, signal: AbortSignal): AsyncIterable<GlanceUpdate>;
  /** In one recording; `isWhole`: all of it was looked through within the time, or as many found as wanted. */
  searchOne(
    query: { recording: RecordingId; words: readonly string[]; limit: number; withinMs: number },
    signal: AbortSignal,
  ): Promise<{ readonly hits: readonly OutputHit[]; readonly isWhole: boolean }>;
  search(
    query: {
      words: string;
      since?: number;
      until?: number;
      principal?: string;
      target?: string;
      session?: SessionId;
      limit: number;
    },
    signal: AbortSignal,
  ): Promise<Reply<"audit.output"> & { readonly recordings: readonly { recording: RecordingId; session: SessionId }[] }>;
}

/** `atUs`: since the recording's start. `text`: a line, without anything that acts on a terminal. */
export interface OutputHit {
  readonly atUs: number;
  readonly channel: number;
  readonly text: string;
}

export interface AuditService {
  append(events: readonly AuditEvent[]): Promise<unknown>;
  head(): { readonly size: number; readonly lastTime: number };
  query(query: EventQuery): Promise<readonly LoggedEvent[]>;
  erase(seq: number, event: AuditEvent): Promise<void>;
}

/** The log as it is published: docs/formats/log.md. Paths were checked for their form; `undefined`: there is no such file. */
export interface PublishedLog {
  checkpoint(): Promise<Uint8Array | undefined>;
  tile(path: string): Promise<Uint8Array | undefined>;
  bodies(path: string): Promise<Uint8Array | AsyncIterable<Uint8Array> | undefined>;
  recording(file: string): Promise<AsyncIterable<Uint8Array> | undefined>;
}

export interface LogProofs {
  /** Of an entry in the latest checkpoint, which is waited for a moment where it does not cover it yet. */
  inclusion(seq: number, signal: AbortSignal): Promise<Reply<"audit.proof"> | Denial>;
  /** That the log of the first `from` entries is a beginning of that of the first `to`; of the latest checkpoint's, where `to` is not said. */
  consistency(from: number, to: number | undefined, signal: AbortSignal): Promise<Reply<"audit.consistency"> | Denial>;
}

/** LockService. */
export interface LockGuard {
  find(subjects: { principal: PrincipalName; groups: readonly string[] }): Lock | undefined;
  gateLocked(): Lock | undefined;
}

export interface LockService extends LockGuard {
  list(): readonly Lock[];
  lock(actor: Actor, subject: LockSubject, reason: string, until?: number): Promise<Lock | Denial>;
  lift(actor: Actor, id: LockId, reason: string): Promise<unknown>;
}

export interface ConfigService {
  show(): Reply<"config.show">;
  explain(): readonly string[];
  /** Of a text that nobody keeps. Untrusted. */
  validate(text: string): Reply<"config.validate">;
  reload(actor: Actor): Promise<ReloadResult | Denial>;
  confirm(hash: string, actor: Actor): Promise<ReloadResult | Denial>;
}

export type ReloadResult =
  | Reply<"config.reload">
  /** It was logged as `config.refused`, and the old one stays in force. */
  | { readonly outcome: "refused"; readonly problems: readonly { readonly at: string; readonly message: string }[] };

export interface WhyService {
  /** `what`: a role's name, a permission on the gate, or an action as `ssh.exec <command>`. */
  explain(who: Actor, what: string, target: TargetName): Why;
}

export interface Why {
  readonly verdict: "allow" | "ask" | "deny";
  readonly rule?: string;
  /** The role that would be requested. */
  readonly role?: string;
  /** In words; absent: nobody needs to approve. */
  readonly demands?: string;
  readonly lines: readonly string[];
}

export interface MatrixService {
  compute(
    actors: readonly Actor[],
    targets: readonly Target[],
    role: string | undefined,
    limit: number,
  ): { readonly entries: readonly object[]; readonly isPart: boolean };
}

export interface StatisticsService {
  show(query: Received<"stats.show">["query"]): Promise<Reply<"stats.show"> | Denial>;
}

export interface BackupService {
  /** Into the gate's own backup folder, under a plain name; refuses to overwrite. */
  make(actor: Actor, name: string | undefined): Promise<Reply<"backup.make"> | Denial>;
}

export interface HealthService {
  health(): Omit<Reply<"health.details">, "storage">;
  /** As it was some seconds ago at most. */
  storage(): Promise<Reply<"health.details">["storage"]>;
}

export type TerminalService = Pick<Terminals, "open" | "resume">;
export type FileService = Pick<Files, "list" | "download" | "upload" | "remove" | "rename" | "mkdir">;
