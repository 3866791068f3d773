import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { bodyHash, parseEnvelope } from "../../src/audit/log/envelope.ts";
import { Frontier, leafHash } from "../../src/audit/log/merkle.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { systemRandom } from "../../src/kernel/random.ts";
import { Secret } from "../../src/kernel/secret.ts";
import { openSqlStore, type SqlStore } from "../../src/store/open.ts";

const LOAD = new URL("./store/load.ts", import.meta.url).pathname;
const ROUNDS = 12;

const open = (dataDir: string): Promise<SqlStore> =>
  openSqlStore({
    dataDir,
    node: "n1",
    origin: "gate.test/n1",
    durability: "process",
    masterKey: new Secret(Buffer.alloc(32, 7)),
    clock: systemClock,
    random: systemRandom,
    diskReserveBytes: 0,
  });

/** Runs the load and kills it `afterMs` after it is ready. What it acknowledged until then, as texts. */
async function killedLoad(dataDir: string, afterMs: number, whileRunning: () => Promise<void>): Promise<string[]> {
  const child = spawn(process.execPath, [LOAD, dataDir, "process", "16"], { stdio: ["ignore", "pipe", "inherit"] });
  const acknowledged: string[] = [];
  const ready = Promise.withResolvers<void>();
  createInterface({ input: child.stdout }).on("line", (line) => {
    const [word, , text] = line.split(" ");
    if (word === "ready") ready.resolve();
    // A line the kill cut short has no third word and no newline; readline still shows it. It was not acknowledged in full.
    if (word === "ack" && text !== undefined) acknowledged.push(text);
  });
  await ready.promise;
  await whileRunning();
  await delay(afterMs);
  child.kill("SIGKILL");
  await once(child, "close");
  return acknowledged;
}

/** Every hash of the log, and that state and events stand or fall together. Returns the texts in the log. */
async function inspect(store: SqlStore): Promise<Set<string>> {
  const texts = new Set<string>();
  const tree = new Frontier();
  const size = store.logSource.size();
  let seq = 0;
  const bodies = store.logSource.bodies(0, size)[Symbol.asyncIterator]();
  for await (const bytes of store.logSource.envelopes(0, size)) {
    tree.append(leafHash(bytes));
    const envelope = parseEnvelope(bytes);
    const { value } = (await bodies.next()) as { value: { salt: Buffer; body: Buffer } };
    expect(envelope).toMatchObject({ seq, bodyHash: bodyHash(value.salt, value.body) });
    texts.add((JSON.parse(value.body.toString("utf8")) as { reason: string }).reason);
    seq += 1;
  }
  expect(seq).toBe(size);
  expect(await store.logSource.root(size)).toEqual(tree.root());
  const stored = await store.db.selectFrom("settings").select("name").where("name", "like", "load.%").execute();
  const withState = [...texts].filter((text) => Number(text.split("-")[2]) % 2 === 0);
  expect(stored.map(({ name }) => name).sort()).toEqual(withState.map((text) => `load.${text}`).sort());
  return texts;
}

test(`kill -9 at ${ROUNDS} random moments: nothing acknowledged is lost, no hash is broken, no state without its event`, async () => {
  const seed = Number(process.env["SEED"] ?? Date.now() % 100_000);
  console.log(`store-crash: SEED=${seed}`);
  const dataDir = await mkdtemp(join(tmpdir(), "sallyport-crash-"));
  try {
    let random = seed;
    const acknowledged: string[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      random = (random * 1_103_515_245 + 12_345) % 2_147_483_648;
      const locked = async (): Promise<void> => {
        await expect(open(dataDir)).rejects.toMatchObject({ code: "data-dir-locked" });
      };
      acknowledged.push(...(await killedLoad(dataDir, random % 250, locked)));
      await using store = await open(dataDir);
      const logged = await inspect(store);
      expect(acknowledged.filter((text) => !logged.has(text))).toEqual([]);
      await store.log.append([{ kind: "gate.stopped", body: { reason: `round-${round}-1` } }]);
    }
    console.log(`store-crash: ${acknowledged.length} acknowledged over ${ROUNDS} kills`);
    expect(acknowledged.length).toBeGreaterThan(ROUNDS * 10);
    // SQLite's own opinion.
    const check = spawnSync(process.execPath, ["-e", CHECK, join(dataDir, "sallyport.db")], { encoding: "utf8" });
    expect(check.stdout.trim()).toBe("ok");
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
});

const CHECK = `const { DatabaseSync } = require("node:sqlite");
console.log(new DatabaseSync(process.argv[1]).prepare("pragma integrity_check").get().integrity_check);`;
