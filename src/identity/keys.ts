/** SSH public keys of users. One key belongs to one user only: otherwise it would not say who somebody is. */
import type { Clock } from "../kernel/clock.ts";
import { GateError } from "../kernel/errors.ts";
import { newId, type KeyId, type PrincipalName } from "../kernel/ids.ts";
import type { Random } from "../kernel/random.ts";
import { deny, type Denial } from "../kernel/result.ts";
import { encodePublicKeyLine, fingerprint, parseAuthorizedKey, type PublicKey } from "../wire/ssh/keys/public-key.ts";
import type { Changes } from "./changes.ts";
import type { Authenticated, User, UserKey } from "./model.ts";
import type { IdentityStore } from "./port.ts";
import type { Serial } from "./serial.ts";
import type { Actor, Users } from "./users.ts";

const MAX_KEYS = 50;

/** Whether the login is too old, or has shown too little: to add what counts as a second factor, or what outlives it. */
type FactorRules = Readonly<Record<"refuseChange" | "refuseLasting", (by: Authenticated, what: string) => Promise<Denial | undefined>>>;

export class Keys {
  readonly #store: IdentityStore;
  readonly #users: Users;
  readonly #changes: Changes;
  readonly #serial: Serial;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #factors: FactorRules;

  constructor(deps: {
    store: IdentityStore;
    users: Users;
    changes: Changes;
    serial: Serial;
    clock: Clock;
    random: Random;
    factorRules: FactorRules;
  }) {
    this.#factors = deps.factorRules;
    this.#store = deps.store;
    this.#users = deps.users;
    this.#changes = deps.changes;
    this.#serial = deps.serial;
    this.#clock = deps.clock;
    this.#random = deps.random;
  }

  /** `line`: one line as in `id_ed25519.pub`. `by`: whose call it is, where it came with a login. */
  add(actor: Actor, name: PrincipalName, line: string, by?: Authenticated): Promise<UserKey | Denial> {
    return this.#serial.run(async () => {
      const user = await this.#users.find(actor, name);
      if ("allowed" in user) return user;
      if (user.disabled !== undefined) return deny("wrong-state", { detail: `"${name}" is disabled` });
      if (by?.workload) return deny("not-permitted", { detail: "a workload's login adds no keys: they would outlive it" });
      const parsed = parseKeyLine(line);
      if ("allowed" in parsed) return parsed;
      const unproven = await this.#refuseUnproven(user, parsed.key, by);
      if (unproven) return unproven;
      const print = fingerprint(parsed.key.blob);
      // Fails closed, and says nothing about whose it is.
      if ((await this.#store.findKey(print)) !== undefined) return deny("already-exists", { detail: `the key ${print} is registered` });
      if ((await this.#store.listKeys(name)).length >= MAX_KEYS) return deny("wrong-state", { detail: `"${name}" has ${MAX_KEYS} keys` });
      const added = this.#newKey(name, parsed, print);
      const body = { user: name, fingerprint: print, type: parsed.key.type, comment: added.comment };
      await this.#store.addKey(added, [{ kind: "user.key-added", principal: actor.name, body }]);
      this.#changes.announce({ user: name, what: "key-added", credential: print });
      return added;
    });
  }

  remove(actor: Actor, name: PrincipalName, id: KeyId): Promise<UserKey | Denial> {
    return this.#serial.run(async () => {
      const user = await this.#users.find(actor, name);
      if ("allowed" in user) return user;
      const key = (await this.#store.listKeys(name)).find((key) => key.id === id);
      if (key === undefined) return deny("not-found", { detail: `key "${id}" of "${name}"` });
      const body = { user: name, fingerprint: key.fingerprint };
      await this.#store.removeKey(id, [{ kind: "user.key-removed", principal: actor.name, body }]);
      this.#changes.announce({ user: name, what: "key-removed", credential: key.fingerprint });
      return key;
    });
  }

  list(name: PrincipalName): Promise<readonly UserKey[]> {
    return this.#store.listKeys(name);
  }

  /**
   * A security key counts as a passkey, and that there is a device behind it nobody can see: software signs as one. So it is added as
   * a passkey is. Every other key opens the ssh door for as long as it is there, whoever made it with a login that they found.
   */
  async #refuseUnproven({ name, type }: User, key: PublicKey, by: Authenticated | undefined): Promise<Denial | undefined> {
    if (type !== "human" || !isSecurityKey(key)) return by && this.#factors.refuseLasting(by, "adding a key");
    if (by?.principal.name === name) return this.#factors.refuseChange(by, "adding a security key");
    return deny("not-permitted", { detail: "a security key is a second factor: people add their own", rule: "own factors" });
  }

  #newKey(user: PrincipalName, { key, comment }: ParsedKeyLine, print: string): UserKey {
    const id = newId("key", this.#random);
    return { id, user, publicKey: encodePublicKeyLine(key.blob), fingerprint: print, comment, addedAt: this.#clock.now() };
  }
}

function isSecurityKey({ type }: PublicKey): boolean {
  return type.startsWith("sk-");
}

interface ParsedKeyLine {
  readonly key: PublicKey;
  readonly comment: string;
}

/** Untrusted text from a person; what is wrong with it is a refusal with the reason. */
export function parseKeyLine(line: string): ParsedKeyLine | Denial {
  try {
    return parseAuthorizedKey(line);
  } catch (error) {
    if (error instanceof GateError && error.code === "bad-request")
      return deny("bad-request", error.detail === undefined ? {} : { detail: error.detail });
    throw error;
  }
}
