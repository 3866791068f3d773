/**
 * Answers that go on: server-sent events, JSON lines, downloads. One pump for all, with bounded memory.
 *
 * Invariants: never more than BUFFER bytes wait for a client; one that does not take them within `drainMs` is dropped, with a
 * message where the format has room for one. Somebody whose token ends, or who loses the permission, stops receiving within
 * `recheckMs`. An answer that could not be finished never looks finished.
 */
import { once } from "node:events";
import { PassThrough } from "node:stream";
import { encodeProblem, type Problem } from "../contract/problem.ts";
import type { Sequenced } from "../contract/types.ts";
import { GateError } from "../kernel/errors.ts";
import { withDeadline } from "../kernel/deadline.ts";
import { problemOf } from "./refuse.ts";
import type { Refusal } from "./handler.ts";

const BUFFER = 256 * 1024;

export interface StreamTimes {
  readonly heartbeatMs: number;
  readonly recheckMs: number;
  readonly drainMs: number;
}

export const STREAM_TIMES: StreamTimes = { heartbeatMs: 15_000, recheckMs: 1_000, drainMs: 30_000 };

export interface Format<T> {
  item(value: T): string | Uint8Array;
  /** Absent: the format has no room for it, and the connection is broken off instead. */
  readonly problem?: (problem: Problem) => string;
  readonly end?: string;
  readonly heartbeat?: string;
}

export function eventFormat(encode: (data: unknown) => unknown): Format<Sequenced<unknown>> {
  return {
    item: ({ id, data }) => `id: ${id}\ndata: ${JSON.stringify(encode(data))}\n\n`,
    problem: (problem) => `event: problem\ndata: ${JSON.stringify(problem)}\n\n`,
    end: "event: end\ndata: {}\n\n",
    heartbeat: ": still here\n\n",
  };
}

export function lineFormat(encode: (value: unknown) => unknown): Format<unknown> {
  return { item: (value) => `${JSON.stringify(encode(value))}\n` };
}

export const byteFormat: Format<Uint8Array> = { item: (bytes) => bytes };

export interface Streaming {
  readonly times: StreamTimes;
  readonly instance: string;
  /** Aborted by the server (stopping) and by the pump (client gone, refused); the source must heed it. */
  readonly abort: AbortController;
  /** Whether the client may still listen. `again`: perhaps, but not to the same: broken off, so that it comes back and is judged anew. */
  readonly recheck: () => Promise<Refusal | "again" | undefined>;
  readonly onFailure: (thrown: unknown) => void;
}

/** The stream to send. Starts at once; its end ends the source. */
export function openStream<T>(source: AsyncIterable<T>, format: Format<T>, streaming: Streaming): PassThrough {
  const out = new PassThrough({ highWaterMark: BUFFER });
  out.once("close", () => streaming.abort.abort());
  out.on("error", () => streaming.abort.abort());
  void pump(source, format, streaming, out);
  return out;
}

async function pump<T>(source: AsyncIterable<T>, format: Format<T>, streaming: Streaming, out: PassThrough): Promise<void> {
  const { times, abort, instance } = streaming;
  const beat = setInterval(() => {
    if (format.heartbeat !== undefined && !out.writableNeedDrain && out.writable) out.write(format.heartbeat);
  }, times.heartbeatMs);
  const watch = startRecheck(streaming);
  const items = source[Symbol.asyncIterator]();
  const gone = aborted(abort.signal);
  // The head of the answer leaves with its first bytes: who listens for what is rare must not wait for it to know that it listens.
  if (format.heartbeat !== undefined) out.write(format.heartbeat);
  try {
    for (;;) {
      const next = await Promise.race([items.next(), gone.promise]);
      if (next.done) break;
      if (!out.write(format.item(next.value))) await drained(out, times.drainMs, gone.promise);
    }
    if (format.end !== undefined) out.write(format.end);
    out.end();
  } catch (thrown) {
    // A client that left is nobody's failure.
    if (out.destroyed) return;
    if (thrown instanceof StreamReopened) breakOff(out, format, undefined, thrown, times.drainMs);
    else breakOff(out, format, problemFor(thrown, instance), thrown, times.drainMs);
    if (isOurs(thrown)) streaming.onFailure(thrown);
  } finally {
    clearInterval(beat);
    clearInterval(watch);
    gone.dispose();
    abort.abort();
    // Not awaited: a source that hangs must not keep the rest.
    void items.return?.()?.then(undefined, () => {});
  }
}

/** Carries a refusal out of the pump. */
class StreamRefused extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.code);
    this.refusal = refusal;
  }
}

class StreamReopened extends Error {}

function isOurs(thrown: unknown): boolean {
  return !(thrown instanceof StreamRefused || thrown instanceof StreamReopened || thrown instanceof GateError);
}

function startRecheck({ times, recheck, abort }: Streaming): NodeJS.Timeout {
  let running = false;
  return setInterval(() => {
    if (running) return;
    running = true;
    recheck()
      .then(
        (refusal) =>
          refusal && abort.abort(refusal === "again" ? new StreamReopened("what may be seen changed") : new StreamRefused(refusal)),
        // Fails closed: who cannot be checked does not listen.
        (thrown: unknown) => abort.abort(thrown),
      )
      .finally(() => {
        running = false;
      });
  }, times.recheckMs);
}

function aborted(signal: AbortSignal): { promise: Promise<never>; dispose: () => void } {
  let listener = (): void => {};
  const promise = new Promise<never>((_, reject) => {
    listener = () => reject(signal.reason instanceof Error ? signal.reason : new GateError("gate-stopping"));
    if (signal.aborted) listener();
    else signal.addEventListener("abort", listener, { once: true });
  });
  promise.catch(() => {});
  return { promise, dispose: () => signal.removeEventListener("abort", listener) };
}

async function drained(out: PassThrough, drainMs: number, gone: Promise<never>): Promise<void> {
  const waiting = new AbortController();
  try {
    await withDeadline(Promise.race([once(out, "drain", { signal: waiting.signal }), gone]), drainMs, "too slow");
  } catch (thrown) {
    throw thrown instanceof GateError && thrown.code === "timeout" ? new GateError("too-slow") : thrown;
  } finally {
    waiting.abort();
  }
}

function problemFor(thrown: unknown, instance: string): Problem {
  return thrown instanceof StreamRefused ? encodeProblem({ ...thrown.refusal, instance }) : problemOf(thrown, instance);
}

function breakOff<T>(out: PassThrough, format: Format<T>, problem: Problem | undefined, thrown: unknown, drainMs: number): void {
  if (format.problem === undefined) {
    out.destroy(thrown instanceof Error ? thrown : new Error("the answer could not be finished"));
    return;
  }
  // Without a word at the end the client takes it for a broken connection, and comes back.
  out.end(problem && format.problem(problem));
  // The message waits behind what was not taken; the buffer does not wait for ever.
  const last = setTimeout(() => out.destroy(), drainMs);
  out.once("close", () => clearTimeout(last));
}
