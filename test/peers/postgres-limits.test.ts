/** Limits on statements, held by the gate against a real server: what its clients see, and what became of it at the target. */
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { LoggedEvent } from "../../src/audit/event.ts";
import * as backend from "../../src/wire/postgres/backend.ts";
import * as frontend from "../../src/wire/postgres/frontend.ts";
import { cString, int16, message } from "../../src/wire/postgres/fields.ts";
import { startDatabase, type Database } from "../kit/database.ts";
import { psqlAndServer } from "../kit/postgres.ts";
import { connectPostgres, type PostgresClient } from "../kit/postgres-client.ts";
import type { RunResult } from "../kit/process.ts";
import { until } from "../kit/until.ts";

const { missing, title } = psqlAndServer;

const ALL = "[read, write, ddl, copy, function, opaque, session, transaction]";
const ROLES = {
  rows: `{ postgres: { account: admin, allow: ${ALL}, limits: { rows: 100 } } }`,
  bytes: `{ postgres: { account: admin, allow: ${ALL}, limits: { bytes: 64KiB } } }`,
  time: `{ postgres: { account: admin, allow: ${ALL}, limits: { statement: 1s } } }`,
  idle: `{ postgres: { account: admin, allow: ${ALL}, limits: { idleInTransaction: 1s } } }`,
  "two-at-once": `{ postgres: { account: admin, allow: ${ALL}, limits: { statements: 2 } } }`,
  short: `{ postgres: { account: app, allow: [read, transaction], limits: { limit: 10 } } }`,
};

/** Functions that write with their owner's rights, behind what a reader names instead of them. */
const HIDDEN_WRITES = `
create table behind_names (n int);
create function writes(int) returns int language sql volatile security definer as 'insert into public.behind_names values ($1) returning n';
create view writing_view as select writes(1) as n;
create view outer_view as select * from writing_view;
create function writes(int, int) returns int language sql volatile as 'select public.writes($1 + $2)';
create operator @+@ (leftarg = int, rightarg = int, function = writes);
create type writing_source as (n int);
create type writing_type as (m int);
create function writes(writing_source) returns writing_type language sql volatile as 'select row(public.writes(($1).n))::public.writing_type';
create cast (writing_source as writing_type) with function writes(writing_source);
create table guarded (n int);
insert into guarded values (1);
alter table guarded enable row level security;
create policy writing on guarded using (writes(n) > 0);
create domain writing_domain as int check (writes(value) > 0);
grant select on writing_view, outer_view, guarded to app;
`;

/** One statement with nothing bound, up to its Execute. */
const asked = (sql: string): Buffer[] => [
  frontend.encodeParse("", sql),
  message("B", cString(""), cString(""), int16(0), int16(0), int16(0)),
  frontend.encodeExecute(""),
];
const SYNC = message("S");
const letters = (messages: readonly Buffer[]): string => messages.map((each) => String.fromCharCode(each[0] ?? 0)).join("");
const errorOf = (messages: readonly Buffer[]): backend.ErrorFields | undefined => {
  const found = messages.find((each) => each[0] === backend.BACKEND.error);
  return found && backend.parseErrorResponse(found);
};
const statusOf = (messages: readonly Buffer[]): string => backend.parseReadyForQuery(messages.at(-1) ?? Buffer.alloc(0));
const shown = ({ status, stdout, stderr }: RunResult) => ({ status, stdout: stdout.toString(), stderr: stderr.toString() });

