import { readFileSync } from "node:fs";
import { uptime } from "node:os";

/** Time as the gate sees it. Tests pass their own. */
export interface Clock {
  /** Wall-clock time, milliseconds since the Unix epoch, UTC. Can jump. */
  now(): number;
  /** Milliseconds since the machine started, counting suspension; never jumps (Linux CLOCK_BOOTTIME). */
  elapsed(): number;
  /** Names the boot `elapsed` counts from; a new value means that `elapsed` started again. */
  readonly bootId: string;
}

function readBootId(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    // Elsewhere than Linux every process start counts as a boot: elapsed time is then not compared across restarts.
    return `process-${process.pid}-${Date.now()}`;
  }
}

export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => uptime() * 1000,
  bootId: readBootId(),
};
