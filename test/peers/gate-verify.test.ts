/**
 * `audit verify` over what a whole gate published: every way to alter the record is found, offline and over the API, and
 * a program that shares no code with ours agrees about everything that is in the tree.
 */
import { createPrivateKey } from "node:crypto";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { encodeBodies, parseBodies } from "../../src/audit/log/bodies.ts";
import { signerOf } from "../../src/audit/log/note.ts";
import { TilePublisher } from "../../src/audit/log/publisher.ts";
import { encodeBundle, parseBundle } from "../../src/audit/log/tiles.ts";
import type { Finding } from "../../src/audit/verify/finding.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { systemRandom } from "../../src/kernel/random.ts";
import { Secret } from "../../src/kernel/secret.ts";
import { LOG_KEY } from "../../src/main/publishing.ts";
import { openStore } from "../../src/store/open.ts";
import { buildGoVerifier, go } from "../kit/go-verifier.ts";
import { requirePeer } from "../kit/peers.ts";
import { startServing, type Serving } from "../kit/serving.ts";
import { until } from "../kit/until.ts";

/** Everything a command prints is recorded. */
const ROLES = `  loud: { ssh: { account: SELF, exec: true }, recording: { exec: full } }`;
const RULES = `  - { name: loud, who: [ana], roles: [loud], targets: { labels: { service: checkout } }, max: 1h, approval: none }`;
const ORIGIN = "test.example/a";
const sshd = requirePeer("OpenSSH server", "sshd");

let scratch: string;
let gate: Serving;
let verifier: string | undefined;
let vkey: string;
/** A whole copy: tiles, checkpoint, bodies, recordings. */
let honest: string;
/** A checkpoint of earlier, in a file. */
let older: string;
let number = 0;

async function settledHead(): Promise<string> {
  const owner = gate.client("olga");
  let text = "";
  await until(async () => {
    text = (await owner.call("audit.checkpoint")).toString();
    return Number(text.split("\n")[1]) === (await owner.call("audit.search", { query: { limit: 1 } })).size;
  });
  return text;
}

async function fillLog(count: number): Promise<void> {
  const ana = gate.client("ana");
  const body = { reason: "checkout is slow", role: "debug", targets: ["web-1.prod"] };
  for (let n = 0; n < count; n += 2) {
    const { request } = await ana.call("requests.create", { body });
    await ana.call("requests.cancel", { params: { id: request.id }, body: { reason: "never mind" } });
  }
}

/** What an auditor takes along from a running gate. */
async function copyOut(to: string): Promise<void> {
  await settledHead();
  const { status, stderr } = await gate.cli("audit", "copy", to);
  if (status !== 0) throw new Error(stderr.toString());
}

/** A copy to be altered. */
function tampered(change: (folder: string) => void): string {
  const folder = join(scratch, `copy-${(number += 1)}`);
  cpSync(honest, folder, { recursive: true });
  change(folder);
  return folder;
}

interface Verdict {
  readonly status: number | null;
  readonly problems: readonly string[];
}

/** The command line's verdict; `undefined` as folder: the running gate's. */
async function verify(folder: string | undefined, ...more: string[]): Promise<Verdict> {
  const args = ["audit", "verify", ...(folder === undefined ? [] : [folder]), "--key", vkey, "--json", ...more];
  const { status, stdout } = await gate.cli(...args);
  const { findings } = JSON.parse(stdout.toString()) as { findings: Finding[] };
  return { status, problems: [...new Set(findings.filter(({ severity }) => severity === "problem").map(({ code }) => code))] };
}

/** 0: agrees. Without Go it is not asked, and the answer is what was expected. */
function askGo(folder: string, expected: number): number | null {
  return verifier === undefined ? expected : spawnSync(verifier, [folder, vkey]).status;
}

