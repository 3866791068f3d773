import { loadModule } from "libpg-query";
import { beforeAll, describe, expect, test } from "vitest";
import { CATALOGUE, column, KEYED, NOBODYS, trace } from "../../../../test/kit/traced-sql.ts";
import { maskedColumns } from "./masks.ts";
import type { CatalogueData } from "./catalogue.ts";

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

test("COPY of a column that the catalogue does not have is refused, as it may have been called otherwise", () => {
  expect(trace("copy people (id, renamed) to stdout", KEYED)).toMatchObject({
    ok: false,
    unknown: true,
    detail: expect.stringContaining('"renamed"') as string,
  });
  expect(trace("copy people (id, name) to stdout", KEYED)).toMatchObject({ ok: true });
});
