/** Somebody sets the clock of a running gate: what has ended stays so, what runs or waits ends when its time has passed, a small step ends nothing. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Hold } from "../../src/session/holds.ts";
import { encodeQuery } from "../../src/wire/postgres/frontend.ts";
import { LEA, startDatabase, waitingHold, type Database } from "../kit/database.ts";
import { JumpingClock } from "../kit/jumping-clock.ts";
import { connectPostgres, type PostgresClient } from "../kit/postgres-client.ts";
import { postgresServer } from "../kit/postgres.ts";
import { until } from "../kit/until.ts";

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

describe.skipIf(postgresServer.missing)(postgresServer.title("databases, when the wall clock is set"), () => {
  let clock: JumpingClock;
  let database: Database;
  beforeEach(async () => {
    clock = new JumpingClock();
    database = await startDatabase({ clock, roles: { held: "{ postgres: { account: app, allow: [read, transaction], hold: [write] } }" } });
  }, 60_000);
  afterEach(async () => {
    const { faults } = database.test;
    await database[Symbol.asyncDispose]();
    if (faults.length > 0) throw new AggregateError(faults, "the gate met a fault of its own");
  });

  const passwordFor = async (role: string, durationMs?: number): Promise<string> =>
    database.password((await database.grant(role, durationMs)).id);
  const connect = (password: string): Promise<PostgresClient> => connectPostgres(database.test.gate.postgres?.port ?? 0, password);
  const ask = async (client: PostgresClient, sql: string): Promise<string> => {
    client.send(encodeQuery(sql));
    return Buffer.concat(await client.readTo("Z")).toString("latin1");
  };
  const hold = async (client: PostgresClient): Promise<Hold> => {
    client.send(encodeQuery("update orders set paid = true where id = 1"));
    return waitingHold(database);
  };
  const running = (): Promise<string> =>
    database.server.sql("select count(*) from pg_stat_activity where query like 'select pg_sleep%' and state = 'active'", "shop");

  test("a day forward: what is idle, runs, waits for an approver or is tried out ends within a second; going back revives nothing", async () => {
    const [read, held] = [await passwordFor("all"), await passwordFor("held")];
    const [idle, busy, waiting, trying] = [await connect(read), await connect(read), await connect(held), await connect(held)];
    busy.send(encodeQuery("select pg_sleep(600)"));
    await until(async () => (await running()) === "1");
    trying.send(encodeQuery("/* sallyport: preview */ update orders set paid = (select count(*) > 0 from generate_series(1, 1000000000))"));
    const { id } = await hold(waiting);
    const jumped = performance.now();
    clock.jump(DAY_MS);
    const said = await Promise.all([idle, busy, waiting, trying].map((client) => client.ended()));
    const took = performance.now() - jumped;
    console.log(`postgres-clock: cut ${Math.round(took)} ms after the clock was set forward`);
    for (const each of said) expect(each).toContain("[grant-ended]");
    expect(took).toBeLessThan(1000);
    await until(async () => (await running()) === "0");
    clock.jump(-DAY_MS);
    expect(await database.test.gate.holds.decide(id, LEA, true)).toMatchObject({ allowed: false });
    expect(await database.server.sql("select paid from orders where id = 1", "shop")).toBe("f");
    for (const password of [read, held]) await expect(connect(password)).rejects.toThrow(/\[(?:clock-behind|grant-ended|no-grant)\]/);
  });

  test("a day back: nobody comes in, and what runs or waits ends by the time that passes", async () => {
    const [short, long] = [await passwordFor("held", 4000), await passwordFor("read")];
    const granted = performance.now();
    const client = await connect(short);
    await hold(client);
    clock.jump(-DAY_MS);
    await expect(connect(long)).rejects.toThrow("[clock-behind]");
    expect(await client.ended()).toContain("[grant-ended]");
    const lived = performance.now() - granted;
    expect(lived).toBeGreaterThan(3500);
    expect(lived).toBeLessThan(5000);
    expect(database.test.gate.holds.list().filter(({ state }) => state === "waiting")).toEqual([]);
    clock.jump(DAY_MS);
    await expect(connect(short)).rejects.toThrow(/\[(?:grant-ended|no-grant|not-authenticated)\]/);
    (await connect(long)).socket.destroy();
  });

  test("twenty minutes forward: a statement has waited for long enough, though its session goes on", async () => {
    const client = await connect(await passwordFor("held"));
    const { id } = await hold(client);
    const jumped = performance.now();
    clock.jump(20 * MINUTE_MS);
    const told = Buffer.concat(await client.readTo("Z")).toString("latin1");
    expect(performance.now() - jumped).toBeLessThan(1000);
    expect(told).toContain("nobody decided in time");
    expect(await database.test.gate.holds.decide(id, LEA, true)).toMatchObject({ allowed: false, code: "wrong-state" });
    expect(await ask(client, "select paid from orders where id = 1")).toContain("SELECT 1");
    client.socket.destroy();
  });

  test("eleven minutes forward: a password of ten minutes opens nothing more, and what it has opened goes on", async () => {
    const password = await passwordFor("read");
    const client = await connect(password);
    clock.jump(11 * MINUTE_MS);
    await expect(connect(password)).rejects.toThrow(/\[(?:token-expired|not-authenticated)\]/);
    expect(await ask(client, "select 1")).toContain("SELECT 1");
    client.socket.destroy();
  });

  test("a step of two seconds, either way, ends nothing", async () => {
    const password = await passwordFor("held");
    const client = await connect(password);
    const { id } = await hold(client);
    for (const step of [2000, -2000, -2000, 2000]) {
      clock.jump(step);
      // Two rounds of whatever looks at the time.
      const from = performance.now();
      await until(() => performance.now() - from > 450);
    }
    expect(await database.test.gate.holds.decide(id, LEA, true)).toMatchObject({ state: "approved" });
    expect(Buffer.concat(await client.readTo("Z")).toString("latin1")).toContain("UPDATE 1");
    (await connect(password)).socket.destroy();
    client.socket.destroy();
  });
});
