import { loadModule, parseSync } from "libpg-query";
import { beforeAll, describe, expect, test } from "vitest";
import type { CatalogueData, SharedCatalogue } from "./catalogue.ts";
import { maskedColumns } from "./masks.ts";
import { Tracing, type Traced } from "./trace.ts";

const column = (number: number, name: string, text = true): CatalogueData["relations"][number]["columns"][number] => ({
  number,
  name,
  text,
});
const CATALOGUE: CatalogueData = {
  relations: [
    {
      oid: 1,
      schema: "public",
      name: "people",
      columns: [column(1, "id", false), column(2, "name"), column(3, "email"), column(4, "phone")],
    },
    { oid: 2, schema: "public", name: "plain", columns: [column(1, "id", false), column(2, "note")] },
    { oid: 3, schema: "public", name: "peeking", columns: [column(1, "seen")], definition: "SELECT 1 OPERATOR(public.===) 2 AS seen" },
  ],
  inherits: [],
  functions: ["peek"],
  operators: ["===", "=", ">="],
  castTypes: ["peeked"],
};
/** With keys; `people` shows a masked column that may not be compared, `email`. */
const KEYED: CatalogueData = {
  ...CATALOGUE,
  relations: CATALOGUE.relations.map((relation) => (relation.name === "peeking" ? relation : { ...relation, key: [1] })),
  functions: [],
  operators: [],
  castTypes: [],
};
const SECRETIVE: CatalogueData = {
  ...KEYED,
  relations: [
    ...KEYED.relations,
    {
      oid: 4,
      schema: "public",
      name: "pay",
      key: [1],
      columns: [
        column(1, "id", false),
        column(2, "salary", false),
        { ...column(3, "fired", false), few: true },
        column(4, "iban"),
        column(5, "born", false),
        column(6, "name"),
      ],
    },
    {
      oid: 5,
      schema: "public",
      name: "sums",
      columns: [column(1, "all_of_it", false)],
      definition: "SELECT sum(salary) AS all_of_it FROM public.pay",
    },
    {
      oid: 6,
      schema: "public",
      name: "made",
      columns: [column(1, "more", false)],
      definition: "SELECT salary * 2 AS more FROM public.pay",
    },
  ],
};
const MASKED = maskedColumns(
  SECRETIVE,
  [
    { columns: "*.email", class: "email", mask: "domain", compare: "deny" },
    { columns: "*.phone", class: "phone", mask: "last4", compare: "equality" },
    { pattern: "^public\\.pay\\.(?:salary|fired|iban|born)$", class: "pay", mask: "null", compare: "deny" },
  ],
  [],
);

const parse = (sql: string): unknown => (parseSync(sql) as { stmts: { stmt: unknown }[] }).stmts[0]?.stmt;
const shared = (catalogue: CatalogueData): SharedCatalogue => {
  const text = Buffer.from(JSON.stringify(catalogue));
  const bytes = new SharedArrayBuffer(text.length);
  Buffer.from(bytes).set(text);
  return bytes;
};
const trace = (sql: string, catalogue: CatalogueData = CATALOGUE): Traced =>
  new Tracing({ id: 1, catalogue: shared(catalogue), activeTypes: [], masked: MASKED, path: ["public"], vouched: [] }, parse).trace(
    parse(sql),
  );
const NOBODYS: CatalogueData = { ...CATALOGUE, functions: [], operators: [], castTypes: [] };

beforeAll(() => loadModule());

