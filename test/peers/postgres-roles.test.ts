/** A login role for each session, at a real server: made, used, dropped; and after a crash. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { EventKind, LoggedEvent } from "../../src/audit/event.ts";
import * as backend from "../../src/wire/postgres/backend.ts";
import * as frontend from "../../src/wire/postgres/frontend.ts";
import { startDatabase, type Database } from "../kit/database.ts";
import { requireAll, requirePeer, type Peer } from "../kit/peers.ts";
import { postgres18Server, postgresServer, startPostgres } from "../kit/postgres.ts";
import { connectPostgres, type PostgresClient } from "../kit/postgres-client.ts";
import type { RunResult } from "../kit/process.ts";
import { serveDatabase } from "../kit/serve-database.ts";
import { until } from "../kit/until.ts";

const psql = requirePeer("psql", "psql");
const sshd = requirePeer("OpenSSH server", "sshd");
const needs = (server: Peer) => requireAll(psql, server);
/** From 16 on, who makes roles has rights over those alone that it made or was given. */
const SERVERS = [
  ["the machine's", postgresServer],
  ["18", postgres18Server],
] as const;

const MAKER_PASSWORD = "of who makes roles";
const MAKER = `
create role maker login createrole password '${MAKER_PASSWORD}';
create role looks nologin;
create role edits nologin;
create role sees_verifiers nologin;
grant pg_read_all_data to sees_verifiers;
create role superb nologin superuser;
grant looks, edits to maker with admin option;
`;
const RIGHTS = "grant select on orders to looks; grant select, update, delete on orders to edits; grant create on schema public to edits;";
const ALL = "[read, write, ddl, copy, function, opaque, session, transaction]";
const LEFT = "select rolname from pg_roles where rolname like 'sallyport%' order by 1";

const textOf = (answer: readonly Buffer[]): string =>
  answer
    .filter((each) => each[0] === backend.BACKEND.dataRow)
    .map((each) => backend.parseDataRow(each).map(String).join("|"))
    .join("\n");
const roleOf = (event: LoggedEvent | undefined): unknown => (event?.body as { role?: string } | undefined)?.role;
const shown = ({ status, stdout, stderr }: RunResult) => ({ status, stdout: stdout.toString(), stderr: stderr.toString() });

