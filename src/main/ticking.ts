/** What has to be looked at again and again while a gate runs: how often, and what. */
export type Tick = readonly [everyMs: number, run: () => unknown];

/** Each on its own timer; one that is still running is not started again. */
export function startTicking(opened: AsyncDisposableStack, onFault: (error: unknown) => void, ticks: readonly Tick[]): void {
  for (const [everyMs, run] of ticks) {
    let running = false;
    const timer = setInterval(() => {
      if (running) return;
      running = true;
      void Promise.try(run)
        .catch(onFault)
        .finally(() => {
          running = false;
        });
    }, everyMs);
    opened.defer(() => clearInterval(timer));
  }
}
