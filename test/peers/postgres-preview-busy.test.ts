import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { STATEMENT_MS } from "../../src/proxy/postgres/preview/dry-run.ts";
import type { Hold } from "../../src/session/holds.ts";
import { encodeQuery } from "../../src/wire/postgres/frontend.ts";
import { ADMIN_PASSWORD, APP_PASSWORD, LEA, startDatabase, type Database } from "../kit/database.ts";
import { requirePeer } from "../kit/peers.ts";
import { psqlAndServer, startPostgres } from "../kit/postgres.ts";
import { serveDatabase } from "../kit/serve-database.ts";
import { until } from "../kit/until.ts";

const sshd = requirePeer("OpenSSH server", "sshd");
const { missing, title } = psqlAndServer;

/** What a definition may keep others waiting for: for its lock, and while it has it. */
const BUDGET_MS = 100 + 500;
const WRITERS = 4;
const PHASE_MS = 4000;

const SQL = `
create table accounts (id int primary key, owner text not null, balance int not null);
insert into accounts select n, 'owner ' || n, 100 from generate_series(1, 20000) n;
grant select, insert, update, delete on accounts to app;
alter table accounts owner to admin;
`;
/** Row after row, each of which takes long to find out: more than a trial may take. */
const SLOW = `update accounts set balance = (select count(*) from generate_series(1, 3000) a, generate_series(1, 1000) b where a > accounts.id)`;

/** What the gate has at the target that is in a transaction, or holds anything of the table. */
const HELD = `select count(*) from pg_stat_activity a where a.pid <> pg_backend_pid() and application_name <> 'writer'
  and (state like 'idle in transaction%' or state = 'active' and backend_type = 'client backend'
       or exists (select from pg_locks l where l.pid = a.pid and l.relation = 'accounts'::regclass))`;

