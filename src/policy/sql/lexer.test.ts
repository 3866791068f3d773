import fc from "fast-check";
import { loadModule, scanSync } from "libpg-query";
import { beforeAll, describe, expect, test } from "vitest";
import { lex, type LexemeKind } from "./lexer.ts";
import { ANY_CHARACTER } from "../../../test/kit/any-character.ts";

beforeAll(() => loadModule());

const KINDS: Readonly<Record<string, LexemeKind>> = {
  ICONST: "number",
  FCONST: "number",
  SCONST: "text",
  SQL_COMMENT: "comment",
  C_COMMENT: "comment",
};

const LETTERS: Readonly<Record<LexemeKind, string>> = { text: "t", number: "n", "quoted-name": "q", comment: "c" };

/** Each character's kind, as PostgreSQL's own scanner has it, which counts bytes; `undefined`: it refuses the text. */
function scanned(sql: string): string | undefined {
  const bytes = Buffer.from(sql);
  const kinds = Array.from(sql, () => " ");
  const units = (to: number): number => Array.from(bytes.subarray(0, to).toString()).length;
  try {
    for (const { start, end, tokenName, keywordName } of scanSync(sql).tokens) {
      const text = bytes.subarray(start, end).toString();
      // The library has no name for bits, U&'…' and U&"…".
      const kind = KINDS[tokenName] ?? (/^(?:[bx]'|u&')/i.test(text) ? "text" : /^(?:u&)?"/i.test(text) ? "quoted-name" : undefined);
      if (keywordName === "NO_KEYWORD" && kind !== undefined) kinds.fill(LETTERS[kind], units(start), units(end));
    }
  } catch {
    return undefined;
  }
  return kinds.join("");
}

function lexed(sql: string): string {
  const kinds = Array.from(sql, () => " ");
  const units = (to: number): number => Array.from(sql.slice(0, to)).length;
  for (const { kind, start, end } of lex(sql)) {
    // N'…' is a keyword and a text to PostgreSQL.
    const from = /^n'/i.test(sql.slice(start, end)) ? start + 1 : start;
    kinds.fill(LETTERS[kind], units(from), units(end));
  }
  return kinds.join("");
}

const PIECES = [
  "select",
  " ",
  "\n",
  "'a'",
  "''",
  "'it''s'",
  String.raw`E'\''`,
  String.raw`e'a\\'`,
  String.raw`'a\'`,
  "'x'\n'y'",
  String.raw`E'a' ` + "\n" + String.raw`'\'b'`,
  "$$a$$",
  "$t$ ' $$ $t$",
  "$1",
  "a$b$",
  "U&'d\\0061'",
  'u&"x"',
  "b'01'",
  "X'fF'",
  "N'n'",
  '"a""b"',
  '"',
  "'",
  "-- it's\n",
  "--",
  "/* a /* b */ ' */",
  "/*",
  "1",
  "1.5e3",
  ".5",
  "0xff",
  "1_000",
  "..",
  "ünïcode",
  "🐎",
  "E",
  "=",
  "-",
  "/",
  "*",
  ".",
  ",",
  "(",
  ")",
  "::",
  "@>",
];

describe("lex", () => {
  test.each([
    ["select 'a', 12, \"b\" -- c", ["text 'a'", "number 12", 'quoted-name "b"', "comment -- c"]],
    ["alter role x password 'abc", ["text 'abc"]],
    ["select $x$never", ["text $x$never"]],
    ["select E'\\", ["text E'\\"]],
    ["/* /* */ x", ["comment /* /* */ x"]],
    ['"x', ['quoted-name "x']],
    // As the server has it (§4.1.2.1); the library's scanner, changed to keep comments, takes them for two.
    ["E'x' -- c\n  '\\'y'", ["text E'x' -- c\n  '\\'y'"]],
    ["a1 a$1 $1", []],
    ["", []],
  ])("%s", (sql, expected) => {
    expect(lex(sql).map(({ kind, start, end }) => `${kind} ${sql.slice(start, end)}`)).toEqual(expected);
  });

  test("finds what PostgreSQL's own scanner finds, wherever that takes the text at all", () => {
    let compared = 0;
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...PIECES), { maxLength: 12 }), (pieces) => {
        const sql = pieces.join("");
        // A comment between two parts of one text: there the library differs from the server, see above.
        if (sql.trim() === "" || /'\s*--/.test(sql)) return;
        const expected = scanned(sql);
        if (expected === undefined) return;
        compared += 1;
        expect({ sql, kinds: lexed(sql) }).toEqual({ sql, kinds: expected });
      }),
      { numRuns: 3000 },
    );
    expect(compared).toBeGreaterThan(500);
  });

  test("what it finds is in order and never overlaps, whatever the text", () => {
    fc.assert(
      fc.property(fc.string({ unit: ANY_CHARACTER }), (sql) => {
        let last = 0;
        for (const { start, end } of lex(sql)) {
          expect(start).toBeGreaterThanOrEqual(last);
          expect(end).toBeGreaterThan(start);
          last = end;
        }
        expect(last).toBeLessThanOrEqual(sql.length);
      }),
    );
  });
});
