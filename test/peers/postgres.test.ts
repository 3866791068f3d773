/** PostgreSQL through the gate: Debian's psql and the `pg` driver against a real server, and the same commands directly. */
import { createHash } from "node:crypto";
import { spawn } from "node:child_process";
import { once } from "node:events";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { LoggedEvent } from "../../src/audit/event.ts";
import type { EventQuery } from "../../src/audit/port.ts";
import type { Grant } from "../../src/access/model.ts";
import type { PrincipalName } from "../../src/kernel/ids.ts";
import { sqlFile, startDatabase, type Database } from "../kit/database.ts";
import { psqlAndServer } from "../kit/postgres.ts";
import { connectPostgres, connectRaw } from "../kit/postgres-client.ts";
import { run, type RunResult } from "../kit/process.ts";
import { until } from "../kit/until.ts";
import * as backend from "../../src/wire/postgres/backend.ts";
import * as frontend from "../../src/wire/postgres/frontend.ts";
import { encodeSslRequest, encodeStartup } from "../../src/wire/postgres/startup.ts";
import { message, cString, int16 } from "../../src/wire/postgres/fields.ts";

const { missing, title } = psqlAndServer;

describe.skipIf(missing)(title("PostgreSQL through the gate"), () => {
  let database: Database;
  let grants: Record<"read" | "fix" | "all", Grant>;
  let passwords: Record<"read" | "fix" | "all", string>;

  beforeAll(async () => {
    database = await startDatabase();
    const [read, fix, all] = [await database.grant("read"), await database.grant("fix"), await database.grant("all")];
    grants = { read, fix, all };
    passwords = { read: await database.password(read.id), fix: await database.password(fix.id), all: await database.password(all.id) };
  });
  afterAll(() => database[Symbol.asyncDispose]());

  const events = (query: Partial<EventQuery> = {}): Promise<readonly LoggedEvent[]> =>
    database.test.gate.store.log.query({ limit: 1000, ...query });
  const shown = ({ status, stdout, stderr }: RunResult) => ({ status, stdout: stdout.toString("latin1"), stderr: stderr.toString() });

  describe("as direct, where nothing is refused", () => {
    const direct = async (args: readonly string[], input = ""): Promise<RunResult> => {
      const { conninfo, password } = database.direct("admin");
      return run("psql", ["-X", conninfo, ...args], { env: { ...process.env, PGPASSWORD: password }, input, timeoutMs: 60_000 });
    };
    const gate = (args: readonly string[], input = ""): Promise<RunResult> =>
      database.psql(passwords.all, args, { input, timeoutMs: 60_000 });

    const CASES: Readonly<Record<string, readonly string[] | { readonly input: string; readonly args?: readonly string[] }>> = {
      "one row": ["-c", "select 1 as one, 'two' as two, null as three"],
      "many rows": ["-Atc", "select generate_series(1, 20000)"],
      "no rows": ["-c", "select * from orders where id < 0"],
      "an empty statement": ["-c", ""],
      "comments only": ["-c", "-- nothing\n/* at all */"],
      "several statements in one text": ["-c", "select 1; select 2; select 3"],
      "an error in the middle of a text": ["-c", "select 1; select 1/0; select 3"],
      "a syntax error, with its place": ["-c", "select 1, frm orders"],
      "a syntax error behind an umlaut": ["-c", "select 'äöü', frm orders x y"],
      "an unknown table": ["-c", "select * from nothing_here"],
      "an unknown function": ["-c", "select nothing_here(1)"],
      "\\d": ["-c", "\\d"],
      "\\d orders": ["-c", "\\d orders"],
      "\\d+ orders": ["-c", "\\d+ orders"],
      "\\df": ["-c", "\\df"],
      "\\dn": ["-c", "\\dn"],
      "\\du": ["-c", "\\du"],
      "\\l": ["-c", "\\l"],
      "\\dp": ["-c", "\\dp"],
      "\\di": ["-c", "\\di+"],
      "\\dT": ["-c", "\\dT"],
      "\\dx": ["-c", "\\dx"],
      "\\sf": ["-c", "\\sf stamp"],
      "\\gdesc": { input: "select 1 as a, 'x'::text as b \\gdesc\n" },
      "\\gset": { input: "select 42 as answer \\gset\n\\echo :answer\n" },
      "\\gexec": { input: "select 'select ' || n from generate_series(1,3) n \\gexec\n" },
      "\\bind-like: prepare and execute": { input: "prepare p(int) as select $1 + 1;\nexecute p(41);\ndeallocate p;\n" },
      "\\errverbose": { input: "select 1/0;\n\\errverbose\n" },
      notices: ["-c", "do $$ begin raise notice 'hello %', 1; raise warning 'careful'; end $$"],
      "an exception with detail and hint": [
        "-c",
        "do $$ begin raise exception 'no' using detail = 'because', hint = 'try harder', errcode = 'P0042'; end $$",
      ],
      "transaction, committed": {
        input: "begin; create table t1(a int); insert into t1 values (1),(2); commit; select * from t1; drop table t1;\n",
      },
      "transaction, failed": { input: "begin;\nselect 1/0;\nselect 1;\nrollback;\nselect 2;\n" },
      savepoints: { input: "begin;\nsavepoint a;\nselect 1/0;\nrollback to a;\nselect 'still here';\ncommit;\n" },
      cursor: {
        input:
          "begin;\ndeclare c cursor for select generate_series(1,5);\nfetch 2 from c;\nmove 1 in c;\nfetch all from c;\nclose c;\ncommit;\n",
      },
      FETCH_COUNT: { input: "\\set FETCH_COUNT 100\nselect n from generate_series(1, 350) n;\n", args: ["-At"] },
      "LISTEN and NOTIFY": { input: "listen x;\nnotify x, 'payload';\nselect 1;\n" },
      "COPY to standard output": ["-c", "copy (select id, customer from orders order by id limit 5) to stdout with csv header"],
      "COPY from standard input": {
        input: "begin;\ncreate temp table c(a int, b text);\ncopy c from stdin;\n1\tone\n2\ttwo\n\\.\nselect * from c;\nrollback;\n",
      },
      "COPY that fails": { input: "create temp table c(a int);\ncopy c from stdin;\nnot a number\n\\.\nselect 'on';\n" },
      settings: {
        input: "set work_mem = '8MB';\nshow work_mem;\nset datestyle to german;\nselect date '2026-11-26';\nreset all;\nshow datestyle;\n",
      },
      "time zones": { input: "set timezone to 'America/New_York';\nselect timestamptz '2026-01-01 12:00 UTC';\n" },
      EXPLAIN: ["-c", "explain (costs off) select * from orders where id = 7"],
      "arrays, json, ranges, bytes": [
        "-c",
        String.raw`select array[1,2], '{"a":[1]}'::jsonb, int4range(1,5), '\xdeadbeef'::bytea, 'NaN'::float8, interval '1 day'`,
      ],
      "UTF-8": ["-c", "select 'Žluťoučký kůň 馬 🐎' as kůň"],
      "a wide row": ["-Atc", "select repeat('x', 3000000)"],
      expanded: ["-xc", "select * from orders order by id limit 2"],
      html: ["-Hc", "select 1 as a"],
      "single transaction": {
        input: "insert into orders values (100001,'a','b',1);\nselect 1/0;\n",
        args: ["-1", "-v", "ON_ERROR_STOP=1"],
      },
      returning: ["-c", "begin; insert into orders values (100002,'a','b',1) returning id; rollback"],
      "large objects": { input: "begin;\nselect lo_from_bytea(99001, '\\x010203');\nselect lo_get(99001);\nrollback;\n" },
      "a role that is not there": ["-c", "set role nobody_here"],
      "ALTER and DROP": { input: "create table a1(x int);\nalter table a1 add y text default 'z';\n\\d a1\ndrop table a1;\n" },
      CALL: {
        input: "create procedure pr() language plpgsql as $$ begin raise notice 'called'; end $$;\ncall pr();\ndrop procedure pr();\n",
      },
    };

    test.each(Object.entries(CASES))("%s", async (_name, how) => {
      const isArgs = Array.isArray(how);
      const args = isArgs ? (how as readonly string[]) : ((how as { args?: readonly string[] }).args ?? []);
      const input = isArgs ? "" : (how as { input: string }).input;
      const [expected, got] = [shown(await direct(args, input)), shown(await gate(args, input))];
      // Each connection has a process id of its own, and a notification tells whose.
      const same = (text: string): string => text.replaceAll(/PID \d+/g, "PID N");
      expect({ ...got, stdout: same(got.stdout) }).toEqual({ ...expected, stdout: same(expected.stdout) });
    });

    test("20 MB each way, byte for byte", async () => {
      const rows = Array.from(
        { length: 20_000 },
        (_, n) => `${n}\t${createHash("sha256").update(String(n)).digest("hex").repeat(16)}`,
      ).join("\n");
      const file = await sqlFile(database, "bulk.txt", `${rows}\n`);
      const into = await gate(["-c", "create unlogged table bulk(a int, b text)", "-c", `\\copy bulk from '${file}'`]);
      expect(shown(into)).toMatchObject({ status: 0, stdout: "CREATE TABLE\nCOPY 20000\n" });
      const out = await gate(["-c", "\\copy (select * from bulk order by a) to stdout"]);
      const digest = (bytes: Uint8Array | string): string => createHash("sha256").update(bytes).digest("hex");
      expect(digest(out.stdout)).toBe(digest(`${rows}\n`));
      expect((await gate(["-c", "drop table bulk"])).status).toBe(0);
    });

    test("a field of 64 MB passes without being gathered", async () => {
      const { stdout } = await gate(["-Atc", "select repeat('0123456789abcdef', 4194304)"]);
      expect(stdout.length).toBe(64 * 1024 * 1024 + 1);
    });
  });

  describe("refused", () => {
    test("a write: an error with code and hint, recorded, and the target never has it", async () => {
      const result = shown(await database.psql(passwords.read, ["-c", "delete from orders where id = 4711004"]));
      expect(result).toMatchObject({ status: 1, stdout: "" });
      expect(result.stderr).toMatch(/ERROR: {2}sallyport: .*changing rows.*\[role-denies\]\nHINT: {2}/);
      expect(database.server.log()).not.toContain("4711004");
      const [refused] = await events({ words: "4711004" });
      expect(refused).toMatchObject({ kind: "sql.refused", decision: "deny", principal: "ana", grant: grants.read.id, target: "shop-db" });
    });

    test("in a transaction: it is failed afterwards, as after any error", async () => {
      const script = "begin;\nselect 'first';\ndelete from orders;\nselect 'second';\nrollback;\nselect 'third';\n";
      const { stdout, stderr } = shown(await database.psql(passwords.read, ["-At"], { input: script }));
      expect(stdout).toBe("BEGIN\nfirst\nROLLBACK\nthird\n");
      expect(stderr).toMatch(/role-denies[\s\S]*current transaction is aborted/);
    });

    test("one of several in a text: none of them runs", async () => {
      const { stdout } = shown(await database.psql(passwords.read, ["-Atc", "select 'shown'; update orders set total = 0"]));
      expect(stdout).toBe("");
    });

    test.each([
      ["set client_encoding to latin1", "client_encoding"],
      ["set standard_conforming_strings to off", "standard_conforming_strings"],
      ["set names 'sjis'", "client_encoding"],
      ["select set_config('client_encoding', 'latin1', false)", "client_encoding"],
    ])("%s: by no role", async (sql, name) => {
      expect(shown(await database.psql(passwords.all, ["-c", sql])).stderr).toContain(`changing ${name} [role-denies]`);
    });

    test("the same by code that a role may run ends the session", async () => {
      const sql = "do $$ begin perform set_config('standard_conforming_strings', 'off', false); end $$";
      expect(shown(await database.psql(passwords.all, ["-c", sql])).stderr).toContain("[not-supported]");
    });

    test("functions: those that are allowed by name, and no other", async () => {
      expect(shown(await database.psql(passwords.fix, ["-Atc", "select stamp(7)"]))).toMatchObject({ status: 0, stdout: "7\n" });
      expect(shown(await database.psql(passwords.fix, ["-Atc", "select pg_sleep(0)"])).stderr).toContain(
        "the function pg_sleep [role-denies]",
      );
    });

    test("PGOPTIONS, replication and another encoding, before anything reaches the target", async () => {
      const before = database.server.log().length;
      for (const [more, env, word] of [
        ["options='-c work_mem=1MB'", {}, "options"],
        ["replication=database", {}, "replication"],
        ["", { PGCLIENTENCODING: "LATIN1" }, "encoding"],
      ] as const) {
        const result = shown(await database.psql(passwords.read, ["-c", "select 1"], { conninfo: database.conninfo(more), env }));
        expect(result).toMatchObject({ status: 2, stderr: expect.stringContaining(word) });
        expect(result.stderr).toContain("[not-supported]");
      }
      expect(database.server.log().length).toBe(before);
    });
  });

  describe("drivers and pipelines", () => {
    const client = async (password: string): Promise<pg.Client> => {
      const connected = new pg.Client({
        host: "127.0.0.1",
        port: database.test.gate.postgres?.port ?? 0,
        user: "ana",
        database: "shop-db",
        password,
      });
      connected.on("error", () => undefined);
      await connected.connect();
      return connected;
    };

    test("parameters are bound by the server, and recorded each time a statement runs", async () => {
      const driver = await client(passwords.fix);
      const named = { name: "by-id", text: "select customer from orders where id = $1" };
      expect((await driver.query({ ...named, values: [7] })).rows).toEqual([{ customer: "customer 7" }]);
      expect((await driver.query({ ...named, values: [8] })).rows).toEqual([{ customer: "customer 8" }]);
      await driver.query("update orders set paid = $1 where customer = $2", [true, "customer 4711005"]);
      await driver.end();
      const ran = (await events({ kinds: ["sql.statement"] })).filter(
        ({ body }) => (body as { statement: string }).statement === named.text,
      );
      expect(ran.map(({ body }) => (body as { parameters: unknown }).parameters)).toEqual([["7"], ["8"]]);
      expect(await events({ words: "4711005" })).toMatchObject([{ kind: "sql.statement", decision: "allow" }]);
    });

    test("a refused statement does not take the connection with it", async () => {
      const driver = await client(passwords.read);
      await expect(driver.query("delete from orders where id = $1", [1])).rejects.toMatchObject({ code: "42501" });
      await expect(driver.query("selec")).rejects.toMatchObject({ code: "42601", position: "1" });
      expect((await driver.query("select $1::int + 1 as n", [1])).rows).toEqual([{ n: 2 }]);
      await driver.end();
    });

    test("a pipeline: each answer in its place, what stands behind a refusal is skipped up to the next Sync", async () => {
      const raw = await connectPostgres(database.test.gate.postgres?.port ?? 0, passwords.read);
      const bind = message("B", cString(""), cString(""), int16(0), int16(0), int16(0));
      const sync = message("S");
      const one = (sql: string): Buffer[] => [frontend.encodeParse("", sql), bind, frontend.encodeExecute("")];
      raw.send(Buffer.concat([...one("select 1"), ...one("delete from orders"), ...one("select 2"), sync, ...one("select 3"), sync]));
      const letters = (messages: Buffer[]): string => messages.map((each) => String.fromCharCode(each[0] ?? 0)).join("");
      const first = await raw.readTo("Z");
      expect(letters(first)).toBe("12DCEZ");
      expect(backend.parseErrorResponse(first[4] ?? Buffer.alloc(0))).toMatchObject({ code: "42501", severity: "ERROR" });
      expect(letters(await raw.readTo("Z"))).toBe("12DCZ");
      raw.socket.destroy();
    });

    test("a function call by its number, and a portal that nobody bound, are refused in their place", async () => {
      const raw = await connectPostgres(database.test.gate.postgres?.port ?? 0, passwords.all);
      // 2169 is pg_cancel_backend.
      raw.send(message("F", Buffer.from([0, 0, 8, 0x79, 0, 0, 0, 0, 0, 0])));
      const [refused] = await raw.readTo("Z");
      expect(backend.parseErrorResponse(refused ?? Buffer.alloc(0))).toMatchObject({ code: "0A000" });
      raw.send(Buffer.concat([frontend.encodeExecute("no such portal"), message("S")]));
      const [unbound] = await raw.readTo("Z");
      expect(backend.parseErrorResponse(unbound ?? Buffer.alloc(0))).toMatchObject({ code: "0A000" });
      raw.send(frontend.encodeQuery("select 1"));
      expect(await raw.readTo("Z")).toHaveLength(4);
      raw.socket.destroy();
    });
  });

  describe("the end", () => {
    const sleeping = async (password: string, marker: string) => {
      const child = spawn("psql", ["-X", database.conninfo(), "-c", `select pg_sleep(60) as ${marker}`], {
        env: { ...process.env, PGPASSWORD: password },
        stdio: ["ignore", "pipe", "pipe"],
      });
      let text = "";
      for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (part: string) => (text += part));
      const ended = once(child, "close").then(() => text);
      const running = `select count(*) from pg_stat_activity where state = 'active' and query like '%${marker}%' and pid <> pg_backend_pid()`;
      await until(async () => (await database.server.sql(running)) === "1");
      return { child, ended, atTarget: () => database.server.sql(running) };
    };

    test("Ctrl-C cancels the statement and the session goes on", async () => {
      const { child, ended } = await sleeping(passwords.all, "by_ctrl_c");
      child.kill("SIGINT");
      expect(await ended).toContain("canceling statement due to user request");
      expect((await events({ kinds: ["sql.cancel-asked"] })).length).toBeGreaterThan(0);
    });

    test("a cancel key that is not right cancels nothing", async () => {
      const { child, atTarget, ended } = await sleeping(passwords.all, "by_guess");
      for (let guess = 1; guess < 50; guess += 1) {
        const socket = await connectRaw(database.test.gate.postgres?.port ?? 0);
        socket.write(Buffer.from([0, 0, 0, 16, 4, 0xd2, 0x16, 0x2e, 0, 0, 0, guess, 1, 2, 3, guess]));
        await once(socket.resume(), "close");
      }
      expect(await atTarget()).toBe("1");
      child.kill("SIGINT");
      await ended;
    });

    test.each(["revoked", "killed"])("%s: cut within a second, told why, and what ran at the target stops", async (how) => {
      const { gate } = database.test;
      const grant = await database.grant("all");
      const { ended, atTarget } = await sleeping(await database.password(grant.id), `by_${how}`);
      const session = gate.registry.list().find((each) => each.grant.id === grant.id);
      const start = performance.now();
      if (how === "killed") await gate.registry.kill(session?.id ?? ("" as never), "lea", "enough");
      else await gate.access.revoke(grant.id, { name: "ana" as PrincipalName, groups: ["oncall"] }, "done");
      expect(await ended).toMatch(how === "killed" ? /session-killed/ : /grant-(?:ended|revoked)/);
      expect(performance.now() - start).toBeLessThan(1000);
      await until(async () => (await atTarget()) === "0");
    });

    test("the grant's time: cut within a second of it", async () => {
      const grant = await database.grant("all", 3000);
      const { ended } = await sleeping(await database.password(grant.id), "by_time");
      expect(await ended).toContain("grant-ended");
      expect(Date.now() - grant.end).toBeLessThan(1000);
    });
  });

  describe("the password", () => {
    test("is for one target under one grant, and no key to the gate", async () => {
      const { gate } = database.test;
      const context = { door: "api", remote: "127.0.0.1:1" } as const;
      expect(await gate.identity.authenticateToken(passwords.read, context)).toMatchObject({ allowed: false, code: "not-authenticated" });
      const other = await database.psql(passwords.read, ["-c", "select 1"], {
        conninfo: database.conninfo().replace("shop-db", "other-db"),
      });
      expect(shown(other).stderr).toContain(`this login is not for "other-db" [no-grant]`);
      const named = database.conninfo().replace("user=ana dbname=shop-db", `user=ana+shop-db%${grants.all.id} dbname=shop`);
      expect(shown(await database.psql(passwords.read, ["-c", "select 1"], { conninfo: named })).stderr).toContain("[no-grant]");
    });

    test("person+target names the target, and another database is opened where the role names it", async () => {
      const conninfo = database.conninfo().replace("user=ana dbname=shop-db", "user=ana+shop-db dbname=postgres");
      const refused = shown(await database.psql(passwords.read, ["-c", "select 1"], { conninfo }));
      expect(refused.stderr).toContain(`the database "postgres", where "shop" was approved [role-denies]`);
      expect(shown(await database.psql(passwords.all, ["-Atc", "select current_database()"], { conninfo }))).toMatchObject({
        stdout: "postgres\n",
      });
    });

    test("wrong, of somebody else, of nobody: the same answer", async () => {
      const asked = async (user: string, password: string): Promise<string> => {
        const conninfo = database.conninfo().replace("user=ana", `user=${user}`);
        return shown(await database.psql(password, ["-c", "select 1"], { conninfo })).stderr;
      };
      const answers = [await asked("ana", "wrong"), await asked("lea", passwords.read), await asked("nobody", passwords.read)];
      expect(new Set(answers).size).toBe(1);
      expect(answers[0]).toContain("[not-authenticated]");
    });

    test("revoked, it ends what was opened with it", async () => {
      const { gate } = database.test;
      const grant = await database.grant("read");
      const password = await database.password(grant.id);
      const raw = await connectPostgres(gate.postgres?.port ?? 0, password);
      const token = (await gate.identity.listTokens("ana" as PrincipalName)).find(
        ({ type, revokedAt }) => type === "access" && revokedAt === undefined,
      );
      await gate.identity.revokeToken({ name: "ana" as PrincipalName }, token?.id ?? ("" as never), "lost");
      expect(await raw.ended()).toContain("[locked]");
      expect(shown(await database.psql(password, ["-c", "select 1"])).stderr).toContain("[not-authenticated]");
    });

    test("no secret is in what was recorded", async () => {
      const everything = JSON.stringify(await events());
      for (const secret of [...Object.values(passwords), database.direct().password, database.direct("admin").password]) {
        expect(everything).not.toContain(secret);
      }
    });
  });

  describe("strangers", () => {
    const answer = async (...sent: Buffer[]): Promise<string> => {
      const socket = await connectRaw(database.test.gate.postgres?.port ?? 0);
      let text = "";
      socket.on("data", (chunk: Buffer) => (text += chunk.toString("latin1")));
      for (const bytes of sent) socket.write(bytes);
      await once(socket, "close");
      return text;
    };

    test.each([
      ["no protocol at all", Buffer.from("GET / HTTP/1.1\r\n\r\n")],
      ["a startup packet of a gigabyte", Buffer.from([0x40, 0, 0, 0, 0, 3, 0, 0])],
      ["version 2", Buffer.from([0, 0, 0, 9, 0, 2, 0, 0, 0])],
      ["a password before anything", Buffer.from([0x70, 0, 0, 0, 4])],
      ["requests for TLS without end", Buffer.concat(Array.from({ length: 5 }, () => encodeSslRequest()))],
      ["no user", encodeStartup({ database: "shop-db" })],
      ["a user that is no name", encodeStartup({ user: "a/../b", database: "shop-db" })],
    ])("%s is answered with a refusal and the end", async (_name, bytes) => {
      expect(await answer(bytes)).toContain("FATAL");
    });

    test("a login message that is no SCRAM, or too long, is the end", async () => {
      const startup = encodeStartup({ user: "ana", database: "shop-db" });
      expect(await answer(startup, message("p", cString("SCRAM-SHA-256"), Buffer.alloc(4)))).toContain("FATAL");
      expect(await answer(startup, Buffer.from([0x70, 0x7f, 0xff, 0xff, 0xff]))).toContain("FATAL");
      expect(await answer(startup, frontend.encodeQuery("select 1"))).toContain("FATAL");
    });

    test("whatever a client sends once it is through, the gate lives, and the session ends or answers", async () => {
      const port = database.test.gate.postgres?.port ?? 0;
      for (const bytes of [
        Buffer.from([0x51, 0x7f, 0xff, 0xff, 0xff]),
        Buffer.from([0x51, 0, 0, 0, 3]),
        message("Q", Buffer.from("select 1")),
        message("Q", Buffer.from([0xff, 0xfe, 0])),
        message("P", Buffer.from("x")),
        message("B", Buffer.alloc(3)),
        message("p", Buffer.from("again")),
        message("R", Buffer.alloc(4)),
      ]) {
        const raw = await connectPostgres(port, passwords.all);
        raw.send(bytes);
        expect(await raw.ended()).toMatch(/protocol-error/);
      }
      await until(() => database.test.gate.registry.list().length === 0);
    });
  });

  test("the gate met no fault of its own", () => {
    expect(database.test.faults).toEqual([]);
  });
});
