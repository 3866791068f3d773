/**
 * Class × relation × function with the real psql and a real server: what a role names, what it denies, and the ways
 * around it that somebody would try.
 */
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Hold } from "../../src/session/holds.ts";
import { LEA, startDatabase, waitingHold, type Database } from "../kit/database.ts";
import { psqlAndServer } from "../kit/postgres.ts";

const { missing, title } = psqlAndServer;

/** In everything that the role must not read. */
const PAY = 918273;

const SQL = `
create table customers (id int primary key, name text);
insert into customers select n, 'customer ' || n from generate_series(1, 5) n;
create table items (id int primary key, n int);
insert into items select n, n from generate_series(1, 5) n;
create table notes (id int primary key, item int references items, note text);
insert into notes values (1, 1, 'kept');
create schema payroll;
create table payroll.salaries (id int primary key, name text, salary int);
insert into payroll.salaries select n, 'person ' || n, ${PAY} from generate_series(1, 200) n;
-- The same columns: a plan that was made for the other stays one.
create table payroll.orders (like orders including all);
insert into payroll.orders (id, customer, email, total) values (1, 'nobody', '', ${PAY});
create table payroll."Bonus.2026" (id int, amount int);
insert into payroll."Bonus.2026" values (1, ${PAY});
create schema staging;
create table staging.t (id int);
create table staging.parent (id int, amount int);
create table payroll.child () inherits (staging.parent);
insert into payroll.child values (1, ${PAY});
create view payroll_totals as select sum(salary) / count(*) as average from payroll.salaries;
create function refund(int) returns int language sql as 'select $1';
create function elsewhere() returns text language plpgsql as
  $$ begin perform set_config('search_path', 'payroll', false); return 'moved'; end $$;
create schema evil;
create function evil.refund(int) returns int language sql as 'select ${PAY}';
grant usage on schema payroll, evil to app;
grant usage, create on schema staging to app;
grant select, insert, update, delete, truncate on all tables in schema public, payroll, staging to app;
alter table staging.t owner to app;
analyze;
`;

const RULES = `{ postgres: {
  account: app,
  allow: [transaction, session, copy, "read on public.*", "read on staging.*", "read on pg_catalog.*", "write on public.orders",
    function refund, function elsewhere],
  hold: ["write on public.customers", "ddl on staging.*", function pg_terminate_backend],
  deny: ["read on payroll.*", "write on payroll.*"],
  holdFor: 5m } }`;
const ROLES = {
  support: RULES.replaceAll(/\n\s*/g, " "),
  payer: '{ postgres: { account: app, allow: [transaction, "read on payroll.*"] } }',
};

