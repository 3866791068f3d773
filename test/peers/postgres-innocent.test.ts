/** What an application's own tool emits, and needs no masked value, is answered as it is to somebody who sees everything. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Database } from "../kit/database.ts";
import { readInnocent } from "../kit/innocent-statements.ts";
import { connectPostgres, type PostgresClient } from "../kit/postgres-client.ts";
import { postgresServer } from "../kit/postgres.ts";
import { MARK, startSecretsDatabase } from "../kit/secrets-database.ts";
import * as frontend from "../../src/wire/postgres/frontend.ts";

describe.skipIf(postgresServer.missing)(postgresServer.title("innocent statements of real tools"), () => {
  let database: Database;
  beforeAll(async () => {
    database = await startSecretsDatabase();
  }, 120_000);
  afterAll(() => database[Symbol.asyncDispose]());

  const connect = async (role: string): Promise<PostgresClient> =>
    connectPostgres(database.test.gate.postgres?.port ?? 0, await database.password((await database.grant(role)).id));

  test.each(["knex", "sequelize", "sqlalchemy"])("%s", { timeout: 60_000 }, async (tool) => {
    const masked = await connect("masked");
    const clear = await connect("clear");
    const answer = async (client: PostgresClient, sql: string): Promise<string> => {
      client.send(frontend.encodeQuery(sql));
      return Buffer.concat(await client.readTo("Z")).toString("latin1");
    };
    const statements = readInnocent(tool);
    const apart: string[] = [];
    for (const { kind, sql } of statements) {
      const direct = await answer(clear, sql);
      const seen = await answer(masked, sql);
      if (direct.includes("SERROR\0")) apart.push(`${kind}: fails by itself: ${sql}`);
      else if (kind.startsWith("shows masks")) {
        if (seen.includes("SERROR\0")) apart.push(`${kind}: refused${seen.includes("\0H") ? "" : " without a next step"}: ${sql}`);
        else if (seen === direct || seen.includes(MARK)) apart.push(`${kind}: shows what is masked: ${sql}`);
      } else if (seen !== direct) apart.push(`${kind}: ${sql}\n    ${seen.replaceAll(/[^\x20-\x7e]/g, ".").slice(0, 300)}`);
    }
    masked.socket.destroy();
    clear.socket.destroy();
    console.log(`innocent statements of ${tool}: ${statements.length}, refused or changed ${apart.length}`);
    expect(apart).toEqual([]);
    expect(statements.length).toBeGreaterThan(75);
  });
});
