/**
 * Who is it? Users, their credentials, and every way to log in.
 *
 * Owns: passwords (argon2id), SSH keys, tokens, the first set-up, resets and recovery, the record of logins.
 * Never does: decide what somebody may do on a target (access/, policy/), hold a session, read the configuration —
 * groups and permissions come through ports at the moment they are asked for, so a group dropped there is gone here.
 *
 * Invariants:
 * - `Authenticated` is made in this folder only, after the proof was checked and, but for tokens, the login is durable.
 * - A refused login looks the same and costs the same whether or not the user exists.
 * - No secret is stored that would open a door: argon2id for passwords, SHA-256 for random secrets.
 * - No event, error or denial carries a password, a token or a one-time secret.
 * - At least one enabled owner remains.
 *
 * Who calls checks the caller's permission first; here only what no permission can allow is refused.
 */
import type { LoginMethod } from "../audit/events/identity.ts";
import type { AuditLog, Priority } from "../audit/port.ts";
import type { Clock } from "../kernel/clock.ts";
import type { KeyId, PrincipalName, TokenId } from "../kernel/ids.ts";
import type { Random } from "../kernel/random.ts";
import { deny, type Denial } from "../kernel/result.ts";
import type { Secret } from "../kernel/secret.ts";
import { fingerprint } from "../wire/ssh/keys/public-key.ts";
import { refuseAlone } from "./agents.ts";
import { AccessTokens, type AccessDraft, type CheckedAccess, type DatabaseAuthority, type ScramChallenge } from "./access-tokens.ts";
import { loginOk, notAuthenticated, type LoginContext, type LoginThrottle } from "./authenticator.ts";
import { Factors } from "./factors/factors.ts";
import type { FactorStore } from "./factors/port.ts";
import type { RelyingParty } from "./factors/relying-party.ts";
import type { AssertionAnswer } from "./factors/webauthn.ts";
import { Changes, type IdentityListener } from "./changes.ts";
import { isDenial } from "./denial.ts";
import { Handovers } from "./handover.ts";
import type { Holdings, HowLoggedIn } from "./holdings.ts";
import { KeyCheck, type CheckedCredential } from "./key-login.ts";
import { Keys } from "./keys.ts";
import { LogLoginRecord } from "./login-record.ts";
import type { Authenticated, LoginFacts, Principal, PrincipalType, Token, User, UserKey } from "./model.ts";
import { OwnPassword, type IssuedReset } from "./own-password.ts";
import { PasswordHashing } from "./password-hashing.ts";
import { PasswordCheck } from "./password-login.ts";
import { IdentityProviders, type ProviderPorts } from "./oidc/identity-providers.ts";
import type { ProviderSettings } from "./oidc/provider.ts";
import { Vouched } from "./oidc/vouched.ts";
import type { Directory, IdentityStore, SecretStore } from "./port.ts";
import { Serial } from "./serial.ts";
import { Standing } from "./standing.ts";
import { Setup, type SetupDraft } from "./setup.ts";
import { LOGIN_TTL_MS, MIN_TTL_MS, TokenIssuer, type TokenDraft, type TokenSummary } from "./token-issuer.ts";
import { TokenCheck } from "./token-login.ts";
import { effectivePermissions } from "./tokens.ts";
import { Users, type Actor, type UserSummary } from "./users.ts";
import type { Issuers } from "./workload/issuers.ts";
import type { WorkloadProof, WorkloadSettings } from "./workload/workload.ts";
import { WorkloadLogins, type ProvenWorkload } from "./workload/workload-logins.ts";

