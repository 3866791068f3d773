import { setTimeout as delay } from "node:timers/promises";

/** Waits for a condition; throws after 30 s: a bound on what hangs, not on how long a busy machine takes. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 30_000;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error("It did not come about within 30 s");
    await delay(20);
  }
}
