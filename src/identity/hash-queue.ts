/**
 * Bounds the memory and CPU that password hashing may take: two at once, a short queue behind them.
 *
 * A flood fills the queue. So that it cannot keep known people out, work that is `favoured` (from an address this user
 * has logged in from before) goes first and pushes out the newest ordinary work, and one source never holds more than
 * a few places.
 */
import { deny, type Denial } from "../kernel/result.ts";

export interface HashWork {
  /** Network it is done for; places are shared out by it. */
  readonly source: string;
  readonly favoured: boolean;
}

interface Waiting extends HashWork {
  readonly start: () => void;
  readonly refuse: (denial: Denial) => void;
}

export class HashQueue {
  readonly #concurrency: number;
  readonly #length: number;
  readonly #perSource: number;
  readonly #waiting: Waiting[] = [];
  readonly #held = new Map<string, number>();
  #running = 0;

  constructor({ concurrency = 2, length = 64, perSource = 8 } = {}) {
    this.#concurrency = concurrency;
    this.#length = length;
    this.#perSource = perSource;
  }

  /** The work's result, or a refusal (`too-many-attempts`) before any of it was done. */
  async run<T>(work: () => Promise<T>, how: HashWork): Promise<T | Denial> {
    if (!how.favoured && (this.#held.get(how.source) ?? 0) >= this.#perSource) return full();
    this.#hold(how.source, 1);
    try {
      const refused = await this.#turn(how);
      if (refused !== undefined) return refused;
      try {
        return await work();
      } finally {
        this.#running -= 1;
        this.#next();
      }
    } finally {
      this.#hold(how.source, -1);
    }
  }

  #turn(how: HashWork): Promise<Denial | undefined> | undefined {
    if (this.#running < this.#concurrency) {
      this.#running += 1;
      return undefined;
    }
    if (this.#waiting.length >= this.#length) {
      const victim = how.favoured ? this.#waiting.findLastIndex((other) => !other.favoured) : -1;
      if (victim < 0) return Promise.resolve(full());
      for (const { refuse } of this.#waiting.splice(victim, 1)) refuse(full());
    }
    return new Promise((resolve) => {
      this.#waiting.push({ ...how, start: () => resolve(undefined), refuse: resolve });
    });
  }

  #next(): void {
    const favoured = this.#waiting.findIndex((other) => other.favoured);
    for (const { start } of this.#waiting.splice(Math.max(favoured, 0), 1)) {
      this.#running += 1;
      start();
    }
  }

  #hold(source: string, change: number): void {
    const held = (this.#held.get(source) ?? 0) + change;
    if (held > 0) this.#held.set(source, held);
    else this.#held.delete(source);
  }
}

function full(): Denial {
  return deny("too-many-attempts", { detail: "the gate is busy checking passwords" });
}
