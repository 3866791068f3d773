import { chmod, mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "../kernel/clock.ts";
import { systemRandom } from "../kernel/random.ts";
import { Secret } from "../kernel/secret.ts";
import { note } from "./contract/samples.ts";
import { openStore, type StoreOptions } from "./open.ts";

let options: StoreOptions;
beforeEach(async () => {
  options = {
    dataDir: await mkdtemp(join(tmpdir(), "sallyport-open-")),
    node: "n1",
    origin: "gate.test/n1",
    durability: "process",
    masterKey: new Secret(Buffer.alloc(32, 7)),
    clock: systemClock,
    random: systemRandom,
    diskReserveBytes: 0,
  };
});
afterEach(() => rm(options.dataDir, { recursive: true }));

/** Alters the database behind the store's back. */
function tamper(sql: string): void {
  const db = new DatabaseSync(join(options.dataDir, "sallyport.db"));
  db.exec(sql);
  db.close();
}

test("one gate per data directory; the lock goes with the store", async () => {
  {
    await using _first = await openStore(options);
    await expect(openStore(options)).rejects.toMatchObject({ code: "data-dir-locked" });
  }
  await using again = await openStore(options);
  expect(again.log.head().size).toBe(0);
});

test("nobody else can read the data directory", async () => {
  {
    await using store = await openStore(options);
    await store.log.append([note("a")]);
    for (const name of ["", "sallyport.db", "sallyport.db-wal", "lock.db"]) {
      const { mode } = await stat(join(options.dataDir, name));
      expect({ name, others: mode & 0o077 }).toEqual({ name, others: 0 });
    }
  }
  await chmod(options.dataDir, 0o750);
  await expect(openStore(options)).rejects.toThrow(/open to others/);
});

test("a failed start releases the lock", async () => {
  await (await openStore(options))[Symbol.asyncDispose]();
  await expect(openStore({ ...options, origin: "other/n1" })).rejects.toMatchObject({ code: "bad-config" });
  await (await openStore(options))[Symbol.asyncDispose]();
});

test.each([
  ["the lock cannot be taken", () => mkdir(join(options.dataDir, "lock.db")), /lock|unable to open/],
  ["the database is none", () => writeFile(join(options.dataDir, "sallyport.db"), Buffer.alloc(8192, "x")), /file is not a database/],
])("says what is wrong with the directory, and not that another gate has it, when %s", async (_, spoil, why) => {
  await spoil();
  const failure = await openStore(options).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: "store-unavailable", detail: expect.stringMatching(why) as string });
  expect(String(failure)).toContain(options.dataDir);
});

test.each([
  ["a flipped bit in an envelope", "update log set envelope = replace(envelope, '\"v\":1', '\"v\":2') where seq = 599"],
  ["another person to search by", "update log set principal = 'nobody' where seq = 590"],
  ["another kind to search by", "update log set kind = 'gate.started' where seq = 590"],
  ["another time", "update log set time = time - 1 where seq = 590"],
  ["a body that is not the one logged", `update log set body = cast('{"reason":"else"}' as blob) where seq = 520`],
  ["a removed entry", "delete from log where seq = 595"],
  ["a removed last entry of a tile", "delete from log where seq >= 511"],
  [
    "two swapped entries",
    "update log set seq = -1 where seq = 3; update log set seq = 3 where seq = 4; update log set seq = 4 where seq = -1",
  ],
  ["a tile of another root", "update log_tile set root = zeroblob(32) where number = 1"],
  ["a missing tile", "delete from log_tile where number = 0"],
])("a gate does not go on behind %s", async (_, sql) => {
  {
    await using store = await openStore(options);
    await store.log.append(Array.from({ length: 600 }, (_, index) => note(`echo ${index}`)));
  }
  tamper(sql);
  await expect(openStore(options)).rejects.toMatchObject({ code: "log-damaged" });
});