describe("an operator that somebody defined may read anything, where it is written and where a form implies it", () => {
  test.each([
    ["select 1 === 2", "==="],
    ["select 1 = any (array[1])", "="],
    ["select 1 in (1, 2)", "="],
    ["select 1 in (select id from plain)", "="],
    ["select 1 === any (select id from plain)", "==="],
    ["select 1 between 0 and 2", ">="],
    ["select 1 not between symmetric 0 and 2", ">="],
    ["select case 1 when 1 then 2 end", "="],
    ["select nullif(1, 1)", "="],
    ["select 1 is distinct from 2", "="],
    ["select (1, 2) = (1, 2)", "="],
    ["select 1 from plain a join plain b using (id)", "="],
    ["select 1 from plain natural join plain b", "="],
    ["select id from plain order by id using ===", "==="],
    ["copy plain from stdin where id === 1", "==="],
    ["create table made (a boolean default (1 === 2))", "==="],
  ])("%s", (sql, operator) => {
    expect(trace(sql)).toMatchObject({ ok: false, detail: `the operator ${operator} that somebody defined may read anything` });
    expect(trace(sql, NOBODYS)).toMatchObject({ ok: true });
  });

  test("a function of information_schema that drivers call is PostgreSQL's own", () => {
    expect(trace("select (information_schema._pg_expandarray(array[id])).n from plain")).toMatchObject({ ok: true });
    expect(trace("select (information_schema._pg_expandarray(array[email])).n from people")).toMatchObject({ ok: false });
    expect(trace("select (_pg_expandarray(array[id])).n from plain")).toMatchObject({ ok: false });
  });

  test.each(["select 1 operator(pg_catalog.=) 1", "select case when true then 1 end", "select 1 from plain cross join plain b"])(
    "not %s",
    (sql) => {
      expect(trace(sql)).toMatchObject({ ok: true, outputs: "clean" });
    },
  );

  test("of a view it is the column that is not known", () => {
    expect(trace("select 1 from peeking")).toMatchObject({ ok: true });
    expect(trace("select seen from peeking")).toMatchObject({
      ok: false,
      detail: expect.stringContaining("peeking.seen holds is not known"),
    });
  });
});

test.each(["create table made (a text default peek())", "create table made (a text default 'x'::peeked)", "select 'x'::peeked"])(
  "functions and casts likewise: %s",
  (sql) => {
    expect(trace(sql)).toMatchObject({ ok: false, detail: expect.stringContaining("may read anything") });
    expect(trace(sql, { ...NOBODYS, functions: [] })).toMatchObject(sql.includes("peek()") ? { ok: false } : { ok: true });
  },
);

describe("what COPY brings is the sender's own; what it asks with is not", () => {
  test("the columns may be asked for", () => {
    expect(trace("copy people from stdin where email like '%@example.org'", NOBODYS)).toMatchObject({ ok: true, outputs: "clean" });
  });
  test("a function that may read anything may not be called", () => {
    expect(trace("copy people from stdin where peek()", NOBODYS)).toMatchObject({ ok: false, detail: expect.stringContaining("peek()") });
  });
});

describe("where a value comes from", () => {
  test.each([
    ["select id, email as e from people", [undefined, { mask: "domain", columns: ["public.people.email"] }]],
    ["select (p).phone from people p", [{ mask: "last4", columns: ["public.people.phone"] }]],
    ["select coalesce(email, name) from people", [{ mask: "null", columns: ["public.people.email"] }]],
    ["with recursive r as (select email e from people union all select phone from people, r) select e from r", undefined],
    ["update people set email = email returning email", [{ mask: "domain", columns: ["public.people.email"] }]],
    ["delete from people using plain returning plain.note", "clean"],
  ])("%s", (sql, outputs) => {
    expect(trace(sql, NOBODYS)).toMatchObject({ ok: true, outputs: outputs ?? [{ mask: "null" }] });
  });

  test.each([
    ["update plain set note = (select email from people limit 1)", "cannot be written elsewhere"],
    ["merge into plain using people on people.id = plain.id when matched then update set note = email", "cannot be written elsewhere"],
    ["insert into people (id, name) select id, email from people", "cannot be written elsewhere"],
    ["select 1 from people a join people b using (email)", "cannot be joined by"],
    ["select regexp_count(email, 'a') from people", "cannot be given to regexp_count()"],
  ])("%.60s: refused", (sql, why) => {
    expect(trace(sql, NOBODYS)).toMatchObject({ ok: false, detail: expect.stringContaining(why) });
  });

  test.each([
    ["calls", `select ${"coalesce(".repeat(1500)}email${", '')".repeat(1500)} from people`],
    ["operators", `select email${" || email".repeat(1500)} from people`],
    ["unions", `select email from people${" union all select email from people".repeat(1500)}`],
    ["subqueries", `select ${"(select ".repeat(700)}email${")".repeat(700)} from people`],
    ["cases", `select ${"case when true then ".repeat(700)}email${" end".repeat(700)} from people`],
  ])("%s as deep as nobody writes: refused", (_what, sql) => {
    expect(trace(sql, NOBODYS)).toMatchObject({ ok: false, detail: expect.stringContaining("nested too deeply") });
  });
});

