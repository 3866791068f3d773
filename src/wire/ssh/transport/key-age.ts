/** When keys have been used enough (RFC 4253 §9, RFC 4344 §3). */
import type { RekeyLimits } from "./options.ts";

interface Used {
  readonly bytes: number;
  readonly packets: number;
}

export class KeyAge {
  readonly #limits: RekeyLimits;
  readonly #monotonicMs: () => number;
  #sinceMs: number;

  constructor(limits: RekeyLimits, monotonicMs: () => number) {
    this.#limits = limits;
    this.#monotonicMs = monotonicMs;
    this.#sinceMs = monotonicMs();
  }

  /** New keys are in use. */
  renew(): void {
    this.#sinceMs = this.#monotonicMs();
  }

  /** Cheap: asked for each message. */
  isUsedUp(sent: Used, received: Used): boolean {
    const { bytes, packets } = this.#limits;
    return sent.bytes >= bytes || received.bytes >= bytes || sent.packets >= packets || received.packets >= packets;
  }

  /** Asked once a turn with traffic: an idle connection wears out no keys. */
  isOld(): boolean {
    return this.#monotonicMs() - this.#sinceMs >= this.#limits.elapsedMs;
  }
}
