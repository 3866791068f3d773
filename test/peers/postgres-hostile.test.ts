/** Clients and texts that mean harm: whatever they send, their neighbours' statements all succeed, and the gate stays small. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MAX_SQL_BYTES } from "../../src/policy/sql/parser.ts";
import * as backend from "../../src/wire/postgres/backend.ts";
import { cString, int16, message } from "../../src/wire/postgres/fields.ts";
import { ADMIN_PASSWORD, startDatabase, type Database } from "../kit/database.ts";
import { postgresServer } from "../kit/postgres.ts";
import { connectPostgres, connectRaw, type PostgresClient } from "../kit/postgres-client.ts";
import {
  encodeBind,
  encodeClose,
  encodeDescribe,
  encodeExecute,
  encodeParse,
  encodeQuery,
  encodeSync,
} from "../../src/wire/postgres/frontend.ts";
import { besideNeighbour } from "../kit/neighbour.ts";
import { seededChance } from "../kit/seeded.ts";
import { until } from "../kit/until.ts";

const MUTATED = 50_000;
/** A count of them is an Int16 without a sign. */
const MOST_PARAMETERS = 65_535;
const MILLION = 1_000_000;

/** An instance of the parser that is kept after such a chain fails at the latest after 42 of them. */
const CHAINS = ["+1", "::int", "||'x'", " union select 1", " and true"];
const CHAIN_BYTES = 17_000;
const CHAIN_ROUNDS = 20;

/** PostgreSQL itself refuses what is that deep; our parser overflows its stack on some of them. */
const KILLERS: readonly string[] = [
  ...["+1", "::int", "||'x'", " UNION SELECT 1", " AND true", "[1]"].map(
    (link) => `SELECT 1${link.repeat(Math.floor(200_000 / link.length))}`,
  ),
  `SELECT ${"(".repeat(100_000)}1${")".repeat(100_000)}`,
  `SELECT ${"(SELECT ".repeat(25_000)}1${")".repeat(25_000)}`,
  `SELECT 1 FROM a${" JOIN a ON true".repeat(13_000)}`,
  `SELECT ${"NOT ".repeat(50_000)}true`,
  `SELECT ${"CASE WHEN true THEN ".repeat(10_000)}1${" END".repeat(10_000)}`,
  `SELECT '${"x".repeat(1_000_000)}'`,
];

