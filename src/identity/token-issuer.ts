/** Tokens: made, listed, revoked. A token never gives more than its owner has, nor more than the token it was made with. */
import type { AuditEvent } from "../audit/event.ts";
import type { LoginEnd } from "../audit/events/identity.ts";
import type { Priority } from "../audit/port.ts";
import type { Clock } from "../kernel/clock.ts";
import { newId, parseId, type PrincipalName, type TokenId } from "../kernel/ids.ts";
import type { Random } from "../kernel/random.ts";
import { deny, type Denial } from "../kernel/result.ts";
import type { Secret } from "../kernel/secret.ts";
import type { Changes } from "./changes.ts";
import type { Holdings } from "./holdings.ts";
import { isDenial } from "./denial.ts";
import type { AccessUse, Authenticated, LoginFacts, Token, TokenScope, User } from "./model.ts";
import type { Directory, IdentityStore } from "./port.ts";
import type { Serial } from "./serial.ts";
import { newTokenText } from "./tokens.ts";
import type { Actor } from "./users.ts";

export const LOGIN_TTL_MS = 12 * 3_600_000;
export const MAX_TOKEN_TTL_MS = 90 * 86_400_000;
export const MIN_TTL_MS = 60_000;
const MAX_SCOPES = 64;
const MAX_ACTIVE = 100;
/** Of those that are listed. */
const MAX_ENDED = 100;

/** A token without what would prove it. */
export type TokenSummary = Omit<Token, "hash" | "access" | "madeWith"> & { readonly access?: AccessUse };

export interface TokenDraft {
  readonly name: string;
  readonly scopes: readonly TokenScope[];
  readonly ttlMs: number;
  /** A service or agent that gets it; absent: oneself. */
  readonly for?: PrincipalName;
}

export class TokenIssuer {
  readonly #store: IdentityStore;
  readonly #directory: Directory;
  readonly #holdings: Holdings<string>;
  readonly #changes: Changes;
  readonly #serial: Serial;
  readonly #clock: Clock;
  readonly #random: Random;

  constructor(deps: {
    store: IdentityStore;
    directory: Directory;
    holdings: Holdings<string>;
    changes: Changes;
    serial: Serial;
    clock: Clock;
    random: Random;
  }) {
    this.#store = deps.store;
    this.#directory = deps.directory;
    this.#holdings = deps.holdings;
    this.#changes = deps.changes;
    this.#serial = deps.serial;
    this.#clock = deps.clock;
    this.#random = deps.random;
  }

