/** Drivers through the gate and directly: what they decode, and each field of the errors that they show, are equal. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import pg from "pg";
import postgres from "postgres";
import { startDatabase, type Database } from "../kit/database.ts";
import { psqlAndServer } from "../kit/postgres.ts";
import { bothWays, compareProgram, type BothWays, type Way } from "../kit/postgres-differential.ts";
import { jdbc, pgx, psycopg, type Driver } from "../kit/postgres-drivers.ts";

const { missing, title } = psqlAndServer;

const SQL = `
set role admin;
create table items (id bigserial primary key, label text not null unique, size int, extra jsonb);
insert into items (label, size, extra) select 'item ' || n, n, jsonb_build_object('n', n) from generate_series(1, 30) n;
create index items_size on items(size);
create procedure outs(in a int, out b int, inout c int) language plpgsql as $$ begin b := a + 1; c := c * 2; end $$;
`;
const TYPES = `select 1::int2, 2::int8, 1.5::float8, 12.50::numeric, true, 'ü'::text, '\\x0001'::bytea, date '2026-11-26',
  timestamptz '2026-01-01 00:00Z', interval '1 day 2 hours', '{1,2}'::int[], '{"a": [1]}'::jsonb, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid, null, row(1,'a')`;

/** What came of it, or each field of its error. */
async function outcome(made: () => Promise<unknown>): Promise<unknown> {
  try {
    return { made: await made() };
  } catch (error) {
    const { message, stack: _stack, ...fields } = error as Error & Record<string, unknown>;
    return {
      message,
      fields: Object.fromEntries(Object.entries(fields).filter(([name]) => !["query", "parameters", "args", "types"].includes(name))),
    };
  }
}

