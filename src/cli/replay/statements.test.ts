import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import type { Surroundings } from "../cli.ts";
import { Output } from "../output.ts";
import { Results } from "./results.ts";
import { offsetText, showStatement } from "./show-statements.ts";
import { countNamed, statementEntries, type EventView } from "./statements.ts";

const out = new Output({ env: {}, stdout: new PassThrough(), stderr: new PassThrough() } as unknown as Surroundings, {
  json: false,
  colour: false,
});

const EVENTS = [
  { seq: 1, time: 1000, kind: "session.started", body: {} },
  {
    seq: 2,
    time: 1500,
    kind: "sql.statement",
    decision: "allow",
    rule: "fix.postgres.allow",
    body: { number: 1, statement: "select 1", classes: ["read"], relations: ["orders"] },
  },
  { seq: 3, time: 1600, kind: "sql.refused", decision: "deny", body: { code: "bad-request", detail: "syntax error", keyword: "ALTER" } },
  { seq: 4, time: 1700, kind: "sql.statement", decision: "allow", body: { number: 2, classes: ["read", "write"], relations: ["orders"] } },
  { seq: 5, time: 1800, kind: "sql.outcome", body: { number: 1, tag: "SELECT 1", rows: 1, durationMs: 1.25 } },
  // Erased.
  { seq: 6, time: 1900, kind: "sql.statement", decision: "allow" },
] as unknown as readonly EventView[];

describe("statementEntries", () => {
  test("each statement with its outcome, in order; what is erased is still there", () => {
    expect(statementEntries(EVENTS, 1000)).toMatchObject([
      { seq: 2, number: 1, offsetMs: 500, statement: "select 1", rule: "fix.postgres.allow", outcome: { tag: "SELECT 1" } },
      { seq: 3, offsetMs: 600, statement: "ALTER …", refused: { code: "bad-request", detail: "syntax error" } },
      { seq: 4, number: 2 },
      { seq: 6, classes: [], relations: [] },
    ]);
    expect(countNamed(statementEntries(EVENTS, 1000), "classes")).toEqual([
      ["read", 2],
      ["write", 1],
    ]);
  });

  test.each([
    [0, "0:00.000"],
    [61_234, "1:01.234"],
    [3_600_000 + 2_003_007, "1:33:23.007"],
  ])("%i ms is %s", (ms, text) => expect(offsetText(ms)).toBe(text));
});

test("a statement that was held says who approved it, as which hold", () => {
  const events = [
    { seq: 1, time: 1100, kind: "action.approved", principal: "lea", body: { hold: "hold-1" } },
    { seq: 2, time: 1200, kind: "action.approved", principal: "max", body: { hold: "hold-1" } },
    { seq: 3, time: 1300, kind: "sql.statement", decision: "allow", body: { number: 1, statement: "delete from t", hold: "hold-1" } },
  ] as unknown as readonly EventView[];
  const [entry] = statementEntries(events, 1000);
  expect(entry?.hold).toEqual({ id: "hold-1", approvedBy: ["lea", "max"] });
  expect(entry && showStatement(out, entry, [])).toContain("-- approved by lea, max (hold-1)");
  expect(entry && showStatement(out, entry, [])).toContain("no outcome");
  expect(entry && showStatement(out, { ...entry, isPreview: true }, [])).not.toContain("no outcome");
});

describe("Results", () => {
  const message = (type: string, body: Buffer): Buffer => {
    const header = Buffer.alloc(5);
    header.write(type, "latin1");
    header.writeUInt32BE(body.length + 4, 1);
    return Buffer.concat([header, body]);
  };
  const row = (text: string): Buffer => {
    const length = Buffer.alloc(6);
    length.writeUInt16BE(1);
    length.writeUInt32BE(Buffer.byteLength(text), 2);
    return message("D", Buffer.concat([length, Buffer.from(text)]));
  };

  test("keeps as many rows as are asked for, and counts all", () => {
    const results = new Results(2);
    for (let n = 0; n < 1000; n += 1) results.push(7, row(String(n)));
    expect(results.of(7)).toMatchObject([{ rows: [["0"], ["1"]], rowCount: 1000 }]);
    expect(results.of(8)).toEqual([]);
    expect(results.of(undefined)).toEqual([]);
  });

  test("what the target sent does not act on a terminal, and does not make the table wide", () => {
    const results = new Results(10);
    results.push(1, row("\u001b]0;title\u0007\nnext"));
    results.push(1, row("x".repeat(500)));
    const [entry] = statementEntries(EVENTS, 1000);
    const shown = entry && showStatement(out, { ...entry, statement: "select '\u001b[2J'" }, results.of(1));
    expect(shown?.split("\n").slice(3)).toEqual([
      "    column 1",
      `    ${"-".repeat(60)}`,
      String.raw`    \x1b]0;title\x07\nnext`,
      `    ${"x".repeat(59)}…`,
    ]);
  });
});
