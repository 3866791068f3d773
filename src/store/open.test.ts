import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "../kernel/clock.ts";
import { systemRandom } from "../kernel/random.ts";
import { Secret } from "../kernel/secret.ts";
import { note } from "./contract/samples.ts";
import { openStore, type StoreOptions } from "./open.ts";
import { Journal } from "./thread/journal.ts";

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
    for (const name of ["", "sallyport.db", "sallyport.db-wal", "lock.db", "journal"]) {
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

test("what a crash left in the journal is in the log after the next start, once, and behind what was there", async () => {
  const file = join(options.dataDir, "journal");
  const left = join(options.dataDir, "left");
  const reasons = async (): Promise<unknown[]> => {
    await using store = await openStore(options);
    return (await store.log.query({ limit: 10 })).map(({ body }) => (body as { reason: string }).reason);
  };
  {
    await using store = await openStore(options);
    await store.log.append([note("a")]);
    expect(store.log.record([note("b"), note("c")])).toBeUndefined();
    // As a kill at this moment leaves it: the log has not got them, or has.
    await copyFile(file, left);
  }
  expect(await readFile(file, "utf8")).toBe("");
  await copyFile(left, file);
  expect(await reasons()).toEqual(["a", "b", "c"]);
  tamper("delete from log where seq > 0; delete from settings where name = 'store.journaled'");
  await copyFile(left, file);
  expect(await reasons()).toEqual(["a", "b", "c"]);
  expect(await readFile(file, "utf8")).toBe("");
});

test("of an erased body nothing is left in the journal", async () => {
  await using store = await openStore(options);
  expect(store.log.record([note("mail ada@example.org")])).toBeUndefined();
  expect(await readFile(join(options.dataDir, "journal"), "utf8")).toContain("ada");
  await store.log.erase(0, { kind: "audit.erased", body: { seq: 0, reason: "asked for" } });
  expect(await readFile(join(options.dataDir, "journal"), "utf8")).toBe("");
});

test("the journal goes on after a power failure that took more from the log than from it", async () => {
  await (await openStore(options))[Symbol.asyncDispose]();
  const { journal } = Journal.open(join(options.dataDir, "journal"), options.origin);
  for (const number of [41, 42]) journal.append(JSON.stringify({ number, now: 1, events: [note(`record ${number}`)] }));
  journal.close();
  {
    await using store = await openStore(options);
    expect(store.log.record([note("record 43")])).toBeUndefined();
    expect(await store.log.query({ limit: 10 })).toHaveLength(3);
  }
  await using again = await openStore(options);
  expect(again.log.head().size).toBe(3);
});
