/** What is left at the target when a session is cut, whatever it was doing: nothing that runs, and nothing that is committed later. */
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Grant } from "../../src/access/model.ts";
import type { PrincipalName } from "../../src/kernel/ids.ts";
import { cString, message } from "../../src/wire/postgres/fields.ts";
import { encodeQuery, encodeTerminate } from "../../src/wire/postgres/frontend.ts";
import { LEA, startDatabase, waitingHold, type Database } from "../kit/database.ts";
import { psqlAndServer } from "../kit/postgres.ts";
import { connectPostgres, type PostgresClient } from "../kit/postgres-client.ts";
import { until } from "../kit/until.ts";

const { missing, title } = psqlAndServer;

const ANA = { name: "ana" as PrincipalName, groups: ["oncall"] };
const ROLES = {
  admin: "{ postgres: { account: admin, allow: [read, write, copy, function, opaque, session, transaction] } }",
  careful: "{ postgres: { account: app, allow: [read], hold: [write] } }",
};
/** `slow` sleeps when it is called for the time that `sleeps` names. */
const SQL = `
create table marks (mark text);
create table held (id int primary key, n int);
insert into held values (1, 1);
create sequence calls;
create table sleeps (at bigint);
create function slow() returns trigger language plpgsql as $$
  begin if nextval('calls') = (select max(at) from sleeps) then perform pg_sleep(600); end if; return new; end $$;
create trigger slows before update on held for each row execute function slow();
grant all on all tables in schema public to app; grant all on sequence calls to app;
`;
const copyData = (text: string): Buffer => message("d", Buffer.from(text));

