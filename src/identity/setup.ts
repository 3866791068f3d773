/**
 * The first start: a gate without users has a one-time set-up secret, and whoever holds it becomes the first owner.
 * There is no default password. The secret is stored as a hash, void after use, and never valid once anybody exists.
 */
import type { Clock } from "../kernel/clock.ts";
import type { AuditEvent } from "../audit/event.ts";
import { newId, type PrincipalName } from "../kernel/ids.ts";
import type { Random } from "../kernel/random.ts";
import { deny, type Denial } from "../kernel/result.ts";
import { Secret } from "../kernel/secret.ts";
import { encodePublicKeyLine, fingerprint } from "../wire/ssh/keys/public-key.ts";
import { notAuthenticated, type LoginContext, type LoginRecord, type LoginThrottle } from "./authenticator.ts";
import { isDenial } from "./denial.ts";
import type { Holdings } from "./holdings.ts";
import { parseKeyLine } from "./keys.ts";
import type { User, UserKey } from "./model.ts";
import { newOneTimeSecret, typedSecret } from "./one-time-secret.ts";
import type { PasswordHashing } from "./password-hashing.ts";
import { refusePassword } from "./password-policy.ts";
import type { IdentityStore, SecretStore } from "./port.ts";
import type { Serial } from "./serial.ts";
import { hashMatches } from "./tokens.ts";
import { FIRST_VERSION, summarizeUser, type Users, type UserSummary } from "./users.ts";

const STORED = "identity/setup";
/** Stands for "nobody yet" in the throttle; no user can bear it. */
const CLAIMED = "+setup";

export interface SetupDraft {
  readonly owner: string;
  /** At least one of the two. `publicKey`: one line as in `id_ed25519.pub`. */
  readonly password?: Secret;
  readonly publicKey?: string;
}

export class Setup {
  readonly #store: IdentityStore;
  readonly #secrets: SecretStore;
  readonly #hashing: PasswordHashing;
  readonly #throttle: LoginThrottle;
  readonly #record: LoginRecord;
  readonly #users: Users;
  readonly #holdings: Holdings<string>;
  readonly #serial: Serial;
  readonly #clock: Clock;
  readonly #random: Random;
  #pending = false;

  constructor(deps: {
    store: IdentityStore;
    secrets: SecretStore;
    hashing: PasswordHashing;
    throttle: LoginThrottle;
    record: LoginRecord;
    users: Users;
    holdings: Holdings<string>;
    serial: Serial;
    clock: Clock;
    random: Random;
  }) {
    this.#store = deps.store;
    this.#secrets = deps.secrets;
    this.#hashing = deps.hashing;
    this.#throttle = deps.throttle;
    this.#record = deps.record;
    this.#users = deps.users;
    this.#holdings = deps.holdings;
    this.#serial = deps.serial;
    this.#clock = deps.clock;
    this.#random = deps.random;
  }

  async load(): Promise<void> {
    this.#pending = (await this.#store.listUsers()).length === 0;
  }

  /** True while nobody exists. */
  get pending(): boolean {
    return this.#pending;
  }

  /** A new secret, which voids the one before. To be printed once by who calls. */
  newSecret(): Promise<Secret | Denial> {
    return this.#serial.run(async () => {
      if (await this.#anybody()) return deny("wrong-state", { detail: "the gate has users already" });
      const { text, hash } = newOneTimeSecret("setup", this.#random);
      await this.#secrets.put(STORED, new Secret(Buffer.from(hash, "latin1")), []);
      return text;
    });
  }

  async complete(secret: Secret, draft: SetupDraft, context: LoginContext): Promise<UserSummary | Denial> {
    const admitted = this.#throttle.admit(context.remote, CLAIMED);
    if (isDenial(admitted)) {
      this.#fail(context, "throttled");
      return admitted;
    }
    const typed = typedSecret(secret);
    if (!(await this.#opens(typed))) return this.#fail(context, "wrong set-up secret");
    this.#throttle.refund(context.remote, CLAIMED);
    const refused = this.#refuseDraft(draft) ?? (await this.#users.refuseName(draft.owner));
    if (refused !== undefined) return refused;
    const key = draft.publicKey === undefined ? undefined : parseKeyLine(draft.publicKey);
    if (isDenial(key)) return key;
    const passwordHash = draft.password && (await this.#hashing.hash(draft.password));
    if (isDenial(passwordHash)) return passwordHash;

    return this.#serial.run(async () => {
      if (!(await this.#opens(typed))) return this.#fail(context, "set-up secret used already");
      const [name, at] = [draft.owner as PrincipalName, this.#clock.now()];
      const user: User = {
        name,
        version: FIRST_VERSION,
        type: "human",
        createdAt: at,
        ...(passwordHash !== undefined && { passwordHash }),
      };
      await this.#store.saveUser(user, setupEvents(user));
      // From here on the secret is void, also where the next line should fail: somebody exists.
      this.#pending = false;
      await this.#secrets.remove(STORED, []);
      if (key !== undefined) {
        const [id, print] = [newId("key", this.#random), fingerprint(key.key.blob)];
        const publicKey = encodePublicKeyLine(key.key.blob);
        const added: UserKey = { id, user: name, publicKey, fingerprint: print, comment: key.comment, addedAt: at };
        const body = { user: name, fingerprint: print, type: key.key.type, comment: key.comment };
        await this.#store.addKey(added, [{ kind: "user.key-added", principal: name, body }]);
      }
      return summarizeUser(user);
    });
  }

  #refuseDraft({ owner, password, publicKey }: SetupDraft): Denial | undefined {
    if (password === undefined && publicKey === undefined) return deny("bad-request", { detail: "a password or a public key is needed" });
    if (!this.#holdings.isOwner(owner as PrincipalName)) {
      return deny("bad-request", {
        detail: `the configuration does not make "${owner.slice(0, 64)}" an owner`,
        next: "sallyport config check",
      });
    }
    return password && refusePassword(password, owner);
  }

  async #opens(secret: Secret): Promise<boolean> {
    const stored = await this.#secrets.find(STORED);
    const matches = hashMatches(secret, stored?.reveal().toString("latin1"));
    return matches && !(await this.#anybody());
  }

  async #anybody(): Promise<boolean> {
    return (await this.#store.listUsers()).length > 0;
  }

  #fail(context: LoginContext, reason: string): Denial {
    this.#record.failed({ method: "setup", context, claimed: undefined, reason });
    return notAuthenticated();
  }
}

function setupEvents({ name, type, passwordHash }: User): readonly AuditEvent[] {
  const events: AuditEvent[] = [
    { kind: "setup.completed", principal: name, body: { owner: name } },
    { kind: "user.created", principal: name, body: { user: name, type } },
  ];
  if (passwordHash !== undefined) events.push({ kind: "user.password-set", principal: name, body: { user: name, how: "setup" } });
  return events;
}
