/** Many at once: wrong passwords, connections, held statements, comings and goings. Others go on, and nothing is left of it. */
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { systemRandom } from "../../src/kernel/random.ts";
import * as backend from "../../src/wire/postgres/backend.ts";
import { encodeQuery, encodeSaslInitialResponse, encodeSaslResponse } from "../../src/wire/postgres/frontend.ts";
import { readMessage } from "../../src/wire/postgres/read.ts";
import { newNonce, SCRAM, ScramClient } from "../../src/wire/postgres/scram.ts";
import { encodeStartup } from "../../src/wire/postgres/startup.ts";
import { startDatabase, type Database } from "../kit/database.ts";
import { besideNeighbour } from "../kit/neighbour.ts";
import { postgresServer } from "../kit/postgres.ts";
import { connectPostgres, type PostgresClient } from "../kit/postgres-client.ts";
import { until } from "../kit/until.ts";

const WRONG = 500;
const CONNECTIONS = 100;
const HELD = 200;
const ROUNDS = 20;
const AT_ONCE = 25;
/** A trial holds its locks for longer beside many others, and a person has an allowance of that. */
const TRIED_AT_ONCE = 5;

describe.skipIf(postgresServer.missing)(postgresServer.title("a storm at PostgreSQL's door"), () => {
  let database: Database;
  let password: string;
  let held: string;

  beforeAll(async () => {
    database = await startDatabase({
      settings: { max_connections: "400" },
      limits: `  limits: { connections: 2000, connectionsPerAddress: 1000, heldPerPerson: ${HELD} }`,
      roles: { careful: "{ postgres: { account: app, allow: [read, transaction], hold: [write] } }" },
    });
    password = await database.password((await database.grant("all")).id);
    held = await database.password((await database.grant("careful")).id);
  }, 60_000);
  afterAll(() => database?.[Symbol.asyncDispose]());

  const port = (): number => database.test.gate.postgres?.port ?? 0;
  const open = (of = password): Promise<PostgresClient> => connectPostgres(port(), of);
  /** Of the whole process: the clients too are in it. */
  const sockets = (): number => process.getActiveResourcesInfo().filter((each) => each.startsWith("TCPSocket")).length;
  const isQuiet = async (): Promise<boolean> =>
    database.test.gate.registry.list().length === 0 &&
    sockets() === 0 &&
    database.test.gate.holds.list().every(({ state }) => state !== "waiting") &&
    (await database.server.sql("select count(*) from pg_stat_activity where usename in ('app', 'admin')")) === "0";

  /** What it is told, from an address of its own. */
  async function guess(at: number, user: string): Promise<string> {
    const socket = connect({ port: port(), host: "127.0.0.1", localAddress: `127.0.${1 + (at % 5)}.${2 + (at % 7)}` });
    socket.on("error", () => undefined);
    await new Promise((resolve) => socket.once("connect", resolve));
    const scram = new ScramClient(`guess ${at}`, newNonce(systemRandom));
    const read = (): Promise<Buffer> => readMessage(socket, 1_000_000);
    socket.write(encodeStartup({ user, database: "shop-db" }));
    await read();
    socket.write(encodeSaslInitialResponse(SCRAM, scram.first()));
    const challenge = backend.parseAuthentication(await read());
    if (challenge.kind !== "sasl-continue") throw new Error("no challenge");
    socket.write(encodeSaslResponse(await scram.final(challenge.data)));
    const { message } = backend.parseErrorResponse(await read());
    socket.destroy();
    return message;
  }

  test.each(["ana", "nobody"])(
    `${WRONG} wrong passwords at once for %s: all are told the same, and who is right comes in`,
    async (user) => {
      await besideNeighbour(`${WRONG} wrong passwords for ${user}`, open, async () => {
        const guesses = Promise.all(Array.from({ length: WRONG }, (_, at) => guess(at, user)));
        const right = await open();
        right.socket.destroy();
        expect([...new Set(await guesses)]).toEqual(["sallyport: Who you are could not be established [not-authenticated]"]);
      });
      await until(isQuiet);
    },
    60_000,
  );

  test(`${CONNECTIONS} connections of one person`, { timeout: 60_000 }, async () => {
    await besideNeighbour(`${CONNECTIONS} connections`, open, async () => {
      const clients = await Promise.all(Array.from({ length: CONNECTIONS }, () => open()));
      for (const client of clients) client.send(encodeQuery("select count(*) from generate_series(1, 1000)"));
      for (const client of clients) expect(Buffer.concat(await client.readTo("Z")).toString("latin1")).toContain("1000");
      for (const { socket } of clients) socket.destroy();
    });
    await until(isQuiet);
  });

  test(`${HELD} statements that wait, and the one that is too many`, { timeout: 120_000 }, async () => {
    const waiting = (): number => database.test.gate.holds.list().filter(({ state }) => state === "waiting").length;
    await besideNeighbour(`${HELD} held statements`, open, async () => {
      const clients = await Promise.all(Array.from({ length: HELD }, () => open(held)));
      // A few at a time, because each is tried out first.
      for (let at = 0; at < HELD; at += TRIED_AT_ONCE) {
        for (const [n, client] of clients.slice(at, at + TRIED_AT_ONCE).entries())
          client.send(encodeQuery(`update orders set paid = not paid where id = ${1 + at + n}`));
        await until(() => waiting() === at + TRIED_AT_ONCE);
      }
      const more = await open(held);
      more.send(encodeQuery("update orders set paid = not paid where id = 999"));
      expect(Buffer.concat(await more.readTo("Z")).toString("latin1")).toContain("[rate-limited]");
      for (const { socket } of [...clients, more]) socket.destroy();
      await until(() => waiting() === 0);
    });
    await until(isQuiet);
    expect(await database.server.sql("select count(*) from orders where paid <> (id % 3 = 0)", "shop")).toBe("0");
  });

  test(`${ROUNDS * AT_ONCE} that come and go, with words or in the middle of one`, { timeout: 120_000 }, async () => {
    await besideNeighbour(`${ROUNDS * AT_ONCE} that come and go`, open, async () => {
      for (let round = 0; round < ROUNDS; round += 1) {
        await Promise.all(
          Array.from({ length: AT_ONCE }, async (_, at) => {
            const client = await open();
            const words = encodeQuery("begin; select 1");
            client.send(words.subarray(0, at % 3 === 0 ? words.length : (at % 3) * 4));
            client.socket.destroy();
          }),
        );
      }
    });
    await until(isQuiet);
    expect(sockets()).toBe(0);
  });

  test("the gate met no fault of its own", () => {
    expect(database.test.faults).toEqual([]);
  });
});
