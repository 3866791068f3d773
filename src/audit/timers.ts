/** Something that happens later, unless disposed first. */
export type Later = Disposable;

/** Timers as the audit layer uses them; tests pass their own. A timer never keeps the process alive. */
export interface Timers {
  after(delayMs: number, run: () => void): Later;
}

export const systemTimers: Timers = {
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs).unref();
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  },
};