describe.each(SERVERS)("PostgreSQL: %s", (_version, server) => {
  describe.skipIf(needs(server).missing)(needs(server).title("a login role for each session"), () => {
    let database: Database;
    const passwords = new Map<string, string>();

    beforeAll(async () => {
      process.env["TEST_MAKER_PASSWORD"] = MAKER_PASSWORD;
      database = await startDatabase({
        server,
        sql: MAKER + RIGHTS,
        target: "    ephemeral: { by: maker }",
        logins: ", maker: env:TEST_MAKER_PASSWORD",
        roles: {
          looks: "{ postgres: { account: looks, allow: [read, transaction] } }",
          edits: `{ postgres: { account: edits, allow: ${ALL} } }`,
          danger: "{ postgres: { account: sees_verifiers, allow: [read] } }",
          superb: "{ postgres: { account: superb, allow: [read] } }",
        },
      });
      for (const role of ["looks", "edits", "danger", "superb"])
        passwords.set(role, await database.password((await database.grant(role)).id));
    }, 120_000);
    afterAll(() => database?.[Symbol.asyncDispose]());

    const open = (role: string): Promise<PostgresClient> =>
      connectPostgres(database.test.gate.postgres?.port ?? 0, passwords.get(role) ?? "");
    const run = async (role: string, sql: string) => shown(await database.psql(passwords.get(role) ?? "", ["-At", "-c", sql]));
    const say = async (client: PostgresClient, sql: string): Promise<Buffer[]> => {
      client.send(frontend.encodeQuery(sql));
      return client.readTo("Z");
    };
    const left = (): Promise<string> => database.server.sql(LEFT);
    const events = (kind: EventKind): Promise<readonly LoggedEvent[]> =>
      database.test.gate.store.log.query({ limit: 1000, kinds: [kind], order: "desc" });
    const noneLeft = (): Promise<void> => until(async () => (await left()) === "");

    test("two sessions at once have each their own, named after person and session, with the rights of the account", async () => {
      const [one, two] = [await open("looks"), await open("edits")];
      const live = database.test.gate.registry.list().map(({ id }) => `sallyport_ana_${id}`);
      expect((await left()).split("\n")).toEqual(live.toSorted());
      expect(textOf(await say(one, "select current_user"))).toBe(live[0]);
      expect(textOf(await say(two, "select current_user"))).toBe(live[1]);
      expect(textOf(await say(one, "select count(*) from orders"))).toBe("1000");
      expect(textOf(await say(two, "update orders set paid = paid where id = 1 returning id"))).toBe("1");
      const facts = await database.server.sql(
        "select rolsuper, rolcreaterole, rolconnlimit, rolvaliduntil > now() + interval '50 min' and rolvaliduntil < now() + interval '70 min', left(rolpassword, 13) from pg_authid where rolname like 'sallyport%'",
      );
      expect(new Set(facts.split("\n"))).toEqual(new Set(["f|f|1|t|SCRAM-SHA-256"]));
      one.socket.destroy();
      await until(async () => (await left()) === live[1]);
      expect(textOf(await say(two, "select 1"))).toBe("1");
      two.socket.destroy();
      await noneLeft();
      expect(await database.server.sql("select count(*) from pg_stat_activity where usename like 'sallyport%'")).toBe("0");
    });

    test("it is in the log before it is there, and when it is gone; each connection is an errand", async () => {
      await run("looks", "select 1");
      await noneLeft();
      await until(async () => (await events("database.role-dropped"))[0]?.session === (await events("database.role-made"))[0]?.session);
      const [made, dropped] = [(await events("database.role-made"))[0], (await events("database.role-dropped"))[0]];
      expect(made).toMatchObject({ principal: "gate", target: "shop-db", body: { account: "looks", database: "shop" } });
      expect(dropped).toMatchObject({ body: { reassigned: 0, swept: false } });
      expect(roleOf(dropped)).toBe(roleOf(made));
      const errands = (await events("errand.started")).map(({ body }) => (body as { errand: string }).errand);
      expect(errands.slice(0, 2)).toEqual(["role.drop", "role.make"]);
    });

    test("what a session made is the account's afterwards", async () => {
      await run("edits", "create table made_by_session (n int); insert into made_by_session values (1)");
      await noneLeft();
      expect(await database.server.sql("select tableowner from pg_tables where tablename = 'made_by_session'", "shop")).toBe("edits");
      // Others were dropped before: this one is known by what it had.
      await until(async () =>
        (await events("database.role-dropped")).some(({ body }) => (body as { reassigned: number }).reassigned === 1),
      );
    });

    test.each([
      ["danger", "pg_read_all_data"],
      ["superb", "is a superuser"],
    ])("an account that nobody may be made a member of is refused: %s", async (role, why) => {
      const { stderr } = await run(role, "select 1");
      expect(stderr).toContain("[target-refused]");
      expect(stderr).toContain(why);
      expect(await left()).toBe("");
    });

    test("expiry in the middle of a statement: the connection ends at the target, and the role is gone", async () => {
      const grant = await database.grant("edits", 3000);
      const child = spawn("psql", ["-X", database.conninfo(), "-c", "select pg_sleep(600) as until_expiry"], {
        env: { ...process.env, PGPASSWORD: await database.password(grant.id) },
        stdio: ["ignore", "ignore", "pipe"],
      });
      let said = "";
      child.stderr.setEncoding("utf8").on("data", (part: string) => (said += part));
      await once(child, "close");
      expect(said).toContain("[grant-ended]");
      await noneLeft();
      expect(
        await database.server.sql("select count(*) from pg_stat_activity where query like '%until_expiry%' and pid <> pg_backend_pid()"),
      ).toBe("0");
    });

    test("a statement that catches its cancel does not keep the role: its connection is ended", async () => {
      const client = await open("edits");
      client.send(
        frontend.encodeQuery(
          "do $$ begin loop begin perform pg_sleep(600); exception when query_canceled then null; end; end loop; end $$",
        ),
      );
      await until(
        async () =>
          (await database.server.sql("select count(*) from pg_stat_activity where usename like 'sallyport%' and state = 'active'")) === "1",
      );
      const { gate } = database.test;
      await gate.registry.kill(gate.registry.list()[0]?.id ?? ("" as never), "lea", "enough");
      await noneLeft();
      expect(await database.server.sql("select count(*) from pg_stat_activity where usename like 'sallyport%'")).toBe("0");
      client.socket.destroy();
    });

    test("cut while its role is being made: told at once, and the role is gone however late it was made", async () => {
      const { gate } = database.test;
      const { conninfo, password } = database.direct("admin");
      const env = { ...process.env, PGPASSWORD: password };
      const locking = spawn("psql", ["-X", conninfo, "-c", "begin; lock table pg_authid in share mode; select pg_sleep(600)"], { env });
      const waits = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query like 'CREATE ROLE%'";
      try {
        await until(async () => (await database.server.sql("select count(*) from pg_locks where mode = 'ShareLock' and granted")) !== "0");
        const told = open("edits").then(
          () => "let in",
          (error: Error) => error.message,
        );
        await until(async () => (await database.server.sql(waits)) === "1");
        const start = performance.now();
        await gate.registry.kill(gate.registry.list()[0]?.id ?? ("" as never), "lea", "enough");
        expect(await told).toContain("[session-killed]");
        expect(performance.now() - start).toBeLessThan(1000);
        expect(await database.server.sql(waits)).toBe("1");
      } finally {
        locking.kill();
        await database.server.sql(
          "select pg_terminate_backend(pid) from pg_stat_activity where query like '%pg_authid in share%' and pid <> pg_backend_pid()",
        );
      }
      await until(async () => (await database.server.sql(waits)) === "0");
      await noneLeft();
    });

    test("one that cannot be dropped is loud, and dropped once it can be", async () => {
      const { gate } = database.test;
      const client = await open("edits");
      await database.server.sql("alter role maker nocreaterole");
      client.socket.destroy();
      await until(() => gate.roleTroubles().length > 0);
      expect(gate.roleTroubles()[0]).toMatch(/^sallyport_ana_\S+ on "shop-db": /);
      // It is known before it is written.
      await until(async () => (await events("database.role-left")).length > 0);
      expect((await events("database.role-left"))[0]).toMatchObject({ principal: "gate", target: "shop-db" });
      await database.server.sql("alter role maker createrole");
      await gate.sweepRoles();
      expect(gate.roleTroubles()).toEqual([]);
      expect(await left()).toBe("");
      expect((await events("database.role-dropped"))[0]?.body).toMatchObject({ swept: true });
    });

    test("targets test says what it can do, and which account it refuses", async () => {
      const { gateServices } = await import("../../src/main/services.ts");
      const { gate, dir } = database.test;
      const target = gate.configuration.current.targets.get("shop-db");
      if (!target) throw new Error("no target");
      const report = await gateServices(gate, join(dir, "data")).hosts.test(target, "olga");
      if ("allowed" in report) throw new Error(report.code);
      const found = new Map(report.findings.map(({ check, ok, detail }) => [check, { ok, detail }]));
      expect(found.get("role of a session, member of looks")).toMatchObject({ ok: true });
      expect(found.get("role of a session, member of edits")).toMatchObject({ ok: true });
      expect(found.get("role of a session, member of sees_verifiers")).toMatchObject({
        ok: false,
        detail: expect.stringContaining("pg_read_all_data"),
      });
      expect(await left()).toBe("");
    });

    test("no password of a role is in what was recorded, nor in the server's log, whatever goes wrong with making it", async () => {
      const { server: at } = database;
      for (const [breaks, mends] of [
        ["alter role maker nocreaterole", "alter role maker createrole"],
        ["alter role looks rename to away", "alter role away rename to looks"],
      ] as const) {
        await at.sql(breaks);
        const { stderr } = await run("looks", "select 1");
        await at.sql(mends);
        expect(stderr).toContain("[target-refused]");
      }
      expect(at.log()).toMatch(/STATEMENT: {2}CREATE ROLE "sallyport_ana_/);
      await database.test.gate.sweepRoles();
      expect(await left()).toBe("");
      expect(JSON.stringify(await database.test.gate.store.log.query({ limit: 5000 }))).not.toContain("SCRAM-SHA-256$");
      expect(database.server.log()).not.toContain("SCRAM-SHA-256$");
    });
  });

  describe.skipIf(needs(server).missing || sshd.missing)(needs(server).title("kill -9 of a gate that made roles"), () => {
    test("the next start drops what is its own, and nothing else", { timeout: 120_000 }, async () => {
      await using running = await startPostgres({ server });
      await running.sql(MAKER);
      // Beginning as ours, and of another gate, of nobody, and with a comment that only looks like a mark.
      await running.sql(`
      create role sallyport_other; comment on role sallyport_other is 'sallyport role of other.example/a s-0000000000 looks';
      create role sallyport_bare;
      create role sallyport_odd; comment on role sallyport_odd is 'sallyport role of test.example/a nonsense';`);
      await using served = await serveDatabase(running, {
        roles: { looks: "{ postgres: { account: looks, allow: [read, function] } }" },
        target: "    ephemeral: { by: maker }",
        logins: { maker: MAKER_PASSWORD },
      });
      const { gate, connect } = served;
      const client = await connect("looks");
      client.send(frontend.encodeQuery("select pg_sleep(600)"));
      await until(
        async () =>
          (await running.sql("select count(*) from pg_stat_activity where query like '%pg_sleep(600)%' and pid <> pg_backend_pid()")) ===
          "1",
      );
      await gate.kill9();
      expect(await running.sql(LEFT)).toContain("sallyport_ana_");
      await gate.restart();
      await until(async () => (await running.sql(LEFT)) === "sallyport_bare\nsallyport_odd\nsallyport_other");
      expect(
        await running.sql("select count(*) from pg_stat_activity where query like '%pg_sleep(600)%' and pid <> pg_backend_pid()"),
      ).toBe("0");
    });
  });
});
