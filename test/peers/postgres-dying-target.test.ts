/** A target that dies in the middle of a result, in every way there is: its sessions end and say so, and those at another target notice nothing. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Grant } from "../../src/access/model.ts";
import type { PrincipalName } from "../../src/kernel/ids.ts";
import { encodeQuery } from "../../src/wire/postgres/frontend.ts";
import { startBreakingLink, type BreakingLink } from "../kit/breaking-link.ts";
import { ADMIN_PASSWORD, startDatabase, type Database } from "../kit/database.ts";
import { besideNeighbour } from "../kit/neighbour.ts";
import { postgresServer, startPostgres, type PostgresServer } from "../kit/postgres.ts";
import { connectPostgres, type PostgresClient } from "../kit/postgres-client.ts";
import { until } from "../kit/until.ts";

const SESSIONS = 4;
const RESULT = "select repeat('x', 1000) as dying from generate_series(1, 1000000)";
const ANA = { name: "ana" as PrincipalName, groups: ["oncall"] };

describe.skipIf(postgresServer.missing)(postgresServer.title("a target that dies in the middle of a result"), () => {
  let database: Database;
  let dying: PostgresServer;
  let link: BreakingLink;
  let grant: Grant;
  let [own, beside] = ["", ""];
  let clients: PostgresClient[] = [];

  beforeAll(async () => {
    dying = await startPostgres();
    await dying.sql(`create role admin login superuser password '${ADMIN_PASSWORD}'; create database shop`);
    link = await startBreakingLink(dying.port);
    database = await startDatabase({
      targets: `  dying-db:
    kind: postgres
    address: 127.0.0.1:${link.port}
    labels: { service: shop }
    database: shop
    tls: off
    logins: { app: env:TEST_APP_PASSWORD, admin: env:TEST_ADMIN_PASSWORD }
`,
    });
    beside = await database.password((await database.grant("all")).id);
  });
  afterAll(async () => {
    await database?.[Symbol.asyncDispose]();
    await link?.[Symbol.asyncDispose]();
    await dying?.[Symbol.asyncDispose]();
  });

  const port = (): number => database.test.gate.postgres?.port ?? 0;
  const neighbour = (): Promise<PostgresClient> => connectPostgres(port(), beside);
  const theirs = (): number => database.test.gate.registry.list().filter((each) => each.grant.id === grant.id).length;
  const pids = async (): Promise<number[]> =>
    (await dying.sql("select pid from pg_stat_activity where query like '%as dying%' and pid <> pg_backend_pid()"))
      .split("\n")
      .filter((line) => line !== "")
      .map(Number);

  beforeEach(async () => {
    grant = await database.grant("all", 3_600_000, "dying-db");
    own = await database.password(grant.id, "dying-db");
    const parameters = { user: "ana", database: "dying-db" };
    clients = await Promise.all(Array.from({ length: SESSIONS }, () => connectPostgres(port(), own, parameters)));
    // Not read yet: each stands in the middle of its rows.
    for (const client of clients) client.send(encodeQuery(RESULT));
    await until(async () => (await pids()).length === SESSIONS);
  });
  afterEach(async () => {
    for (const { socket } of clients) socket.destroy();
    await until(() => theirs() === 0);
  });

  /** Each says that it is over, by its end or in words; none says that it has everything. */
  const allEnd = async (): Promise<void> => {
    const last = await Promise.all(clients.map(lastBytes));
    for (const each of last) expect(each).not.toContain("SELECT 1000000");
    await until(() => theirs() === 0);
    expect(database.test.faults).toEqual([]);
  };
  /** What a client was told at the end, when its connection is closed. */
  const lastBytes = ({ socket }: PostgresClient): Promise<string> =>
    new Promise((resolve) => {
      let tail = "";
      socket.on("data", (chunk: Buffer) => (tail = (tail + chunk.toString("latin1")).slice(-2000)));
      socket.once("close", () => resolve(tail));
    });
  const ends = async (): Promise<unknown[]> =>
    (await database.test.gate.store.log.query({ kinds: ["session.ended"], grant: grant.id, limit: 100 })).map(({ body }) => body);

  test("by pg_terminate_backend", { timeout: 30_000 }, async () => {
    await besideNeighbour("pg_terminate_backend", neighbour, async () => {
      for (const pid of await pids()) await dying.sql(`select pg_terminate_backend(${pid})`);
      await allEnd();
    });
    expect(await ends()).toHaveLength(SESSIONS);
  });

  test("by a reset of its connections", { timeout: 30_000 }, async () => {
    await besideNeighbour("TCP reset", neighbour, async () => {
      link.reset();
      await allEnd();
    });
    expect(await ends()).toHaveLength(SESSIONS);
  });

  test("by silence in the middle of a message: until its grant is over", { timeout: 30_000 }, async () => {
    await besideNeighbour("silence", neighbour, async () => {
      // Odd, so that no message ends there.
      link.silenceAfter(10_007);
      const over = allEnd();
      await until(() => link.isSilent);
      expect([theirs(), link.open]).toEqual([SESSIONS, SESSIONS]);
      await database.test.gate.access.revoke(grant.id, ANA, "done");
      await over;
      await until(() => link.open === 0);
    });
    expect(await ends()).toHaveLength(SESSIONS);
  });

  test("by kill -9 of one backend, after which the server throws out everybody", { timeout: 30_000 }, async () => {
    await besideNeighbour("SIGKILL of a backend", neighbour, async () => {
      const [pid] = await pids();
      expect(pid).toBeGreaterThan(1);
      process.kill(pid ?? 0, "SIGKILL");
      await allEnd();
    });
    expect(await ends()).toHaveLength(SESSIONS);
    await until(() =>
      dying.sql("select 1").then(
        () => true,
        () => false,
      ),
    );
  });

  // The last one: it does not come back.
  test("by kill -9 of the whole server", { timeout: 30_000 }, async () => {
    await besideNeighbour("SIGKILL of the server", neighbour, async () => {
      const backends = await pids();
      const [postmaster] = readFileSync(join(dying.dir, "data/postmaster.pid"), "utf8").split("\n");
      for (const pid of [Number(postmaster), ...backends]) process.kill(pid, "SIGKILL");
      await allEnd();
    });
    expect(await ends()).toHaveLength(SESSIONS);
    await expect(connectPostgres(port(), own, { user: "ana", database: "dying-db" })).rejects.toThrow(/dying-db/);
  });
});
