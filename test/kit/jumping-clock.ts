import { systemClock, type Clock } from "../../src/kernel/clock.ts";

/** The machine's clock, whose wall somebody sets while it runs. Elapsed time goes on as it does. */
export class JumpingClock implements Clock {
  readonly bootId = systemClock.bootId;
  #offsetMs = 0;

  now(): number {
    return systemClock.now() + this.#offsetMs;
  }

  elapsed(): number {
    return systemClock.elapsed();
  }

  jump(ms: number): void {
    this.#offsetMs += ms;
  }
}
