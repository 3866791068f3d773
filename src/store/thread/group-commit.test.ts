import { DatabaseSync } from "node:sqlite";
import { beforeEach, expect, test } from "vitest";
import { parseEnvelope } from "../../audit/log/envelope.ts";
import { systemRandom } from "../../kernel/random.ts";
import { note } from "../contract/samples.ts";
import { checkLogEnd } from "../log-check.ts";
import { compileLogStatements } from "../log-statements.ts";
import { migrate } from "../migrations/migrate.ts";
import { kyselyOver, sqliteParts } from "../sqlite/kysely.ts";
import { GroupCommit } from "./group-commit.ts";
import type { Answer, NumberedBatch } from "./messages.ts";

let db: DatabaseSync;
let group: GroupCommit;
/** What the disk says and does; tests change it. */
let disk: { roomy: boolean; ballast: () => boolean };

beforeEach(async () => {
  db = new DatabaseSync(":memory:");
  await migrate(kyselyOver(db), sqliteParts, 0);
  disk = { roomy: true, ballast: () => false };
  const sql = compileLogStatements(kyselyOver(db), sqliteParts.words);
  const reserve = { ordinaryAllowed: () => disk.roomy, releaseBallast: () => disk.ballast() };
  group = new GroupCommit(db, { node: "n1", head: { size: 0, lastTime: 0, tile: [] }, journaled: 0, sql }, reserve, systemRandom);
});

let nextId = 0;
function batch(text: string, more: Partial<NumberedBatch> = {}): NumberedBatch {
  nextId += 1;
  return { id: nextId, now: 1000, writes: [], events: [note(text)], ...more };
}

const setting = (name: string) => ({ sql: "insert into settings values (?, 'x')", parameters: [name] });
const codes = (answers: readonly Answer[]) => answers.map((answer) => (answer.ok ? answer.seq : answer.code));
const settings = () =>
  db
    .prepare("select name from settings order by name")
    .all()
    .map(({ name }) => name);
const big = "x".repeat(400_000);

/** No more pages than now: SQLite says the disk is full. */
function fill(): void {
  db.exec("vacuum");
  const pages = Number(db.prepare("pragma page_count").get()?.["page_count"]);
  db.exec(`pragma max_page_count = ${pages + 4}`);
}

function makeRoom(): void {
  db.exec("pragma max_page_count = 1000000");
}

test("a refused batch leaves no trace and disturbs no neighbour", async () => {
  const answers = group.commit([
    batch("a", { writes: [setting("one")] }),
    batch("b", {
      writes: [
        setting("two"),
        { ...setting("x"), sql: "update settings set doc = ? where name = 'none'", expect: { rows: 1, otherwise: "conflict" } },
      ],
    }),
    batch("c", { writes: [setting("one")] }),
    batch("d", { writes: [{ sql: "not sql", parameters: [] }] }),
    batch("e", { events: [note("e1"), note("e2")] }),
  ]);
  expect(codes(answers)).toEqual([0, "conflict", "conflict", "internal", 1]);
  expect(settings()).toEqual(["one"]);
  expect(await checkLogEnd(kyselyOver(db), "n1")).toMatchObject({ size: 3, lastTime: 1000 });
});

test("a full disk refuses the group, and the log goes on without a gap when there is room", async () => {
  expect(codes(group.commit([batch("a")]))).toEqual([0]);
  fill();
  const answers = group.commit([batch("b", { writes: [setting("one")] }), batch(big), batch("c", { priority: "reserved" })]);
  expect(codes(answers)).toEqual(["log-unavailable", "log-unavailable", "log-unavailable"]);
  expect(answers[0]).toMatchObject({ cause: expect.stringContaining("full") as string });
  expect(settings()).toEqual([]);
  expect(await checkLogEnd(kyselyOver(db), "n1")).toMatchObject({ size: 1 });
  makeRoom();
  expect(codes(group.commit([batch("d"), batch("e")]))).toEqual([1, 2]);
  expect(await checkLogEnd(kyselyOver(db), "n1")).toMatchObject({ size: 3 });
});

test("the ballast is given up for reserved batches alone", async () => {
  fill();
  let given = 0;
  disk.ballast = () => {
    given += 1;
    makeRoom();
    return true;
  };
  const answers = group.commit([batch(big), batch(big, { priority: "reserved", writes: [setting("kept")] }), batch("c")]);
  expect(codes(answers)).toEqual(["log-unavailable", 0, "log-unavailable"]);
  expect([given, settings()]).toEqual([1, ["kept"]]);
  expect(await checkLogEnd(kyselyOver(db), "n1")).toMatchObject({ size: 1 });
});

test("below the reserve only reserved batches are taken", () => {
  disk.roomy = false;
  expect(codes(group.commit([batch("a"), batch("b", { priority: "reserved" }), batch("c")]))).toEqual(["disk-reserve", 0, "disk-reserve"]);
  disk.roomy = true;
  expect(codes(group.commit([batch("d")]))).toEqual([1]);
});

test("time never decreases, whatever the clock says", () => {
  const times = [5, 3, 9].map((now) => group.commit([batch("a", { now })])[0]);
  expect(times).toMatchObject([{ time: 5 }, { time: 5 }, { time: 9 }]);
});

test("columns repeat the envelope", () => {
  const subjects = { principal: "p", grant: "g", session: "s", target: "t", request: "r", decision: "hold" } as const;
  group.commit([batch("a", { events: [note("a", subjects)] })]);
  const row = db.prepare("select * from log").get();
  expect(row).toMatchObject({
    seq: 0,
    time: 1000,
    kind: "gate.stopped",
    principal: "p",
    grant_id: "g",
    session: "s",
    target: "t",
    request: "r",
    decision: "hold",
  });
  expect(parseEnvelope(Buffer.from(row?.["envelope"] as Uint8Array))).toMatchObject({
    ...subjects,
    seq: 0,
    time: 1000,
    kind: "gate.stopped",
  });
});

test("every salt is another", () => {
  group.commit(Array.from({ length: 20 }, () => batch("same")));
  const salts = db.prepare("select distinct hex(salt) as salt from log").all();
  expect(salts).toHaveLength(20);
});

test("records of the journal enter in its order, each once; a refused one is waited for", () => {
  const journaled = (number: number, text = "a"): NumberedBatch => batch(text, { journaled: number });
  const stored = () => db.prepare("select doc from settings where name = 'store.journaled'").get()?.["doc"];
  expect(codes(group.commit([journaled(1), batch("b"), journaled(2)]))).toEqual([0, 1, 2]);
  expect(stored()).toBe("2");
  expect(codes(group.commit([journaled(2), journaled(4), journaled(3)]))).toEqual(["log-unavailable", "log-unavailable", 3]);
  expect(stored()).toBe("3");
  fill();
  expect(codes(group.commit([journaled(4, big)]))).toEqual(["log-unavailable"]);
  expect(codes(group.commit([journaled(5)]))).toEqual(["log-unavailable"]);
  makeRoom();
  expect(codes(group.commit([journaled(4), journaled(5)]))).toEqual([4, 5]);
  expect(stored()).toBe("5");
});