function flip(path: string, offset = 40): void {
  const bytes = readFileSync(path);
  bytes[offset] = (bytes[offset] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

function editBundle(folder: string, change: (entries: Buffer[]) => Buffer[]): void {
  const path = join(folder, "tile/entries/000");
  writeFileSync(path, encodeBundle(change(parseBundle(readFileSync(path)) ?? [])));
}

function swap<T>(list: readonly T[], a: number, b: number): T[] {
  const swapped = [...list];
  [swapped[a], swapped[b]] = [list[b] as T, list[a] as T];
  return swapped;
}

function largestRecording(folder: string): string {
  const files = readdirSync(join(folder, "recordings")).filter((name) => name.endsWith(".rec"));
  return files.map((name) => join(folder, "recordings", name)).sort((a, b) => readFileSync(b).length - readFileSync(a).length)[0] ?? "";
}

// oxlint-disable-next-line vitest/valid-title -- it names the program that is missing
describe.skipIf(sshd.missing)(sshd.title("audit verify of a gate"), () => {
  beforeAll(async () => {
    scratch = mkdtempSync(join(tmpdir(), "sallyport-verify-"));
    verifier = go === undefined ? undefined : buildGoVerifier(scratch);
    gate = await startServing({ gateLines: "  anchors: [{ name: elsewhere, file: ANCHOR }]", roles: ROLES, rules: RULES });
    vkey = (await gate.client("nobody").call("authorities.show")).log;
    await gate.grant({ role: "loud" });
    await gate.ssh(["head -c 600000 /dev/zero | tr '\\0' x"]);
    await fillLog(240);
    older = join(scratch, "older");
    writeFileSync(older, await settledHead());
    // A stop takes the last checkpoint to the anchor.
    await gate.stop();
    await gate.restart();
    await fillLog(60);
    honest = join(scratch, "honest");
    await copyOut(honest);
  });
  afterAll(async () => {
    await gate?.[Symbol.asyncDispose]();
    rmSync(scratch, { recursive: true, force: true });
  });

  test("of what it published is good: offline, over the API, and by the independent program", async () => {
    expect(await verify(honest, "--checkpoint", older)).toEqual({ status: 0, problems: [] });
    expect(await verify(undefined, "--checkpoint", older)).toEqual({ status: 0, problems: [] });
    expect(askGo(honest, 0)).toBe(0);
  });

  test.each<[what: string, change: (folder: string) => void, problems: string[]]>([
    ["a bit of an envelope", (folder) => flip(join(folder, "tile/entries/000"), 3_000), ["entry-malformed|tile-differs|root-differs"]],
    ["a bit of a tile", (folder) => flip(join(folder, "tile/0/000")), ["tile-differs"]],
    ["a removed entry", (folder) => editBundle(folder, (entries) => entries.toSpliced(100, 1)), ["entries-missing"]],
    [
      "two swapped entries",
      (folder) => editBundle(folder, (entries) => swap(entries, 100, 101)),
      ["entry-misplaced", "tile-differs", "root-differs"],
    ],
    [
      "a bit of the checkpoint's root",
      (folder) => flip(join(folder, "checkpoint"), ORIGIN.length + 8),
      ["checkpoint-(forged|malformed)|root-differs"],
    ],
    [
      "a checkpoint signed by somebody else",
      (folder) => writeFileSync(join(folder, "checkpoint"), forged()),
      ["checkpoint-(unsigned|forged)"],
    ],
  ])("finds %s, and so does the independent program", async (_, change, problems) => {
    const folder = tampered(change);
    const verdict = await verify(folder);
    expect(verdict.status).toBe(7);
    for (const problem of problems) expect(verdict.problems.join(" ")).toMatch(new RegExp(problem));
    expect(askGo(folder, 1)).toBe(1);
  });

  test.each<[what: string, change: (folder: string) => void, problem: string]>([
    ["a bit of a body", (folder) => flip(join(folder, "bodies/000"), 4 + 32 + 2), "body-differs"],
    ["a body that is gone without an erasure", (folder) => eraseBody(folder, 7), "body-erased-unlogged"],
    ["a bit of a recording", (folder) => flip(largestRecording(folder), 300_000), "recording-differs"],
    ["a recording that is gone", (folder) => rmSync(largestRecording(folder)), "recording-missing"],
  ])("finds %s", async (_, change, problem) => {
    const verdict = await verify(tampered(change));
    expect(verdict).toEqual({ status: 7, problems: [problem] });
  });

  test("finds a truncated log by a checkpoint of before, though it is signed and whole", async () => {
    const folder = tampered(() => {});
    const newest = join(scratch, "newest");
    writeFileSync(newest, readFileSync(join(folder, "checkpoint")));
    const truncated = await republished((entries) => entries.slice(0, 280));
    expect(askGo(truncated, 0)).toBe(0);
    expect(await verify(truncated)).toEqual({ status: 0, problems: [] });
    expect(await verify(truncated, "--checkpoint", newest)).toEqual({ status: 7, problems: ["history-truncated"] });
  });

  test("finds a log signed anew from scratch with the gate's own key, by the file of its anchor", async () => {
    const rewritten = await republished((entries) => entries.map((entry, seq) => (seq === 20 ? retold(entry) : entry)));
    expect(askGo(rewritten, 0)).toBe(0);
    expect(await verify(rewritten)).toEqual({ status: 0, problems: [] });
    // The gate goes on, and its anchor may have seen more since the copy was made; that would be another finding.
    const sizeOf = (checkpoint: string): number => Number(checkpoint.split("\n")[1]);
    const copied = sizeOf(readFileSync(join(honest, "checkpoint"), "utf8"));
    const lines = readFileSync(join(gate.dir, "anchor.jsonl"), "utf8").trimEnd().split("\n");
    const seen = lines.filter((line) => sizeOf((JSON.parse(line) as { checkpoint: string }).checkpoint) <= copied);
    expect(seen.length).toBeGreaterThan(0);
    const anchor = join(scratch, "anchor.jsonl");
    writeFileSync(anchor, `${seen.join("\n")}\n`);
    expect(await verify(rewritten, "--checkpoint", anchor)).toEqual({ status: 7, problems: ["history-rewritten"] });
  });

  test("finds in a running gate a tile and a body that somebody altered on its disk", async () => {
    const tile = join(gate.dataDir, "log/tile/0/000");
    flip(tile);
    expect(await verify(undefined)).toMatchObject({ status: 7, problems: ["tile-differs"] });
    flip(tile);
    expect(await verify(undefined)).toMatchObject({ status: 0 });
    const db = new DatabaseSync(join(gate.dataDir, "sallyport.db"), { timeout: 5_000 });
    // What a search finds is no other record than the one that is proven: a column, and an envelope that fits it.
    for (const change of [
      "update log set principal = 'nobody' where seq = 20",
      "update log set principal = 'lea', envelope = cast(replace(cast(envelope as text), '\"ana\"', '\"lea\"') as blob) where seq = 20",
    ]) {
      db.exec(`create temp table kept as select * from log where seq = 20; ${change}`);
      expect(await verify(undefined)).toMatchObject({ status: 7, problems: expect.arrayContaining(["store-differs"]) as string[] });
      db.exec("insert or replace into log select * from temp.kept; drop table temp.kept");
    }
    expect(await verify(undefined)).toMatchObject({ status: 0 });
    const changed = db
      .prepare("update log set body = cast(replace(cast(body as text), 'slow', 'fast') as blob) where kind = 'request.created'")
      .run();
    db.close();
    expect(Number(changed.changes)).toBeGreaterThan(0);
    expect(await verify(undefined)).toMatchObject({ status: 7, problems: ["body-differs"] });
    // And a gate does not go on writing behind it.
    await gate.stop();
    await expect(gate.restart()).rejects.toThrow("audit log is damaged");
  });
});

/** The honest checkpoint, under a key of somebody's own. */
function forged(): string {
  const [text = "", signature = ""] = readFileSync(join(honest, "checkpoint"), "utf8").split("\n\n");
  return `${text}\n\n${signature.replace(/.{8}\n?$/, "AAAAAAA=\n")}`;
}

function eraseBody(folder: string, seq: number): void {
  const path = join(folder, "bodies/000");
  writeFileSync(path, encodeBodies(parseBodies(readFileSync(path)).map((body, index) => (index === seq ? "erased" : body))));
}

/** The same entry about somebody else. */
function retold(envelope: Buffer): Buffer {
  const text = envelope.toString("utf8");
  const other = text.replace(/"kind":"[a-z.-]+"/, '"kind":"user.enabled"');
  if (other === text) throw new Error("the entry has no kind");
  return Buffer.from(other);
}

/** A log that somebody with the gate's own key published anew; tree only. */
async function republished(change: (entries: Buffer[]) => Buffer[]): Promise<string> {
  const folder = join(scratch, `republished-${(number += 1)}`);
  mkdirSync(folder);
  const size = Number(readFileSync(join(honest, "checkpoint"), "utf8").split("\n")[1]);
  const bundles = [join(honest, "tile/entries/000"), join(honest, `tile/entries/001.p/${size - 256}`)];
  const entries = change(bundles.flatMap((path) => parseBundle(readFileSync(path)) ?? []));
  const source = {
    size: () => entries.length,
    envelopes: async function* (from: number, to: number) {
      yield* entries.slice(from, to);
    },
  };
  const signer = signerOf(ORIGIN, await stolenKey());
  const publisher = new TilePublisher({ directory: folder, origin: ORIGIN, source, signer, clock: systemClock, durability: "process" });
  await publisher.publish();
  return folder;
}

/** As root on the gate's machine would have it: from a copy of the database, with the master key. */
async function stolenKey() {
  const dataDir = join(scratch, `stolen-${(number += 1)}`);
  mkdirSync(dataDir, { mode: 0o700 });
  for (const name of ["sallyport.db", "sallyport.db-wal"]) cpSync(join(gate.dataDir, name), join(dataDir, name));
  const identity = { node: "a", origin: ORIGIN, masterKey: new Secret(Buffer.alloc(32, 7)) };
  await using store = await openStore({
    dataDir,
    ...identity,
    durability: "process",
    clock: systemClock,
    random: systemRandom,
    diskReserveBytes: 0,
  });
  const key = await store.secrets.find(LOG_KEY);
  if (!key) throw new Error("there is no key");
  return createPrivateKey({ key: key.reveal(), format: "der", type: "pkcs8" });
}
