import { loadModule, parseSync } from "libpg-query";
import { beforeAll, describe, expect, test } from "vitest";
import { trialOf, type Trial } from "./trial.ts";

beforeAll(() => loadModule());

function trial(sql: string): Trial | undefined {
  return trialOf((parseSync(sql) as { stmts: { stmt: Readonly<Record<string, unknown>> }[] }).stmts[0]?.stmt ?? {});
}

describe("what can be tried out", () => {
  test.each(["select 1", "select * from t", "show all", "begin", "set x = 1", "listen x"])("%j changes nothing", (sql) =>
    expect(trial(sql)).toBeUndefined(),
  );

  test.each(["insert into t values (1)", "update t set a = 1", "delete from t", "merge into t using s on true when matched then delete"])(
    "%j changes rows",
    (sql) => expect(trial(sql)).toMatchObject({ change: { table: "t" }, locks: ["RowExclusive on t"] }),
  );

  test.each(["create table t (a int)", "alter table t add b int", "create index on t (a)", "drop view v", "comment on table t is 'x'"])(
    "%j defines something",
    (sql) => expect(trial(sql)).toHaveProperty("definition"),
  );

  test.each([
    ["create index concurrently on t (a)", /CONCURRENTLY/],
    ["drop index concurrently i", /CONCURRENTLY/],
    ["reindex (concurrently) table t", /CONCURRENTLY/],
    ["alter table t detach partition p concurrently", /CONCURRENTLY/],
    ["reindex table t", /rebuilding an index/],
    ["vacuum t", /VACUUM/],
    ["create database d", /CREATE DATABASE/],
    ["alter system set a = 1", /ALTER SYSTEM/],
    ["do 'begin end'", /may do anything/],
    ["copy t from stdin", /COPY/],
    ["truncate t", /TRUNCATE/],
    ["notify x", /other sessions/],
  ])("%j has effects that no transaction undoes", (sql, why) => {
    const found = trial(sql);
    expect(found?.outside).toMatch(why);
    expect(found).not.toHaveProperty("definition");
  });
});

describe("tables that are locked by what a statement is", () => {
  test.each([
    ["reindex (concurrently off) table a.t", ["Share on a.t"]],
    ["vacuum t, u", ["ShareUpdateExclusive on t", "ShareUpdateExclusive on u"]],
    ["vacuum (full) t", ["AccessExclusive on t"]],
    ["vacuum (full false) t", ["ShareUpdateExclusive on t"]],
    ["vacuum (full 'OFF') t", ["ShareUpdateExclusive on t"]],
    ["vacuum (full 0) t", ["ShareUpdateExclusive on t"]],
    ["vacuum (full 1) t", ["AccessExclusive on t"]],
    ["vacuum (full on, analyze off) t", ["AccessExclusive on t"]],
    ["vacuum (full 'none') t", ["AccessExclusive on t"]],
    ["refresh materialized view concurrently m", ["Exclusive on m"]],
    ["lock table t in share row exclusive mode", ["ShareRowExclusive on t"]],
    ["drop index concurrently a.i", ["ShareUpdateExclusive on a.i"]],
    ["alter table t detach partition p concurrently", ["ShareUpdateExclusive on t", "AccessExclusive on p"]],
    ["cluster t using i", ["AccessExclusive on t"]],
    ["create database d", undefined],
  ])("%j", (sql, locks) => expect(trial(sql)?.locks).toEqual(locks));
});