describe("what is longer, fails, takes longer or is NULL for some values and not for others is a question", () => {
  test.each([
    ["select coalesce(substring(email from '^a'), repeat('x', 9)) from people", "given to substring()"],
    ["select substring(email from $1) from people", "given to substring()"],
    ["select greatest(email, 'm') from people", "compared (GREATEST, LEAST)"],
    ["select max(email) from people", "given to max()"],
    ["select btrim(email, 'abc') from people", "given to btrim()"],
    ["select to_jsonb(p) ->> 'email' from people p", "an operand of ->>"],
    ["select (array[email])[1] from people", "taken apart by a subscript"],
  ])("%s", (sql, how) => {
    expect(trace(sql, NOBODYS)).toMatchObject({ ok: false, detail: `public.people.email is masked and cannot be ${how}` });
  });

  test.each([
    "select substring(email from 1 for 3), left(email, 3), upper(email) || '!' from people",
    "select coalesce(email, phone), json_build_object('a', email), string_agg(email, ',') over () from people",
    "select array[email], to_jsonb(p) from people p",
  ])("not %s", (sql) => {
    expect(trace(sql, NOBODYS)).toMatchObject({ ok: true });
  });
});

describe("types that run code that somebody defined", () => {
  test.each([
    "select * from json_to_record('{}') as x(p peeked)",
    "select * from xmltable('/a' passing '<a/>' columns p peeked path '.')",
    "prepare q(peeked) as select 1",
    "create table made (p peeked)",
    "select jsonb_populate_record(p, '{}') from plain p",
  ])("%s", (sql) => {
    expect(trace(sql, { ...NOBODYS, castTypes: ["peeked"] })).toMatchObject({
      ok: false,
      detail: expect.stringContaining("may read anything"),
    });
    expect(trace(sql, NOBODYS)).toMatchObject({ ok: true });
  });
});

