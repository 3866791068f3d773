/** Passwords set by the person they belong to: with the old one, or with a one-time secret. */
import type { Clock } from "../kernel/clock.ts";
import type { PrincipalName } from "../kernel/ids.ts";
import type { Random } from "../kernel/random.ts";
import { deny, type Denial } from "../kernel/result.ts";
import type { Secret } from "../kernel/secret.ts";
import { notAuthenticated, type LoginContext, type LoginRecord, type LoginThrottle } from "./authenticator.ts";
import type { Changes } from "./changes.ts";
import { isDenial } from "./denial.ts";
import type { Holdings } from "./holdings.ts";
import type { Authenticated, Token, User } from "./model.ts";
import { newOneTimeSecret, purposeOf, typedSecret } from "./one-time-secret.ts";
import type { PasswordHashing } from "./password-hashing.ts";
import { findClaimed, type PasswordCheck } from "./password-login.ts";
import { refusePassword } from "./password-policy.ts";
import type { IdentityStore } from "./port.ts";
import type { Serial } from "./serial.ts";
import type { TokenIssuer } from "./token-issuer.ts";
import { hashMatches } from "./tokens.ts";
import { summarizeUser, type Actor, type Users, type UserSummary } from "./users.ts";

export const RESET_TTL_MS = 3_600_000;

export interface IssuedReset {
  /** To be handed to the person; shown once. */
  readonly secret: Secret;
  readonly expiresAt: number;
}

export class OwnPassword {
  readonly #store: IdentityStore;
  readonly #hashing: PasswordHashing;
  readonly #passwords: PasswordCheck;
  readonly #throttle: LoginThrottle;
  readonly #record: LoginRecord;
  readonly #users: Users;
  readonly #tokens: TokenIssuer;
  readonly #holdings: Holdings<string>;
  readonly #changes: Changes;
  readonly #serial: Serial;
  readonly #clock: Clock;
  readonly #random: Random;

  constructor(deps: {
    store: IdentityStore;
    hashing: PasswordHashing;
    passwords: PasswordCheck;
    throttle: LoginThrottle;
    record: LoginRecord;
    users: Users;
    tokens: TokenIssuer;
    holdings: Holdings<string>;
    changes: Changes;
    serial: Serial;
    clock: Clock;
    random: Random;
  }) {
    this.#store = deps.store;
    this.#hashing = deps.hashing;
    this.#passwords = deps.passwords;
    this.#throttle = deps.throttle;
    this.#record = deps.record;
    this.#users = deps.users;
    this.#tokens = deps.tokens;
    this.#holdings = deps.holdings;
    this.#changes = deps.changes;
    this.#serial = deps.serial;
    this.#clock = deps.clock;
    this.#random = deps.random;
  }

