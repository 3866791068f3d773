import type { Clock } from "../../src/kernel/clock.ts";

/** A clock that stands still until it is told to go on; wall clock and elapsed time apart, so that jumps can be tested. */
export class TestClock implements Clock {
  bootId = "boot-1";
  #now: number;
  #elapsed = 1_000_000;

  constructor(now = Date.UTC(2026, 0, 5, 9)) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  elapsed(): number {
    return this.#elapsed;
  }

  /** Time passes. */
  pass(ms: number): void {
    this.#now += ms;
    this.#elapsed += ms;
  }

  /** Somebody sets the wall clock; no time passes. */
  jump(ms: number): void {
    this.#now += ms;
  }
}
