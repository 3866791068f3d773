import type { Ticks } from "../../kernel/ticks.ts";
import type { Later, Timers } from "../timers.ts";

/** What was written is on the disk within this time, or the session is told to pause. */
export const LATE_AFTER_MS = 100;
/** Writes within this time share one sync. */
const GATHER_MS = 25;

export interface SyncPacerOptions {
  readonly sync: () => Promise<void>;
  readonly ticks: Ticks;
  readonly timers: Timers;
  /** Called once when something written is unsynced for longer than `LATE_AFTER_MS`… */
  readonly onLate: (lagMs: number) => void;
  /** …and once when everything late is on the disk. */
  readonly onCaughtUp: () => void;
  readonly onFailure: (thrown: unknown) => void;
}

/** Keeps the syncs of one file soon after its writes, one at a time. */
export class SyncPacer {
  readonly #options: SyncPacerOptions;
  /** When the oldest write not yet covered by a finished sync happened. */
  #oldest: number | undefined;
  #oldestInFlight: number | undefined;
  #gathering: Later | undefined;
  #alarm: Later | undefined;
  #late = false;
  #stopped = false;
  #running: Promise<void> = Promise.resolve();

  constructor(options: SyncPacerOptions) {
    this.#options = options;
  }

  wrote(): void {
    if (this.#oldest !== undefined) return;
    this.#oldest = this.#options.ticks();
    if (this.#oldestInFlight === undefined) this.#gather(GATHER_MS);
    this.#alarm ??= this.#options.timers.after(LATE_AFTER_MS, () => this.#check());
  }

  /** Age of the oldest write that is not yet on the disk; 0 when all is. */
  lagMs(): number {
    const oldest = this.#oldestInFlight ?? this.#oldest;
    return oldest === undefined ? 0 : this.#options.ticks() - oldest;
  }

  /** Resolves when no sync is under way any more: then the file may be closed. */
  stop(): Promise<void> {
    this.#stopped = true;
    this.#gathering?.[Symbol.dispose]();
    this.#alarm?.[Symbol.dispose]();
    return this.#running;
  }

  #gather(delayMs: number): void {
    this.#gathering = this.#options.timers.after(delayMs, () => {
      this.#gathering = undefined;
      this.#running = this.#sync();
    });
  }

  async #sync(): Promise<void> {
    this.#oldestInFlight = this.#oldest;
    this.#oldest = undefined;
    try {
      await this.#options.sync();
    } catch (thrown) {
      // Fails closed: after a failed sync nobody knows what is on the disk, so it is never tried again.
      if (!this.#stopped) this.#options.onFailure(thrown);
      return;
    }
    this.#oldestInFlight = undefined;
    if (this.#stopped) return;
    if (this.#oldest !== undefined) this.#gather(0);
    if (this.#late && this.lagMs() <= LATE_AFTER_MS) {
      this.#late = false;
      this.#options.onCaughtUp();
    }
  }

  #check(): void {
    this.#alarm = undefined;
    const lagMs = this.lagMs();
    if (lagMs > 0) this.#alarm = this.#options.timers.after(Math.max(1, LATE_AFTER_MS - lagMs + 1), () => this.#check());
    if (lagMs <= LATE_AFTER_MS || this.#late) return;
    this.#late = true;
    this.#options.onLate(lagMs);
  }
}
