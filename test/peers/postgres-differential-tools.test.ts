/** PostgreSQL's own tools through the gate and directly: what they write and say is equal. */
import { writeFile } from "node:fs/promises";
import { realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startDatabase, type Database } from "../kit/database.ts";
import { postgresServer } from "../kit/postgres.ts";
import { bothWays, compareProgram, type BothWays } from "../kit/postgres-differential.ts";

const SCRIPT = "\\set n random(1, 100)\nselect customer from orders where id = :n;\n";
const PIPELINE = "\\startpipeline\nselect 1;\nselect 2;\nselect 3;\n\\endpipeline\n";
const TOOLS: Readonly<Record<string, readonly [program: string, ...args: string[]]>> = {
  vacuumdb: ["vacuumdb", "--analyze", "-t", "orders"],
  reindexdb: ["reindexdb", "-t", "orders"],
  clusterdb: ["clusterdb", "-t", "orders"],
  "dropdb of what is not there": ["dropdb", "--maintenance-db", "shop", "nothing_here"],
};

describe.skipIf(postgresServer.missing)(postgresServer.title("PostgreSQL's tools through the gate, as direct"), () => {
  let database: Database;
  let ways: BothWays;
  const tool = (name: string): string => join(dirname(realpathSync(postgresServer.path)), name);

  beforeAll(async () => {
    database = await startDatabase();
    ways = await bothWays(database);
  });
  afterAll(() => database[Symbol.asyncDispose]());

  test.each(Object.entries(TOOLS))("%s", async (_name, [program, ...args]) => {
    const { expected, got } = await compareProgram(ways, tool(program), { args });
    expect(got).toEqual(expected);
  });

  test.each(["simple", "extended", "prepared"])("pgbench -M %s", async (mode) => {
    const script = join(database.test.dir, "bench.sql");
    await writeFile(script, SCRIPT);
    const { expected, got } = await compareProgram(ways, tool("pgbench"), {
      args: ["-n", "-M", mode, "-t", "50", "-c", "2", "-f", script],
    });
    const failed = /number of failed transactions: 0 \(0\.000%\)/;
    expect([expected.status, got.status]).toEqual([0, 0]);
    expect(expected.stdout).toMatch(failed);
    expect(got.stdout).toMatch(failed);
  });

  test.each(["extended", "prepared"])("pgbench -M %s in pipelines", async (mode) => {
    const script = join(database.test.dir, "pipeline.sql");
    await writeFile(script, PIPELINE);
    const { expected, got } = await compareProgram(ways, tool("pgbench"), { args: ["-n", "-M", mode, "-t", "50", "-f", script] });
    expect([expected.status, got.status]).toEqual([0, 0]);
    expect(got.stdout).toMatch(/number of transactions actually processed: 50\/50/);
  });
});