describe.skipIf(missing)(title("class × relation × function"), () => {
  let database: Database;
  let password: string;

  beforeAll(async () => {
    database = await startDatabase({ sql: SQL, roles: ROLES });
    password = await database.password((await database.grant("support")).id);
  }, 120_000);
  afterAll(() => database[Symbol.asyncDispose]());

  /** Output and errors of one run of psql, a statement after the other in one session. */
  const psql = async (...statements: readonly string[]): Promise<string> => {
    const { stdout, stderr } = await database.psql(password, ["-At", ...statements.flatMap((each) => ["-c", each])]);
    return `${stdout.toString()}${stderr.toString()}`.trim();
  };
  const waiting = (): Promise<Hold> => waitingHold(database);
  const events = async (kind: "sql.statement" | "sql.refused") =>
    (await database.test.gate.store.log.query({ kinds: [kind], limit: 1000 })).map(({ rule, body }) => ({
      rule,
      body: body as Record<string, unknown>,
    }));

  test.each([
    ["select customer from public.orders where id = 7", "customer 7"],
    ["select customer from orders where id = 7", "customer 7"],
    ["with orders as (select 'given' as x) select x from orders", "given"],
    ["select 1", "1"],
    ["explain (costs off) select 1 from public.items", "Seq Scan on items"],
    ["copy (select n from public.items where id = 3) to stdout", "3"],
    ["select count(*) from pg_catalog.pg_class where relname = 'items'", "1"],
    ["update public.orders set paid = paid where id = 7", "UPDATE 1"],
    ["update orders set paid = paid where id = 7 returning id", "7\nUPDATE 1"],
    ["select refund(7)", "7"],
    ["select id from public.orders where id = 7 for update", "7"],
  ])("runs: %s", async (sql, output) => {
    expect(await psql(sql)).toBe(output);
  });

  test.each([
    ["select * from payroll.salaries", "reading payroll.salaries"],
    ['select * from "payroll"."salaries"', "reading payroll.salaries"],
    ["select * from PayRoll.SALARIES", "reading payroll.salaries"],
    ['select * from payroll."Bonus.2026"', "reading payroll.Bonus.2026"],
    ["select * from shop.payroll.salaries", "reading payroll.salaries"],
    ["table payroll.salaries", "reading payroll.salaries"],
    ["select * from only payroll.salaries", "reading payroll.salaries"],
    ["select * from public.items where n in (select salary from payroll.salaries)", "reading payroll.salaries"],
    ["with s as (select * from payroll.salaries) select * from s", "reading payroll.salaries"],
    ["with salaries as (select 1) select * from payroll.salaries", "reading payroll.salaries"],
    ["select (select max(s) from payroll.salaries s) from public.items", "reading payroll.salaries"],
    ["copy payroll.salaries to stdout", "reading payroll.salaries"],
    ["copy (select * from payroll.salaries) to stdout", "reading payroll.salaries"],
    ["explain select * from payroll.salaries", "reading payroll.salaries"],
    ["prepare p as select * from payroll.salaries", "reading payroll.salaries"],
    ["begin; declare c cursor for select * from payroll.salaries", "reading payroll.salaries"],
    ["create view staging.v as select * from payroll.salaries", "reading payroll.salaries"],
    ["create table staging.copied as select * from payroll.salaries", "reading payroll.salaries"],
    ["insert into public.orders (id, total) select id, salary from payroll.salaries", "reading payroll.salaries"],
    ["update public.orders o set total = s.salary from payroll.salaries s", "reading payroll.salaries"],
    ["merge into public.orders o using payroll.salaries s on false when not matched then do nothing", "reading payroll.salaries"],
    ["with gone as (delete from payroll.salaries returning *) select * from gone", "reading payroll.salaries"],
    ["update payroll.salaries set name = name returning salary", "changing or locking rows of payroll.salaries"],
    ["insert into payroll.salaries values (1) on conflict (id) do update set name = 'x' returning salary", "reading payroll.salaries"],
    ["merge into payroll.salaries s using public.items on false when not matched then do nothing", "rows of payroll.salaries"],
    ["select * from payroll.salaries for update", "reading payroll.salaries"],
    ["truncate public.orders, payroll.salaries", "changing or locking rows of payroll.salaries"],
    ["truncate public.orders cascade", "that the statement does not name"],
    ["select most_common_vals from pg_catalog.pg_stats", "that the statement does not name"],
    ["select most_common_vals from pg_stats", "that the statement does not name"],
    ["alter table staging.t inherit payroll.salaries", "changing the definition of payroll.salaries"],
    ["alter table staging.t set schema payroll", "changing the definition of payroll.t"],
    ["create table staging.u (like payroll.salaries including all)", "changing the definition of payroll.salaries"],
    ["drop table staging.t, public.items", "changing the definition of public.items"],
    ["drop table staging.t cascade", "that the statement does not name"],
    ["drop schema staging", "that the statement does not name"],
    ["create table public.made (id int)", "changing the definition of public.made"],
    ["delete from public.items", "changing or locking rows of public.items"],
    ["select * from public.items for share", "changing or locking rows of public.items"],
    ["select evil.refund(1)", "the function evil.refund"],
    ['select "evil.refund"(1)', "the function evil.refund"],
    ["select pg_sleep(0)", "the function pg_sleep"],
    ["select query_to_xml('select * from payroll.salaries', true, true, '')", "the function query_to_xml"],
    ["do $$ begin perform * from payroll.salaries; end $$", "running code that the statement does not show"],
    ["vacuum public.orders", "maintaining or locking public.orders"],
  ])("denied: %s", async (sql, what) => {
    const output = await psql(sql);
    expect(output).toContain(what);
    expect(output).toContain("[role-denies]");
    expect(output).not.toContain(String(PAY));
  });

  describe("names without a schema, once they may mean something else", () => {
    test.each([
      ["SET", "set search_path to payroll"],
      ["SET SCHEMA", "set schema 'payroll'"],
      ["DISCARD", "discard all", "set search_path to payroll"],
      ["SET LOCAL", "begin", "set local search_path to payroll"],
      ["set_config", "select set_config('search_path', 'payroll', false)"],
      ["a function that does it", "select elsewhere()"],
    ])("%s: they are looked for nowhere, and full names are as good as before", async (_how, ...before) => {
      const output = await psql(...before, "select total from orders where id = 1", "select id from public.orders where id = 7");
      expect(output).toMatch(/reading orders, in whatever schema it is/);
      expect(output).toContain("Try: with its schema: <schema>.orders");
      expect(output).not.toContain(String(PAY));
    });

    test("a full name after it", async () => {
      expect(await psql("set search_path to payroll", "select id from public.orders where id = 7")).toBe("SET\n7");
    });

    test("in one text with it", async () => {
      expect(await psql("set search_path to payroll; select total from orders where id = 1")).toContain("[role-denies]");
    });

    test("a statement that was prepared before it", async () => {
      const output = await psql("prepare p as select * from orders where id = 1", "set search_path to payroll", "execute p");
      expect(output).toMatch(/^PREPARE\nSET\n.*reading orders, in whatever/);
      expect(output).not.toContain(String(PAY));
    });

    test("by the extended protocol, pipelined", async () => {
      const { gate } = database.test;
      const client = new pg.Client({ host: "127.0.0.1", port: gate.postgres?.port ?? 0, user: "ana", database: "shop-db", password });
      await client.connect();
      const named = { name: "orders", text: "select * from orders where id = $1", values: [1] };
      expect((await client.query(named)).rowCount).toBe(1);
      const [moved, after] = await Promise.allSettled([client.query("set search_path to payroll"), client.query(named)]);
      await client.end();
      expect(moved.status).toBe("fulfilled");
      expect(after).toMatchObject({
        status: "rejected",
        reason: { code: "42501", message: expect.stringContaining("reading orders, in") },
      });
    });
  });

  test("a held write waits under its entry, runs once approved, and its event says which hold it was", async () => {
    const running = psql("update public.customers set name = 'changed' where id = 2");
    const hold = await waiting();
    expect(hold.rule).toBe("support.postgres.hold[write on public.customers]");
    expect(hold.lapsesAt - hold.createdAt).toBe(300_000);
    await database.test.gate.holds.decide(hold.id, LEA, true);
    expect(await running).toContain("UPDATE 1");
    const ran = (await events("sql.statement")).find(({ body }) => body["hold"] === hold.id);
    expect(ran).toMatchObject({ rule: hold.rule, body: { statement: expect.stringContaining("'changed'") } });
  });

  test.each([
    ["create table staging.made (id int)", "ddl on staging.*"],
    ["drop table staging.t", "ddl on staging.*"],
    ["select pg_terminate_backend(0)", "function pg_terminate_backend"],
    ["select pg_catalog.pg_terminate_backend(0)", "function pg_terminate_backend"],
    ["with c as (delete from public.customers where id = 5 returning *) select * from c", "write on public.customers"],
    ["copy public.customers from stdin", "write on public.customers"],
    ["truncate public.orders, public.customers", "write on public.customers"],
  ])("waits: %s", async (sql, entry) => {
    const running = psql(sql);
    const hold = await waiting();
    expect(hold.rule).toBe(`support.postgres.hold[${entry}]`);
    await database.test.gate.holds.decide(hold.id, LEA, false, "a test");
    expect(await running).toContain("lea denied it: a test");
  });

  test("a denial names the request that would allow it, and its entry is in the log", async () => {
    expect(await psql("select salary from payroll.salaries where id = 4711")).toContain(
      'Try: sallyport request --role read --target shop-db --reason "…"',
    );
    const refused = (await events("sql.refused")).find(({ body }) => String(body["statement"]).includes("4711"));
    expect(refused).toMatchObject({ rule: "support.postgres.deny[read on payroll.*]", body: { detail: "reading payroll.salaries" } });
  });

  /** Documented as such: rights of the database's own are the other half. */
  test.each([
    ["a view stands for itself", "select average from public.payroll_totals"],
    ["a parent is read with its children", "select amount from staging.parent"],
  ])("by name only: %s", async (_what, sql) => {
    expect(await psql(sql)).toBe(String(PAY));
  });
});
