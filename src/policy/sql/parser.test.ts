import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SqlParser } from "./parser.ts";
import type { ParsedSql } from "./statement.ts";

/** The deepest and the longest that 1,000 characters can hold, in the ways that overflow parsers. */
const CHAINS: Record<string, (length: number) => string> = {
  sum: (length) => `select 1${"+1".repeat((length - 8) / 2)}`,
  minus: (length) => `select ${"- ".repeat((length - 8) / 2)}1`,
  parentheses: (length) => `select ${"(".repeat((length - 9) / 2)}1${")".repeat((length - 9) / 2)}`,
  not: (length) => `select ${"not ".repeat((length - 11) / 4)}true`,
  cast: (length) => `select 1${"::int".repeat((length - 8) / 5)}`,
  subscript: (length) => `select a${"[1]".repeat((length - 8) / 3)}`,
  array: (length) => `select array${"[".repeat((length - 13) / 2)}1${"]".repeat((length - 13) / 2)}`,
  subquery: (length) => `${"select(".repeat((length - 8) / 8)}select 1${")".repeat((length - 8) / 8)}`,
  from: (length) => `${"select from(".repeat((length - 8) / 14)}select 1${")a".repeat((length - 8) / 14)}`,
  join: (length) => `select from a${" join a on b".repeat((length - 13) / 12)}`,
  union: (length) => `select${" union select".repeat((length - 6) / 13)}`,
  with: (length) => `${"with a as(".repeat((length - 8) / 19)}select 1${")select 1".repeat((length - 8) / 19)}`,
  row: (length) => `select ${"row(".repeat((length - 8) / 5)}1${")".repeat((length - 8) / 5)}`,
  case: (length) => `select ${"case when ".repeat((length - 8) / 22)}1${" then 1 end".repeat((length - 8) / 22)}`,
};

async function read(parser: SqlParser, sql: string): Promise<{ readonly parsed: ParsedSql; readonly here: boolean }> {
  const answer = parser.parse(sql);
  return { parsed: await answer, here: !(answer instanceof Promise) };
}

/** Texts that differ, until the parser has been loaded on this thread. */
async function ready(parser: SqlParser): Promise<void> {
  for (let round = 0; ; round += 1) if ((await read(parser, `select ${round}`)).here) return;
}

describe("short texts are read on the thread that asks", () => {
  // One of each for all of them: what one text left behind would show in the next.
  let here: SqlParser;
  let there: SqlParser;
  beforeAll(async () => {
    here = new SqlParser({ shortHere: true });
    there = new SqlParser();
    await ready(here);
  });
  afterAll(async () => {
    await here[Symbol.asyncDispose]();
    await there[Symbol.asyncDispose]();
  });

  test.each(Object.entries(CHAINS))("%s: as the worker reads it, again and again", async (_, chain) => {
    const sql = chain(1000);
    expect(sql.length).toBeLessThanOrEqual(1000);
    const expected = (await read(there, sql)).parsed;
    for (let round = 0; round < 50; round += 1) {
      // Another text each time: none is remembered.
      expect(await read(here, `${sql} -- ${round}`.slice(0, 1000).padEnd(1000 - round))).toMatchObject({ here: true });
    }
    expect(await read(here, sql)).toEqual({ parsed: expected, here: true });
  });

  test("longer ones are not, nor is anything where that was not asked for", async () => {
    expect((await read(here, `select 1${" ".repeat(1000)}`)).here).toBe(false);
    expect((await read(there, "select 1")).here).toBe(false);
  });

  test("a mistake is told as the worker tells it", async () => {
    for (const sql of ["selec 1", "select 'open", "", "select 1 from", "\u00e9 +"]) {
      expect(await read(here, sql)).toEqual({ parsed: (await read(there, sql)).parsed, here: true });
    }
  });
});
