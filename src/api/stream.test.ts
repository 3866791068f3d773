import { setImmediate as tick } from "node:timers/promises";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { GateError } from "../kernel/errors.ts";
import { deny } from "../kernel/result.ts";
import { byteFormat, eventFormat, lineFormat, openStream, type Streaming } from "./stream.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] });
});
afterEach(() => {
  vi.useRealTimers();
});

function streaming(more: Partial<Streaming> = {}): Streaming & { failures: unknown[] } {
  const failures: unknown[] = [];
  return {
    times: { heartbeatMs: 1_000, recheckMs: 100, drainMs: 5_000 },
    instance: "r1",
    abort: new AbortController(),
    recheck: async () => undefined,
    onFailure: (thrown) => failures.push(thrown),
    failures,
    ...more,
  };
}

/** Values given by hand; `ended` once the stream let go of it. */
function source<T>(signal: AbortSignal) {
  const waiting: T[] = [];
  let wake = (): void => {};
  const state = {
    ended: false,
    push(value: T): void {
      waiting.push(value);
      wake();
    },
  };
  signal.addEventListener("abort", () => wake());
  const items = (async function* () {
    try {
      while (!signal.aborted) {
        const next = waiting.shift();
        if (next !== undefined) yield next;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      state.ended = true;
    }
  })();
  return Object.assign(state, { items });
}

const events = eventFormat((data) => data);

/** Lets everything that is ready run. */
async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) await tick();
}

test("events, a heartbeat while nothing happens, and the end", async () => {
  const options = streaming();
  const from = source<{ id: string; data: unknown }>(options.abort.signal);
  const out = openStream(from.items, events, options).setEncoding("utf8");
  from.push({ id: "1", data: { a: "x\ny" } });
  await settle();
  // The first heartbeat is there at once: the head of the answer leaves with it.
  expect(out.read()).toBe(': still here\n\nid: 1\ndata: {"a":"x\\ny"}\n\n');
  await vi.advanceTimersByTimeAsync(1_000);
  expect(out.read()).toBe(": still here\n\n");
});

test("a finished source is an ended stream", async () => {
  const options = streaming();
  const items = (async function* () {
    yield { id: "1", data: 1 };
  })();
  const text = (await openStream(items, events, options).setEncoding("utf8").toArray()).join("");
  expect(text).toBe(": still here\n\nid: 1\ndata: 1\n\nevent: end\ndata: {}\n\n");
});

test("who may no longer listen hears why, and nothing after", async () => {
  let refusal: ReturnType<typeof deny> | undefined;
  const options = streaming({ recheck: async () => refusal });
  const from = source<{ id: string; data: unknown }>(options.abort.signal);
  const out = openStream(from.items, events, options).setEncoding("utf8");
  const text = out.toArray();
  await vi.advanceTimersByTimeAsync(500);
  refusal = deny("token-expired");
  await vi.advanceTimersByTimeAsync(100);
  from.push({ id: "2", data: "late" });
  const all = (await text).join("");
  expect(all).toContain("event: problem");
  expect(all).toContain('"code":"token-expired"');
  expect(all).not.toContain("late");
  expect(from.ended).toBe(true);
});

test("who may see something else now is broken off without a word, to come back", async () => {
  const options = streaming({ recheck: async () => "again" });
  const from = source<{ id: string; data: unknown }>(options.abort.signal);
  const text = openStream(from.items, events, options).setEncoding("utf8").toArray();
  await vi.advanceTimersByTimeAsync(100);
  expect(await text).toEqual([": still here\n\n"]);
  expect(options.failures).toEqual([]);
});

test("a check that fails counts as a refusal", async () => {
  const options = streaming({ recheck: () => Promise.reject(new GateError("store-unavailable")) });
  const from = source<{ id: string; data: unknown }>(options.abort.signal);
  const text = openStream(from.items, events, options).setEncoding("utf8").toArray();
  await vi.advanceTimersByTimeAsync(100);
  expect((await text).join("")).toContain('"code":"store-unavailable"');
});

test("a client that does not read is told and dropped, with bounded memory", async () => {
  const options = streaming();
  let made = 0;
  const items = (async function* () {
    for (;;) yield { id: String(++made), data: "x".repeat(10_000) };
  })();
  const out = openStream(items, events, options);
  await settle();
  expect(out.writableLength + out.readableLength).toBeLessThan(2 * 256 * 1024 + 20_000);
  const before = made;
  await vi.advanceTimersByTimeAsync(5_000);
  await settle();
  expect(made).toBe(before);
  await vi.advanceTimersByTimeAsync(5_000);
  await settle();
  expect(out.destroyed).toBe(true);
});

test("a slow client that comes back finds the message", async () => {
  const options = streaming();
  const items = (async function* () {
    for (;;) yield { id: "1", data: "x".repeat(10_000) };
  })();
  const out = openStream(items, events, options).setEncoding("utf8");
  await vi.advanceTimersByTimeAsync(5_000);
  expect((await out.toArray()).join("")).toMatch(/event: problem\ndata: .*"code":"too-slow"/);
});

test("a client that leaves ends the source, and is nobody's failure", async () => {
  const options = streaming();
  const from = source<{ id: string; data: unknown }>(options.abort.signal);
  const out = openStream(from.items, events, options);
  await settle();
  out.destroy();
  await settle();
  expect(from.ended).toBe(true);
  expect(options.failures).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});

test("the gate's end is said before the stream ends", async () => {
  const options = streaming();
  const from = source<{ id: string; data: unknown }>(options.abort.signal);
  const text = openStream(from.items, events, options).setEncoding("utf8").toArray();
  options.abort.abort(new GateError("gate-stopping"));
  expect((await text).join("")).toContain('"code":"gate-stopping"');
});

test.each([lineFormat((value) => value), byteFormat])("lines and bytes that fail half-way break off instead of ending", async (format) => {
  const options = streaming();
  const cause = new Error("disk");
  const items = (async function* () {
    yield Buffer.from("half");
    throw cause;
  })();
  const out = openStream<Uint8Array>(items, format, options);
  await expect(out.toArray()).rejects.toBe(cause);
  expect(options.failures).toEqual([cause]);
});
