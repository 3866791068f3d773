/** For verbs that stay in the foreground: works until a signal, and then ends in good order. */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** `signal` is aborted at the first of the process's signals; a second one ends the process as if nobody listened. */
export async function untilStopped(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const stop = new AbortController();
  const stopped = (): void => {
    for (const each of SIGNALS) process.off(each, stopped);
    stop.abort();
  };
  for (const each of SIGNALS) process.on(each, stopped);
  try {
    await work(stop.signal);
  } finally {
    for (const each of SIGNALS) process.off(each, stopped);
  }
}
