import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "../kernel/clock.ts";
import type { Store } from "../store/open.ts";
import { openPublishing } from "./publishing.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "sallyport-publishing-"));
});
afterEach(() => rm(directory, { recursive: true }));

test("a log that is not published any more is trouble, said once, until it is published again", async () => {
  const entries = [Buffer.from("entry 0")];
  let appended = (): void => undefined;
  const store = {
    secrets: { find: async () => undefined, put: async () => undefined },
    logSource: {
      size: () => entries.length,
      async *envelopes(from: number, to: number) {
        yield* entries.slice(from, to);
      },
    },
    log: {
      append: async () => [],
      subscribe: (listener: () => void) => {
        appended = listener;
        return { [Symbol.dispose]: () => undefined };
      },
    },
  } as unknown as Store;
  const faults: unknown[] = [];
  const failed = Promise.withResolvers<void>();
  const onFault = (error: unknown): void => {
    faults.push(error);
    failed.resolve();
  };
  const place = join(directory, "log");
  await using publishing = await openPublishing({
    store,
    directory: place,
    origin: "gate.test/n1",
    anchors: [],
    durability: "process",
    clock: systemClock,
    onFault,
  });
  expect(publishing.trouble()).toBeUndefined();
  // A file where the directory should be.
  await writeFile(place, "");
  appended();
  await failed.promise;
  expect(publishing.trouble()).toMatch(/^it failed with E[A-Z]+$/);
  await rm(place);
  await publishing[Symbol.asyncDispose]();
  expect(publishing.trouble()).toBeUndefined();
  expect(faults.length).toBe(1);
});
