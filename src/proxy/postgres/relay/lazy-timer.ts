/**
 * A moment that is moved with every statement: setting it anew costs no timer, only a look at the clock. The timer that
 * runs looks at where the moment is by then. Keeps no process alive.
 */
export class LazyTimer {
  readonly #past: () => void;
  #at = Infinity;
  #firesAt = Infinity;
  #timer: NodeJS.Timeout | undefined;

  constructor(past: () => void) {
    this.#past = past;
  }

  /** From now on, in place of what was set before. */
  set(delayMs: number): void {
    this.#at = performance.now() + delayMs;
    if (this.#at < this.#firesAt) this.#arm(delayMs);
  }

  clear(): void {
    this.#at = Infinity;
  }

  [Symbol.dispose](): void {
    this.clear();
    clearTimeout(this.#timer);
  }

  #arm(delayMs: number): void {
    clearTimeout(this.#timer);
    this.#firesAt = performance.now() + delayMs;
    this.#timer = setTimeout(() => this.#fire(), delayMs).unref();
  }

  #fire(): void {
    this.#firesAt = Infinity;
    if (this.#at === Infinity) return;
    const left = this.#at - performance.now();
    // A timer may come a little early.
    if (left > 1) return this.#arm(left);
    this.#at = Infinity;
    this.#past();
  }
}
