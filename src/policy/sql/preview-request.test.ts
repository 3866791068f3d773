import { loadModule, parseSync } from "libpg-query";
import { beforeAll, describe, expect, test } from "vitest";
import { requestInCall, requestInComment } from "./preview-request.ts";

beforeAll(() => loadModule());

describe("a preview asked for in a comment", () => {
  test.each([
    "/* sallyport: preview */ delete from t",
    "/*sallyport:preview*/delete from t",
    "  \n-- of a tool\n/* SALLYPORT : Preview */\ndelete from t",
    "-- sallyport: preview\ndelete from t",
    "/* sallyport: preview */ select '/* sallyport: other */'",
  ])("%j is one", (sql) => expect(requestInComment(sql)).toBe("preview"));

  test.each([
    "delete from t",
    "select '/* sallyport: preview */'",
    "select $$/* sallyport: preview */$$, E'-- sallyport: preview'",
    'select 1 as "/* sallyport: preview */"',
    "/* of sallyport: preview */ delete from t",
    "/* /* sallyport: preview */ */ delete from t",
  ])("%j is none", (sql) => expect(requestInComment(sql)).toBeUndefined());

  test.each([
    ["/* sallyport: previews */ delete from t", /knows no such comment/],
    ["/* sallyport: */ delete from t", /knows no such comment/],
    ["delete from t /* sallyport: preview */", /before the statement/],
    ["delete /* sallyport: preview */ from t", /before the statement/],
    ["; /* sallyport: preview */ delete from t", /before the statement/],
    // A space that is none to the server is the beginning of a name.
    ["\u00a0/* sallyport: preview */ delete from t", /before the statement/],
    ["/* sallyport: preview */ delete from t -- sallyport: run", /knows no such comment/],
  ])("%j lets nothing run", (sql, why) => expect(requestInComment(sql)).toEqual({ refused: expect.stringMatching(why) }));
});

describe("a preview asked for by a call", () => {
  const asked = (sql: string): string | undefined =>
    requestInCall((parseSync(sql) as { stmts: { stmt: Readonly<Record<string, unknown>> }[] }).stmts[0]?.stmt ?? {});

  test.each([
    ["select sallyport.preview('delete from t')", "delete from t"],
    ["select sallyport.preview($x$delete from t where a = 'b'$x$) as p", "delete from t where a = 'b'"],
    ["SELECT Sallyport.Preview(E'a\\nb');", "a\nb"],
    ["select sallyport.preview('')", ""],
  ])("%j", (sql, text) => expect(asked(sql)).toBe(text));

  test.each([
    "select sallyport.preview(a) from t",
    "select sallyport.preview('a'), 1",
    "select sallyport.preview('a', 'b')",
    "select sallyport.preview('a' || 'b')",
    "select sallyport.preview($1)",
    "select distinct sallyport.preview('a')",
    "select sallyport.preview(distinct 'a')",
    "select sallyport.preview('a') where false",
    "select sallyport.preview('a') limit 1",
    "select other.preview('a')",
    "select \"sallyport.preview\"('a')",
    "with x as (select 1) select sallyport.preview('a')",
    "select sallyport.preview('a') union select 'b'",
  ])("%j is none", (sql) => expect(asked(sql)).toBeUndefined());
});
