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

/** A kernel's answer costs 20 µs or more, because it is a file; a session asks for each of its actions. */
const HOLDS_MS = 20;

/**
 * Whole milliseconds of a clock that is dear to read, by one that is cheap but stands still while the machine is suspended: it
 * is read again after 20 ms of being awake. Never goes back, though the dear one is rounded.
 */
export function keepTime(read: () => number, awake: () => number): () => number {
  let readAt = -Infinity;
  let found = 0;
  let last = -Infinity;
  return () => {
    const now = awake();
    if (now - readAt >= HOLDS_MS) {
      found = read();
      readAt = now;
    }
    last = Math.max(last, Math.floor(found + now - readAt));
    return last;
  };
}

export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: keepTime(
    () => uptime() * 1000,
    () => performance.now(),
  ),
  bootId: readBootId(),
};
