/** Connections that are begun and left alone, by the hundred: their number is bounded, they end by themselves, and others come and go. */
import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PrincipalName } from "../../src/kernel/ids.ts";
import { systemRandom } from "../../src/kernel/random.ts";
import { encodeQuery, encodeSaslInitialResponse } from "../../src/wire/postgres/frontend.ts";
import { newNonce, SCRAM, ScramClient } from "../../src/wire/postgres/scram.ts";
import { encodeSslRequest, encodeStartup } from "../../src/wire/postgres/startup.ts";
import { startDatabase, type Database } from "../kit/database.ts";
import { besideNeighbour } from "../kit/neighbour.ts";
import { postgresServer } from "../kit/postgres.ts";
import { connectPostgres, type PostgresClient } from "../kit/postgres-client.ts";
import { until } from "../kit/until.ts";

const PER_ADDRESS = 150;
const MANY = 400;
/** Also on this machine, and not the address that the neighbour comes from. */
const ELSEWHERE = "127.0.0.2";

const STARTUP = encodeStartup({ user: "ana", database: "shop-db" });
const SASL = encodeSaslInitialResponse(SCRAM, new ScramClient("none of its passwords", newNonce(systemRandom)).first());

describe.skipIf(postgresServer.missing)(postgresServer.title("half-open connections to PostgreSQL"), () => {
  let database: Database;
  let password: string;

  beforeAll(async () => {
    database = await startDatabase({
      limits: `  limits: { handshake: 3s, connections: ${2 * PER_ADDRESS}, connectionsPerAddress: ${PER_ADDRESS} }`,
    });
    password = await database.password((await database.grant("all")).id);
  });
  afterAll(() => database?.[Symbol.asyncDispose]());

  const port = (): number => database.test.gate.postgres?.port ?? 0;
  const open = (): Promise<PostgresClient> => connectPostgres(port(), password);

  interface HalfOpen {
    readonly socket: Socket;
    isClosed: boolean;
    /** The gate has told it something. */
    isAnswered: boolean;
  }
  async function leave(said: readonly Buffer[]): Promise<HalfOpen> {
    const socket = connect({ port: port(), host: "127.0.0.1", localAddress: ELSEWHERE });
    const half: HalfOpen = { socket, isClosed: false, isAnswered: false };
    socket.on("error", () => undefined);
    socket.on("data", () => (half.isAnswered = true));
    socket.once("close", () => (half.isClosed = true));
    await new Promise((resolve) => socket.once("connect", resolve).once("close", resolve));
    for (const bytes of said) socket.write(bytes);
    return half;
  }

  test.each<[string, readonly Buffer[]]>([
    ["say nothing", []],
    ["say half of a length", [STARTUP.subarray(0, 2)]],
    ["stop in the middle of their startup packet", [STARTUP.subarray(0, STARTUP.length - 1)]],
    ["ask for TLS and leave it at that", [encodeSslRequest()]],
    ["stop after their startup packet", [STARTUP]],
    ["stop in the middle of their login", [STARTUP, SASL.subarray(0, SASL.length - 1)]],
    ["stop before their proof", [STARTUP, SASL]],
  ])(`${MANY} that %s`, { timeout: 30_000 }, async (what, said) => {
    await besideNeighbour(`${MANY} that ${what}`, open, async () => {
      const halves = await Promise.all(Array.from({ length: MANY }, () => leave(said)));
      const left = (): number => halves.filter(({ isClosed }) => !isClosed).length;
      // Those beyond the bound are closed at once, and nobody else before the deadline.
      await until(() => left() <= PER_ADDRESS);
      expect(left()).toBe(PER_ADDRESS);
      const newcomer = await open();
      newcomer.send(encodeQuery("select 'came in'"));
      expect(Buffer.concat(await newcomer.readTo("Z")).toString("latin1")).toContain("came in");
      newcomer.socket.destroy();
      await until(() => left() === 0);
      expect(halves.filter(({ isAnswered }) => isAnswered).length).toBeLessThanOrEqual(PER_ADDRESS);
    });
    expect(database.test.faults).toEqual([]);
  });

  test("the bound is of those that are there: as many come in again when they are gone", async () => {
    const first = await Promise.all(Array.from({ length: PER_ADDRESS }, () => leave([encodeSslRequest()])));
    await until(() => first.every(({ isAnswered }) => isAnswered));
    for (const { socket } of first) socket.destroy();
    // The gate hears of it a moment later, and closes who comes before it has.
    await until(async () => {
      const again = await leave([encodeSslRequest()]);
      await until(() => again.isAnswered || again.isClosed);
      again.socket.destroy();
      return again.isAnswered;
    });
    expect(database.test.faults).toEqual([]);
  });

  test("logged in, in the middle of a message: they last as long as their grant", { timeout: 30_000 }, async () => {
    const count = 40;
    const grant = await database.grant("all");
    const secret = await database.password(grant.id);
    const query = encodeQuery("select 1");
    await besideNeighbour(`${count} sessions in the middle of a message`, open, async () => {
      const clients = await Promise.all(Array.from({ length: count }, () => connectPostgres(port(), secret)));
      const closed = Promise.all(clients.map(({ socket }) => new Promise((resolve) => socket.resume().once("close", resolve))));
      for (const [at, client] of clients.entries()) client.send(query.subarray(0, 1 + (at % (query.length - 1))));
      const theirs = (): number => database.test.gate.registry.list().filter((each) => each.grant.id === grant.id).length;
      expect(theirs()).toBe(count);
      await database.test.gate.access.revoke(grant.id, { name: "ana" as PrincipalName, groups: ["oncall"] }, "done");
      await closed;
      await until(() => theirs() === 0);
    });
    expect(await database.server.sql(`select count(*) from pg_stat_activity where application_name like '%${grant.id}%'`)).toBe("0");
    expect(database.test.faults).toEqual([]);
  });
});