describe("what the database adds to a statement", () => {
  const [people, plain, peeking] = CATALOGUE.relations;
  const withPlain = (more: object, others: CatalogueData["relations"] = []): CatalogueData => ({
    ...NOBODYS,
    relations: [people, { ...plain, ...more }, peeking, ...others].flatMap((each) =>
      each ? [each as CatalogueData["relations"][number]] : [],
    ),
  });
  const tells = "CREATE RULE tells AS ON INSERT TO public.plain DO ALSO SELECT people.email FROM public.people";

  test("a rule that answers with rows of its own, there or behind a view or a rule", () => {
    expect(trace("insert into plain (id) values (1) returning id", withPlain({ rules: [tells] }))).toMatchObject({
      ok: false,
      detail: "the rule tells answers INSERT with rows of its own",
    });
    expect(trace("delete from plain", withPlain({ rules: [tells] }))).toMatchObject({ ok: true });
    const view = {
      oid: 9,
      schema: "public",
      name: "over",
      columns: [column(1, "id", false)],
      definition: "SELECT plain.id FROM public.plain",
    };
    expect(trace("insert into over values (1)", withPlain({ rules: [tells] }, [view]))).toMatchObject({ ok: false });
    const leading = "CREATE RULE leads AS ON DELETE TO public.plain DO ALSO INSERT INTO public.plain (id) VALUES (1)";
    expect(trace("delete from plain", withPlain({ rules: [leading, tells] }))).toMatchObject({ ok: false });
  });

  test("row-level security and views that go by masked columns and a setting", () => {
    const asking = "(note IN (SELECT people.email FROM public.people WHERE people.email = current_setting('app.who')))";
    expect(trace("select 1 from plain", withPlain({ policies: [asking] }))).toMatchObject({
      ok: false,
      detail: expect.stringContaining("what a session may choose"),
    });
    expect(trace("select 1 from plain", withPlain({ policies: ["note = current_setting('app.who')"] }))).toMatchObject({ ok: true });
    const definition = "SELECT people.id FROM public.people WHERE people.email = current_setting('app.who')";
    const view = { oid: 9, schema: "public", name: "mine", columns: [column(1, "id", false)], definition };
    expect(trace("select count(*) from mine", withPlain({}, [view]))).toMatchObject({ ok: false });
  });

  test("a foreign table is what it shows", () => {
    const far = { ...people, oid: 9, name: "far", remote: { schema: "public", name: "people" } } as CatalogueData["relations"][number];
    const renamed = { ...far, columns: [{ ...column(1, "reach"), remote: "email" }] };
    const catalogue = withPlain({}, [renamed]);
    const rules = [{ columns: "public.people.email", class: "email", mask: "full", compare: "deny" }] as const;
    expect(maskedColumns(catalogue, rules, []).get(9)?.get(1)).toMatchObject({ mask: "full", column: "public.far.reach" });
  });

  test("a type that is cast without anybody's saying so", () => {
    expect(trace("select note from plain", withPlain({ columns: [{ ...column(2, "note"), active: true }] }))).toMatchObject({ ok: false });
  });
});

describe("a masked column beside the key of its row may be grouped by, and asked for without repetition", () => {
  test.each([
    "select id, email, count(*) from people group by id, email",
    "select p.id, p.email, count(*) from people p join plain o on o.id = p.id group by p.id, p.email, p.name",
    "select id, email from people group by 1, 2",
    "select p.id as key, p.email as mail from people p group by key, mail",
    "select mail from people as p (key, n, mail) group by key, mail",
    "select id, email from people group by (id, email)",
    "select distinct id, email from people order by id",
    "select distinct email, id from people order by 2 desc limit 3",
    "select distinct p.id as key, p.email from people p order by key",
    "select distinct p.* from people p, plain order by p.id",
    "select distinct * from people order by id",
    "select distinct a.id, a.email, b.note from people a cross join plain b order by a.id, b.note",
    "select count(*) from (select distinct id, email from people) p",
    "select count(1) as n, count(*) <> 0, count(*) + 1 > 5 from (select distinct p.* from people p, plain) p",
  ])("%s", (sql) => {
    expect(trace(sql, KEYED)).toMatchObject({ ok: true });
    expect(trace(sql, NOBODYS)).toMatchObject({ ok: false });
  });

  test.each([
    ["no key", "select email from people group by email"],
    ["another's key", "select o.id, p.email from people p join plain o on true group by o.id, p.email"],
    ["the key of another of the same", "select a.id, b.email from people a, people b group by a.id, b.email"],
    ["the key of an outer one", "select (select email from people b group by a.id, b.email) from people a"],
    ["something made of the key", "select id % 2, email from people group by id % 2, email"],
    ["a name of the key's", "select name as id, email from people p group by 1, 2"],
    ["some sets without the key", "select id, email from people group by grouping sets ((id), (email))"],
    ["all of several sets", "select id, email from people group by cube (id, email)"],
    ["a column made of the masked one", "select id, upper(email) from people group by id, upper(email)"],
    ["a query that hides it", "select id, email from (select 1 as id, email from people) p group by id, email"],
    [
      "WITH of the table's name",
      "with people as (select 1 as id, email from public.people) select id, email from people group by id, email",
    ],
    ["one column of two", "select distinct * from people a join plain b using (id)"],
    ["without the key", "select distinct email, name from people"],
    ["in the order in which they come", "select distinct id, email from people"],
    [
      "in an order that leaves open what is beside it",
      "select distinct a.id, a.email, b.note from people a cross join plain b order by a.id",
    ],
    ["in an order by something made of the key", "select distinct id, email from people order by id % 2"],
    ["by the key of another of the same", "select distinct a.id, a.email from people a, people b order by b.id"],
    ["in an order that another query gives", "select id from (select distinct id, email from people) p order by id"],
    ["numbered as they come", "select count(*), min(id) from (select distinct id, email from people) p"],
    ["counted one by one", "select count(*) over (rows unbounded preceding) from (select distinct id, email from people) p"],
    ["counted with a condition", "select count(*) from (select distinct email, id from people) p where id < 5"],
    ["counted as far as a limit goes", "select count(*) from (select distinct id, email from people limit 5) p"],
    ["counted beside a column", "select count(*), 1 / count(id) from (select distinct id, email from people) p"],
    ["counted by a filter", "select count(*) filter (where id < 5) from (select distinct email, id from people) p"],
    ["counted in groups", "select count(*) from (select distinct id, email from people) p group by id"],
    ["counted where it is one of two", "select count(*) from (select distinct id, email from people) p, plain"],
    ["counted below another", "select count(*) from (select id from (select distinct id, email from people) q limit 1) p"],
    ["another's row", "select distinct b.*, a.email from people a, plain b"],
    ["an array of it", "select distinct array[id], email from people"],
  ])("not with %s: %s", (_why, sql) => {
    expect(trace(sql, KEYED)).toMatchObject({ ok: false });
  });
});

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

