import { afterAll, expect, test } from "vitest";
import { SqlParser } from "./parser.ts";

const parser = new SqlParser();
afterAll(() => parser[Symbol.asyncDispose]());

async function limited(sql: string): Promise<string | undefined> {
  const parsed = await parser.parse(sql, { limit: 7 });
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.limited?.sql;
}

test.each([
  ["select 1", "select 1\nLIMIT 7"],
  ["select 1 -- all", "select 1 -- all\nLIMIT 7"],
  ["select 1 -- all\n;", "select 1 -- all\n\nLIMIT 7;"],
  ["select 'é;--' /* ; */ ; -- é", "select 'é;--' /* ; */ \nLIMIT 7; -- é"],
  ["(select 1)", "(select 1)\nLIMIT 7"],
  ["select a from t order by a offset 3", "select a from t order by a offset 3\nLIMIT 7"],
  ["select 1 union all select 2 order by 1", "select 1 union all select 2 order by 1\nLIMIT 7"],
  ["select * from (select * from t limit 3) x", "select * from (select * from t limit 3) x\nLIMIT 7"],
  ["with x as (select 1) table x", "with x as (select 1) table x\nLIMIT 7"],
  ["values (1), (2)", "values (1), (2)\nLIMIT 7"],
  ["select $1::text where $q$ limit 3 $q$ <> $2", "select $1::text where $q$ limit 3 $q$ <> $2\nLIMIT 7"],
  ["select 1; delete from t; select 2;", "select 1\nLIMIT 7; delete from t; select 2\nLIMIT 7;"],
])("%s", async (sql, expected) => {
  expect(await limited(sql)).toBe(expected);
});

test.each([
  "select 1 limit 3",
  "select 1 limit all",
  "select 1 fetch first row only",
  "(select 1 limit 3) offset 2",
  "select * from t for update",
  "select * into u from t",
  "select f(1)",
  "with x as (delete from t returning *) select * from x",
  "explain select 1",
  "declare c cursor for select 1",
  "copy (select 1) to stdout",
  "create view v as select 1",
  "show work_mem",
  "",
])("left as it is: %s", async (sql) => {
  expect(await limited(sql)).toBeUndefined();
});

test("answers with and without a limit are kept apart", async () => {
  expect(await parser.parse("select 42")).not.toHaveProperty("limited");
  expect(await parser.parse("select 42", { limit: 3 })).toMatchObject({ limited: { sql: "select 42\nLIMIT 3", most: 3 } });
  expect(await parser.parse("select 42", { limit: 4 })).toMatchObject({ limited: { sql: "select 42\nLIMIT 4", most: 4 } });
  expect(await parser.parse("select 42")).not.toHaveProperty("limited");
});
