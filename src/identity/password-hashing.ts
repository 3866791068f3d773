import type { Denial } from "../kernel/result.ts";
import type { Random } from "../kernel/random.ts";
import type { Secret } from "../kernel/secret.ts";
import { HashQueue, type HashWork } from "./hash-queue.ts";
import { dummyHash, HASH_COST, hashPassword, needsRehash, verifyPassword, type HashCost } from "./password.ts";

/** Hashing behind its queue, with the cost of this gate. */
export class PasswordHashing {
  readonly #random: Random;
  readonly #cost: HashCost;
  readonly #queue: HashQueue;
  readonly #dummy: string;
  readonly #verify: typeof verifyPassword;

  constructor(
    random: Random,
    {
      cost = HASH_COST,
      queue = new HashQueue(),
      verify = verifyPassword,
    }: { cost?: HashCost; queue?: HashQueue; verify?: typeof verifyPassword } = {},
  ) {
    this.#random = random;
    this.#cost = cost;
    this.#queue = queue;
    this.#verify = verify;
    this.#dummy = dummyHash(random, cost);
  }

  /** `phc` undefined (no such user, or one without a password): the same work, and false. */
  async verify(password: Secret, phc: string | undefined, how: HashWork): Promise<boolean | Denial> {
    const matches = await this.#queue.run(() => this.#verify(password, phc ?? this.#dummy), how);
    return typeof matches === "boolean" ? matches && phc !== undefined : matches;
  }

  /** For somebody who has proved who they are already. */
  hash(password: Secret): Promise<string | Denial> {
    return this.#queue.run(() => hashPassword(password, this.#random, this.#cost), { source: "", favoured: true });
  }

  outdated(phc: string): boolean {
    return needsRehash(phc, this.#cost);
  }
}