export interface IdentityDeps<P extends string> {
  readonly store: IdentityStore;
  readonly secrets: SecretStore;
  readonly log: Pick<AuditLog, "append">;
  readonly directory: Directory;
  readonly holdings: Holdings<P>;
  readonly throttle: LoginThrottle;
  /** Blob of the login authority's public key, whose certificates are taken for logins. */
  readonly loginCa: () => Buffer;
  /** Makes certificates for logins to databases, which are taken for such logins alone. */
  readonly databaseAuthority: DatabaseAuthority;
  /** People and targets share one namespace. */
  readonly isTargetName: (name: string) => boolean;
  readonly factors: FactorStore;
  /** The gate as passkeys and authenticator apps know it; without `party`, passkeys cannot be used. */
  readonly gate: { readonly name: string; readonly party: () => RelyingParty | undefined };
  /** Whether the configuration lets somebody have, or hold, a role that takes a second factor. */
  readonly demandsFactor: (name: PrincipalName) => boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly hashing?: PasswordHashing;
  /** Absent: nobody comes by an identity provider. */
  readonly providers?: ProviderPorts;
  /** Of the configuration in force, by principal. Absent: nobody comes as a workload. */
  readonly workloads?: () => ReadonlyMap<string, WorkloadSettings>;
  readonly issuers?: Issuers;
  /** Holds an active break-glass grant: the reserve of space is also for them. */
  readonly hasBrokenGlass?: (name: PrincipalName) => Promise<boolean>;
}

/** A login, and the token that carries it. */
export interface StartedLogin {
  readonly authenticated: Authenticated;
  readonly token: Secret;
  readonly id: TokenId;
  readonly expiresAt: number;
}

export class IdentityService<P extends string = string> {
  readonly #deps: IdentityDeps<P>;
  readonly #record: LogLoginRecord;
  readonly #changes = new Changes();
  readonly #passwords: PasswordCheck;
  readonly #keyCheck: KeyCheck;
  readonly #tokenCheck: TokenCheck;
  readonly #tokens: TokenIssuer;
  readonly #accessTokens: AccessTokens;
  readonly #users: Users;
  readonly #keys: Keys;
  readonly #own: OwnPassword;
  readonly #setup: Setup;
  readonly #handovers: Handovers;
  readonly #standing: Standing;
  readonly factors: Factors;
  /** Logging in by identity providers, and what they say of people. */
  readonly providers: IdentityProviders;
  readonly workloads: WorkloadLogins;