describe.skipIf(missing)(title("limits on statements"), () => {
  let database: Database;
  const passwords = new Map<string, string>();

  beforeAll(async () => {
    database = await startDatabase({ roles: ROLES });
    for (const role of ["read", ...Object.keys(ROLES)]) {
      const grant = await database.grant(role);
      passwords.set(role, await database.password(grant.id));
    }
  }, 120_000);
  afterAll(() => database?.[Symbol.asyncDispose]());

  const password = (role: string): string => passwords.get(role) ?? "";
  const raw = (role: string): Promise<PostgresClient> => connectPostgres(database.test.gate.postgres?.port ?? 0, password(role));
  const events = (kind: LoggedEvent["kind"], more: { readonly words?: string } = {}): Promise<readonly LoggedEvent[]> =>
    database.test.gate.store.log.query({ limit: 1000, kinds: [kind], ...more });
  const say = async (client: PostgresClient, sql: string): Promise<Buffer[]> => {
    client.send(frontend.encodeQuery(sql));
    return client.readTo("Z");
  };
  const run = async (role: string, sql: string) => shown(await database.psql(password(role), ["-At", "-c", sql]));
  const driver = async (role: string): Promise<pg.Client> => {
    const port = database.test.gate.postgres?.port ?? 0;
    const client = new pg.Client({ host: "127.0.0.1", port, user: "ana", database: "shop-db", password: password(role) });
    client.on("error", () => undefined);
    await client.connect();
    return client;
  };

  describe("rows and bytes", () => {
    test.each([
      ["a small result, which the target is through with at once", "select id from orders order by id limit 150"],
      ["a large one, which is stopped", "select n from generate_series(1, 50000000) n"],
    ])("%s: as many rows as the limit, then the error, and the connection goes on", async (_what, sql) => {
      const client = await raw("rows");
      const answer = await say(client, sql);
      expect(letters(answer)).toBe(`T${"D".repeat(100)}EZ`);
      expect(errorOf(answer)).toMatchObject({ code: "54000", message: expect.stringContaining("more than 100 rows [limit-reached]") });
      expect(statusOf(answer)).toBe("I");
      expect(letters(await say(client, "select 1"))).toBe("TDCZ");
      client.socket.destroy();
    });

    test("exactly as many as the limit is no more than the limit", async () => {
      expect(await run("rows", "select count(*) from (select 1 from orders limit 100) x")).toMatchObject({ status: 0, stdout: "100\n" });
      const client = await raw("rows");
      expect(letters(await say(client, "select id from orders limit 100"))).toBe(`T${"D".repeat(100)}CZ`);
      client.socket.destroy();
    });

    test("each result of a text is counted by itself; what stands behind the one that is too large gives nothing", async () => {
      const client = await raw("rows");
      const all = await say(client, "select 1 from orders limit 90; select 2 from orders limit 90");
      expect(letters(all)).toBe(`T${"D".repeat(90)}CT${"D".repeat(90)}CZ`);
      const cut = await say(client, "select 1; select 2 from orders; select 3");
      expect(letters(cut)).toBe(`TDCT${"D".repeat(100)}EZ`);
      client.socket.destroy();
    });

    test.each(["query", "extended"])("in a transaction it is failed afterwards, as after any error: %s", async (how) => {
      const client = await raw("rows");
      await say(client, "begin");
      await say(client, "create temp table made (n int)");
      client.send(
        how === "query" ? frontend.encodeQuery("select id from orders") : Buffer.concat([...asked("select id from orders"), SYNC]),
      );
      const cut = await client.readTo("Z");
      expect(errorOf(cut)?.code).toBe("54000");
      expect(statusOf(cut)).toBe("E");
      expect(errorOf(await say(client, "select 1"))?.code).toBe("25P02");
      expect(statusOf(await say(client, "rollback"))).toBe("I");
      expect(errorOf(await say(client, "select * from made"))?.code).toBe("42P01");
      client.socket.destroy();
    });

    test("a pipeline without a Sync in between: what stands behind is skipped, and what wrote before is rolled back", async () => {
      const client = await raw("rows");
      await say(client, "create table piped (n int)");
      client.send(
        Buffer.concat([
          ...asked("insert into piped values (1)"),
          ...asked("select id from orders"),
          ...asked("insert into piped values (2)"),
          SYNC,
        ]),
      );
      expect(letters(await client.readTo("Z"))).toBe(`12C12${"D".repeat(100)}EZ`);
      expect(await database.server.sql("select count(*) from piped", "shop")).toBe("0");
      client.socket.destroy();
    });

    test("what had been done when it was stopped is said", async () => {
      const result = await run("rows", "insert into orders select n, '', '', 1 from generate_series(100001, 100200) n returning id");
      expect(result.stderr).toMatch(/more than 100 rows \[limit-reached\][\s\S]*had ended at the target[^\n]*INSERT 0 200/);
      await database.server.sql("delete from orders where id > 100000", "shop");
    });

    test("COPY counts as well", async () => {
      const copied = await run("rows", "copy orders to stdout");
      expect(copied.stdout.split("\n").length).toBeLessThanOrEqual(101);
      expect(copied.stderr).toContain("[limit-reached]");
    });

    test("bytes: no row that goes beyond them is shown, however large", async () => {
      const client = await raw("bytes");
      const answer = await say(client, "select repeat('x', 1000) from generate_series(1, 1000000)");
      const rows = answer.filter((each) => each[0] === backend.BACKEND.dataRow);
      expect(rows.reduce((sum, row) => sum + row.length, 0)).toBeLessThanOrEqual(64 * 1024);
      expect(rows).toHaveLength(Math.floor((64 * 1024) / 1011));
      expect(errorOf(answer)).toMatchObject({ code: "54000", message: expect.stringContaining("more than 64KiB") });
      expect(letters(await say(client, "select repeat('x', 10000000)"))).toBe("TEZ");
      expect(letters(await say(client, "select 1"))).toBe("TDCZ");
      client.socket.destroy();
    });

    test("is in the log with its statement, and the driver is told", async () => {
      const client = await driver("rows");
      await expect(client.query("select id as marked_for_the_log from orders")).rejects.toMatchObject({ code: "54000", severity: "ERROR" });
      expect((await client.query("select 1 as n")).rows).toEqual([{ n: 1 }]);
      await client.end();
      const statement = (await events("sql.statement", { words: "marked_for_the_log" }))[0];
      const reached = (await events("sql.limit-reached")).find(({ session }) => session === statement?.session);
      expect(reached?.body).toEqual({ number: 1, limit: "rows", most: 100 });
    });
  });

  describe("time", () => {
    test("stopped, told so, and the session goes on", async () => {
      const client = await raw("time");
      const answer = await say(client, "select pg_sleep(600)");
      expect(errorOf(answer)).toMatchObject({ code: "57014", message: expect.stringContaining("longer than 1s [limit-reached]") });
      expect(letters(await say(client, "select 1"))).toBe("TDCZ");
      client.socket.destroy();
    });

    test("nothing that a client sets undoes it", async () => {
      const client = await raw("time");
      await say(client, "set statement_timeout = 0");
      await say(client, "begin");
      const answer = await say(client, "do $$ begin perform pg_sleep(600); exception when division_by_zero then null; end $$");
      expect(errorOf(answer)).toMatchObject({ code: "57014" });
      expect(statusOf(answer)).toBe("E");
      client.socket.destroy();
    });

    test("a statement that catches the cancel costs the session, and stops at the target", async () => {
      const client = await raw("time");
      client.send(
        frontend.encodeQuery(
          "do $$ begin loop begin perform pg_sleep(600); exception when query_canceled then null; end; end loop; end /* stubborn */ $$",
        ),
      );
      expect(await client.ended()).toContain("a statement did not stop [limit-reached]");
      const left = "select count(*) from pg_stat_activity where query like '%stubborn%' and pid <> pg_backend_pid()";
      await database.server.sql(
        "select pg_terminate_backend(pid) from pg_stat_activity where query like '%stubborn%' and pid <> pg_backend_pid()",
      );
      await until(async () => (await database.server.sql(left)) === "0");
    });

    test("planning counts, and so does what a commit does", async () => {
      await database.server.sql(
        `create function slow() returns int language plpgsql immutable as 'begin perform pg_sleep(600); return 1; end';
         create function slow_check() returns trigger language plpgsql as 'begin perform pg_sleep(600); return new; end';
         create table late_check (n int);
         create constraint trigger late after insert on late_check deferrable initially deferred for each row execute function slow_check();`,
        "shop",
      );
      const client = await raw("time");
      client.send(Buffer.concat([...asked("select slow()"), SYNC]));
      expect(errorOf(await client.readTo("Z"))).toMatchObject({ code: "57014", message: expect.stringContaining("longer than 1s") });
      client.send(Buffer.concat([...asked("insert into late_check values (1)"), SYNC]));
      expect(errorOf(await client.readTo("Z"))).toMatchObject({ code: "57014", message: expect.stringContaining("longer than 1s") });
      expect(await database.server.sql("select count(*) from late_check", "shop")).toBe("0");
      client.socket.destroy();
    });
  });

  test("a cancel never hits the statement after the one it was for: 1000 statements near the limit, pipelined and not", async () => {
    const client = await raw("rows");
    const one = (number: number): Buffer => {
      // One that is over at the target before the gate knows that it went too far, and one that still runs when the cancel comes.
      const sql = number % 2 === 0 ? "select n from generate_series(1, 101) n" : "select n from generate_series(1, 99) n, pg_sleep(0.01)";
      return number % 3 === 0 ? frontend.encodeQuery(sql) : Buffer.concat([...asked(sql), SYNC]);
    };
    const wrong: string[] = [];
    for (let first = 0; first < 1000; first += 20) {
      const numbers = Array.from({ length: 20 }, (_, at) => first + at);
      client.send(Buffer.concat(numbers.map(one)));
      for (const number of numbers) {
        const answer = await client.readTo("Z");
        const rows = answer.filter((each) => each[0] === backend.BACKEND.dataRow).length;
        const good = number % 2 === 0 ? rows === 100 && errorOf(answer)?.code === "54000" : rows === 99 && errorOf(answer) === undefined;
        if (!good) wrong.push(`${number}: ${rows} rows, ${errorOf(answer)?.message ?? "no error"}`);
      }
    }
    expect(wrong).toEqual([]);
    client.socket.destroy();
  }, 120_000);

  describe("transactions left open", () => {
    test.each([
      ["with BEGIN", Buffer.concat([frontend.encodeQuery("begin")])],
      ["that failed", frontend.encodeQuery("begin; select 1/0")],
      ["without a Sync", Buffer.concat([...asked("select 1"), frontend.encodeFlush()])],
    ])("%s: cut, told why, and rolled back at the target", async (_how, bytes) => {
      const client = await raw("idle");
      client.send(bytes);
      expect(await client.ended()).toMatch(/a transaction was left open[^\0]*\[idle-timeout\]/);
      await until(
        async () => (await database.server.sql("select count(*) from pg_stat_activity where state like 'idle in transaction%'")) === "0",
      );
    });

    test("a session without one may be idle", async () => {
      const client = await raw("idle");
      const other = await raw("idle");
      await say(client, "begin; select 1; commit");
      await say(other, "begin");
      expect(await other.ended()).toContain("[idle-timeout]");
      expect(letters(await say(client, "select 1"))).toBe("TDCZ");
      client.socket.destroy();
    });
  });

  describe("transactions at one time", () => {
    const running = (marker: string) =>
      database.server.sql(
        `select count(*) from pg_stat_activity where state = 'active' and query like '%${marker}%' and pid <> pg_backend_pid()`,
      );

    test("a third waits until one of two is over", async () => {
      const [one, two, three] = [await raw("two-at-once"), await raw("two-at-once"), await raw("two-at-once")];
      await say(one, "begin");
      two.send(frontend.encodeQuery("select pg_sleep(600) /* holds_a_place */"));
      await until(async () => (await running("holds_a_place")) === "1");
      three.send(frontend.encodeQuery("select 'its turn'"));
      // The transaction that has a place needs none for its statements.
      expect(letters(await say(one, "select 'in between'"))).toBe("TDCZ");
      expect(
        await database.server.sql("select count(*) from pg_stat_activity where query like '%its turn%' and pid <> pg_backend_pid()"),
      ).toBe("0");
      await say(one, "commit");
      expect(letters(await three.readTo("Z"))).toBe("TDCZ");
      for (const each of [one, two, three]) each.socket.destroy();
    });

    test("whose turn does not come is told so, and works on; a session that goes leaves its place", async () => {
      const [one, two, three] = [await raw("two-at-once"), await raw("two-at-once"), await raw("two-at-once")];
      await say(one, "begin");
      await say(two, "begin");
      const refused = await say(three, "select 1");
      expect(errorOf(refused)).toMatchObject({
        code: "54000",
        message: expect.stringContaining("2 transactions of this grant are under way"),
      });
      one.socket.destroy();
      await until(async () => (await say(three, "select 1")).length === 4);
      for (const each of [two, three]) each.socket.destroy();
    }, 60_000);
  });

  describe("LIMIT", () => {
    test("is given to a SELECT that has none, and said where rows may be missing", async () => {
      const cut = await run("short", "select id from orders order by id; -- all of them");
      expect(cut.stdout.trim().split("\n")).toHaveLength(10);
      expect(cut.stderr).toContain("WARNING:  sallyport: LIMIT 10 was added to this statement; there may be more rows");
      const whole = await run("short", "select id from orders where id < 5");
      expect(whole).toMatchObject({ status: 0, stdout: "1\n2\n3\n4\n", stderr: "" });
      const own = await run("short", "select id from orders limit 20");
      expect(own.stdout.trim().split("\n")).toHaveLength(20);
    });

    test("both texts are recorded", async () => {
      await run("short", "select id as both_texts from orders");
      const statement = (await events("sql.statement", { words: "both_texts" }))[0];
      expect(statement?.body).toMatchObject({
        statement: "select id as both_texts from orders",
        limit: 10,
        sent: { statement: "select id as both_texts from orders\nLIMIT 10" },
      });
    });

    test("with parameters", async () => {
      const client = await driver("short");
      const notices: string[] = [];
      client.on("notice", ({ message: text }) => notices.push(text ?? ""));
      expect((await client.query("select id from orders where id > $1 order by id -- $2", [100])).rows.map(({ id }) => id)).toEqual([
        101, 102, 103, 104, 105, 106, 107, 108, 109, 110,
      ]);
      expect(notices).toEqual([expect.stringContaining("LIMIT 10 was added")]);
      await client.end();
    });
  });

  describe("a role that only reads", () => {
    test("opens transactions that only read", async () => {
      expect(await run("read", "show transaction_read_only")).toMatchObject({ stdout: "on\n" });
      expect(await run("rows", "show transaction_read_only")).toMatchObject({ stdout: "off\n" });
    });

    test("so that what writes behind a view is refused by the server", async () => {
      await database.server.sql(
        `create table written (n int);
         create function behind() returns int language sql volatile security definer as 'insert into written values (1) returning n';
         create view innocent as select behind() as n;
         grant select on innocent to app;`,
        "shop",
      );
      expect((await run("read", "select * from innocent")).stderr).toContain("read-only transaction");
      expect(await database.server.sql("select count(*) from written", "shop")).toBe("0");
    });

    describe("what writes behind a name is refused by the server, also after attempts to undo it", () => {
      beforeAll(() => database.server.sql(HIDDEN_WRITES, "shop"));

      test.each([
        ["a view", "select * from writing_view"],
        ["a view over a view", "select n from (select * from outer_view) v where n > 0"],
        ["an operator", "select 1 @+@ 2"],
        ["an operator, in a condition", "select id from orders where id @+@ 2 > 0"],
        ["a cast", "select row(1)::writing_source::writing_type"],
        ["a policy on rows", "select * from guarded"],
        ["a check of a domain", "select '1'::writing_domain"],
      ])("%s", async (_what, sql) => {
        const client = await driver("read");
        const codeOf = async (text: string): Promise<string | undefined> =>
          client.query(text).then(
            () => undefined,
            (error: pg.DatabaseError) => error.code,
          );
        const codes = { query: await codeOf(sql), undone: [] as unknown[] };
        for (const undo of ["set default_transaction_read_only = off", "set session characteristics as transaction read write"]) {
          await codeOf(undo);
          codes.undone.push(await codeOf(sql));
        }
        await codeOf("begin read write");
        codes.undone.push(await codeOf(sql));
        await client.end();
        expect(codes).toEqual({ query: "25006", undone: ["25006", "25006", "25006"] });
        expect(await database.server.sql("select count(*) from behind_names", "shop")).toBe("0");
      });

      test("all of them write where nothing holds them to reading", async () => {
        await database.server.sql(
          "set role app; select * from writing_view; select 1 @+@ 2; select row(1)::writing_source::writing_type; select * from guarded; select '1'::writing_domain",
          "shop",
        );
        expect(Number(await database.server.sql("select count(*) from behind_names", "shop"))).toBeGreaterThanOrEqual(5);
      });
    });

    test.each([
      "begin read write",
      "start transaction read write",
      "begin; set transaction read write",
      "set session characteristics as transaction read write",
      "set default_transaction_read_only = off",
      "set default_transaction_read_only to 'no'",
      "set local transaction_read_only to false",
      "begin; reset transaction_read_only",
      "begin; set transaction_read_only to default",
      "select set_config('transaction_read_only', 'off', false)",
      "update pg_settings set setting = 'off' where name = 'transaction_read_only'",
      "copy orders from stdin",
      "select pg_advisory_lock(1)",
    ])("%s: refused", async (sql) => {
      expect((await run("read", sql)).stderr).toContain("[role-denies]");
    });

    test.each(["begin read only; commit", "set default_transaction_read_only = on", "reset default_transaction_read_only", "discard all"])(
      "%s: lets be, and leaves it reading",
      async (sql) => {
        const { status, stdout } = shown(
          await database.psql(password("read"), ["-At"], {
            input: `${sql};\nselect 'then ' || current_setting('transaction_read_only');\n`,
          }),
        );
        expect({ status, stdout }).toMatchObject({ status: 0, stdout: expect.stringContaining("then on") });
      },
    );
  });

  test("the gate met no fault of its own", () => {
    expect(database.test.faults).toEqual([]);
  });
});
