import { expect, test } from "vitest";
import { merge } from "./merge.ts";

/** Gives what it is told to, then waits to be stopped. */
async function* source<T>(values: readonly T[], { signal }: AbortController, closed: string[], name: string): AsyncGenerator<T> {
  try {
    yield* values;
    if (!signal.aborted) await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  } finally {
    closed.push(name);
  }
}

test("everything of every source comes, each source's own in its order", async () => {
  const [stop, closed, seen]: [AbortController, string[], number[]] = [new AbortController(), [], []];
  for await (const each of merge([source([1, 2, 3], stop, closed, "a"), source([10, 20], stop, closed, "b")], stop)) {
    seen.push(each);
    if (seen.length === 5) stop.abort();
  }
  expect(seen.filter((each) => each < 10)).toEqual([1, 2, 3]);
  expect(seen.filter((each) => each >= 10)).toEqual([10, 20]);
  await expect.poll(() => closed.toSorted()).toEqual(["a", "b"]);
});

test("whoever leaves in the middle closes every source, those whose values nobody took as well", async () => {
  const [stop, closed]: [AbortController, string[]] = [new AbortController(), []];
  for await (const each of merge([source([1, 2], stop, closed, "a"), source([1, 2], stop, closed, "b")], stop)) {
    expect(each).toBe(1);
    break;
  }
  await expect.poll(() => closed.toSorted()).toEqual(["a", "b"]);
});

test("a source that fails ends all with its failure", async () => {
  const [stop, closed]: [AbortController, string[]] = [new AbortController(), []];
  const failing = (async function* (): AsyncGenerator<number> {
    yield 1;
    throw new Error("it broke");
  })();
  const all = merge([failing, source<number>([], stop, closed, "b")], stop);
  expect(await all.next()).toEqual({ done: false, value: 1 });
  await expect(all.next()).rejects.toThrow("it broke");
  await expect.poll(() => closed).toEqual(["b"]);
});

test("a source is asked for its next only once what it gave was taken", async () => {
  const stop = new AbortController();
  let asked = 0;
  const counting = (async function* (): AsyncGenerator<number> {
    while (!stop.signal.aborted) yield ++asked;
  })();
  const all = merge([counting], stop);
  await all.next();
  await all.next();
  expect(asked).toBe(2);
  await all.return();
});
