/**
 * Keys for CancelRequest (protocol §53.2.7) that the gate makes itself: a client never learns the target's own key, and
 * with the gate's it reaches nothing but its own session.
 */
import { timingSafeEqual } from "node:crypto";
import type { Random } from "../../kernel/random.ts";

export interface CancelKey {
  readonly processId: number;
  readonly secret: Buffer;
}

/** Protocol 3.0 knows four bytes; with 32 random bits and a process id to hit, each guess costs a connection. */
const SECRET_BYTES = 4;

export class CancelKeys {
  readonly #random: Random;
  readonly #cancels = new Map<number, { readonly secret: Buffer; readonly cancel: (remote: string) => Promise<void> }>();

  constructor(random: Random) {
    this.#random = random;
  }

  /** `cancel` asks the session's running statement to stop. */
  add(cancel: (remote: string) => Promise<void>): CancelKey & Disposable {
    let processId: number;
    do processId = this.#random.bytes(4).readInt32BE() & 0x7fff_ffff;
    while (processId === 0 || this.#cancels.has(processId));
    const secret = this.#random.bytes(SECRET_BYTES);
    this.#cancels.set(processId, { secret, cancel });
    return { processId, secret, [Symbol.dispose]: () => void this.#cancels.delete(processId) };
  }

  /** As PostgreSQL: nobody is told whether it was right. Resolves when the target has been asked. */
  async request({ processId, secret }: CancelKey, remote: string): Promise<void> {
    const known = this.#cancels.get(processId);
    if (known && known.secret.length === secret.length && timingSafeEqual(known.secret, secret)) await known.cancel(remote);
  }
}
