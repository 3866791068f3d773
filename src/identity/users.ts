/** Users: created, disabled, enabled. The last owner cannot be disabled, and only owners touch owners. */
import type { Clock } from "../kernel/clock.ts";
import { isName, type PrincipalName } from "../kernel/ids.ts";
import { deny, type Denial } from "../kernel/result.ts";
import type { Changes } from "./changes.ts";
import type { Holdings } from "./holdings.ts";
import type { LinkedIdentity, PrincipalType, TokenScope, User } from "./model.ts";
import type { IdentityStore } from "./port.ts";
import type { Serial } from "./serial.ts";
import type { TokenIssuer } from "./token-issuer.ts";

/** Who acts. Whether they may is checked by who calls, except where it says otherwise. */
export interface Actor {
  readonly name: PrincipalName;
  /** Of the token it is done with; absent: of no token. */
  readonly scopes?: readonly TokenScope[] | undefined;
}

/** A user without anything that helps to become them. */
export interface UserSummary {
  readonly name: PrincipalName;
  readonly type: PrincipalType;
  readonly createdAt: number;
  readonly disabled?: { readonly at: number; readonly reason: string };
  readonly hasPassword: boolean;
  readonly identities?: readonly LinkedIdentity[];
}

/** Of a row the store does not hold yet. */
export const FIRST_VERSION = 1;

/** Names that mean something else wherever a principal could stand. */
const RESERVED = new Set(["gate", "self", "all"]);

export class Users {
  readonly #store: IdentityStore;
  readonly #holdings: Holdings<string>;
  readonly #isTargetName: (name: string) => boolean;
  readonly #tokens: TokenIssuer;
  readonly #changes: Changes;
  readonly #serial: Serial;
  readonly #clock: Clock;

  constructor(deps: {
    store: IdentityStore;
    holdings: Holdings<string>;
    isTargetName: (name: string) => boolean;
    tokens: TokenIssuer;
    changes: Changes;
    serial: Serial;
    clock: Clock;
  }) {
    this.#store = deps.store;
    this.#holdings = deps.holdings;
    this.#isTargetName = deps.isTargetName;
    this.#tokens = deps.tokens;
    this.#changes = deps.changes;
    this.#serial = deps.serial;
    this.#clock = deps.clock;
  }

  create(actor: Actor, { name, type }: { name: string; type: PrincipalType }): Promise<UserSummary | Denial> {
    return this.#serial.run(async () => {
      const refused = await this.refuseName(name);
      if (refused !== undefined) return refused;
      const user: User = { name: name as PrincipalName, version: FIRST_VERSION, type, createdAt: this.#clock.now() };
      await this.#store.saveUser(user, [{ kind: "user.created", principal: actor.name, body: { user: name, type } }]);
      return summarizeUser(user);
    });
  }

  /** `undefined` when a new user may bear the name. */
  async refuseName(name: string): Promise<Denial | undefined> {
    if (!isName(name)) return deny("bad-request", { detail: `"${name.slice(0, 64)}" is not a name` });
    const plain = name.toLowerCase();
    if (RESERVED.has(plain)) return deny("already-exists", { detail: `"${name}" is reserved` });
    if (this.#isTargetName(name)) return deny("already-exists", { detail: `"${name}" is a target` });
    // "Alice" beside "alice" would be taken for the same person by those who approve.
    const same = (await this.#store.listUsers()).find((user) => user.name.toLowerCase() === plain);
    return same && deny("already-exists", { detail: `there is a user "${same.name}"` });
  }

  disable(actor: Actor, name: PrincipalName, reason: string): Promise<UserSummary | Denial> {
    return this.#serial.run(async () => {
      const user = await this.find(actor, name);
      if ("allowed" in user) return user;
      if (user.disabled !== undefined) return deny("wrong-state", { detail: `"${name}" is disabled already` });
      if (this.#holdings.isOwner(name) && !(await this.#otherOwner(name))) {
        return deny("wrong-state", { detail: `"${name}" is the last owner`, rule: "last owner" });
      }
      const next: User = { ...user, version: user.version + 1, disabled: { at: this.#clock.now(), reason } };
      await this.#store.saveUser(next, [{ kind: "user.disabled", principal: actor.name, body: { user: name, reason } }]);
      // Cut first: from here on no credential of theirs works, revoking them is for the day they are enabled again.
      try {
        this.#changes.announce({ user: name, what: "disabled" });
      } finally {
        await this.#tokens.revokeAll(actor, name, "the user was disabled");
      }
      return summarizeUser(next);
    });
  }

  enable(actor: Actor, name: PrincipalName): Promise<UserSummary | Denial> {
    return this.#serial.run(async () => {
      const user = await this.find(actor, name);
      if ("allowed" in user) return user;
      const { disabled, ...rest } = user;
      if (disabled === undefined) return deny("wrong-state", { detail: `"${name}" is not disabled` });
      // Enabled is not given back: tokens were revoked, and certificates that somebody may have copied are void.
      const next: User = { ...rest, version: user.version + 1, certificatesAfter: this.#clock.now() };
      await this.#store.saveUser(next, [{ kind: "user.enabled", principal: actor.name, body: { user: name } }]);
      this.#changes.announce({ user: name, what: "enabled" });
      return summarizeUser(next);
    });
  }

  /**
   * The user, for somebody about to change their account: who is no owner takes over no owner. Nor does an owner's token
   * for `user.write` alone: with another owner's account it would have made everything of it.
   */
  async find(actor: Actor, name: PrincipalName): Promise<User | Denial> {
    const user = await this.#store.findUser(name);
    if (user === undefined) return deny("not-found", { detail: `user "${name}"` });
    const whole = actor.scopes === undefined || actor.scopes.includes("all");
    if (actor.name !== name && this.#holdings.isOwner(name) && !(whole && this.#holdings.isOwner(actor.name))) {
      return deny("not-permitted", { detail: `"${name}" is an owner`, rule: "owners are changed by owners" });
    }
    return user;
  }

  async list(): Promise<readonly UserSummary[]> {
    return (await this.#store.listUsers()).map(summarizeUser);
  }

  async #otherOwner(name: PrincipalName): Promise<boolean> {
    const users = await this.#store.listUsers();
    return users.some((user) => user.name !== name && user.disabled === undefined && this.#holdings.isOwner(user.name));
  }
}

export function summarizeUser({ name, type, createdAt, disabled, passwordHash, identities }: User): UserSummary {
  return {
    name,
    type,
    createdAt,
    ...(disabled && { disabled }),
    hasPassword: passwordHash !== undefined,
    ...(identities && { identities }),
  };
}