describe.skipIf(missing)(title("drivers through the gate, as direct"), () => {
  let database: Database;
  let ways: BothWays;

  beforeAll(async () => {
    database = await startDatabase({ sql: SQL });
    ways = await bothWays(database);
  });
  afterAll(() => database[Symbol.asyncDispose]());

  /** `least`: what a program that broke off would not reach. */
  const DRIVERS: readonly [name: string, driver: Driver, least: number][] = [
    ["psycopg 3 and psycopg2", psycopg, 38],
    ["JDBC", jdbc, 54],
    ["pgx", pgx, 41],
  ];
  describe.each(DRIVERS)("%s", (name, { peer, command, fromMaven }, least) => {
    const isOptional = peer.missing && fromMaven === true;
    test.skipIf(peer.missing && !isOptional)(isOptional ? name : peer.title(`${name}: every case`), async ({ skip }) => {
      skip(isOptional, `${name}: Maven had none for this machine`);
      const { program, args, env } = command(database.test.dir);
      const { expected, got } = await compareProgram(ways, program, { args, ...(env && { env }) });
      expect(expected.status).toBe(0);
      const cases = expected.stdout.trimEnd().split("\n");
      expect(cases.length).toBeGreaterThanOrEqual(least);
      expect(got.stdout.trimEnd().split("\n")).toEqual(cases);
      expect(got.status).toBe(0);
      // psycopg says at its end that a pipeline was given up, directly too, and not each time; with the port in it.
      const said = ({ stderr }: { stderr: string }): string => stderr.replaceAll(/^error ignored terminating .*\n/gm, "");
      expect([said(expected), said(got)]).toEqual(["", ""]);
    });
  });

  describe("pg", () => {
    const through = async (way: Way, use: (client: pg.Client) => Promise<unknown>): Promise<unknown> => {
      const client = new pg.Client({ ...way });
      client.on("error", () => undefined);
      await client.connect();
      try {
        return await outcome(() => use(client));
      } finally {
        await client.end();
      }
    };
    const rows = async (client: pg.Client, query: string | pg.QueryConfig, values?: unknown[]): Promise<unknown> => {
      const result = await client.query(query as string, values);
      const list = Array.isArray(result) ? (result as pg.QueryResult[]) : [result];
      return list.map(({ command, rowCount, rows: found, fields }) => ({ command, rowCount, found, fields }));
    };
    const CASES: Readonly<Record<string, (client: pg.Client) => Promise<unknown>>> = {
      types: (client) => rows(client, TYPES),
      "types in binary": (client) => rows(client, { text: TYPES, binary: true } as pg.QueryConfig),
      parameters: (client) => rows(client, "select $1::int + 1 as n, $2::text as t, $3::jsonb as j", [1, "ü", { a: [1] }]),
      "a statement with a name, twice": async (client) => [
        await rows(client, { name: "n", text: "select $1::int as n", values: [1] }),
        await rows(client, { name: "n", text: "select $1::int as n", values: [2] }),
      ],
      "several statements": (client) => rows(client, "select 1 as a; select 2 as b; update items set size = 1 where false"),
      "an error": (client) => rows(client, "select nothing from items"),
      "a unique error": (client) => rows(client, "insert into items(id, label) values (1, 'x')"),
      "an error with a name, and on": async (client) => {
        const failed = await outcome(() => rows(client, { name: "e", text: "select 1/$1::int", values: [0] }));
        return [failed, await rows(client, { name: "e", text: "select 1/$1::int", values: [1] })];
      },
      "twenty at once": (client) => Promise.all(Array.from({ length: 20 }, (_, n) => rows(client, "select $1::int as n", [n]))),
      "rows as arrays": (client) => rows(client, { text: "select 1, 2, 1", rowMode: "array" } as unknown as pg.QueryConfig),
      "notices and notifications": async (client) => {
        const heard: unknown[] = [];
        client.on("notice", ({ message, severity, code }) => heard.push({ message, severity, code }));
        client.on("notification", ({ channel, payload }) => heard.push({ channel, payload }));
        await client.query("listen pgdriver");
        await client.query("do $$ begin raise notice 'said'; end $$");
        await client.query("notify pgdriver, 'x'");
        await client.query("select 1");
        return heard;
      },
      "a transaction that fails": async (client) => {
        await client.query("begin");
        const failed = await outcome(() => rows(client, "select 1/0"));
        const after = await outcome(() => rows(client, "select 1"));
        return [failed, after, await rows(client, "rollback")];
      },
      "statement_timeout of the driver's": async (client) => rows(client, "show statement_timeout"),
    };

    test.each(Object.entries(CASES))("%s", async (_name, use) => {
      const expected = await through(ways.direct, use);
      expect(await through(ways.gate, use)).toEqual(expected);
    });

    test("timeouts that it sends when it connects are in force", async () => {
      const asked = async (way: Way): Promise<unknown> => {
        const client = new pg.Client({ ...way, statement_timeout: 12_345, lock_timeout: 2345, idle_in_transaction_session_timeout: 3456 });
        await client.connect();
        const found = (await client.query("select name, setting from pg_settings where name ~ 'timeout$' order by 1")).rows as unknown;
        await client.end();
        return found;
      };
      const expected = await asked(ways.direct);
      expect(JSON.stringify(expected)).toContain("12345");
      expect(await asked(ways.gate)).toEqual(expected);
    });

    test("a setting that the gate does not pass on is refused by its name, and not left out", async () => {
      const { gate } = ways;
      const client = new pg.Client({ ...gate, ...({ fallback_application_name: "x" } as object), options: "-c search_path=other" });
      await expect(client.connect()).rejects.toMatchObject({ code: "0A000", message: expect.stringContaining("options") as string });
    });
  });

  describe("postgres.js", () => {
    const through = async (way: Way, use: (sql: postgres.Sql) => Promise<unknown>): Promise<unknown> => {
      const { host, port, user, database: name, password } = way;
      const said: unknown[] = [];
      const sql = postgres({
        host,
        port,
        user,
        database: name,
        password,
        max: 2,
        onnotice: ({ severity, message }) => said.push({ severity, message }),
      });
      try {
        return { outcome: await outcome(() => use(sql)), said };
      } finally {
        await sql.end({ timeout: 5 });
      }
    };
    const CASES: Readonly<Record<string, (sql: postgres.Sql) => Promise<unknown>>> = {
      types: async (sql) => [...(await sql.unsafe(TYPES))],
      parameters: async (sql) => [...(await sql`select ${1}::int + 1 as n, ${"ü"}::text as t, ${sql.json({ a: [1] })}::jsonb as j`)],
      columns: async (sql) =>
        (await sql`select * from items limit 1`).columns.map(({ name, type, table, number }) => ({ name, type, table, number })),
      "an error": async (sql) => [...(await sql`select nothing from items`)],
      "fifty at once": (sql) => Promise.all(Array.from({ length: 50 }, (_, n) => sql`select ${n}::int as n`.then((found) => [...found]))),
      "several statements": async (sql) =>
        (await sql.unsafe("select 1 as a; select 2 as b").simple()).map((each) => Array.from(each as unknown as object[])),
      "a cursor": async (sql) => {
        const parts: unknown[] = [];
        for await (const part of sql`select n from generate_series(1, 25) n`.cursor(10)) parts.push([...part]);
        return parts;
      },
      "a transaction with a savepoint": (sql) =>
        sql.begin(async (inner) => {
          const failed = await outcome(() => inner.savepoint((deeper) => deeper`select 1/0`));
          return [failed, [...(await inner`select 'on' as on`)]];
        }),
      notices: async (sql) => [...(await sql.unsafe("do $$ begin raise notice 'said'; end $$"))],
      notifications: async (sql) => {
        const heard = Promise.withResolvers<string>();
        await sql.listen("postgresjs", heard.resolve);
        await sql.notify("postgresjs", "x");
        return heard.promise;
      },
      "copying out": async (sql) => {
        let text = "";
        for await (const chunk of await sql`copy (select id, label from items order by id) to stdout`.readable()) text += String(chunk);
        return text;
      },
      "described only": async (sql) => {
        const { types, columns } = await sql`select ${1}::int as a, ${"x"}::text as b`.describe();
        return { types, columns };
      },
      "a statement that is cancelled": async (sql) => {
        const query = sql`select pg_sleep(60)`;
        setTimeout(() => query.cancel(), 300);
        return [...(await query)];
      },
    };

    test.each(Object.entries(CASES))("%s", async (_name, use) => {
      const expected = await through(ways.direct, use);
      expect(await through(ways.gate, use)).toEqual(expected);
    });
  });
});
