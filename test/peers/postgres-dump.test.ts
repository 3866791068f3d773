/** PostgreSQL's own dump and restore through the gate, and the tools that make and unmake: as direct. */
import { realpathSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startDatabase, type Database } from "../kit/database.ts";
import { requirePeer } from "../kit/peers.ts";
import { startPgbouncer } from "../kit/pgbouncer.ts";
import { postgresServer } from "../kit/postgres.ts";
import { bothWays, compareProgram, environmentOf, shown, type BothWays, type Way } from "../kit/postgres-differential.ts";
import { run } from "../kit/process.ts";

/** Without functions, which a role needs `dcl` to make. */
const SQL = `
drop function stamp(int);
create sequence numbers owned by orders.id;
select setval('numbers', 41);
create view paid as select id, customer from orders where paid;
create index on orders (lower(customer));
comment on table orders is 'what people bought';
create type state as enum ('new', 'sent');
create table parcels (id int references orders, state state default 'new', note text, primary key (id, state)) partition by range (id);
create table parcels_1 partition of parcels for values from (1) to (500);
create table parcels_2 partition of parcels for values from (500) to (2000);
insert into parcels select n, 'sent', E'a\\tb\\nc\\\\d' from generate_series(1, 900, 7) n;
create materialized view totals as select paid, sum(total) from orders group by 1;
create table blobs (id oid);
insert into blobs select lo_from_bytea(0, '\\x0001ff');
grant select on all tables in schema public to app;
grant select on numbers to app;
`;
const DUMP = "{ postgres: { account: app, allow: [read, copy, transaction, session, function pg_catalog.pg_export_snapshot] } }";
const BLOBS =
  "{ postgres: { account: admin, allow: [read, copy, transaction, session, function lo_open, function loread, function lo_close] } }";
const BUILD =
  "{ postgres: { account: admin, allow: [read, write, ddl, copy, transaction, session, function pg_catalog.setval], databases: [from_archive, from_folder, from_script] } }";
/** The random word that guards a script's meta-commands. */
const SAME_KEY = "--restrict-key=same";