describe("a masked column that may be asked whether it equals a value", () => {
  test.each([
    "select id from people where phone = 'x' or phone in ('y', $1) or phone = any ($2) or phone is not distinct from lower('X')",
    "select id, phone = $1, case phone when 'x' then 1 end, nullif(phone, 'x') from people order by phone = 'x', id",
    "select a.id from people a join plain b on b.id = a.id and a.phone = 'x'",
    "update people set name = 'n' where phone = 'x'",
    "delete from people where (phone, id) = ('x', 3) returning id",
    "select count(*) from (select distinct phone from people) x",
    "select count(*) from (select distinct on (phone) id from people) x",
    "select count(*) from (select phone from people group by phone having count(*) > 1) x",
    "select count(*) from (select phone from people union select phone from people) x",
    "select count(distinct phone), count(*), bool_or(id > 3) from people where name > 'm'",
    "select p.id, (select count(distinct phone) from people q where q.name = p.name) from people p",
    "select phone, count(*) as n from people where id > 3 group by phone order by n desc, gen_random_uuid() limit 5",
    "select a.phone, b.note, count(*) from people a join plain b on b.id = a.id group by 1, 2 order by pg_catalog.gen_random_uuid()",
    "select id, name, count(*) over (partition by phone) from people order by id",
    "select id, phone from people group by id, phone",
    "select distinct id, phone from people order by id",
    "select phone from people union all select phone from people",
  ])("%s", (sql) => {
    expect(trace(sql, KEYED)).toMatchObject({ ok: true });
  });

  const GROUP = "in a random order";
  const JOIN = "by = with values that the statement names";
  test.each([
    ["joined by", "select a.id from people a join people b using (phone)", JOIN],
    ["joined by", "select a.id from people a natural join (select phone from people) b", JOIN],
    ["compared", "select a.id from people a full join (values ('x')) g(p) on g.p = a.phone", JOIN],
    ["compared", "select a.id from people a, people b where a.phone = b.phone", JOIN],
    ["compared", "select s.id from (select a.id, a.phone = b.phone as same from people a, people b) s where same", JOIN],
    ["counted", "select count(*) from people a join people b on a.phone = b.phone", JOIN],
    ["sorted", "select a.id from people a join people b on a.phone = b.phone order by a.id, b.id", JOIN],
    ["IN", "select id from people where phone in (select phone from people where id > 3)", JOIN],
    ["ANY", "select id from people where phone = any (select note from plain)", JOIN],
    ["EXISTS", "select id from people a where exists (select 1 from people b where b.phone = a.phone)", JOIN],
    ["one value of a row", "select a.id from people a, plain b where a.phone = (select note from plain c where c.id = b.id)", JOIN],
    ["CASE", "select case a.phone when b.phone then 1 end from people a, people b", JOIN],
    ["UPDATE", "update people a set name = 'n' from plain b where b.note = a.phone", JOIN],
    ["DELETE", "delete from people a using plain b where b.note = a.phone returning a.id", JOIN],
    ["MERGE", "merge into plain b using people a on b.note = a.phone when matched then do nothing", JOIN],
    ["INTERSECT", "select count(*) from (select phone from people intersect select phone from people) x", JOIN],
    ["EXCEPT", "select count(*) from (select phone from people except select phone from people) x", JOIN],
    ["DISTINCT", "select distinct phone from people", GROUP],
    ["DISTINCT", "select distinct phone, name from people order by name", GROUP],
    ["DISTINCT", "select distinct phone, id from people", GROUP],
    ["DISTINCT ON", "select distinct on (phone) id from people", GROUP],
    ["GROUP BY", "select phone, count(*) from people group by phone", GROUP],
    ["GROUP BY", "select phone, count(*) from people group by phone order by count(*)", GROUP],
    ["GROUP BY below", "select n from (select phone, count(*) as n from people group by phone) x order by gen_random_uuid()", GROUP],
    ["numbered", "select phone, row_number() over () from people group by phone order by gen_random_uuid()", GROUP],
    ["collected", "select array_agg(id) from people group by phone order by gen_random_uuid()", GROUP],
    ["limited", "select count(*) from (select phone from people where id = 3 group by phone limit 1) x", GROUP],
    ["failing", "select count(*) from (select phone from people where 1 / id > 0 group by phone) x", GROUP],
    ["with effects", "select phone from people where nextval('s') > 3 group by phone order by gen_random_uuid()", GROUP],
    ["foreseen", "select phone from people group by phone order by random()", GROUP],
    ["of WITH", "with w as (select phone, 1 / id as x from people) select count(*) from (select phone from w group by phone) x", GROUP],
    ["locked", "select count(*) from (select phone from people group by phone for update) x", GROUP],
    ["PARTITION BY", "select count(*) over (partition by phone) from people", GROUP],
    ["PARTITION BY", "select id, row_number() over (partition by phone) from people order by id", GROUP],
    ["PARTITION BY", "select count(*) over (partition by phone rows unbounded preceding) from people order by id", GROUP],
    ["PARTITION BY", "select v.n, count(*) over (partition by phone) from people p, (values (1.0)) v(n) order by p.id", GROUP],
    ["UNION", "select phone from people union select phone from people", GROUP],
    ["UNION", "with recursive r as (select phone from people union select phone from r) select 1 from r", GROUP],
    ["DISTINCT in it", "select count(distinct phone), array_agg(id) from people", GROUP],
    ["DISTINCT in it", "select count(distinct phone), sum(id) from people", GROUP],
    ["DISTINCT in it", "select name, count(distinct phone) from people group by name order by gen_random_uuid()", GROUP],
  ])("not with rows, where their order would show: %s: %s", (_why, sql, next) => {
    expect(trace(sql, KEYED)).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/^public\.people\.(?:phone|email) is masked and cannot be/),
      next: expect.stringContaining(next),
    });
  });
});

test("COPY of a column that the catalogue does not have is refused, as it may have been called otherwise", () => {
  expect(trace("copy people (id, renamed) to stdout", KEYED)).toMatchObject({
    ok: false,
    unknown: true,
    detail: expect.stringContaining('"renamed"') as string,
  });
  expect(trace("copy people (id, name) to stdout", KEYED)).toMatchObject({ ok: true });
});
