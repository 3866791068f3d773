import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Journal, RECORD_MAX_BYTES, readRecords } from "./journal.ts";

const ORIGIN = "gate.test/n1";
const FIRST = '{"journal":1,"origin":"gate.test/n1"}';
/** Where the records of events begin. */
const AT = 8 + FIRST.length;
let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "sallyport-journal-"));
  path = join(dir, "journal");
});
afterEach(() => rmSync(dir, { recursive: true }));

function written(...records: string[]): Journal {
  const { journal } = Journal.open(path, ORIGIN);
  for (const record of records) expect(journal.append(record)).toBe(true);
  return journal;
}

function reopened(): readonly string[] {
  const { journal, records } = Journal.open(path, ORIGIN);
  journal.close();
  return records;
}

test("what is appended is in the file at once, for its owner only", () => {
  const journal = written('{"number":1}', "züri");
  expect(readRecords(readFileSync(path))).toEqual({ records: [FIRST, '{"number":1}', "züri"], size: journal.size });
  expect(statSync(path).mode & 0o777).toBe(0o600);
  journal.close();
});

test("cut at every byte, the whole records before the cut are there, and the next one comes right behind them", () => {
  written("one", "two", "three").close();
  const bytes = readFileSync(path);
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    writeFileSync(path, bytes);
    truncateSync(path, cut);
    const before = ["one", "two", "three"].slice(0, cut < AT + 11 ? 0 : cut < AT + 22 ? 1 : cut < bytes.length ? 2 : 3);
    expect(reopened()).toEqual(before);
    written("four").close();
    expect(reopened()).toEqual([...before, "four"]);
  }
});

test("a byte that is not as it was written ends the reading, and so do zeros", () => {
  written("one", "two").close();
  const bytes = readFileSync(path);
  for (let at = AT + 11; at < bytes.length; at += 1) {
    const changed = Buffer.from(bytes);
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(readRecords(changed).records).toEqual([FIRST, "one"]);
  }
  appendFileSync(path, Buffer.alloc(64));
  expect(reopened()).toEqual(["one", "two"]);
});

test("what is too long for it is not taken, and nothing is left of it", () => {
  const journal = written("one");
  expect(journal.append("x".repeat(RECORD_MAX_BYTES))).toBe(false);
  expect(journal.append("two")).toBe(true);
  journal.close();
  expect(reopened()).toEqual(["one", "two"]);
});

test("cleared, it is empty and goes on", () => {
  const journal = written("one");
  journal.clear();
  expect([journal.size, statSync(path).size]).toEqual([0, 0]);
  expect(journal.append("two")).toBe(true);
  journal.close();
  expect(reopened()).toEqual(["two"]);
});

test("the journal of another log is not read, and stays as it is", () => {
  written("one").close();
  const bytes = readFileSync(path);
  expect(() => Journal.open(path, "gate.test/n2")).toThrow(expect.objectContaining({ code: "bad-config" }) as Error);
  expect(readFileSync(path)).toEqual(bytes);
  expect(reopened()).toEqual(["one"]);
});

test("of a file whose beginning is torn nothing is taken", () => {
  writeFileSync(path, Buffer.alloc(20, 1));
  written("one").close();
  expect(reopened()).toEqual(["one"]);
});