  private constructor(deps: IdentityDeps<P>) {
    this.#deps = deps;
    const record = new LogLoginRecord(deps.log, deps.clock);
    const hashing = deps.hashing ?? new PasswordHashing(deps.random);
    const all = { ...deps, record, hashing, changes: this.#changes, serial: new Serial() };
    const passwords = new PasswordCheck(all);
    const tokens = new TokenIssuer(all);
    const users = new Users({ ...all, tokens });
    this.#record = record;
    this.#passwords = passwords;
    this.#tokens = tokens;
    this.#accessTokens = new AccessTokens(all);
    this.#users = users;
    this.#keyCheck = new KeyCheck(all);
    this.#tokenCheck = new TokenCheck(all);
    const factorRules = {
      refuseChange: (by: Authenticated, what: string) => this.factors.refuseChange(by, what),
      refuseLasting: (by: Authenticated, what: string) => this.factors.refuseLasting(by, what),
    };
    this.#keys = new Keys({ ...all, users, factorRules });
    this.#own = new OwnPassword({ ...all, passwords, users, tokens });
    this.#setup = new Setup({ ...all, users });
    this.#handovers = new Handovers({ ...all, tokens });
    this.factors = new Factors({ ...all, users, tokens, party: deps.gate.party, gateName: deps.gate.name });
    const ports = deps.providers ?? noProviders(deps.clock);
    this.providers = new IdentityProviders({
      ...all,
      ...ports,
      users,
      tokens,
      refuseChange: factorRules.refuseChange,
      priorityOf: (user) => this.#priorityOf(user),
    });
    this.workloads = new WorkloadLogins({ ...all, tokens, settings: deps.workloads ?? (() => new Map()) });
    this.#standing = new Standing({ ...all, providers: this.providers, workloads: this.workloads });
  }

  static async open<P extends string>(deps: IdentityDeps<P>): Promise<IdentityService<P>> {
    const service = new IdentityService(deps);
    await service.#setup.load();
    await service.#accessTokens.load(deps.secrets);
    await service.factors.load();
    await service.providers.load();
    await service.workloads.load();
    return service;
  }

  /** Every second, and once before stopping with `flush`. */
  tick(): void {
    this.#record.tick();
    this.factors.tick();
  }

  flush(): Promise<void> {
    return this.#record.flush();
  }

  subscribe(listener: IdentityListener): Disposable {
    return this.#changes.subscribe(listener);
  }

  // — Logging in —

  /** The SSH layer has verified a signature by this key. */
  async authenticateKey(claimed: string | undefined, keyBlob: Buffer, context: LoginContext): Promise<Authenticated | Denial> {
    const authenticated = await this.#admit("publickey", await this.#keyCheck.checkKey({ claimed, keyBlob }, context), context);
    return isDenial(authenticated) ? authenticated : { ...authenticated, factors: this.factors.shownWith(authenticated) };
  }

  /** For the question before the signature; leaves no event. */
  knowsKey(claimed: string | undefined, keyBlob: Buffer): Promise<boolean> {
    return this.#keyCheck.knows({ claimed, keyBlob });
  }

  /** The SSH layer has verified a signature by the certified key. */
  async authenticateCertificate(
    claimed: string | undefined,
    certificateBlob: Buffer,
    context: LoginContext,
  ): Promise<Authenticated | Denial> {
    const checked = await this.#keyCheck.checkCertificate({ claimed, certificateBlob }, context);
    return this.#admit("certificate", checked, context, isDenial(checked) ? undefined : checked.token);
  }

  /**
   * The SSH layer has seen that the key is a security key, and that it verified its owner for this signature. Only one that its
   * person has added counts: a certificate is made for any key, and software signs as a security key does.
   */
  async countSecurityKey(by: Authenticated, keyBlob: Buffer, context: LoginContext): Promise<Authenticated> {
    const key = await this.#deps.store.findKey(fingerprint(keyBlob));
    if (key?.user !== by.principal.name || key.publicKey.split(" ")[1] !== keyBlob.toString("base64")) return by;
    return { ...by, factors: await this.factors.countSecurityKey(by, context) };
  }

  async authenticatePassword(claimed: string, password: Secret, context: LoginContext): Promise<Authenticated | Denial> {
    const user = await this.#passwords.check({ claimed, password }, context);
    return this.#admit("password", isDenial(user) ? user : { user, credential: "password" }, context);
  }

  /** For every request that carries one: only failures are recorded. */
  async authenticateToken(token: string, context: LoginContext): Promise<Authenticated | Denial> {
    const checked = await this.#tokenCheck.check({ token }, context);
    if (isDenial(checked)) return checked;
    const { user, token: shown } = checked;
    const refusal = await this.#standing.refuseLogin("token", user, shown);
    // Last: asking providers may have changed which groups they are in, and those of the person an agent acts for.
    return refusal ?? this.#byToken(user, shown, context);
  }

  /** What SCRAM needs to hear a password of somebody who may not exist. */
  accessChallenge(claimed: string): Promise<ScramChallenge> {
    return this.#accessTokens.challenge(claimed);
  }

  /** The protocol's layer has verified a SCRAM proof against the challenge; `proven` is the token it was made with. */
  async authenticateAccess(claimed: string, proven: TokenId | undefined, context: LoginContext): Promise<Authenticated | Denial> {
    return this.#admitAccess("token", await this.#accessTokens.check(claimed, proven, context), context);
  }

  /** TLS has shown that the peer holds the key of `certificate` (DER). `undefined`: the gate did not make it, and it proves nothing. */
  async authenticateAccessCertificate(
    claimed: string,
    certificate: Buffer,
    context: LoginContext,
  ): Promise<Authenticated | Denial | undefined> {
    const checked = await this.#accessTokens.checkCertificate(claimed, certificate, context);
    return checked && this.#admitAccess("certificate", checked, context);
  }

  /** A password for a token of at most 12 hours; login and token commit together. */
  async login(
    claimed: string,
    password: Secret,
    context: LoginContext,
    { ttlMs = LOGIN_TTL_MS }: { ttlMs?: number } = {},
  ): Promise<StartedLogin | Denial> {
    const user = await this.#passwords.check({ claimed, password }, context);
    const facts = { ttlMs: Math.max(ttlMs, MIN_TTL_MS), method: "password" as const, remote: context.remote, factors: [] };
    return isDenial(user) ? user : this.#startLogin(user, facts, context);
  }

  /** A passkey alone: who holds it was verified by it, so it is the second factor of this login as well. */
  async loginByPasskey(answer: AssertionAnswer, context: LoginContext): Promise<StartedLogin | Denial> {
    const shown = await this.factors.showForLogin(answer, context);
    if (isDenial(shown)) return shown;
    const user = await this.#deps.store.findUser(shown.user);
    if (user === undefined || user.disabled !== undefined) {
      this.#record.failed({ method: "passkey", context, claimed: user?.name, reason: user ? "disabled" : "unknown user" });
      return notAuthenticated();
    }
    const factors = [{ kind: "passkey" as const, at: this.#deps.clock.now() }];
    const facts = { ttlMs: LOGIN_TTL_MS, method: "passkey" as const, remote: context.remote, factors };
    return this.#startLogin(user, facts, context, shown.passkey.id);
  }

  /** What a platform vouches for, for a token of minutes. */
  loginByWorkload(claimed: string, proof: WorkloadProof, context: LoginContext): Promise<StartedLogin | Denial> {
    return this.workloads.logIn(claimed, proof, context, ({ user, facts, about }) =>
      this.#startLogin(user, facts, context, undefined, about),
    );
  }

  /** A code of a minute that opens the console as whoever `by` is. */
  createHandover(by: Authenticated): Promise<{ code: Secret; expiresInMs: number } | Denial> {
    return this.#handovers.create(by);
  }

  async redeemHandover(code: Secret, context: LoginContext): Promise<{ user: PrincipalName; token: Secret; expiresAt: number } | Denial> {
    const made = await this.#handovers.redeem(code, context);
    return isDenial(made) ? made : { user: made.user.name, token: made.secret, expiresAt: made.token.expiresAt };
  }

  logout(id: TokenId): Promise<TokenSummary | Denial> {
    return this.#tokens.logout(id);
  }

  // — Permissions —

  /** What this login may do: its owner's permissions now, cut down to the token's scopes. */
  effectivePermissions(by: Authenticated): ReadonlySet<P> {
    return effectivePermissions(this.#deps.holdings.permissionsOf(by.principal, by), by.scopes);
  }

  /** What this login would have to show for a permission that its owner holds and its token covers. */
  lacking(by: Authenticated, permission: P): Denial | undefined {
    if (!effectivePermissions(this.#deps.holdings.permissionsOf(by.principal, "whatever"), by.scopes).has(permission)) return undefined;
    return this.#deps.holdings.lacking?.(by.principal, permission, by);
  }

  /** The person as of now, groups included; for checks long after the login. */
  async findPrincipal(name: PrincipalName): Promise<Principal | undefined> {
    const user = await this.#deps.store.findUser(name);
    if (user === undefined || user.disabled !== undefined) return undefined;
    const principal = this.#deps.directory.principal(user);
    return (await refuseAlone(principal, this.#deps.store)) ? undefined : principal;
  }

  /** Why what somebody came with would not do any more: it was taken away since, or no provider vouches for them now. */
  refusalSince(authenticated: Authenticated): Promise<Denial | undefined> {
    return this.#standing.refuseSince(authenticated);
  }

  /** What the login of somebody has shown as of now: a step-up may have come after it. */
  async shownBy(by: Authenticated): Promise<HowLoggedIn> {
    const { login, method, factors = [], remote, madeAt } = by;
    if (login === undefined) return { factors: method === "publickey" ? this.factors.shownWith(by) : factors, remote, madeAt };
    const token = await this.#deps.store.findToken(login);
    return { factors: token?.revokedAt === undefined ? (token?.login?.factors ?? []) : [], remote, madeAt };
  }

  /** True also for somebody who does not exist. */
  async isDisabled(name: PrincipalName): Promise<boolean> {
    return (await this.findPrincipal(name)) === undefined;
  }

  // — Tokens —

  async createToken(by: Authenticated, draft: TokenDraft): Promise<{ token: TokenSummary; secret: Secret } | Denial> {
    return (await this.factors.refuseLasting(by, "making a token")) ?? this.#tokens.create(by, draft);
  }

  createAccessToken(by: Authenticated, draft: AccessDraft): Promise<{ token: TokenSummary; secret: Secret } | Denial> {
    return this.#accessTokens.create(by, draft);
  }

  createAccessCertificate(
    by: Authenticated,
    draft: AccessDraft,
    publicKey: Buffer,
  ): Promise<{ token: TokenSummary; certificate: string } | Denial> {
    return this.#accessTokens.certify(by, draft, publicKey);
  }

  revokeToken(actor: Actor, id: TokenId, reason: string): Promise<TokenSummary | Denial> {
    return this.#tokens.revoke(actor, id, reason);
  }

  /** Those of a user that live, and that `which` picks. */
  revokeTokens(actor: Actor, user: PrincipalName, reason: string, which: (token: TokenSummary) => boolean): Promise<readonly TokenId[]> {
    return this.#tokens.revokeAll(actor, user, reason, which);
  }

  findToken(id: TokenId): Promise<TokenSummary | undefined> {
    return this.#tokens.find(id);
  }

  listTokens(user: PrincipalName): Promise<readonly TokenSummary[]> {
    return this.#tokens.list(user);
  }

  /** After a restore: no token of the past opens anything. */
  async revokeAllTokens(actor: Actor, reason: string): Promise<void> {
    for (const { name } of await this.#users.list()) await this.#tokens.revokeAll(actor, name, reason);
  }

  // — Users and keys —

  createUser(actor: Actor, draft: { name: string; type: PrincipalType }): Promise<UserSummary | Denial> {
    return this.#users.create(actor, draft);
  }

  disableUser(actor: Actor, name: PrincipalName, reason: string): Promise<UserSummary | Denial> {
    return this.#users.disable(actor, name, reason);
  }

  enableUser(actor: Actor, name: PrincipalName): Promise<UserSummary | Denial> {
    return this.#users.enable(actor, name);
  }

  listUsers(): Promise<readonly UserSummary[]> {
    return this.#users.list();
  }

  /** `by`: whose call it is, where it came with a login. */
  addKey(actor: Actor, user: PrincipalName, line: string, by?: Authenticated): Promise<UserKey | Denial> {
    return this.#keys.add(actor, user, line, by);
  }

  removeKey(actor: Actor, user: PrincipalName, id: KeyId): Promise<UserKey | Denial> {
    return this.#keys.remove(actor, user, id);
  }

  listKeys(user: PrincipalName): Promise<readonly UserKey[]> {
    return this.#keys.list(user);
  }

  // — Passwords, set-up, recovery —

  setPassword(by: Authenticated, old: Secret, wanted: Secret, context: LoginContext): Promise<UserSummary | Denial> {
    return this.#own.change(by, old, wanted, context);
  }

  issueReset(actor: Actor, user: PrincipalName): Promise<IssuedReset | Denial> {
    return this.#own.issueReset(actor, user);
  }

  completeReset(claimed: string, secret: Secret, wanted: Secret, context: LoginContext): Promise<UserSummary | Denial> {
    return this.#own.complete(claimed, secret, wanted, context);
  }

  /** Only for a call that came from the machine's console. */
  issueRecovery(user: PrincipalName): Promise<IssuedReset | Denial> {
    return this.#own.issueRecovery(user);
  }

  setupPending(): boolean {
    return this.#setup.pending;
  }

  newSetupSecret(): Promise<Secret | Denial> {
    return this.#setup.newSecret();
  }

  setup(secret: Secret, draft: SetupDraft, context: LoginContext): Promise<UserSummary | Denial> {
    return this.#setup.complete(secret, draft, context);
  }

  #failed(method: LoginMethod, claimed: PrincipalName, refusal: Denial, context: LoginContext): Denial {
    this.#record.failed({ method, context, claimed, reason: `${refusal.code}: ${refusal.detail ?? ""}` });
    return refusal;
  }

  /** Its `login.ok` commits with the token. */
  async #startLogin(
    user: User,
    facts: LoginFacts & { readonly ttlMs: number; readonly endsAt?: number },
    context: LoginContext,
    credential?: string,
    workload?: ProvenWorkload["about"],
  ): Promise<StartedLogin | Denial> {
    const refusal = await this.#standing.refuseLogin(facts.method, user);
    // Of a workload it is recorded with every other reason, by who refuses it in the same words.
    if (refusal) return workload ? refusal : this.#failed(facts.method, user.name, refusal, context);
    const event = loginOk(user, facts.method, context, credential, workload);
    const made = await this.#tokens.createLogin(user, facts, [event], await this.#priorityOf(user));
    if (isDenial(made)) return made;
    const { token, secret } = made;
    return { authenticated: this.#byToken(user, token, context), token: secret, id: token.id, expiresAt: token.expiresAt };
  }

  async #admit(
    method: "publickey" | "certificate" | "password" | "token",
    checked: CheckedCredential | Denial,
    context: LoginContext,
    by?: Token,
  ): Promise<Authenticated | Denial> {
    if (isDenial(checked)) return checked;
    const { user, credential } = checked;
    const refusal = await this.#standing.refuseLogin(method, user, by);
    if (refusal) return this.#failed(method, user.name, refusal, context);
    await this.#record.ok([loginOk(user, method, context, credential)], await this.#priorityOf(user));
    return { ...this.#authenticated(user, method, credential, context), ...(by && through(by)) };
  }

  async #admitAccess(
    method: "certificate" | "token",
    checked: CheckedAccess | Denial,
    context: LoginContext,
  ): Promise<Authenticated | Denial> {
    if (isDenial(checked)) return checked;
    const { user, token, access } = checked;
    const by = token.madeWith === undefined ? undefined : await this.#deps.store.findToken(token.madeWith);
    if (token.madeWith !== undefined && (by === undefined || by.revokedAt !== undefined)) {
      this.#record.failed({ method, context, claimed: user.name, reason: "made with a token that was taken away" });
      return deny("not-authenticated");
    }
    const authenticated = await this.#admit(method, { user, credential: token.id }, context, by);
    const { madeAt } = token;
    return isDenial(authenticated) ? authenticated : { ...authenticated, scopes: [], access, ...(madeAt !== undefined && { madeAt }) };
  }

  /** Who must be able to come in when the disk is nearly full. */
  async #priorityOf({ name }: User): Promise<Priority> {
    const urgent = this.#deps.holdings.isOwner(name) || (await this.#deps.hasBrokenGlass?.(name)) === true;
    return urgent ? "reserved" : "ordinary";
  }

  #byToken(user: User, { id, scopes, login, madeAt = login?.remote }: TokenSummary, context: LoginContext): Authenticated {
    const authenticated = this.#authenticated(user, "token", id, context);
    const by = login && { login: id, factors: login.factors, ...(login.workload && { workload: true as const }) };
    return { ...authenticated, scopes, ...(madeAt !== undefined && { madeAt }), ...by };
  }

  #authenticated(user: User, method: Authenticated["method"], credential: string, { remote }: LoginContext): Authenticated {
    return { principal: this.#deps.directory.principal(user), method, credential, at: this.#deps.clock.now(), remote };
  }
}

/** What came through a token carries what its login has shown, and where that was. */
function through({ id, login, madeAt = login?.remote }: Token): Pick<Authenticated, "login" | "factors" | "madeAt" | "workload"> {
  return {
    login: id,
    factors: login?.factors ?? [],
    ...(madeAt !== undefined && { madeAt }),
    ...(login?.workload && { workload: true as const }),
  };
}

function noProviders(clock: Clock): ProviderPorts {
  const settings = (): ReadonlyMap<string, ProviderSettings> => new Map();
  return {
    settings,
    vouched: new Vouched(settings, clock),
    publicUrl: () => "",
    isNamed: () => true,
    isLive: () => false,
    onFault: () => undefined,
  };
}
