/**
 * PostgreSQL's own regression suite through the gate and directly, each at a fresh server of its own: what psql shows is
 * equal, but for test/peers/postgres-regression/differences.txt, which has every line that differs and why.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startDatabase, type Database } from "../kit/database.ts";
import { requirePeer } from "../kit/peers.ts";
import { postgresServer, startPostgres, type PostgresServer } from "../kit/postgres.ts";
import {
  prepareRegression,
  REGRESSION_SETTINGS,
  regressionFiles,
  regressionSuite,
  runRegression,
  type RegressionPlace,
} from "../kit/postgres-regress.ts";
import { run } from "../kit/process.ts";

const psql = requirePeer("psql", "psql");
const peer = [psql, postgresServer, regressionSuite].find((each) => each.missing) ?? psql;
const LIST = join(import.meta.dirname, "postgres-regression/differences.txt");
const ROLE =
  "{ postgres: { account: admin, allow: [read, write, ddl, dcl, copy, function, opaque, session, transaction, utility], databases: [regression] } }";
const MINUTES = 60_000;
/** A password of the gate's lasts for minutes. */
const FILES_PER_PASSWORD = 40;

/** `== file`, lines that say why, an empty line, then the lines that differ. */
async function listed(): Promise<Map<string, string>> {
  const [, ...parts] = (await readFile(LIST, "utf8")).split(/^== /m);
  return new Map(
    parts.map((part) => {
      const why = part.indexOf("\n\n");
      return [part.slice(0, part.indexOf("\n")), part.slice(why + 2).trimEnd()];
    }),
  );
}

/** `REGRESSION_FOUND`: a file for the differences as JSON, from which the list is brought up to date. */
describe.skipIf(peer.missing)(peer.title("PostgreSQL's regression suite through the gate"), () => {
  let database: Database;
  let plain: PostgresServer;

  beforeAll(async () => {
    [database, plain] = await Promise.all([startDatabase({ roles: { regress: ROLE } }), startPostgres()]);
    await plain.sql("create role admin login superuser password 'its own'");
    for (const server of [database.server, plain]) {
      await server.sql("create database regression template template0");
      for (const setting of REGRESSION_SETTINGS) await server.sql(`alter database regression set ${setting}`);
      await prepareRegression(join(server.dir, "regress"));
    }
  });
  afterAll(async () => {
    await Promise.all([database[Symbol.asyncDispose](), plain[Symbol.asyncDispose]()]);
  });

  test(
    "shows the same, but for what is listed",
    async () => {
      const files = await regressionFiles();
      expect(files.length).toBeGreaterThan(200);
      const grant = await database.grant("regress", 2 * 3_600_000);
      const { port = 0 } = database.test.gate.postgres ?? {};
      const gate = async (): Promise<RegressionPlace> => ({
        conninfo: `host=127.0.0.1 port=${port} user=ana+shop-db dbname=regression`,
        password: await database.password(grant.id),
        dir: join(database.server.dir, "regress"),
      });
      const direct = async (): Promise<RegressionPlace> => ({
        conninfo: `host=127.0.0.1 port=${plain.port} user=admin dbname=regression`,
        password: "its own",
        dir: join(plain.dir, "regress"),
      });
      const all = async (where: () => Promise<RegressionPlace>): Promise<string[]> => {
        const outputs: string[] = [];
        let place = await where();
        for (const [index, file] of files.entries()) {
          if (index > 0 && index % FILES_PER_PASSWORD === 0) place = await where();
          outputs.push(await runRegression(file, place));
        }
        return outputs;
      };
      const [expected, got] = await Promise.all([all(direct), all(gate)]);
      const differences = new Map<string, string>();
      for (const [index, file] of files.entries()) {
        if (got[index] !== expected[index]) differences.set(file, await differenceOf(expected[index] ?? "", got[index] ?? ""));
      }
      const { REGRESSION_FOUND: found } = process.env;
      if (found !== undefined) await writeFile(found, JSON.stringify(Object.fromEntries(differences), undefined, 2));
      expect(Object.fromEntries(differences)).toEqual(Object.fromEntries(await listed()));
      expect(database.test.faults).toEqual([]);
    },
    30 * MINUTES,
  );

  /** Lines that only one of them has: `-` directly, `+` through the gate. */
  async function differenceOf(expected: string, got: string): Promise<string> {
    const [a, b] = [join(database.test.dir, "direct.out"), join(database.test.dir, "gate.out")];
    await writeFile(a, expected, "latin1");
    await writeFile(b, got, "latin1");
    const { stdout } = await run("diff", ["-U0", a, b]);
    return stdout
      .toString()
      .split("\n")
      .filter((line) => !/^(?:---|\+\+\+|@@) /.test(line))
      .join("\n")
      .trimEnd();
  }
});
