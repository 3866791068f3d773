import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { AuditEvent } from "../../audit/event.ts";
import { note } from "../contract/samples.ts";
import type { Batch } from "../write.ts";
import { JournalFeed, type JournalFeedParts } from "./journal-feed.ts";
import { Journal, readRecords } from "./journal.ts";
import type { JournalRecord } from "./messages.ts";
import type { RecordTold } from "./thread-writer.ts";

/** A writer that a test answers for. */
class SlowWriter {
  readonly submitted: Batch[] = [];
  readonly sent: { number: number; taken: () => void; refused: () => void }[] = [];
  isStopped = false;

  submit = async (batch: Batch): Promise<[]> => {
    this.submitted.push(batch);
    return [];
  };

  submitRecord = (record: string, _: readonly AuditEvent[], { taken, refused }: RecordTold): void => {
    const { number } = JSON.parse(record) as JournalRecord;
    this.sent.push({ number, taken, refused });
  };
}

let dir: string;
let journal: Journal;
let writer: SlowWriter;
beforeEach(() => {
  vi.useFakeTimers();
  dir = mkdtempSync(join(tmpdir(), "sallyport-feed-"));
  ({ journal } = Journal.open(join(dir, "journal"), "gate.test/n1"));
  writer = new SlowWriter();
});
afterEach(() => {
  vi.useRealTimers();
  journal.close();
  rmSync(dir, { recursive: true });
});

function feed(parts: Partial<JournalFeedParts> = {}): JournalFeed {
  const clock = { now: () => 1000, elapsed: () => 0, bootId: "test" };
  return new JournalFeed({ journal, isDurable: true, writer, journaled: 7, ordinaryAllowed: () => true, clock, ...parts });
}

const inFile = () =>
  readRecords(readFileSync(join(dir, "journal")))
    .records.slice(1)
    .map((record) => JSON.parse(record) as JournalRecord);
const numbers = () => writer.sent.map(({ number }) => number);

test("what is recorded is in the file when it returns, numbered, and sent in order", () => {
  const own = feed();
  expect(own.record([note("a")], "ordinary")).toBeUndefined();
  expect(own.record([note("b"), note("c")], "reserved")).toBeUndefined();
  expect(inFile()).toEqual([
    { number: 8, now: 1000, events: [note("a")] },
    { number: 9, now: 1000, events: [note("b"), note("c")] },
  ]);
  expect(numbers()).toEqual([8, 9]);
});

test.each<[string, Partial<JournalFeedParts>, AuditEvent]>([
  ["where a file is not durable enough", { isDurable: false }, note("a")],
  ["below the reserve of space", { ordinaryAllowed: () => false }, note("a")],
  ["what the log would refuse", {}, note("\ud800")],
  ["what has a name that the log would refuse", {}, note("a", { rule: "two\nlines" })],
  ["what is too long", {}, note("x".repeat(100_000))],
])("%s it waits for its commit", async (_, parts, event) => {
  await feed(parts).record([event], "ordinary");
  expect([writer.submitted.length, numbers(), inFile()]).toEqual([1, [], []]);
});

test("what the writer refuses is sent again in its order, once all answers are there; what comes meanwhile waits for the writer", async () => {
  const own = feed();
  for (const name of ["a", "b", "c"]) void own.record([note(name)], "ordinary");
  writer.sent[0]?.taken();
  writer.sent[1]?.refused();
  await vi.advanceTimersByTimeAsync(1000);
  expect(numbers()).toEqual([8, 9, 10]);
  await own.record([note("d")], "ordinary");
  expect(writer.submitted).toHaveLength(1);
  writer.sent[2]?.refused();
  await vi.advanceTimersByTimeAsync(1000);
  expect(numbers()).toEqual([8, 9, 10, 9, 10]);
  expect(inFile()).toHaveLength(3);
  writer.sent[3]?.taken();
  writer.sent[4]?.taken();
  await vi.advanceTimersByTimeAsync(0);
  expect(own.record([note("e")], "ordinary")).toBeUndefined();
  expect(numbers().at(-1)).toBe(11);
});

test("far behind, whoever records waits until the log has caught up by half", async () => {
  const own = feed();
  let waiting: Promise<unknown> | undefined;
  while (waiting === undefined) waiting = own.record([note("a")], "reserved");
  let isOver = false;
  void waiting.then(() => (isOver = true));
  const { length } = writer.sent;
  expect(inFile()).toHaveLength(length);
  const half = (length - 1) / 2;
  for (const { taken } of writer.sent.slice(0, half)) taken();
  await vi.advanceTimersByTimeAsync(0);
  expect(isOver).toBe(false);
  writer.sent[half]?.taken();
  await vi.advanceTimersByTimeAsync(0);
  expect(isOver).toBe(true);
});

test("emptied when asked to, as soon as nothing of it is owed; nothing new goes into it before", async () => {
  const own = feed();
  void own.record([note("a")], "ordinary");
  const emptied = own.empty();
  await own.record([note("b")], "ordinary");
  expect([inFile().length, writer.submitted.length]).toEqual([1, 1]);
  writer.sent[0]?.taken();
  await emptied;
  expect(inFile()).toEqual([]);
});

test("what is owed at the end stays in the file", async () => {
  const own = feed({ journal: Journal.open(join(dir, "journal"), "gate.test/n1").journal });
  void own.record([note("a")], "ordinary");
  own.close();
  expect(inFile()).toHaveLength(1);
});
