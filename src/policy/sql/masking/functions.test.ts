import { loadModule } from "libpg-query";
import { beforeAll, describe, expect, test } from "vitest";
import { SECRETIVE, trace } from "../../../../test/kit/traced-sql.ts";

beforeAll(() => loadModule());

describe("what is made of a masked value may be shown, and made larger only where its length tells nothing", () => {
  test.each([
    "select sum(salary), avg(salary) from pay",
    "select coalesce(sum(salary), 0) from pay",
    "select round(avg(salary), 2), ceil(sum(salary)) from pay",
    "select sum(case when name = 'a' then salary end) from pay",
    "select all_of_it, more from sums, made",
    "select sum(salary) over (order by id), lag(salary, 1) over (order by id) from pay",
    "select sum(s) from (select sum(salary) as s from pay group by name) x",
    "select concat(iban, 'x'), left(iban, 2) from pay",
    "select string_agg(iban, ',') from pay",
    "select id, fired, count(fired) from pay group by id, fired",
    "select salary::text, row_to_json(p) from (select iban, salary from pay) p",
    "select jsonb_build_object('iban', iban) from pay",
    "select fired from pay",
  ])("%s", (sql) => {
    expect(trace(sql, SECRETIVE)).toMatchObject({ ok: true });
  });

  test.each([
    ["the digits of a sum, as text", "select sum(salary)::text from pay"],
    ["the digits of a sum, put together", "select concat(s, s) from (select sum(salary) as s from pay) x"],
    [
      "the digits of a sum with another number",
      "select string_agg(v::text, '') from (select sum(v) as v from (select salary as v from pay union all select 1) x) y",
    ],
    ["the digits of a sum, in an array", "select array_agg(s) from (select sum(salary) as s from pay) x"],
    ["the digits of a sum, in a row", "select row_to_json(x) from (select avg(salary) as s from pay) x"],
    ["the digits of a sum, as a row's text", "select x::text from (select avg(salary) as s from pay) x"],
    ["the digits of a sum, through COALESCE", "select concat(coalesce(sum(salary), 0), 'x') from pay"],
    ["the digits of a sum, through a branch", "select concat(s, 'x') from (select sum(salary) as s from pay union all select 1) x"],
    [
      "the digits of a sum, through WITH",
      "with recursive x(s) as (select salary from pay union all select (select sum(salary) from pay) from x) select concat(s) from x",
    ],
    ["the digits of a sum, in a view", "select concat(all_of_it, 'x') from sums"],
    ["what a view computes", "select concat(more, 'x') from made"],
    ["what is rounded", "select concat(round(salary, 1)) from pay"],
    ["places that are masked", "select round(id, salary) from pay"],
    ["how many characters, by a masked number", "select left(repeat('x', 1000), salary) from pay"],
    ["which characters, by a masked number", "select substr('abc', 1, salary) from pay"],
    ["which row, by a masked number", "select lag(name, salary) over (order by id) from pay"],
    ["line ends, by a masked boolean", "select row_to_json(row(1, 2), fired) from pay"],
    ["true or false, as text", "select fired::text from pay"],
    ["true or false, put together", "select concat(fired, fired) from pay"],
    ["true or false, in an array", "select array_agg(fired) from pay"],
    ["true or false, as JSON", "select json_agg(p) from pay p"],
    ["keys that are equal", "select jsonb_build_object(iban, 1, 'CH93', 1) from pay"],
    ["bytes that are no text", "select length(iban, 'UTF8') from pay"],
    ["bounds", "select lower(salary) from pay"],
  ])("not %s: %s", (_why, sql) => {
    expect(trace(sql, SECRETIVE)).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/^public\.pay\.\w+ is masked and cannot be/) as string,
    });
  });
});
