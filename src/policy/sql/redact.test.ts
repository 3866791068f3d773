import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { SqlParser } from "./parser.ts";
import { redactLiterals } from "./redact.ts";

const parser = new SqlParser();
afterAll(() => parser[Symbol.asyncDispose]());

describe("redactLiterals", () => {
  test.each([
    ["select * from orders where id = 7", "select * from orders where id = ?", 1],
    ["select 'it''s', E'a\\'b', $$c$$, U&'d' -- e\n, f1", "select '?', '?', '?', '?' -- ?\n, f1", 5],
    ["select /* 'x' */ 1.5e3 from t1", "select /* ? */ ? from t1", 2],
    ['select "o"."paid" from "orders" o where name = "ana@example.com"', 'select "o"."paid" from "orders" o where name = "?"', 1],
    ["select $1, x::int from t", "select $1, x::int from t", 0],
    ["insert into t values ('unfinished", "insert into t values ('?'", 1],
    ["", "", 0],
  ])("%s", (sql, text, withheld) => expect(redactLiterals(sql)).toEqual({ text, withheld }));

  test("nothing that was written as a text or a comment is left, and the statement means the same kind of thing", async () => {
    const marks = fc.constantFrom(
      (mark: string) => `'${mark}'`,
      (mark: string) => `E'\\'${mark}'`,
      (mark: string) => `$t$${mark}'$t$`,
      (mark: string) => `'a'\n'${mark}'`,
      (mark: string) => `/* /* ${mark} */ ' */ 'x'`,
      (mark: string) => `'' -- ${mark}'\n`,
      (mark: string) => `U&'${mark}'`,
      (mark: string) => `N'${mark}'`,
    );
    await fc.assert(
      fc.asyncProperty(fc.array(marks, { minLength: 1, maxLength: 5 }), async (makers) => {
        const sql = `select ${makers.map((make, at) => make(`zq${at}`)).join(", ")} from orders`;
        const { text } = redactLiterals(sql);
        expect(text).not.toContain("zq");
        const [before, after] = [await parser.parse(sql), await parser.parse(text)];
        expect(before).toMatchObject({ ok: true });
        expect(after).toEqual(before);
      }),
      { numRuns: 200 },
    );
  });
});
