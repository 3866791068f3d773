import { setTimeout as delay } from "node:timers/promises";

/** Waits for a condition; throws after `boundMs`. */
export async function until(holds: () => boolean | Promise<boolean>, boundMs = 10_000): Promise<void> {
  const end = performance.now() + boundMs;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`It did not come about within ${boundMs / 1000} s`);
    await delay(20);
  }
}