describe.skipIf(missing)(title("previews on a busy table"), () => {
  let database: Database;
  let careful: string;
  let maker: string;

  beforeAll(async () => {
    database = await startDatabase({
      sql: SQL,
      roles: {
        careful: "{ postgres: { account: app, allow: [read, transaction, session], hold: [write], unmasked: ['*'] } }",
        maker: "{ postgres: { account: admin, allow: [read, transaction], hold: [write, ddl], unmasked: ['*'] } }",
      },
    });
    careful = await database.password((await database.grant("careful")).id);
    maker = await database.password((await database.grant("maker")).id);
  }, 120_000);
  afterAll(() => database[Symbol.asyncDispose]());

  const connect = async (password: string): Promise<pg.Client> => {
    const client = new pg.Client({
      host: "127.0.0.1",
      port: database.test.gate.postgres?.port ?? 0,
      user: "ana",
      database: "shop-db",
      password,
    });
    client.on("error", () => undefined);
    await client.connect();
    return client;
  };
  const direct = async (user: "app" | "admin", name: string): Promise<pg.Client> => {
    const password = user === "app" ? APP_PASSWORD : ADMIN_PASSWORD;
    const client = new pg.Client({
      host: "127.0.0.1",
      port: database.server.port,
      user,
      database: "shop",
      password,
      application_name: name,
    });
    await client.connect();
    return client;
  };
  /** Ctrl-C, on a connection of its own. */
  const cancel = (client: pg.Client, query: pg.Query): void => {
    const other = new pg.Client({ host: "127.0.0.1", port: database.test.gate.postgres?.port ?? 0 });
    (other as unknown as { cancel(client: pg.Client, query: pg.Query): void }).cancel(client, query);
  };
  const held = (): Promise<string> => database.server.sql(HELD, "shop");
  const isTried = async (): Promise<boolean> =>
    (await database.server.sql(
      // What runs so long is neither its plan nor what is asked before.
      "select count(*) from pg_stat_activity where query like '%generate_series(1, 3000)%' and pid <> pg_backend_pid() and state = 'active' and clock_timestamp() - query_start > interval '100 ms'",
    )) !== "0";
  const logged = (text: string): number => database.server.log().split(text).length - 1;

  /** How long each write of theirs took, while `work` is done. */
  const writing = async (work: (signal: AbortSignal) => Promise<void>): Promise<number[]> => {
    const stop = new AbortController();
    const took: number[] = [];
    const clients = await Promise.all(Array.from({ length: WRITERS }, () => direct("app", "writer")));
    const writers = clients.map(async (client, at) => {
      for (let n = at; !stop.signal.aborted; n += 37) {
        const from = performance.now();
        await client.query("update accounts set balance = balance + 1 where id = $1", [1 + (n % 2000)]);
        took.push(performance.now() - from);
      }
      await client.end();
    });
    await work(AbortSignal.timeout(PHASE_MS));
    stop.abort();
    await Promise.all(writers);
    return took;
  };
  const figures = (took: readonly number[]): string => {
    const sorted = took.toSorted((a, b) => a - b);
    const at = (part: number): string => `${(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0).toFixed(1)} ms`;
    return `${sorted.length} writes, p50 ${at(0.5)}, p99 ${at(0.99)}, max ${at(1)}`;
  };

  test("no lock of a preview is older than its budget, and none is left", { timeout: 120_000 }, async () => {
    const watcher = await direct("admin", "watcher");
    /** By the server's clock: how long what holds a lock that others wait for has been at it. */
    let oldest = 0;
    const watch = async (signal: AbortSignal): Promise<void> => {
      while (!signal.aborted) {
        const { rows } = await watcher.query<{ ms: string }>(
          `select extract(epoch from clock_timestamp() - a.query_start) * 1000 as ms from pg_locks l join pg_stat_activity a using (pid)
            where l.relation = 'accounts'::regclass and l.granted and l.mode in ('AccessExclusiveLock', 'ShareLock')
              and a.application_name not in ('writer', 'watcher')`,
        );
        for (const { ms } of rows) oldest = Math.max(oldest, Number(ms));
        await delay(2);
      }
    };
    const counts = { changes: 0, definitions: 0, held: 0, failed: 0 };
    const previewing = async (signal: AbortSignal): Promise<void> => {
      const [engineer, other] = [await connect(careful), await connect(maker)];
      const asked = async (client: pg.Client, sql: string): Promise<void> => {
        const { rows } = await client.query<{ preview: string }>(`/* sallyport: preview */ ${sql}`);
        if (rows[0]?.preview.startsWith("It would change") !== true && !sql.startsWith("alter") && !sql.startsWith("create"))
          counts.failed += 1;
      };
      const changes = async (): Promise<void> => {
        while (!signal.aborted) {
          await asked(engineer, `update accounts set owner = 'x' where id between ${1 + (counts.changes % 40)} and 50`);
          counts.changes += 1;
        }
      };
      const definitions = async (): Promise<void> => {
        const all = ["alter table accounts add column at timestamptz default clock_timestamp()", "create index on accounts (owner)"];
        while (!signal.aborted) {
          await asked(other, all[counts.definitions % 2] ?? "");
          counts.definitions += 1;
          await delay(50);
        }
      };
      const holding = async (): Promise<void> => {
        const client = await connect(careful);
        const { holds } = database.test.gate;
        while (!signal.aborted) {
          let ended: unknown;
          const running = client.query("update accounts set balance = 0 where id <= 10").catch((error: unknown) => (ended = error));
          const waits = (): Hold | undefined => holds.list().find(({ state }) => state === "waiting");
          await until(() => waits() !== undefined || ended !== undefined);
          const hold = waits();
          if (hold) await holds.decide(hold.id, LEA, false, "no");
          await running;
          counts[hold ? "held" : "failed"] += 1;
        }
        await client.end();
      };
      await Promise.all([changes(), definitions(), holding(), watch(signal)]);
      await Promise.all([engineer.end(), other.end()]);
    };
    const alone = await writing(async (signal) => {
      while (!signal.aborted) await delay(10);
    });
    const beside = await writing(previewing);
    await watcher.end();
    console.log(`writers alone: ${figures(alone)}\nbeside previews: ${figures(beside)}\n${JSON.stringify(counts)}`);
    console.log(`oldest lock of a definition ${oldest.toFixed(0)} ms, budget ${BUDGET_MS} ms`);
    expect(counts.changes).toBeGreaterThan(0);
    expect(counts.definitions).toBeGreaterThan(0);
    expect(counts.held).toBeGreaterThan(0);
    // The server's own timers: beyond it only what a machine without a free core adds.
    expect(oldest).toBeLessThan(BUDGET_MS + 1000);
    expect(await held()).toBe("0");
    expect(await database.server.sql("select count(*) from accounts where owner = 'x' or balance = 0", "shop")).toBe("0");
  });

  describe("definitions that are tried out again and again", () => {
    /** Written anew row by row, as long as a trial may take. */
    const LONG = "alter table big add column at timestamptz default clock_timestamp()";
    beforeAll(async () => {
      await database.server.sql(
        "create table big as select n as id from generate_series(1, 150000) n; alter table big owner to admin; grant all on big to app",
        "shop",
      );
    });

    test("wait for each other, and are not given up for one another's locks", { timeout: 60_000 }, async () => {
      const clients = await Promise.all(Array.from({ length: 4 }, () => connect(maker)));
      const all = await Promise.all(clients.map((client) => client.query<{ preview: string }>(`/* sallyport: preview */ ${LONG}`)));
      for (const { rows } of all) expect(rows.map(({ preview }) => preview).join("\n")).not.toContain("others hold what it has to lock");
      await Promise.all(clients.map((client) => client.end()));
    });

    test(
      "are refused once they have kept others waiting for long enough, held ones too; changes are not",
      { timeout: 60_000 },
      async () => {
        const client = await connect(maker);
        const from = performance.now();
        let tried = 0;
        const untilRefused = async (): Promise<unknown> => {
          for (; ; tried += 1) {
            const ended = await client.query(`/* sallyport: preview */ ${LONG}`).catch((error: unknown) => error);
            if (ended instanceof Error) return ended;
          }
        };
        const refused = await untilRefused();
        console.log(`definitions tried out before a refusal: ${tried} in ${((performance.now() - from) / 1000).toFixed(1)} s`);
        expect(refused).toMatchObject({
          code: "53300",
          message: expect.stringMatching(/your trials of definitions have kept rows or tables of shop-db\/shop locked .*\[rate-limited\]/),
          hint: expect.stringMatching(/^Try: the same in \d+ s$/),
        });
        // Neither is an approver shown nothing for it.
        for (const sql of [LONG, "create table later (id int)"]) await expect(client.query(sql)).rejects.toThrow("[rate-limited]");
        expect(database.test.gate.holds.list().filter(({ state }) => state === "waiting")).toEqual([]);
        const { rows } = await client.query<{ preview: string }>("/* sallyport: preview */ update accounts set owner = 'x' where id = 1");
        expect(rows[0]?.preview).toContain("It would change 1 row");
        await client.end();
      },
    );
  });

  test("rows of a write without end are held no longer than its trial may take", { timeout: 60_000 }, async () => {
    const engineer = await connect(careful);
    const watcher = await direct("admin", "watcher");
    const over = new AbortController();
    const asked = engineer.query<{ preview: string }>(`/* sallyport: preview */ ${SLOW}`).finally(() => over.abort());
    /** By the server's clock, since the transaction that locks rows began. */
    let oldest = 0;
    while (!over.signal.aborted) {
      const { rows } = await watcher.query<{ ms: string }>(
        `select extract(epoch from clock_timestamp() - a.xact_start) * 1000 as ms from pg_locks l join pg_stat_activity a using (pid)
          where l.relation = 'accounts'::regclass and l.granted and l.mode = 'RowExclusiveLock'`,
      );
      for (const { ms } of rows) oldest = Math.max(oldest, Number(ms));
      await delay(20);
    }
    expect((await asked).rows.map(({ preview }) => preview).join("\n")).toContain("canceling statement due to statement timeout");
    console.log(`oldest lock of a write without end ${oldest.toFixed(0)} ms, budget ${STATEMENT_MS} ms`);
    expect(oldest).toBeGreaterThan(STATEMENT_MS / 2);
    // What the gate asks before and after it is in the same transaction.
    expect(oldest).toBeLessThan(STATEMENT_MS + 1000);
    expect(await held()).toBe("0");
    await Promise.all([engineer.end(), watcher.end()]);
  });

  test("Ctrl-C while it is tried out stops it at the target, and the session goes on", async () => {
    const [user, late] = [logged("canceling statement due to user request"), logged("canceling statement due to statement timeout")];
    for (const sql of [SLOW, `/* sallyport: preview */ ${SLOW}`]) {
      for (const values of [undefined, []]) {
        const client = await connect(careful);
        const query = new pg.Query({ text: sql, ...(values && { values, queryMode: "extended" }) } as pg.QueryConfig);
        const failed = new Promise<Error>((resolve, reject) => query.once("error", resolve).once("end", () => reject(new Error("it ran"))));
        client.query(query);
        await until(isTried);
        cancel(client, query);
        expect((await failed).message).toMatch(/canceling statement due to user request|given up/);
        expect((await client.query("select 1 as n")).rows).toEqual([{ n: 1 }]);
        await until(async () => (await held()) === "0");
        await client.end();
      }
    }
    expect(logged("canceling statement due to user request") - user).toBe(4);
    expect(logged("canceling statement due to statement timeout") - late).toBe(0);
  });

  test("a client that goes away while it is tried out stops it at the target", async () => {
    const late = logged("canceling statement due to statement timeout");
    for (const values of [undefined, []]) {
      const client = await connect(careful);
      void client.query({ text: SLOW, ...(values && { values, queryMode: "extended" }) } as pg.QueryConfig).catch(() => undefined);
      await until(isTried);
      (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
      await until(async () => (await held()) === "0");
    }
    // It would have ended by that.
    expect(logged("canceling statement due to statement timeout") - late).toBe(0);
    expect(database.test.gate.holds.list().filter(({ state }) => state === "waiting")).toEqual([]);
  });
});

describe.skipIf(missing || sshd.missing)(title("kill -9 of a gate that tries something out"), () => {
  test("leaves nothing in a transaction, and no lock", { timeout: 120_000 }, async () => {
    process.env["TEST_APP_PASSWORD"] = APP_PASSWORD;
    await using server = await startPostgres();
    await server.sql(`create role app login password '${APP_PASSWORD}'; create role admin; ${SQL}`);
    await using served = await serveDatabase(server, {
      roles: { fixes: "{ postgres: { account: app, allow: [read], hold: [write] } }" },
      logins: { app: APP_PASSWORD },
    });
    const client = await served.connect("fixes");
    client.send(encodeQuery(`/* sallyport: preview */ ${SLOW}`));
    const locked = "select count(*) from pg_locks l where l.relation = 'accounts'::regclass and l.mode = 'RowExclusiveLock'";
    await until(async () => (await server.sql(locked)) === "1");
    await served.gate.kill9();
    await until(async () => (await server.sql(HELD)) === "0");
    expect(await server.sql("select min(balance), max(balance) from accounts")).toBe("100|100");
  });
});
