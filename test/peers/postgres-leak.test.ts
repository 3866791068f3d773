/**
 * Statements that try to see what is masked: by hand, each in every way of the protocol that takes it, and made at
 * random from a seed. Not one byte of a planted value may reach the client, in rows, errors, notices or notifications.
 */
import { randomInt } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Database } from "../kit/database.ts";
import { connectPostgres, type PostgresClient } from "../kit/postgres-client.ts";
import { psqlAndServer } from "../kit/postgres.ts";
import { MARK, NUMBER, startSecretsDatabase } from "../kit/secrets-database.ts";
import { HAND_WRITTEN, INNOCENT } from "../kit/leak-statements.ts";
import { ORACLES, ORDER_ORACLES, ORDERLESS, RIGHT, SHUFFLED, SORTING, WRONG, type Oracle } from "../kit/oracle-statements.ts";
import { messagesOf } from "../kit/innocent-answers.ts";
import { makeStatements } from "../kit/leak-generator.ts";
import * as backend from "../../src/wire/postgres/backend.ts";
import * as frontend from "../../src/wire/postgres/frontend.ts";

const { missing, title } = psqlAndServer;

const RANDOM = Number(process.env["LEAK_STATEMENTS"] ?? 20_000);

/** Everything that comes until the target is ready again. */
async function answers(client: PostgresClient, ...messages: readonly Buffer[]): Promise<Buffer> {
  client.send(Buffer.concat(messages));
  return Buffer.concat(await client.readTo("Z"));
}

type Way = "simple" | "extended" | "binary" | "prepared" | "cursor" | "copy" | "explain";
const WAYS: readonly Way[] = ["simple", "extended", "binary", "prepared", "cursor", "copy", "explain"];

async function ask(client: PostgresClient, way: Way, sql: string): Promise<Buffer> {
  const sync = frontend.encodeSync();
  switch (way) {
    case "simple":
      return answers(client, frontend.encodeQuery(sql));
    case "extended":
      return answers(
        client,
        frontend.encodeParse("", sql),
        frontend.encodeBind("", "", []),
        frontend.encodeDescribe("portal", ""),
        frontend.encodeExecute(""),
        sync,
      );
    case "binary":
      return answers(client, frontend.encodeParse("", sql), frontend.encodeBind("", "", [], [1]), frontend.encodeExecute(""), sync);
    case "prepared": {
      const first = await answers(client, frontend.encodeParse("kept", sql), frontend.encodeDescribe("statement", "kept"), sync);
      const second = await answers(
        client,
        frontend.encodeBind("held", "kept", []),
        frontend.encodeExecute("held"),
        frontend.encodeClose("statement", "kept"),
        sync,
      );
      // Closed by itself, so that an error before has not skipped it.
      return Buffer.concat([first, second, await answers(client, frontend.encodeClose("statement", "kept"), sync)]);
    }
    case "cursor":
      return answers(
        client,
        frontend.encodeQuery(
          `begin; declare c scroll cursor for ${sql}; fetch all from c; fetch absolute 1 from c; move c; close c; commit`,
        ),
      ).then(async (bytes) => Buffer.concat([bytes, await answers(client, frontend.encodeQuery("rollback"))]));
    case "copy":
      return answers(client, frontend.encodeQuery(`copy (${sql}) to stdout`));
    case "explain":
      return answers(client, frontend.encodeQuery(`explain (analyze, verbose, timing off) ${sql}`));
  }
}

const PLANTED: readonly Buffer[] = [
  Buffer.from(MARK),
  Buffer.from(MARK.toUpperCase()),
  Buffer.from(Array.from(MARK).toReversed().join("")),
  Buffer.from(MARK).toString("hex"),
  Buffer.from(MARK).toString("base64").slice(0, 11),
  String(NUMBER),
  "1918-02-03",
  int64(NUMBER),
].map((each) => (typeof each === "string" ? Buffer.from(each) : each));

function int64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
}

function leaked(bytes: Buffer): string | undefined {
  const found = PLANTED.find((planted) => bytes.includes(planted));
  return found === undefined
    ? undefined
    : bytes
        .toString("latin1")
        .replaceAll(/[^\x20-\x7e]/g, ".")
        .slice(0, 300);
}

