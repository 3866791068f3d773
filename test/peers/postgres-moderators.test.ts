/** A session with a database that needs a moderator: no statement reaches it before one is there, and rows stop when they leave. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PrincipalName } from "../../src/kernel/ids.ts";
import { encodeQuery, encodeTerminate } from "../../src/wire/postgres/frontend.ts";
import { LEA, startDatabase, type Database } from "../kit/database.ts";
import { otherRowsPass } from "../kit/meanwhile.ts";
import { psqlAndServer } from "../kit/postgres.ts";
import { connectPostgres } from "../kit/postgres-client.ts";
import { talk } from "../kit/talk.ts";
import { until } from "../kit/until.ts";

const { missing, title } = psqlAndServer;
const PERMISSIONS = "postgres: { account: app, allow: [read, write, transaction, session] }";
const ROLES = { guarded: `{ ${PERMISSIONS}, moderator: { who: ["group:leads"] } }` };
const SQL = "create table marks (mark text); grant all on marks to app;";

describe.skipIf(missing)(title("a session with a database that needs a moderator"), () => {
  let database: Database;

  beforeAll(async () => {
    database = await startDatabase({ sql: SQL, roles: ROLES });
  }, 120_000);
  afterAll(() => database?.[Symbol.asyncDispose]());

  const moderate = async () => {
    const { registry } = database.test.gate;
    const [session] = registry.list();
    if (!session) throw new Error("no session");
    const presence = await registry.moderation.join(session, { ...LEA, name: "lea" as PrincipalName, type: "human" });
    if ("allowed" in presence) throw new Error(presence.code);
    return { session, leave: () => presence.leave("left") };
  };
  const marks = (): Promise<string> => database.server.sql("select count(*) from marks", "shop");

  test("psql is told before its first prompt, its statement waits, and runs once somebody is there", async () => {
    const grant = await database.grant("guarded");
    const env = { ...process.env, PGPASSWORD: await database.password(grant.id) };
    const statement = "insert into marks values ('one')";
    const psql = talk("psql", ["-X", database.conninfo(), "-c", statement], env);
    await until(() => psql.stderr().includes("waits for a moderator (leads)"));
    // The gate has all of it.
    await until(() => database.test.gate.registry.list()[0]?.bytesIn === encodeQuery(statement).length);
    await otherRowsPass(database);
    expect([
      await marks(),
      (await database.test.gate.store.log.query({ kinds: ["sql.statement"], grant: grant.id, limit: 9 })).length,
    ]).toEqual(["0", 0]);
    await moderate();
    expect(await psql.ended).toMatchObject({ status: 0, stdout: "INSERT 0 1\n" });
    expect(await marks()).toBe("1");
    await database.test.gate.access.revoke(grant.id, LEA, "done");
  });

  test("its rows stop when the last moderator leaves, and none is lost", async () => {
    const grant = await database.grant("guarded");
    const env = { ...process.env, PGPASSWORD: await database.password(grant.id) };
    const query = "select n, repeat('x', 500) from generate_series(1, 100000) n";
    const psql = talk("psql", ["-X", "-A", "-t", "-v", "FETCH_COUNT=1000", database.conninfo(), "-c", query], env);
    await until(() => database.test.gate.registry.list().length === 1);
    const { session, leave } = await moderate();
    await psql.seen("x");
    leave();
    const before = session.bytesOut;
    await otherRowsPass(database);
    expect([session.bytesOut, session.control.isHalted]).toEqual([before, true]);
    await moderate();
    const { status, stdout } = await psql.ended;
    expect([status, stdout.trimEnd().split("\n").length]).toEqual([0, 100_000]);
    await database.test.gate.access.revoke(grant.id, LEA, "done");
  });

  test("drivers log in and wait as well", async () => {
    const grant = await database.grant("guarded");
    const client = await connectPostgres(database.test.gate.postgres?.port ?? 0, await database.password(grant.id));
    // Before ReadyForQuery, which is the last that was read.
    expect(Buffer.concat(client.parameters.slice(0, -1)).toString("latin1")).toContain("waits for a moderator (leads)");
    client.send(encodeTerminate());
    await database.test.gate.access.revoke(grant.id, LEA, "done");
    expect(database.test.faults).toEqual([]);
  });
});
