import { expect, test } from "vitest";
import { parseCommandComplete, parseDataRow, parseRowDescription } from "../../../wire/postgres/backend.ts";
import { describePreview, encodePreview, previewLines } from "./preview-text.ts";

const TRIED = {
  possible: true,
  rows: 2,
  columns: ["id", "note"],
  before: [["1", "a\nb"], []],
  after: [
    ["1", null],
    ["2", "c"],
  ],
  notices: ["NOTICE: careful"],
  locks: ["RowExclusive on t"],
  walBytes: 120,
  plan: ["Update on t"],
  tookMs: 4.6,
} as const;

test("a line for what a row was and one for what it would be; one side alone where there is no other", () => {
  expect(previewLines(TRIED)).toEqual([
    "It would change 2 rows. Nothing of it has stayed.",
    "  id | note",
    "- 1 | a\\nb",
    "+ 1 | NULL",
    "+ 2 | c",
    "The database says: NOTICE: careful",
    "Locks: RowExclusive on t. About 120 bytes of log. The preview took 5 ms.",
    "Plan:",
    "  Update on t",
  ]);
});

test("of a definition, what it writes anew, makes and drops", () => {
  const definition = { rewrites: ["table t"], creates: ["index i"], drops: [] };
  const [first] = previewLines({ ...TRIED, rows: 0, before: [], after: [], plan: [], definition });
  expect(first).toBe("It would write anew: table t. It would make: index i. Nothing of it has stayed.");
});

test("why there is none, and what it would lock by its kind", () => {
  expect(previewLines({ possible: false, why: "it is late", locks: ["Share on t"], plan: ["Scan"] })).toEqual([
    "No preview is possible: it is late.",
    "By its kind it locks: Share on t.",
    "Plan:",
    "  Scan",
  ]);
});

test("as a result of one column of text", () => {
  expect(parseRowDescription(describePreview())).toEqual([{ table: 0, column: 0 }]);
  const messages = encodePreview(TRIED);
  expect(messages.slice(0, -1).map((row) => parseDataRow(row).map(String))).toEqual(previewLines(TRIED).map((line) => [line]));
  expect(parseCommandComplete(messages.at(-1) ?? Buffer.alloc(0))).toEqual({ tag: "SELECT 9", rows: 9 });
});
