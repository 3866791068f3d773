/** Mode `process`: a statement is in the journal before it leaves for the target, and nothing that left is lost with the gate. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { encodeBind, encodeExecute, encodeParse, encodeQuery, encodeSync } from "../../src/wire/postgres/frontend.ts";
import type { PostgresClient } from "../kit/postgres-client.ts";
import { postgresServer, startPostgres, SUPERUSER, type PostgresServer } from "../kit/postgres.ts";
import { requirePeer } from "../kit/peers.ts";
import { seededChance } from "../kit/seeded.ts";
import { serveDatabase, type ServeDatabaseOptions } from "../kit/serve-database.ts";
import type { Serving } from "../kit/serving.ts";
import { completedCalls } from "../kit/strace.ts";

const ROUNDS = Number(process.env["CRASH_ROUNDS"] ?? 10);
const CLIENTS = 4;
const strace = requirePeer("strace", "strace");

interface World extends AsyncDisposable {
  readonly gate: Serving;
  readonly server: PostgresServer;
  connect(): Promise<PostgresClient>;
}

async function openWorld(options: Partial<ServeDatabaseOptions> = {}): Promise<World> {
  await using opened = new AsyncDisposableStack();
  const server = opened.use(await startPostgres());
  await server.sql("create table done (word text)");
  const { gate, connect } = opened.use(
    await serveDatabase(server, {
      ...options,
      roles: { writes: `{ postgres: { account: ${SUPERUSER.name}, allow: [read, write] } }` },
      logins: { [SUPERUSER.name]: SUPERUSER.password },
    }),
  );
  const everything = opened.move();
  return { gate, server, connect: () => connect("writes"), [Symbol.asyncDispose]: () => everything.disposeAsync() };
}

/** Inserts words, one after the other, until the connection ends. */
async function insertUntilTheEnd(client: PostgresClient, name: string): Promise<void> {
  for (let count = 0; ; count += 1) {
    client.send(encodeQuery(`insert into done values ('${name}n${count}')`));
    try {
      await client.readTo("Z");
    } catch {
      return;
    }
  }
}

async function loggedWords(gate: Serving): Promise<ReadonlySet<string>> {
  const words = new Set<string>();
  for (let from = 0; ;) {
    const page = await gate.client("olga").call("audit.search", { query: { kinds: ["sql.statement"], from, order: "asc", limit: 1000 } });
    for (const { body } of page.events) for (const [word] of JSON.stringify(body).matchAll(/\bc\d+n\d+n\d+\b/g)) words.add(word);
    const last = page.events.at(-1);
    if (!last || last.seq + 1 >= page.size) return words;
    from = last.seq + 1;
  }
}

// oxlint-disable-next-line vitest/valid-title -- it names the programs that are missing
describe.skipIf(postgresServer.missing)(postgresServer.title("the journal before the log"), () => {
  test(
    `kill -9 at ${ROUNDS} random moments: what the target ran is in the log, and the log is whole`,
    { timeout: 60_000 + ROUNDS * 12_000 },
    async () => {
      const chance = seededChance("postgres-journal");
      await using world = await openWorld();
      const { gate, server } = world;
      let left = 0;
      for (let round = 0; round < ROUNDS; round += 1) {
        const clients = await Promise.all(Array.from({ length: CLIENTS }, () => world.connect()));
        const load = clients.map((client, index) => insertUntilTheEnd(client, `c${round}n${index}`));
        await delay(chance(400));
        await gate.kill9();
        await Promise.all(load);
        if ((await readFile(join(gate.dataDir, "journal"))).length > 0) left += 1;
        await gate.restart();
        const ran = (await server.sql("select word from done")).split("\n").filter((word) => word !== "");
        const logged = await loggedWords(gate);
        expect(
          ran.filter((word) => !logged.has(word)),
          `round ${round}`,
        ).toEqual([]);
        if (round === ROUNDS - 1) console.log(`postgres-journal: ${ran.length} statements ran, all in the log; ${left} journals were left`);
      }
      expect(left).toBeGreaterThan(0);
      const { log } = await gate.client("nobody").call("authorities.show");
      const verified = await gate.cli("audit", "verify", "--key", log, "--json");
      expect(JSON.parse(verified.stdout.toString())).toMatchObject({ ok: true, signer: "verified" });
    },
  );
});

// oxlint-disable-next-line vitest/valid-title -- it names the programs that are missing
describe.skipIf(strace.missing || postgresServer.missing)(strace.title(postgresServer.title("the journal by its system calls")), () => {
  test("each statement is appended, whole, before its bytes leave for the target", async () => {
    const folder = await mkdtemp(join(tmpdir(), "sallyport-strace-"));
    try {
      const trace = join(folder, "trace");
      const under = [strace.path, "-D", "-f", "-yy", "-qq", "-s", "4000", "-o", trace, "-e", "trace=write,writev"];
      await using world = await openWorld({ under });
      const client = await world.connect();
      for (let count = 0; count < 20; count += 1) {
        client.send(encodeQuery(`insert into done values ('simple${count}end')`));
        await client.readTo("Z");
      }
      // In one packet, as drivers send them.
      const pipelined = Array.from({ length: 20 }, (_, count) => [
        encodeParse("", `insert into done values ('piped${count}end')`),
        encodeBind("", "", []),
        encodeExecute(""),
      ]).flat();
      client.send(Buffer.concat([...pipelined, encodeSync()]));
      await client.readTo("Z");
      await world.gate.stop();
      // One thread makes both calls, so that the one that ends first began first.
      const lines = completedCalls(await readFile(trace, "utf8"));
      const toTarget = `->127.0.0.1:${world.server.port}]`;
      const words = Array.from({ length: 20 }, (_, count) => [`simple${count}end`, `piped${count}end`]).flat();
      const places = words.map((word) => ({
        word,
        appended: lines.findIndex((line) => line.includes(word) && /\/journal>.*= \d+$/.test(line)),
        left: lines.findIndex((line) => line.includes(word) && line.includes(toTarget)),
      }));
      expect(places.filter(({ appended, left }) => appended < 0 || left <= appended)).toEqual([]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