describe.skipIf(missing).each([[false], [true]])(title("cut in the middle, with TLS to the target: %s"), (tls) => {
  let database: Database;

  beforeAll(async () => {
    database = await startDatabase({ sql: SQL, roles: ROLES, previewFunctions: "[slow]", tls });
  }, 120_000);
  afterAll(() => database?.[Symbol.asyncDispose]());

  const open = async (role: string): Promise<{ grant: Grant; client: PostgresClient }> => {
    const grant = await database.grant(role);
    const password = await database.password(grant.id);
    return { grant, client: await connectPostgres(database.test.gate.postgres?.port ?? 0, password) };
  };
  const activity = (which: string): Promise<string> => database.server.sql(`select count(*) from pg_stat_activity where ${which}`);
  /** Running, of this session; by the name that the gate gave it. */
  const running = async ({ id }: Grant): Promise<boolean> =>
    (await activity(`state = 'active' and application_name like '%${id}%'`)) === "1";
  const gone = ({ id }: Grant): Promise<void> => until(async () => (await activity(`application_name like '%${id}%'`)) === "0");
  const marks = (mark: string): Promise<string> => database.server.sql(`select count(*) from marks where mark = '${mark}'`, "shop");
  const mark = (text: string): Buffer => encodeQuery(`insert into marks values ('${text}')`);
  const ends = ({ id }: Grant) => database.test.gate.store.log.query({ kinds: ["session.ended"], grant: id, limit: 10 });
  /** Milliseconds until the session was cut; its connection at the target goes by itself. */
  const revoke = async (grant: Grant): Promise<number> => {
    const start = performance.now();
    await database.test.gate.access.revoke(grant.id, ANA, "done");
    await until(() => database.test.gate.registry.list().every((each) => each.grant.id !== grant.id));
    const took = performance.now() - start;
    await gone(grant);
    return took;
  };

  test("what was sent ahead does not run", async () => {
    const { grant, client } = await open("admin");
    const sleep = encodeQuery("select pg_sleep(600)");
    client.send(Buffer.concat([sleep, sleep, mark("ahead")]));
    await until(() => running(grant));
    expect(await revoke(grant)).toBeLessThan(1000);
    expect(await marks("ahead")).toBe("0");
    client.socket.destroy();
  });

  test("nor does what the target has not taken yet, however much it is", async () => {
    const { grant, client } = await open("admin");
    const many = 300;
    const filled = encodeQuery(`insert into marks values ('heap') /* ${"x".repeat(5000)} */`);
    client.send(Buffer.concat([encodeQuery("select pg_sleep(600)"), ...Array.from({ length: many }, () => filled)]));
    const sent = async (): Promise<number> =>
      (await database.test.gate.store.log.query({ kinds: ["sql.statement"], grant: grant.id, limit: 1000 })).length;
    await until(async () => (await sent()) === many + 1);
    expect(await revoke(grant)).toBeLessThan(1000);
    expect(await marks("heap")).toBe("0");
    client.socket.destroy();
  });

  test("a statement that catches its cancel loses its connection", async () => {
    const { grant, client } = await open("admin");
    client.send(
      encodeQuery("do $$ begin loop begin perform pg_sleep(600); exception when query_canceled then null; end; end loop; end $$"),
    );
    await until(() => running(grant));
    expect(await revoke(grant)).toBeLessThan(1000);
    client.socket.destroy();
  });

  test.each(["says goodbye", "is gone without a word"])(
    "a client that %s while its statement runs leaves nothing that outlives its grant",
    async (how) => {
      const { grant, client } = await open("admin");
      client.send(Buffer.concat([encodeQuery("select pg_sleep(600)"), mark(how)]));
      await until(() => running(grant));
      if (how === "says goodbye") client.send(encodeTerminate());
      else client.socket.destroy();
      await once(client.socket.resume(), "close");
      expect(database.test.gate.registry.list().map((each) => each.grant.id)).toContain(grant.id);
      await revoke(grant);
      expect(await marks(how)).toBe("0");
    },
  );

  test("nor does what it sent last, of which the target had taken the half", async () => {
    const { grant, client } = await open("admin");
    const filled = Buffer.from(`filled ${"x".repeat(24_000_000)}`);
    const [one, long] = [Buffer.from([0, 1]), Buffer.alloc(4)];
    long.writeInt32BE(filled.length);
    client.send(
      Buffer.concat([
        encodeQuery("select pg_sleep(600)"),
        message("P", cString(""), cString("insert into marks select left($1::text, 6)"), Buffer.of(0, 0)),
        message("B", cString(""), cString(""), Buffer.of(0, 0), one, long, filled, Buffer.of(0, 0)),
        message("E", cString(""), Buffer.alloc(4)),
        message("S"),
        encodeTerminate(),
      ]),
    );
    await until(() => running(grant));
    await once(client.socket.resume(), "close");
    expect(await revoke(grant)).toBeLessThan(1000);
    expect(await marks("filled")).toBe("0");
  });

  test("as with a server, what it leaves is done to its end where nobody cuts it, and recorded", async () => {
    const { grant, client } = await open("admin");
    client.send(Buffer.concat([encodeQuery("select pg_sleep(0.5)"), mark("left"), encodeTerminate()]));
    await gone(grant);
    expect(await marks("left")).toBe("1");
    await until(() => database.test.gate.registry.list().every((each) => each.grant.id !== grant.id));
    const outcomes = await database.test.gate.store.log.query({ kinds: ["sql.outcome"], grant: grant.id, limit: 10 });
    expect(outcomes.map(({ body }) => (body as { tag?: string }).tag)).toEqual(["SELECT 1", "INSERT 0 1"]);
  });

  test("a client that goes away while it is given rows ends what gives them", async () => {
    const { grant, client } = await open("admin");
    client.send(encodeQuery("select repeat('x', 1000) from generate_series(1, 10000) a, generate_series(1, 10000) b"));
    await once(client.socket, "readable");
    client.socket.destroy();
    await gone(grant);
    await until(async () => (await ends(grant)).length > 0);
    expect((await ends(grant)).map(({ body }) => body)).toMatchObject([{ how: "closed" }]);
  });

  test("a COPY into a table, with its end on the way", async () => {
    const { grant, client } = await open("admin");
    client.send(encodeQuery("copy marks from stdin"));
    await client.readTo("G");
    for (let chunk = 0; chunk < 100; chunk += 1) client.send(copyData("copied\n".repeat(10_000)));
    await until(() => running(grant));
    expect(await revoke(grant)).toBeLessThan(1000);
    client.send(Buffer.concat([copyData("copied\n"), message("c")]));
    expect(await marks("copied")).toBe("0");
    client.socket.destroy();
  });

  test.each([
    ["a COPY that nobody reads", "copy (select repeat('x', 1000) from generate_series(1, 10000) a, generate_series(1, 10000) b) to stdout"],
    ["a field of 200 MB", "select repeat('x', 200000000)"],
  ])("%s", async (_what, sql) => {
    const { grant, client } = await open("admin");
    client.send(encodeQuery(sql));
    await until(() => running(grant));
    expect(await revoke(grant)).toBeLessThan(1000);
    client.socket.destroy();
  });

  test("a transaction that is left open is rolled back, also where its COMMIT stands behind what runs", async () => {
    const { grant, client } = await open("admin");
    client.send(encodeQuery("begin"));
    await client.readTo("Z");
    client.send(mark("open"));
    await client.readTo("Z");
    client.send(Buffer.concat([encodeQuery("select pg_sleep(600)"), encodeQuery("commit")]));
    await until(() => running(grant));
    expect(await revoke(grant)).toBeLessThan(1000);
    expect(await marks("open")).toBe("0");
    client.socket.destroy();
  });

  test("a pipeline of the extended protocol, each part with its own Sync", async () => {
    const { grant, client } = await open("admin");
    const one = (sql: string): Buffer[] => [
      message("P", cString(""), cString(sql), Buffer.of(0, 0)),
      message("B", cString(""), cString(""), Buffer.alloc(6)),
      message("E", cString(""), Buffer.alloc(4)),
      message("S"),
    ];
    client.send(
      Buffer.concat([...one("select pg_sleep(600)"), ...one("select pg_sleep(600)"), ...one("insert into marks values ('piped')")]),
    );
    await until(() => running(grant));
    expect(await revoke(grant)).toBeLessThan(1000);
    expect(await marks("piped")).toBe("0");
    client.socket.destroy();
  });

  test.each(["revoked", "left"])("an approved statement that runs, when its session is %s", async (how) => {
    const { grant, client } = await open("careful");
    client.send(encodeQuery("update held set n = n + 1 where id = 1"));
    const { id } = await waitingHold(database);
    // Tried out once more, and then run: the second call from here on.
    const calls = Number(await database.server.sql("select last_value from calls", "shop"));
    await database.server.sql(`truncate sleeps; insert into sleeps values (${calls + 2})`, "shop");
    const decided = await database.test.gate.holds.decide(id, LEA, true);
    expect(decided).toMatchObject({ state: "approved" });
    await until(() => running(grant));
    if (how === "left") client.socket.destroy();
    else await revoke(grant);
    await gone(grant);
    expect(await database.server.sql("select n from held", "shop")).toBe("1");
    client.socket.destroy();
    await database.server.sql("alter sequence calls restart", "shop");
  });

  test("the gate met no fault of its own", () => {
    expect(database.test.faults).toEqual([]);
  });
});