  /** By somebody logged in. The old password is asked again: a token that leaked must not be enough to take over. */
  async change(by: Authenticated, old: Secret, wanted: Secret, context: LoginContext): Promise<UserSummary | Denial> {
    const { name } = by.principal;
    const refused = refusePassword(wanted, name);
    if (refused !== undefined) return refused;
    const user = await this.#passwords.check({ claimed: name, password: old }, context);
    if (isDenial(user)) return user;
    const passwordHash = await this.#hashing.hash(wanted);
    if (isDenial(passwordHash)) return passwordHash;
    return this.#serial.run(async () => {
      const current = await this.#store.findUser(name);
      if (current === undefined || current.disabled !== undefined || current.passwordHash !== user.passwordHash) return notAuthenticated();
      // Whoever learned the old password may have logged in with it.
      const ended = (token: Token): boolean => token.type === "login" && token.id !== by.credential;
      return this.#set(current, passwordHash, "self", ended);
    });
  }

  /** By an administrator, for somebody else: a token that leaked must not get round the old password this way either. */
  issueReset(actor: Actor, name: PrincipalName): Promise<IssuedReset | Denial> {
    return this.#serial.run(async () => {
      if (actor.name === name) {
        return deny("not-permitted", {
          detail: "one's own password is changed with the old one, or reset by somebody else",
          rule: "own password",
        });
      }
      const user = await this.#users.find(actor, name);
      if (isDenial(user)) return user;
      return this.#issue(user, "administrator", actor);
    });
  }

  /** Machine console only, for an owner who is locked out; who calls guarantees where the call came from. */
  issueRecovery(name: PrincipalName): Promise<IssuedReset | Denial> {
    return this.#serial.run(async () => {
      const user = await this.#store.findUser(name);
      if (user === undefined) return deny("not-found", { detail: `user "${name}"` });
      if (!this.#holdings.isOwner(name)) {
        return deny("not-permitted", { detail: `"${name}" is no owner; an owner resets other people's passwords` });
      }
      return this.#issue(user, "machine-console");
    });
  }

  async #issue(user: User, how: "administrator" | "machine-console", actor?: Actor): Promise<IssuedReset | Denial> {
    if (user.type !== "human")
      return deny("wrong-state", { detail: `"${user.name}" is a ${user.type}: it has keys and tokens, no password` });
    if (user.disabled !== undefined) return deny("wrong-state", { detail: `"${user.name}" is disabled` });
    const { text, hash } = newOneTimeSecret(how === "administrator" ? "reset" : "recovery", this.#random);
    const expiresAt = this.#clock.now() + RESET_TTL_MS;
    const body = { user: user.name, expiresAt, how };
    await this.#store.saveUser({ ...user, version: user.version + 1, reset: { hash, expiresAt } }, [
      { kind: "user.reset-issued", ...(actor && { principal: actor.name }), body },
    ]);
    return { secret: text, expiresAt };
  }

  /** By the person, with the one-time secret. Everything they were logged in with ends. */
  async complete(claimed: string, secret: Secret, wanted: Secret, context: LoginContext): Promise<UserSummary | Denial> {
    const refused = refusePassword(wanted, claimed);
    if (refused !== undefined) return refused;
    const typed = typedSecret(secret);
    const purpose = purposeOf(typed) === "recovery" ? "recovery" : "reset";
    const fail = (user: User | undefined, reason: string): Denial => {
      this.#record.failed({ method: "recovery", context, claimed: user?.name, reason });
      return notAuthenticated();
    };
    const user = await findClaimed(this.#store, claimed);
    const admitted = this.#throttle.admit(context.remote, claimed);
    if (isDenial(admitted)) {
      fail(user, "throttled");
      return admitted;
    }
    if (!this.#opens(typed, user)) return fail(user, "wrong or expired one-time secret");
    const passwordHash = await this.#hashing.hash(wanted);
    if (isDenial(passwordHash)) return passwordHash;
    return this.#serial.run(async () => {
      // Looked at again: of two at the same moment only one may use it.
      const current = await findClaimed(this.#store, claimed);
      if (!this.#opens(typed, current)) return fail(user, "one-time secret used already");
      this.#throttle.succeeded(context.remote, current.name);
      return this.#set(current, passwordHash, purpose, () => true);
    });
  }

  #opens(secret: Secret, user: User | undefined): user is User {
    const matches = hashMatches(secret, user?.reset?.hash);
    return matches && user !== undefined && user.disabled === undefined && this.#clock.now() < (user.reset?.expiresAt ?? 0);
  }

  /** A one-time secret is void with the first password that is set, and so are login certificates and the tokens that `ended` picks. */
  async #set(user: User, passwordHash: string, how: "self" | "reset" | "recovery", ended: (token: Token) => boolean): Promise<UserSummary> {
    // Everything else about somebody stays, above all whom a provider has to vouch for.
    const { reset: _void, ...kept } = user;
    const { name } = kept;
    const next: User = { ...kept, version: kept.version + 1, passwordHash, certificatesAfter: this.#clock.now() };
    const priority = this.#holdings.isOwner(name) ? "reserved" : "ordinary";
    await this.#store.saveUser(next, [{ kind: "user.password-set", principal: name, body: { user: name, how } }], priority);
    try {
      await this.#tokens.revokeAll(user, name, how === "self" ? "the password was changed" : "the password was reset", ended);
    } finally {
      this.#changes.announce({ user: name, what: "password-set" });
    }
    return summarizeUser(next);
  }
}
