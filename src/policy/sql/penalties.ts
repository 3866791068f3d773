/**
 * Who has cost the parser its thread waits before a new text of theirs is read: each time twice as long, up to a minute.
 * What has been read before is not held up, and neither is anybody else.
 */
const FIRST_MS = 1000;
const LONGEST_MS = 60_000;
/** After which nobody remembers. */
const FORGOTTEN_MS = 600_000;

interface Penalty {
  readonly times: number;
  readonly at: number;
}

export class Penalties {
  readonly #now: () => number;
  readonly #given = new WeakMap<object, Penalty>();

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  failed(by: object): void {
    const before = this.#given.get(by);
    const isForgotten = before === undefined || this.#now() - before.at > FORGOTTEN_MS;
    this.#given.set(by, { times: isForgotten ? 1 : before.times + 1, at: this.#now() });
  }

  /** Milliseconds from now; 0: at once. */
  waitMs(by: object): number {
    const penalty = this.#given.get(by);
    if (penalty === undefined) return 0;
    const whole = Math.min(LONGEST_MS, FIRST_MS * 2 ** (penalty.times - 1));
    return Math.max(0, penalty.at + whole - this.#now());
  }
}
