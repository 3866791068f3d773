/** Held statements that are given up by Ctrl-C, while they are tried and while they wait: nothing of them stays anywhere, and nobody beside them notices. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseBackendKeyData } from "../../src/wire/postgres/backend.ts";
import { cString, int16, int32, message } from "../../src/wire/postgres/fields.ts";
import { encodeDescribe, encodeExecute, encodeQuery, encodeSync } from "../../src/wire/postgres/frontend.ts";
import { encodeCancelRequest } from "../../src/wire/postgres/startup.ts";
import { startDatabase, type Database } from "../kit/database.ts";
import { besideNeighbour } from "../kit/neighbour.ts";
import { postgresServer } from "../kit/postgres.ts";
import { connectPostgres, connectRaw, type PostgresClient } from "../kit/postgres-client.ts";
import { until } from "../kit/until.ts";

const AT_ONCE = 4;
const ROUNDS = 5;
const MOST_PARAMETERS = 65_535;
/** A trial of `slow` lasts until it is ended. */
const SQL = `
create table quick (id int primary key, n int);
insert into quick select n, 0 from generate_series(1, 100) n;
create table slow (id int primary key, n int);
insert into slow select n, 0 from generate_series(1, 100) n;
create function sleeps() returns trigger language plpgsql as $$ begin perform pg_sleep(600); return new; end $$;
create trigger sleeps before update on slow for each row execute function sleeps();
grant all on all tables in schema public to app;
`;

describe.skipIf(postgresServer.missing)(postgresServer.title("held statements that are given up"), () => {
  let database: Database;
  let [careful, all] = ["", ""];

  beforeAll(async () => {
    database = await startDatabase({
      sql: SQL,
      previewFunctions: "[sleeps]",
      roles: { careful: "{ postgres: { account: app, allow: [read, transaction], hold: [write] } }" },
    });
    careful = await database.password((await database.grant("careful")).id);
    all = await database.password((await database.grant("all")).id);
  }, 60_000);
  afterAll(() => database?.[Symbol.asyncDispose]());

  const port = (): number => database.test.gate.postgres?.port ?? 0;
  const neighbour = (): Promise<PostgresClient> => connectPostgres(port(), all);
  const sleeping = async (): Promise<number> =>
    Number(await database.server.sql("select count(*) from pg_stat_activity where wait_event = 'PgSleep'"));
  const waiting = (): number => database.test.gate.holds.list().filter(({ state }) => state === "waiting").length;
  const cancel = async ({ parameters }: Awaited<ReturnType<typeof connectPostgres>>): Promise<void> => {
    const key = parseBackendKeyData(parameters.find(([type]) => type === "K".charCodeAt(0)) ?? Buffer.alloc(0));
    const socket = await connectRaw(port());
    socket.resume().end(encodeCancelRequest(key.processId, key.secret));
    await new Promise((resolve) => socket.once("close", resolve));
  };

  test.each([
    // A trial has five seconds: on a busy machine the first may wait already when the last begins.
    ["while they are tried", "slow", async (): Promise<boolean> => (await sleeping()) + waiting() === AT_ONCE],
    ["while they wait", "quick", async (): Promise<boolean> => waiting() === AT_ONCE],
    ["as soon as they are sent", "quick", async (): Promise<boolean> => true],
  ] as const)("%s", { timeout: 60_000 }, async (when, table, isReached) => {
    await besideNeighbour(`${AT_ONCE * ROUNDS} held statements given up ${when}`, neighbour, async () => {
      const clients = await Promise.all(Array.from({ length: AT_ONCE }, () => connectPostgres(port(), careful)));
      for (let round = 0; round < ROUNDS; round += 1) {
        for (const [at, client] of clients.entries()) client.send(encodeQuery(`update ${table} set n = n + 1 where id = ${at + 1}`));
        await until(isReached);
        // A cancel that comes before its statement cancels nothing, as at a server: Ctrl-C is pressed again.
        const answers = Promise.all(clients.map(async (client) => Buffer.concat(await client.readTo("Z")).toString("latin1")));
        const state = { isOver: false };
        void answers.finally(() => (state.isOver = true));
        await until(async () => {
          if (!state.isOver) await Promise.all(clients.map(cancel));
          return state.isOver;
        });
        for (const answer of await answers) expect(answer).toMatch(/57014|not-approved/);
      }
      // The sessions go on.
      for (const client of clients) {
        client.send(encodeQuery("select 'goes on'"));
        expect(Buffer.concat(await client.readTo("Z")).toString("latin1")).toContain("goes on");
        client.socket.destroy();
      }
    });
    expect(waiting()).toBe(0);
    await until(async () => (await sleeping()) === 0);
    expect(await database.server.sql(`select sum(n) from ${table}`, "shop")).toBe("0");
    expect(await database.server.sql("select count(*) from pg_stat_activity where state like 'idle in transaction%'")).toBe("0");
  });

  test("one of 65,535 parameters waits like any other", { timeout: 60_000 }, async () => {
    const client = await connectPostgres(port(), careful);
    const fields = (make: (at: number) => Buffer): Buffer => Buffer.concat(Array.from({ length: MOST_PARAMETERS }, (_, at) => make(at)));
    const value = (at: number): Buffer => Buffer.concat([int32(String(at).length), Buffer.from(String(at))]);
    const int4 = int32(23);
    // By hand: what encodes it in the gate is tried here too.
    const sent = Buffer.concat([
      message(
        "P",
        cString(""),
        cString("update quick set n = $1 + $65535 where id = 1"),
        int16(MOST_PARAMETERS),
        fields(() => int4),
      ),
      message("B", cString(""), cString(""), int16(0), int16(MOST_PARAMETERS), fields(value), int16(0)),
      encodeDescribe("portal", ""),
      encodeExecute(""),
      encodeSync(),
    ]);
    await besideNeighbour("a held statement of 65,535 parameters", neighbour, async () => {
      client.send(sent);
      await until(() => waiting() === 1);
      const hold = database.test.gate.holds.list().find(({ state }) => state === "waiting");
      expect(hold?.preview).toMatchObject({ possible: true, rows: 1, after: [["1", String(MOST_PARAMETERS - 1)]] });
      await cancel(client);
      expect(Buffer.concat(await client.readTo("Z")).toString("latin1")).toMatch(/57014|not-approved/);
    });
    client.socket.destroy();
  });

  test("the gate met no fault of its own", () => {
    expect(database.test.faults).toEqual([]);
  });
});
