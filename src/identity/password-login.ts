/**
 * A password, checked. The order keeps names and passwords from showing: throttle, then the same hashing work whoever
 * is claimed, then everything else, and one answer for every failure.
 */
import { GateError } from "../kernel/errors.ts";
import { isName, type PrincipalName } from "../kernel/ids.ts";
import type { Denial } from "../kernel/result.ts";
import { notAuthenticated, type LoginContext, type LoginRecord, type LoginThrottle, type PasswordProof } from "./authenticator.ts";
import { isDenial } from "./denial.ts";
import type { User } from "./model.ts";
import type { PasswordHashing } from "./password-hashing.ts";
import { tooLongToHash } from "./password-policy.ts";
import type { IdentityStore } from "./port.ts";

export class PasswordCheck {
  readonly #store: IdentityStore;
  readonly #hashing: PasswordHashing;
  readonly #throttle: LoginThrottle;
  readonly #record: LoginRecord;

  constructor(deps: { store: IdentityStore; hashing: PasswordHashing; throttle: LoginThrottle; record: LoginRecord }) {
    this.#store = deps.store;
    this.#hashing = deps.hashing;
    this.#throttle = deps.throttle;
    this.#record = deps.record;
  }

  /** The user whose password it is. Failures are on record then; the success is for the caller to record. */
  async check({ claimed, password }: PasswordProof, context: LoginContext): Promise<User | Denial> {
    const user = await findClaimed(this.#store, claimed);
    const fail = (reason: string): void => this.#record.failed({ method: "password", context, claimed: user?.name, reason });

    const admitted = this.#throttle.admit(context.remote, claimed);
    if (isDenial(admitted)) {
      fail("throttled");
      return admitted;
    }
    if (tooLongToHash(password)) {
      fail("too long");
      return notAuthenticated();
    }
    const matches = await this.#hashing.verify(password, user?.passwordHash, admitted);
    if (isDenial(matches)) {
      this.#throttle.refund(context.remote, claimed);
      fail("busy");
      return matches;
    }
    if (!matches || user === undefined) {
      fail(user === undefined ? "unknown user" : "wrong password");
      return notAuthenticated();
    }
    // Hashing takes a while: somebody disabled, or a password replaced, in that time must not get in.
    const current = await this.#store.findUser(user.name);
    if (current === undefined || current.passwordHash !== user.passwordHash || current.disabled !== undefined) {
      fail(current?.disabled === undefined ? "password replaced" : "disabled");
      return notAuthenticated();
    }
    this.#throttle.succeeded(context.remote, current.name);
    return this.#rehashed(current, password);
  }

  /** Replaces a hash that was made with less work than is asked for now; that it fails is no reason to refuse the login. */
  async #rehashed(user: User, password: PasswordProof["password"]): Promise<User> {
    if (user.passwordHash === undefined || !this.#hashing.outdated(user.passwordHash)) return user;
    const passwordHash = await this.#hashing.hash(password);
    if (isDenial(passwordHash)) return user;
    const stronger = { ...user, version: user.version + 1, passwordHash };
    try {
      await this.#store.saveUser(stronger, []);
      return stronger;
    } catch (error) {
      if (error instanceof GateError) return user;
      throw error;
    }
  }
}

/** Untrusted: `claimed` may be anything. */
export async function findClaimed(store: IdentityStore, claimed: string): Promise<User | undefined> {
  return isName(claimed) ? store.findUser(claimed as PrincipalName) : undefined;
}
