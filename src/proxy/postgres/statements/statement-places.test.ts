import { expect, test } from "vitest";
import { StatementPlaces } from "./statement-places.ts";

const never = new AbortController().signal;

test("as many as there are, each grant for itself; given back once, however often it is done", () => {
  const places = new StatementPlaces();
  const [one, two] = [places.take("a", 2), places.take("a", 2)];
  expect(one && two).toBeDefined();
  expect(places.take("a", 2)).toBeUndefined();
  expect(places.take("b", 2)).toBeDefined();
  one?.[Symbol.dispose]();
  one?.[Symbol.dispose]();
  expect(places.take("a", 2)).toBeDefined();
  expect(places.take("a", 2)).toBeUndefined();
});

test("who waits gets the next in order, and nobody comes before them", async () => {
  const places = new StatementPlaces();
  const taken = places.take("a", 1);
  const got: string[] = [];
  const waiting = async (who: string): Promise<Disposable | undefined> => {
    const place = await places.wait("a", never);
    got.push(who);
    return place;
  };
  const [first, second] = [waiting("first"), waiting("second")];
  taken?.[Symbol.dispose]();
  expect(places.take("a", 1)).toBeUndefined();
  (await first)?.[Symbol.dispose]();
  (await second)?.[Symbol.dispose]();
  expect(got).toEqual(["first", "second"]);
  expect(places.take("a", 1)).toBeDefined();
});

test("who gives up waiting gets nothing, and holds up nobody", async () => {
  const places = new StatementPlaces();
  const taken = places.take("a", 1);
  const gone = new AbortController();
  const first = places.wait("a", gone.signal);
  const second = places.wait("a", never);
  gone.abort();
  expect(await first).toBeUndefined();
  taken?.[Symbol.dispose]();
  expect(await second).toBeDefined();
});
