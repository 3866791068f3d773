/** A server program that the demo started: until it serves, until it fails, until it has ended. */
import type { ChildProcess } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";

/** A busy machine may take its time; what has failed is noticed otherwise. */
const START_TIMEOUT_MS = 30_000;
const LOOK_EVERY_MS = 25;

/** No server tells that it listens: it is tried again and again. Throws when it takes too long. */
export async function untilServes(what: string, serves: () => Promise<boolean>): Promise<void> {
  const until = performance.now() + START_TIMEOUT_MS;
  while (!(await serves())) {
    if (performance.now() > until) throw new Error(`${what} does not answer`);
    await delay(LOOK_EVERY_MS);
  }
}

/** Rejects when the program cannot be started, or ends. */
export function failed(child: ChildProcess, what: string): Promise<never> {
  return new Promise((_, reject) => {
    child.once("error", (error) => reject(new Error(`${what} did not start`, { cause: error })));
    child.once("exit", (status) => reject(new Error(`${what} ended with status ${status}`)));
  });
}

export async function end(child: ChildProcess, kill: (child: ChildProcess) => unknown): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  kill(child);
  await ended;
}
