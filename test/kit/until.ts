import { setTimeout as delay } from "node:timers/promises";

/** Waits for a condition; throws after 10 s. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 10_000;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error("It did not come about within 10 s");
    await delay(20);
  }
}
