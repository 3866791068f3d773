import fc from "fast-check";
import { expect, test } from "vitest";
import { systemRandom } from "../kernel/random.ts";
import { ChangeFeed } from "./change-feed.ts";

const none = async (): Promise<readonly number[]> => [];

async function take<T>(feed: AsyncIterator<T>, count: number): Promise<T[]> {
  const found: T[] = [];
  while (found.length < count) {
    const next = await feed.next();
    if (next.done) break;
    found.push(next.value);
  }
  return found;
}

test("what is there now, then each change, none lost in between", async () => {
  const feed = new ChangeFeed<number>(systemRandom);
  const abort = new AbortController();
  const listening = feed.follow(
    undefined,
    async () => {
      feed.push(2);
      return [1];
    },
    abort.signal,
  );
  const found = take(listening, 3);
  await new Promise(setImmediate);
  feed.push(3);
  expect((await found).map(({ data }) => data)).toEqual([1, 2, 3]);
});

test("an id continues exactly after itself", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 0, max: 19 }), async (total, seen) => {
      const feed = new ChangeFeed<number>(systemRandom, 100);
      const abort = new AbortController();
      const first = feed.follow(undefined, none, abort.signal);
      const pending = take(first, total);
      await new Promise(setImmediate);
      for (let value = 1; value <= total; value++) feed.push(value);
      const all = await pending;
      const from = Math.min(seen, total - 1);
      const rest = await take(feed.follow(all[from]?.id, none, abort.signal), total - 1 - from);
      expect(rest).toEqual(all.slice(from + 1));
      abort.abort();
    }),
    { numRuns: 30 },
  );
});

test.each(["", "zzzzzzzz-1", "../x", "99999999999999999999"])(
  "an id of another run (%j), or too old, starts with what is there now",
  async (id) => {
    const feed = new ChangeFeed<number>(systemRandom, 2);
    for (const value of [1, 2, 3, 4]) feed.push(value);
    const found = await take(
      feed.follow(id, async () => [40], new AbortController().signal),
      1,
    );
    expect(found[0]?.data).toBe(40);
  },
);

test("who falls too far behind is told so, and holds nobody up", async () => {
  const feed = new ChangeFeed<number>(systemRandom, 3);
  const listening = feed.follow(undefined, async () => [0], new AbortController().signal);
  await listening.next();
  for (let value = 1; value <= 10; value++) feed.push(value);
  await expect(take(listening, 10)).rejects.toMatchObject({ code: "too-slow" });
});

test("an aborted listener ends and is forgotten", async () => {
  const feed = new ChangeFeed<number>(systemRandom);
  const abort = new AbortController();
  const next = feed.follow(undefined, none, abort.signal).next();
  await new Promise(setImmediate);
  abort.abort();
  expect(await next).toEqual({ done: true, value: undefined });
});