/** What a refusal may say to try: a request, a role, or another statement. */
const NEXT = new RegExp(
  `^(?:Request a role that allows it|Try: (?:${[
    'sallyport request --role \\w+ --target shop-db --reason "…"',
    "the same (?:without|by|with) \\S.*",
    "the statement as it is: \\S.*",
    "a simpler statement, or one that leaves masked columns out",
    "another name; if it is new, the same again in a moment",
    "a role that masks nothing(?: of it)?",
    "(?:pg_catalog\\.\\w+\\(\\)|OPERATOR\\(pg_catalog\\.\\S+\\)) is PostgreSQL's own",
    "COPY [\\w.]+ \\([\\w, ]+\\) TO STDOUT",
    "name (?:the schema: <schema>\\.<table>|its schema: <schema>\\.\\w+|the columns instead of \\*)",
    "the statements? (?:themselves|itself after AS)",
    "a table without such a rule",
    "give it anew",
  ].join("|")}))$`,
  "s",
);

/** Refusals of ours that do not say what would be allowed instead. */
function deadEnds(bytes: Buffer): readonly string[] {
  return messagesOf(bytes)
    .filter((message) => message[0] === backend.BACKEND.error)
    .map((message) => backend.parseErrorResponse(message))
    .filter(({ message, hint = "" }) => /\[(?:masked|role-denies)\]$/.test(message) && !NEXT.test(hint))
    .map(({ message, hint = "no hint" }) => `${message}\n    ${hint}`);
}

/** How it ended: with rows, refused by us, or refused by the server. */
function verdict(bytes: Buffer): "answered" | "refused" | "failed" {
  if (bytes.includes("[masked]") || bytes.includes("[role-denies]")) return "refused";
  return bytes.includes(Buffer.from("SERROR\0")) ? "failed" : "answered";
}