describe.skipIf(postgresServer.missing)(postgresServer.title("hostile clients of PostgreSQL"), () => {
  let database: Database;
  let password: string;

  beforeAll(async () => {
    database = await startDatabase();
    password = await database.password((await database.grant("all")).id);
  });
  afterAll(() => database[Symbol.asyncDispose]());

  const open = (): Promise<PostgresClient> => connectPostgres(database.test.gate.postgres?.port ?? 0, password);

  const measured = (what: string, work: () => Promise<void>): Promise<void> => besideNeighbour(what, open, work);

  test("texts that a parser does not survive", { timeout: 300_000 }, async () => {
    await measured("parser-killers", async () => {
      const answers = await Promise.all(
        KILLERS.map(async (sql) => {
          const client = await open();
          client.send(encodeQuery(sql));
          const [first] = await client.readTo("Z");
          client.socket.destroy();
          return first?.[0];
        }),
      );
      expect(answers.filter((each) => each === undefined)).toEqual([]);
    });
  });

  test("chains of the length that breaks a parser in the end, again and again", { timeout: 120_000 }, async () => {
    await measured(`${CHAINS.length * CHAIN_ROUNDS} chains of ${CHAIN_BYTES / 1000} kB`, async () => {
      const answers = await Promise.all(
        CHAINS.map(async (link, kind) => {
          const client = await open();
          let answered = 0;
          for (let round = 0; round < CHAIN_ROUNDS; round += 1) {
            // New to the gate each time: what it has parsed once it does not parse again.
            client.send(encodeQuery(`select ${kind * CHAIN_ROUNDS + round}${link.repeat(Math.floor(CHAIN_BYTES / link.length))}`));
            await client.readTo("Z");
            answered += 1;
          }
          client.send(encodeQuery("select 'goes on'"));
          const said = Buffer.concat(await client.readTo("Z")).toString("latin1");
          client.socket.destroy();
          return { answered, goesOn: said.includes("goes on") };
        }),
      );
      expect(answers).toEqual(CHAINS.map(() => ({ answered: CHAIN_ROUNDS, goesOn: true })));
    });
  });

  test("texts of a megabyte, which are refused, and the longest that are not", { timeout: 60_000 }, async () => {
    const text = (bytes: number): string => `select length('${"x".repeat(bytes - "select length('')".length)}')`;
    const ask = async (sql: string): Promise<string> => {
      const client = await open();
      let said = "";
      for (let round = 0; round < 5; round += 1) {
        client.send(encodeQuery(sql));
        said = Buffer.concat(await client.readTo("Z")).toString("latin1");
      }
      client.socket.destroy();
      return said;
    };
    await measured("texts of 1 MB", async () => {
      const said = await Promise.all(Array.from({ length: 6 }, () => ask(text(1_000_000))));
      for (const each of said) expect(each).toContain("longer than 256 KiB");
    });
    await measured("texts of 256 KiB", async () => {
      const said = await Promise.all(Array.from({ length: 6 }, () => ask(text(MAX_SQL_BYTES))));
      for (const each of said) expect(each).toContain(String(MAX_SQL_BYTES - "select length('')".length));
    });
  });

  test("as many parameters as the protocol has numbers for: as directly", async () => {
    const int4 = 23;
    const values = Array.from({ length: MOST_PARAMETERS }, (_, at) => ({ binary: false, value: Buffer.from(String(at)) }));
    const asked = Buffer.concat([
      encodeParse(
        "",
        "select $1 as a, $32768 as b, $65535 as c",
        Array.from({ length: MOST_PARAMETERS }, () => int4),
      ),
      encodeBind("", "", values),
      encodeDescribe("portal", ""),
      encodeExecute(""),
      encodeSync(),
    ]);
    const ask = async (client: PostgresClient): Promise<string> => {
      client.send(asked);
      const said = Buffer.concat(await client.readTo("Z")).toString("latin1");
      client.socket.destroy();
      return said;
    };
    const direct = await connectPostgres(database.server.port, ADMIN_PASSWORD, { user: "admin", database: "shop" });
    const expected = await ask(direct);
    expect(expected).toContain("65534");
    await measured("65,535 parameters", async () => {
      const said = await Promise.all(Array.from({ length: 4 }, async () => ask(await open())));
      for (const each of said) expect(each).toBe(expected);
    });
  });

  test.each([
    ["a Bind of", message("B", cString(""), cString(""), int16(0), int16(MOST_PARAMETERS), Buffer.alloc(4 * MILLION, 0xff), int16(0))],
    // The number that is left of a million in 16 bits.
    [
      "a Bind with the low bits of",
      message("B", cString(""), cString(""), int16(0), int16(MILLION & 0xffff), Buffer.alloc(4 * MILLION, 0xff), int16(0)),
    ],
    ["formats for", message("B", cString(""), cString(""), int16(MOST_PARAMETERS), Buffer.alloc(2 * MILLION), int16(0), int16(0))],
    ["a Parse with the types of", message("P", cString(""), cString("select 1"), int16(MOST_PARAMETERS), Buffer.alloc(4 * MILLION))],
    ["a Bind that has none of its", message("B", cString(""), cString(""), int16(0), int16(MOST_PARAMETERS), int16(0))],
  ])("%s 1,000,000 parameters", async (what, lie) => {
    await measured(`${what} 1,000,000 parameters`, async () => {
      const client = await open();
      client.send(Buffer.concat([encodeParse("", "select 1"), lie, encodeSync()]));
      expect(await client.ended()).toContain("protocol-error");
    });
  });

  test("parameters that a statement does not have are the server's to refuse", async () => {
    const client = await open();
    const nulls = Array.from({ length: MOST_PARAMETERS }, () => ({ binary: false, value: null }));
    client.send(Buffer.concat([encodeParse("", "select 1"), encodeBind("", "", nulls), encodeSync()]));
    const answer = await client.readTo("Z");
    expect(answer.some(([type]) => type === backend.BACKEND.error)).toBe(true);
    client.socket.destroy();
  });

  test("messages cut short and changed", { timeout: 400_000 }, async () => {
    const chance = seededChance("hostile");
    const messages = [
      encodeQuery("select 1"),
      encodeParse("s", "select $1::int"),
      encodeBind("p", "s", [], [0]),
      encodeBind("", "", []),
      encodeDescribe("statement", "s"),
      encodeDescribe("portal", "p"),
      encodeExecute("p"),
      encodeClose("portal", "p"),
      encodeSync(),
      message("H"),
      message("c"),
      message("d", Buffer.from("1\n")),
      message("f", cString("no")),
      message("F", Buffer.alloc(14)),
    ];
    const mutated = (): Buffer => {
      const bytes = Buffer.from(messages[chance(messages.length)] ?? encodeSync());
      switch (chance(8)) {
        case 0:
          return bytes.subarray(0, 1 + chance(bytes.length));
        case 1:
          bytes.writeInt32BE(chance(2) === 0 ? chance(64) : chance(2 ** 31), 1);
          return bytes;
        case 2:
        case 3:
          bytes[chance(bytes.length)] = chance(256);
          return bytes;
        default:
          // Inside of it, so that what surrounds it still stands.
          if (bytes.length > 5) bytes[5 + chance(bytes.length - 5)] = chance(256);
          return bytes;
      }
    };
    let sent = 0;
    let connections = 0;
    await measured(`${MUTATED} mutated messages`, async () => {
      const attack = async (): Promise<void> => {
        while (sent < MUTATED) {
          const client = await open();
          connections += 1;
          client.socket.removeAllListeners("data");
          client.socket.resume();
          const state = { isOver: false };
          client.socket.on("close", () => (state.isOver = true));
          for (let burst = 0; burst < 100 && !state.isOver && sent < MUTATED; burst += 1) {
            const some = Array.from({ length: 20 }, mutated);
            sent += some.length;
            client.socket.write(Buffer.concat(some));
            await new Promise((resolve) => setImmediate(resolve));
          }
          client.socket.destroy();
        }
      };
      await Promise.all([attack(), attack()]);
    });
    console.log(`${sent} messages on ${connections} connections`);
    await until(() => database.test.gate.registry.list().length === 0);
    expect(sent).toBeGreaterThanOrEqual(MUTATED);
  });

  test("startup packets cut short and changed", async () => {
    const chance = seededChance("startup");
    await measured("2,000 startups", async () => {
      for (let round = 0; round < 20; round += 1) {
        const sockets = await Promise.all(Array.from({ length: 10 }, () => connectRaw(database.test.gate.postgres?.port ?? 0)));
        for (const socket of sockets) {
          for (let at = 0; at < 10; at += 1) socket.write(Buffer.from(Array.from({ length: 1 + chance(40) }, () => chance(256))));
          socket.resume().end();
        }
        await Promise.all(
          sockets.map((socket) => new Promise((resolve) => (socket.destroyed ? resolve(0) : socket.once("close", resolve)))),
        );
      }
    });
    expect(database.test.faults).toEqual([]);
  });

  test("a client that does not read, and one that is gone while rows come", async () => {
    await measured("slow readers", async () => {
      const clients = await Promise.all([open(), open(), open()]);
      for (const client of clients) {
        client.socket.pause();
        client.send(encodeQuery("select repeat('x', 1000) from generate_series(1, 200000)"));
      }
      await until(
        async () => (await database.server.sql("select count(*) from pg_stat_activity where wait_event = 'ClientWrite'")) === "3",
      );
      for (const client of clients) client.socket.destroy();
      await until(
        async () => (await database.server.sql("select count(*) from pg_stat_activity where wait_event = 'ClientWrite'")) === "0",
      );
    });
    expect(database.test.faults).toEqual([]);
  });

  test("the gate met no fault of its own", () => {
    expect(database.test.faults).toEqual([]);
  });
});
