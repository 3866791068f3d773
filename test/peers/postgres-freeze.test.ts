/** A frozen session with a database: no statement gets through, the rows of one that runs stop, and both go on where they were. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Grant } from "../../src/access/model.ts";
import type { SessionId } from "../../src/kernel/ids.ts";
import { encodeQuery, encodeTerminate } from "../../src/wire/postgres/frontend.ts";
import { LEA, startDatabase, type Database } from "../kit/database.ts";
import { otherRowsPass } from "../kit/meanwhile.ts";
import { psqlAndServer } from "../kit/postgres.ts";
import { connectPostgres, type PostgresClient } from "../kit/postgres-client.ts";
import { talk } from "../kit/talk.ts";
import { until } from "../kit/until.ts";

const { missing, title } = psqlAndServer;
const SQL = "create table marks (mark text); grant all on marks to app;";

describe.skipIf(missing)(title("a frozen session with a database"), () => {
  let database: Database;

  beforeAll(async () => {
    database = await startDatabase({ sql: SQL });
  }, 120_000);
  afterAll(() => database?.[Symbol.asyncDispose]());

  const open = async (role = "fix", durationMs?: number): Promise<{ grant: Grant; password: string }> => {
    const grant = await database.grant(role, durationMs);
    return { grant, password: await database.password(grant.id) };
  };
  const connect = async (password: string): Promise<{ client: PostgresClient; id: SessionId }> => {
    const client = await connectPostgres(database.test.gate.postgres?.port ?? 0, password);
    const id = database.test.gate.registry.list().at(-1)?.id;
    if (id === undefined) throw new Error("no session");
    return { client, id };
  };
  const freeze = async (id: SessionId): Promise<void> =>
    expect(await database.test.gate.registry.controls.freeze(id, "lea", "wait")).toBeUndefined();
  const thaw = async (id: SessionId): Promise<void> =>
    expect(await database.test.gate.registry.controls.thaw(id, "lea", "go on")).toBeUndefined();
  const marks = (mark: string): Promise<string> => database.server.sql(`select count(*) from marks where mark = '${mark}'`, "shop");
  const statements = async ({ id }: Grant): Promise<number> =>
    (await database.test.gate.store.log.query({ kinds: ["sql.statement"], grant: id, limit: 100 })).length;

  test("statements wait, in order, and nothing of them is in the log before; who sent them reads why", async () => {
    const { grant, password } = await open();
    const { client, id } = await connect(password);
    await freeze(id);
    const sent = Buffer.concat([encodeQuery("insert into marks values ('one')"), encodeQuery("select count(*) from marks")]);
    client.send(sent);
    expect((await client.read()).toString()).toContain("frozen by lea: wait");
    // The gate has all of it.
    await until(() => database.test.gate.registry.find(id)?.bytesIn === sent.length);
    await otherRowsPass(database);
    expect([await marks("one"), await statements(grant)]).toEqual(["0", 0]);
    await thaw(id);
    const said = Buffer.concat([...(await client.readTo("Z")), ...(await client.readTo("Z"))]).toString("latin1");
    expect(said).toMatch(/thawed by lea[^]*INSERT 0 1[^]*SELECT 1/);
    expect(await marks("one")).toBe("1");
    client.send(encodeTerminate());
    await database.test.gate.access.revoke(grant.id, LEA, "done");
  });

  test("the rows of a statement that runs stop, and none is lost, with psql", async () => {
    const { grant, password } = await open();
    const env = { ...process.env, PGPASSWORD: password };
    const query = "select n, repeat('x', 500) from generate_series(1, 100000) n";
    const psql = talk("psql", ["-X", "-A", "-t", "-v", "FETCH_COUNT=1000", database.conninfo(), "-c", query], env);
    await psql.seen("x");
    const [session] = database.test.gate.registry.list();
    if (!session) throw new Error("no session");
    for (let round = 0; round < 10; round += 1) {
      await freeze(session.id);
      const before = session.bytesOut;
      await otherRowsPass(database);
      expect(session.bytesOut).toBe(before);
      await thaw(session.id);
      await until(() => session.bytesOut > before || session.ended);
    }
    const { status, stdout } = await psql.ended;
    const rows = stdout.trimEnd().split("\n");
    expect([status, rows.length, rows.every((row, index) => row === `${index + 1}|${"x".repeat(500)}`)]).toEqual([0, 100_000, true]);
    await database.test.gate.access.revoke(grant.id, LEA, "done");
  });

  test("the end of its grant cuts it, and what waited never ran", async () => {
    const { password } = await open("fix", 2000);
    const { client, id } = await connect(password);
    await freeze(id);
    client.send(encodeQuery("insert into marks values ('late')"));
    expect(await client.ended().then((text) => text.includes("57P01") || text.includes("grant-ended"))).toBe(true);
    // Nothing is left at the server that could run it.
    await until(async () => (await database.server.sql("select count(*) from pg_stat_activity where usename = 'app'")) === "0");
    expect(await marks("late")).toBe("0");
  });

  test("a client that leaves is noticed, and its session ends", async () => {
    const { grant, password } = await open();
    const { client, id } = await connect(password);
    await freeze(id);
    client.send(encodeQuery("insert into marks values ('gone')"));
    client.socket.destroy();
    await until(async () => (await database.test.gate.store.sessions.find(id))?.ended !== undefined);
    expect(await marks("gone")).toBe("0");
    await database.test.gate.access.revoke(grant.id, LEA, "done");
  });

  test("a message is a notice, between two others", async () => {
    const { grant, password } = await open("all");
    const { client, id } = await connect(password);
    client.send(encodeQuery("select pg_sleep(0.5), 1"));
    await until(async () => (await statements(grant)) === 1);
    expect(await database.test.gate.registry.controls.message(id, "lea", "mind\u001b[2J the replica")).toEqual({ shown: true });
    const notice = (await client.read()).toString();
    expect(notice).toMatch(/^N[^]*NOTICE[^]*sallyport: lea says: mind\?\[2J the replica/);
    await client.readTo("Z");
    client.send(encodeTerminate());
    await database.test.gate.access.revoke(grant.id, LEA, "done");
  });

  test("nothing went wrong inside the gate meanwhile", () => {
    expect(database.test.faults).toEqual([]);
  });
});