describe.skipIf(missing)(title("what is masked does not leak"), () => {
  let database: Database;
  let port: number;
  const passwords = new Map<string, string>();

  beforeAll(async () => {
    database = await startSecretsDatabase();
    port = database.test.gate.postgres?.port ?? 0;
    for (const role of ["changing", "everything", "clear", "seeing"])
      passwords.set(role, await database.password((await database.grant(role)).id));
  }, 120_000);
  afterAll(() => database[Symbol.asyncDispose]());

  const connect = async (role: string): Promise<PostgresClient> => {
    const client = await connectPostgres(port, passwords.get(role) ?? "");
    expect(leaked(Buffer.concat(client.parameters))).toBeUndefined();
    return client;
  };

  test("a leak would be found: to somebody who sees everything each value is one", async () => {
    const client = await connect("clear");
    for (const column of ["email", "phone", "card", "salary", "born", "tags", "profile", "email_lower"]) {
      for (const way of WAYS.slice(0, 4)) {
        // A date in binary is a number of days, which anything may hold.
        if (column === "born" && way !== "simple") continue;
        expect([column, way, leaked(await ask(client, way, `select ${column} from customers`)) === undefined]).toEqual([
          column,
          way,
          false,
        ]);
      }
    }
    client.socket.destroy();
  });

  /** Those whose answers differ by the guess, each in a transaction that comes to nothing if it begins one. */
  const telling = async (role: string, oracles: readonly Oracle[]): Promise<readonly Oracle[]> => {
    const client = await connect(role);
    const told: Oracle[] = [];
    for (const oracle of oracles) {
      const { before, sql } = oracle;
      const both: string[] = [];
      for (const guess of [RIGHT, WRONG]) {
        if (before !== undefined) await answers(client, frontend.encodeQuery(before.replaceAll("?", guess)));
        const bytes = await ask(client, "simple", sql.replaceAll("?", guess));
        // Some are amplified until one of the two no longer fits into memory.
        both.push(bytes.length > 1_000_000 ? `${bytes.length} bytes` : bytes.toString("latin1").replaceAll(guess, "?"));
        await answers(client, frontend.encodeQuery("rollback"));
      }
      if (both[0] !== both[1]) told.push(oracle);
    }
    client.socket.destroy();
    return told;
  };

  /** For sessions that begin meanwhile. */
  const withSorting = async (work: () => Promise<void>): Promise<void> => {
    const alter = (what: (name: string) => string): Promise<string> =>
      database.server.sql(SORTING.map((name) => `alter role app ${what(name)}`).join("; "));
    await alter((name) => `set ${name} = off`);
    try {
      await work();
    } finally {
      await alter((name) => `reset ${name}`);
    }
  };

  test("an oracle would be found: to somebody who sees everything most questions are one", { timeout: 300_000 }, () =>
    withSorting(async () => {
      const told = await telling("clear", ORACLES);
      console.log(`oracles: ${told.length} of ${ORACLES.length} tell somebody who sees everything`);
      expect(told.length).toBeGreaterThan(ORACLES.length / 2);
    }),
  );

  test("each question about the order of values is one, to somebody who sees everything", () =>
    withSorting(async () => {
      const told = await telling("seeing", ORDER_ORACLES);
      expect(ORDER_ORACLES.filter((oracle) => !told.includes(oracle))).toEqual([]);
      expect(await telling("seeing", ORDERLESS)).toEqual([]);
    }));

  test(
    "a question of one bit is refused before the target has it, and no answer tells a right guess from a wrong one",
    { timeout: 240_000 },
    () =>
      withSorting(async () => {
        await database.server.sql("alter role app set log_statement = 'all'");
        const client = await connect("changing");
        const apart: string[] = [];
        const took = { right: [] as number[], wrong: [] as number[] };
        let asked = 0;
        /** What it says, where the guess stands nowhere in it. */
        const answer = async (way: Way, sql: string, guess: string, before: string | undefined): Promise<string> => {
          if (before !== undefined) await answers(client, frontend.encodeQuery(before.replaceAll("?", guess)));
          const started = performance.now();
          const bytes = await ask(client, way, `/* asked ${asked} */ ${sql.replaceAll("?", guess)}`);
          const isRefused = verdict(bytes) === "refused";
          apart.push(...deadEnds(bytes).map((each) => `says nothing of what would be allowed: ${sql}: ${each}`));
          if (isRefused) took[guess === RIGHT ? "right" : "wrong"].push(performance.now() - started);
          await answers(client, frontend.encodeQuery("rollback"));
          if (isRefused && database.server.log().includes(`/* asked ${asked} */`)) apart.push(`reached the target: ${sql}`);
          asked += 1;
          return bytes.toString("latin1").replaceAll(guess, "?");
        };
        for (const { before, sql } of ORACLES) {
          for (const way of ["simple", "extended", "prepared"] as const) {
            const [right, wrong] = [await answer(way, sql, RIGHT, before), await answer(way, sql, WRONG, before)];
            if (right !== wrong) apart.push(`${way}: ${sql}\n    ${right.slice(0, 200)}\n    ${wrong.slice(0, 200)}`);
          }
        }
        client.socket.destroy();
        await database.server.sql("alter role app reset log_statement");
        const figures = Object.entries(took).map(([guess, times]) => {
          const sorted = times.toSorted((a, b) => a - b);
          const part = (share: number): string => (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(2);
          return `${guess} guesses p10 ${part(0.1)} p50 ${part(0.5)} p90 ${part(0.9)} p99 ${part(0.99)} of ${sorted.length}`;
        });
        console.log(`oracles: ${ORACLES.length} questions, ${asked} asked; refused after ms: ${figures.join("; ")}`);
        expect(apart.map((each) => each.replaceAll(/[^\x20-\x7e\n]/g, "."))).toEqual([]);
        expect(ORACLES.length).toBeGreaterThan(100);
      }),
  );

  test("rows in a random order come in another one each time, wherever the guess stands", () =>
    withSorting(async () => {
      const client = await connect("changing");
      const names = (bytes: Buffer): string => Array.from(bytes.toString("latin1").matchAll(/name \d+|nobody|x(?=D|C)/g), String).join(" ");
      for (const guess of [RIGHT, WRONG]) {
        const orders = new Set<string>();
        for (let time = 0; time < 20; time += 1) {
          await answers(client, frontend.encodeQuery(SHUFFLED.before.replaceAll("?", guess)));
          const order = names(await ask(client, "simple", SHUFFLED.sql));
          expect(order.split("name ").length).toBeGreaterThan(20);
          orders.add(order);
          await answers(client, frontend.encodeQuery("rollback"));
        }
        expect(orders.size).toBe(20);
      }
      client.socket.destroy();
    }));

  test("innocent statements are let through, and unchanged", { timeout: 120_000 }, async () => {
    const client = await connect("changing");
    const refused: string[] = [];
    for (const { sql } of INNOCENT) {
      const bytes = await ask(client, "simple", sql);
      if (verdict(bytes) === "refused")
        refused.push(`${sql}: ${backend.parseErrorResponse(bytes.subarray(0, bytes.readUInt32BE(1) + 1)).message}`);
    }
    client.socket.destroy();
    const rate = refused.length / INNOCENT.length;
    console.log(`innocent statements: ${INNOCENT.length}, refused ${refused.length} (${(rate * 100).toFixed(1)} %)\n${refused.join("\n")}`);
    expect(rate).toBeLessThanOrEqual(0.02);
  });

  // What is written by these stays: whoever counts on the rows comes before.
  test(`${HAND_WRITTEN.length} statements by hand, in every way`, { timeout: 240_000 }, async () => {
    const leaks: string[] = [];
    const dead = new Set<string>();
    const counts = { answered: 0, refused: 0, failed: 0 };
    for (const role of ["changing", "everything"]) {
      let client = await connect(role);
      for (const sql of HAND_WRITTEN) {
        for (const way of WAYS) {
          const answered = ask(client, way, sql).then((bytes) => {
            for (const each of deadEnds(bytes)) dead.add(each);
            return bytes;
          });
          const bytes = await answered.catch(async (error: Error) => {
            // A session that is cut says so, and has shown nothing.
            client.socket.destroy();
            client = await connect(role);
            return Buffer.from(error.message);
          });
          counts[verdict(bytes)] += 1;
          const shown = leaked(bytes);
          if (shown !== undefined) leaks.push(`${role} ${way}: ${sql}\n    ${shown}`);
        }
      }
      client.socket.destroy();
    }
    console.log(`leak test by hand: ${HAND_WRITTEN.length} statements, ${JSON.stringify(counts)}, ${leaks.length} leaks`);
    expect(leaks).toEqual([]);
    expect([...dead]).toEqual([]);
    expect(HAND_WRITTEN.length).toBeGreaterThanOrEqual(400);
  });

  test("made at random", { timeout: 300_000 }, async () => {
    const seed = Number(process.env["SEED"] ?? randomInt(2 ** 31));
    const leaks: string[] = [];
    const dead = new Set<string>();
    const counts = { answered: 0, refused: 0, failed: 0 };
    const statements = makeStatements(seed, RANDOM);
    let next = 0;
    const work = async (): Promise<void> => {
      let client = await connect("changing");
      while (next < statements.length) {
        const sql = statements[next] ?? "";
        next += 1;
        const way = WAYS[next % 4] ?? "simple";
        const answered = ask(client, way, sql).then((bytes) => {
          for (const each of deadEnds(bytes)) dead.add(each);
          return bytes;
        });
        const bytes = await answered.catch(async (error: Error) => {
          client.socket.destroy();
          client = await connect("changing");
          return Buffer.from(error.message);
        });
        counts[verdict(bytes)] += 1;
        const shown = leaked(bytes);
        if (shown !== undefined) leaks.push(`${way}: ${sql}\n    ${shown}`);
      }
      client.socket.destroy();
    };
    await Promise.all(Array.from({ length: 6 }, work));
    console.log(`leak test at random: SEED=${seed}, ${statements.length} statements, ${JSON.stringify(counts)}, ${leaks.length} leaks`);
    expect(leaks).toEqual([]);
    expect([...dead]).toEqual([]);
    // A generator whose statements all fail would prove nothing.
    expect(counts.answered).toBeGreaterThan(statements.length / 4);
  });
});