  create(by: Authenticated, draft: TokenDraft): Promise<{ token: TokenSummary; secret: Secret } | Denial> {
    return this.#serial.run(async () => {
      const owner = draft.for ?? by.principal.name;
      const user = await this.#store.findUser(owner);
      if (user === undefined || user.disabled !== undefined) return deny("not-found", { detail: `user "${owner}"` });
      const refused =
        refuseForm(draft) ?? this.#refuseOwner(by, user) ?? this.#refuseScopes(user, draft) ?? (await this.#refuseMaker(by, draft));
      if (refused !== undefined) return refused;
      const active = (await this.#store.listTokens(owner)).filter((token) => this.#isActive(token));
      if (active.length >= MAX_ACTIVE) return deny("wrong-state", { detail: `"${owner}" has ${MAX_ACTIVE} tokens; revoke some` });
      return this.#save(user, by.principal, { ...draft, type: "personal", madeAt: by.remote }, []);
    });
  }

  /** The token of a login that was just proven, or follows from one, which it does not outlive; `events` (its `login.ok`) commit with it. `endsAt`: at the latest. */
  createLogin(
    user: User,
    { ttlMs, endsAt, ...login }: LoginFacts & { readonly ttlMs: number; readonly endsAt?: number },
    events: readonly AuditEvent[],
    priority: Priority = "ordinary",
  ): Promise<{ token: TokenSummary; secret: Secret } | Denial> {
    return this.#serial.run(async () => {
      const current = await this.#store.findUser(user.name);
      if (current === undefined || current.disabled !== undefined) return deny("not-authenticated");
      const bounded = Math.min(ttlMs, LOGIN_TTL_MS);
      const draft = { name: "login", scopes: ["all"], ttlMs: bounded, type: "login", login } as const;
      return this.#save(current, current, { ...draft, ...(endsAt !== undefined && { endsAt }) }, events, priority);
    });
  }

  async revoke(actor: Actor, id: TokenId, reason: string): Promise<TokenSummary | Denial> {
    return this.#end(id, (token) => ({
      kind: "token.revoked",
      principal: actor.name,
      body: { user: token.user, token: id, reason },
    }));
  }

  /** By its bearer, so it is no revocation. */
  async logout(id: TokenId): Promise<TokenSummary | Denial> {
    return this.#end(id, (token) => ({ kind: "login.ended", principal: token.user, body: { token: id, how: "logout" } }));
  }

  async #end(id: TokenId, event: (token: Token) => AuditEvent): Promise<TokenSummary | Denial> {
    const token = await this.#store.findToken(id);
    if (token === undefined) return deny("not-found", { detail: "token" });
    if (token.revokedAt !== undefined) return deny("wrong-state", { detail: "the token has ended already" });
    const ended: Token = { ...token, revokedAt: this.#clock.now() };
    await this.#store.saveToken(ended, [event(token)]);
    this.#changes.announce({ user: token.user, what: "token-revoked", credential: id });
    return summarizeToken(ended);
  }

  /** Every active token of a user, or those that `which` picks; one that fails leaves none of the others standing. */
  async revokeAll(
    actor: Actor,
    user: PrincipalName,
    reason: string,
    which: (token: Token) => boolean = () => true,
  ): Promise<readonly TokenId[]> {
    const failures: unknown[] = [];
    const revoked: TokenId[] = [];
    for (const token of await this.#store.listTokens(user)) {
      if (!this.#isActive(token) || !which(token)) continue;
      const ended = await this.revoke(actor, token.id, reason).catch((error: unknown) => void failures.push(error));
      // Who ended it meanwhile has done it.
      if (ended !== undefined && !isDenial(ended)) revoked.push(token.id);
    }
    if (failures.length > 0) throw new AggregateError(failures, `Some tokens of "${user}" may not have been revoked`);
    return revoked;
  }

  /** Logins that end by themselves: nobody revoked them. */
  async endLogins(user: PrincipalName, how: LoginEnd, which: (token: Token) => boolean): Promise<number> {
    const failures: unknown[] = [];
    const logins = await this.#store.listTokens(user, this.#clock.now() - LOGIN_TTL_MS);
    const ending = logins.filter((token) => token.type === "login" && this.#isActive(token) && which(token));
    for (const { id } of ending) {
      const ended = this.#end(id, (token) => ({ kind: "login.ended", principal: token.user, body: { token: id, how } }));
      await ended.catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw new AggregateError(failures, `Some logins of "${user}" may not have ended`);
    return ending.length;
  }

  async find(id: TokenId): Promise<TokenSummary | undefined> {
    const token = await this.#store.findToken(id);
    return token && summarizeToken(token);
  }

  /** All that live, and the latest of those that ended; the others are in the log. */
  async list(user: PrincipalName): Promise<readonly TokenSummary[]> {
    const all = await this.#store.listTokens(user);
    const ended = new Set(all.filter((token) => !this.#isActive(token)).slice(0, MAX_ENDED));
    return all.filter((token) => this.#isActive(token) || ended.has(token)).map(summarizeToken);
  }

  #isActive(token: Token): boolean {
    return token.revokedAt === undefined && token.expiresAt > this.#clock.now();
  }

  async #save(
    user: User,
    actor: Actor,
    draft: Omit<TokenDraft, "for"> & Pick<Token, "type" | "login" | "madeAt"> & { readonly endsAt?: number },
    events: readonly AuditEvent[],
    priority: Priority = "ordinary",
  ): Promise<{ token: TokenSummary; secret: Secret }> {
    const id = newId("tok", this.#random);
    const { text, hash } = newTokenText(id, this.#random);
    const [{ name, scopes, type, login, madeAt }, createdAt] = [draft, this.#clock.now()];
    const expiresAt = Math.min(createdAt + draft.ttlMs, draft.endsAt ?? Infinity);
    const token: Token = {
      id,
      user: user.name,
      name,
      hash,
      scopes: [...scopes],
      createdAt,
      expiresAt,
      type,
      ...(login && { login }),
      ...(madeAt !== undefined && { madeAt }),
    };
    const body = { user: user.name, token: id, name, scopes: token.scopes, expiresAt };
    await this.#store.saveToken(token, [...events, { kind: "token.created", principal: actor.name, body }], priority);
    return { token: summarizeToken(token), secret: text };
  }

  /** People make their own tokens; a service cannot log in to do so. Permission for that is checked by who calls. */
  #refuseOwner(by: Authenticated, user: User): Denial | undefined {
    if (user.name === by.principal.name) return undefined;
    if (user.type === "human") return deny("not-permitted", { detail: "people make their own tokens" });
    const over = this.#holdings.isOwner(user.name) && !this.#holdings.isOwner(by.principal.name);
    return over ? deny("not-permitted", { detail: `"${user.name}" is an owner`, rule: "owners are changed by owners" }) : undefined;
  }

  #refuseScopes(user: User, { scopes }: TokenDraft): Denial | undefined {
    const held = this.#holdings.permissionsOf(this.#directory.principal(user), "whatever");
    for (const scope of scopes) {
      if (scope === "self" || scope === "all") continue;
      if (!this.#holdings.isPermission(scope)) return deny("bad-request", { detail: `"${scope.slice(0, 64)}" is not a scope` });
      if (!held.has(scope)) return deny("not-permitted", { detail: `"${user.name}" does not hold "${scope}"` });
    }
    return undefined;
  }

  /** A token that leaks must not be able to make itself a successor, or a wider one. */
  async #refuseMaker(by: Authenticated, { scopes }: TokenDraft): Promise<Denial | undefined> {
    if (by.workload) return deny("not-permitted", { detail: "a workload's login makes no tokens: they would outlive it" });
    if (by.method !== "token" && by.scopes === undefined) return undefined;
    const id = parseId("tok", by.credential);
    const maker = id && (await this.#store.findToken(id));
    if (maker?.type !== "login") {
      return deny("not-permitted", { detail: "a personal token makes no tokens", next: "sallyport login" });
    }
    const wider = scopes.find((scope) => !maker.scopes.includes("all") && !maker.scopes.includes(scope));
    return wider === undefined ? undefined : deny("not-permitted", { detail: `the token in use lacks the scope "${wider}"` });
  }
}

function refuseForm({ name, scopes, ttlMs }: TokenDraft): Denial | undefined {
  if (!/^[^\p{C}]{1,64}$/u.test(name)) return deny("bad-request", { detail: "a token's name has 1 to 64 printable characters" });
  if (scopes.length === 0 || scopes.length > MAX_SCOPES) return deny("bad-request", { detail: "a token needs at least one scope" });
  // Fails closed: `NaN` is no duration either.
  if (!(Number.isSafeInteger(ttlMs) && ttlMs >= MIN_TTL_MS && ttlMs <= MAX_TOKEN_TTL_MS)) {
    return deny("bad-request", { detail: "a token lives between a minute and 90 days" });
  }
  return undefined;
}

export function summarizeToken(token: Token): TokenSummary {
  const { id, user, name, scopes, createdAt, expiresAt, type, revokedAt, login, madeAt, access } = token;
  return {
    id,
    user,
    name,
    scopes,
    createdAt,
    expiresAt,
    type,
    ...(login && { login }),
    ...(madeAt !== undefined && { madeAt }),
    ...(revokedAt !== undefined && { revokedAt }),
    ...(access && { access: useOf(access) }),
  };
}

/** Without what proves it. */
export function useOf({ target, grant, request }: AccessUse): AccessUse {
  return grant === undefined ? { target, request } : { target, grant };
}