describe.skipIf(postgresServer.missing)(postgresServer.title("pg_dump and pg_restore through the gate"), () => {
  let database: Database;
  let dump: BothWays;
  let build: BothWays;
  let folder: string;
  const tool = (name: string): string => join(dirname(realpathSync(postgresServer.path)), name);
  const runTool = (way: Way, name: string, args: readonly string[], to?: string) =>
    run(tool(name), args, { env: { ...environmentOf(way), ...(to !== undefined && { PGDATABASE: to }) }, timeoutMs: 100_000 });
  const quietly = async (way: Way, name: string, args: readonly string[], to?: string): Promise<string> => {
    const { status, stdout, stderr } = await runTool(way, name, args, to);
    expect({ status, stderr: stderr.toString() }).toEqual({ status: 0, stderr: "" });
    return stdout.toString();
  };

  beforeAll(async () => {
    database = await startDatabase({ sql: SQL, roles: { dump: DUMP, blobs: BLOBS, build: BUILD } });
    [dump, build] = [await bothWays(database, "dump", "app"), await bothWays(database, "build")];
    folder = await mkdtemp(join(tmpdir(), "sallyport-dump-"));
  });
  afterAll(async () => {
    await database[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  test.each([
    ["everything but large objects", ["-B"]],
    ["definitions", ["-s"]],
    ["data", ["-a", "-B"]],
    ["data as INSERT", ["-a", "-B", "--inserts", "-t", "orders"]],
    ["one table", ["-t", "parcels*"]],
    ["a serializable dump that waits for its moment", ["-s", "--serializable-deferrable"]],
  ])("a script of %s", async (_name, args) => {
    const { expected, got } = await compareProgram(dump, tool("pg_dump"), { args: [...args, SAME_KEY] });
    expect(expected).toMatchObject({ status: 0, stderr: "" });
    expect(got).toEqual(expected);
  });

  test("with large objects, by whoever may read them", async () => {
    const blobs = await bothWays(database, "blobs");
    const { expected, got } = await compareProgram(blobs, tool("pg_dump"), { args: [SAME_KEY] });
    expect(expected.stdout).toContain("lo_create");
    expect(got).toEqual(expected);
  });

  test("an archive, restored through the gate, is the same database", async () => {
    const archive = join(folder, "archive");
    await quietly(dump.gate, "pg_dump", ["-Fc", "-B", "-f", archive]);
    await database.server.sql("create database from_archive");
    await quietly(build.gate, "pg_restore", ["--no-owner", "--no-privileges", "-d", "from_archive", "-e", archive]);
    expect(await contents("from_archive")).toBe(await contents("shop"));
  });

  test("a folder that two connections write from one snapshot, and two restore", async () => {
    const [direct, gate] = [join(folder, "direct"), join(folder, "gate")];
    for (const way of [dump.direct, dump.gate]) await quietly(way, "pg_dump", ["-Fd", "-B", "-j", "2", "-f", join(folder, way.name)]);
    const data = async (path: string) => {
      const names = (await readdir(path)).filter((name) => name !== "toc.dat").sort();
      return Promise.all(names.map(async (name) => [name, gunzipSync(await readFile(join(path, name))).toString("latin1")]));
    };
    expect(await data(gate)).toEqual(await data(direct));
    await database.server.sql("create database from_folder");
    await quietly(build.gate, "pg_restore", ["--no-owner", "--no-privileges", "-j", "2", "-d", "from_folder", "-e", gate]);
    expect(await contents("from_folder")).toBe(await contents("shop"));
  });

  test("a script, read by psql", async () => {
    const script = join(folder, "script.sql");
    await quietly(dump.gate, "pg_dump", ["-B", "--no-owner", "--no-privileges", "-f", script]);
    await database.server.sql("create database from_script");
    const { status, stderr } = await run("psql", ["-XqAt", "-v", "ON_ERROR_STOP=1", "-f", script], {
      env: { ...environmentOf(build.gate), PGDATABASE: "from_script" },
    });
    expect({ status, stderr: stderr.toString() }).toEqual({ status: 0, stderr: "" });
    expect(await contents("from_script")).toBe(await contents("shop"));
  });

  /** As the server itself dumps it. */
  const contents = (name: string): Promise<string> =>
    quietly({ ...build.direct, database: name }, "pg_dump", ["-B", "--no-owner", "--no-privileges", SAME_KEY]);
});

describe.skipIf(postgresServer.missing)(postgresServer.title("tools that make and unmake, through the gate as direct"), () => {
  let database: Database;
  let ways: BothWays;
  const tool = (name: string): string => join(dirname(realpathSync(postgresServer.path)), name);

  beforeAll(async () => {
    database = await startDatabase();
    ways = await bothWays(database);
  });
  afterAll(() => database[Symbol.asyncDispose]());

  /** What one way makes it unmakes before the other begins. */
  test.each<[string, ...(readonly [program: string, ...args: string[]])[]]>([
    ["a database", ["createdb", "-T", "template0", "-E", "UTF8", "made", "for a test"], ["dropdb", "made"], ["dropdb", "made"]],
    ["a role", ["createuser", "-l", "-D", "-R", "--connection-limit=3", "someone"], ["dropuser", "someone"], ["dropuser", "someone"]],
    ["pgbench's tables", ["pgbench", "-i", "-q", "-s", "1"], ["pgbench", "-i", "-I", "d"]],
    ["nothing", ["pg_isready"], ["vacuumdb", "-z"], ["vacuumdb", "-f", "-t", "orders(customer)", "-z"], ["reindexdb"]],
  ])("%s", async (_name, ...steps) => {
    const through = async (way: Way) => {
      const outcome = [];
      for (const [program, ...args] of steps) {
        const said = shown(await run(tool(program), args, { env: environmentOf(way), timeoutMs: 100_000 }), way);
        outcome.push({ ...said, stderr: said.stderr.replaceAll(/[\d.]+ s\b/g, "N s") });
      }
      return outcome;
    };
    const expected = await through(ways.direct);
    expect(expected[0]?.status).toBe(0);
    expect(await through(ways.gate)).toEqual(expected);
  });

  test("a TPC-B run of pgbench loses nothing", async () => {
    const env = environmentOf(ways.gate);
    expect((await run(tool("pgbench"), ["-i", "-q"], { env })).status).toBe(0);
    const { status, stdout } = await run(tool("pgbench"), ["-c", "4", "-t", "25", "-M", "prepared"], { env, timeoutMs: 100_000 });
    expect({ status, stdout: stdout.toString() }).toEqual({ status: 0, stdout: expect.stringContaining("100/100") });
    expect(
      await database.server.sql("select count(*), sum(delta) = (select sum(bbalance) from pgbench_branches) from pgbench_history", "shop"),
    ).toBe("100|t");
  });
});

const SEEING = '{ postgres: { account: app, allow: [read, copy, transaction, session], unmasked: ["*"] } }';
const MASKING = '{ columns: [{ columns: "*.orders.email", mask: domain }] }';

describe.skipIf(postgresServer.missing)(postgresServer.title("a dump of what is masked"), () => {
  test("is refused, and says why; but not by who sees it as it is", async () => {
    await using database = await startDatabase({ masking: MASKING, roles: { dump: DUMP, seeing: SEEING } });
    const { gate } = await bothWays(database, "dump", "app");
    const bin = dirname(realpathSync(postgresServer.path));
    const { status, stdout, stderr } = await run(join(bin, "pg_dump"), [], { env: environmentOf(gate) });
    expect({ status, stdout: stdout.toString(), stderr: stderr.toString() }).toEqual({
      status: 1,
      stdout: expect.not.stringContaining("@example.com"),
      stderr: expect.stringContaining("[masked]"),
    });
    const seeing = await bothWays(database, "seeing", "app");
    const { expected, got } = await compareProgram(seeing, join(bin, "pg_dump"), { args: [SAME_KEY] });
    expect(expected.stdout).toContain("c7@example.com");
    expect(got).toEqual(expected);
  });
});

const pgbouncer = requirePeer("pgbouncer", "pgbouncer");

// oxlint-disable-next-line vitest/valid-title -- it names the program that is missing
describe.skipIf(postgresServer.missing || pgbouncer.missing)(pgbouncer.title("pgbouncer as a client of the gate"), () => {
  test("lends one connection to one client after another, emptied of what the last one set", async () => {
    await using database = await startDatabase();
    const grant = await database.grant("all");
    await using pool = await startPgbouncer(database.conninfo(), await database.password(grant.id));
    const query = async (...sql: string[]) => {
      const { status, stdout, stderr } = await run("psql", ["-XAtq", pool?.conninfo ?? "", ...sql.flatMap((each) => ["-c", each])]);
      return { status, stdout: stdout.toString(), stderr: stderr.toString() };
    };
    expect(await query("set work_mem = '7MB'", "show work_mem", "prepare p as select 1")).toEqual({
      status: 0,
      stdout: "7MB\n",
      stderr: "",
    });
    expect(await query("show work_mem", "select count(*) from orders")).toEqual({ status: 0, stdout: "4MB\n1000\n", stderr: "" });
    expect((await query("execute p")).stderr).toContain('prepared statement "p" does not exist');
    expect(database.test.gate.registry.list().length).toBe(1);
  });
});
