import { GateError } from "./errors.ts";

/** Settles as `work` does, or rejects with `timeout` after `timeoutMs`; the timer never outlives the work. `what` is shown to the user. */
export async function withDeadline<T>(work: Promise<T>, timeoutMs: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new GateError("timeout", what)), timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
