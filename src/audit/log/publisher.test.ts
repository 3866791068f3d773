import { generateKeyPairSync } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Clock } from "../../kernel/clock.ts";
import type { Timers } from "../timers.ts";
import { openPublished } from "../verify/published-source.ts";
import { parseCheckpoint } from "./checkpoint.ts";
import { Frontier, leafHash } from "./merkle.ts";
import { signerOf } from "./note.ts";
import { startPublishing } from "./publish-loop.ts";
import { TilePublisher, type PublisherOptions } from "./publisher.ts";
import { parseBundle, publishedTiles, tilePath } from "./tiles.ts";

const signer = signerOf("gate/n1", generateKeyPairSync("ed25519").privateKey);
let directory: string;
let elapsed: number;
let log: Buffer[];

const clock: Clock = { now: () => 0, elapsed: () => elapsed, bootId: "test" };
const source = {
  size: () => log.length,
  async *envelopes(from: number, to: number) {
    yield* log.slice(from, to);
  },
};

function publisher(more: Partial<PublisherOptions> = {}): TilePublisher {
  return new TilePublisher({ directory, origin: "gate/n1", source, signer, clock, durability: "process", ...more });
}

function grow(to: number): void {
  while (log.length < to) log.push(Buffer.from(`entry ${log.length}`));
}

function rootOf(entries: readonly Buffer[]): Buffer {
  const frontier = new Frontier();
  for (const entry of entries) frontier.append(leafHash(entry));
  return frontier.root();
}

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "sallyport-publisher-"));
  elapsed = 0;
  log = [];
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe("TilePublisher", () => {
  test("grows a directory step by step, also over restarts", async () => {
    let current = publisher();
    for (const [step, size] of [3, 255, 256, 300, 512, 1000, 2001].entries()) {
      grow(size);
      elapsed += 1000;
      if (step % 2 === 1) current = publisher();
      const checkpoint = parseCheckpoint((await current.publish()) ?? "");
      expect(checkpoint).toMatchObject({ origin: "gate/n1", size, root: rootOf(log) });
      expect(readFileSync(join(directory, "checkpoint"), "utf8")).toContain(`\n${size}\n`);
    }
    expect(readdirSync(join(directory, "tile/0"))).toEqual(["000", "001", "002", "003", "004", "005", "006", "007.p"]);
    expect(parseBundle(readFileSync(join(directory, "tile/entries/001")))).toEqual(log.slice(256, 512));
    expect(parseBundle(readFileSync(join(directory, "tile/entries/007.p/209")))).toEqual(log.slice(1792));
    expect(readdirSync(join(directory, "tile/1/000.p"))).toEqual(["1", "2", "3", "7"]);
  });

  test("writes at most one checkpoint a second, and none for an unchanged log", async () => {
    const current = publisher();
    grow(1);
    expect(await current.publish()).toBeDefined();
    grow(2);
    elapsed = 999;
    expect(await current.publish()).toBeUndefined();
    expect(current.waitMs()).toBe(1);
    elapsed = 1000;
    expect(await current.publish()).toContain("\n2\n");
    elapsed = 9000;
    expect(await current.publish()).toBeUndefined();
  });

  test.each([
    ["a shorter log", () => log.pop()],
    ["a changed entry", () => (log[1] = Buffer.from("another"))],
    ["a changed tile", () => writeFileSync(join(directory, "tile/0/000.p/3"), Buffer.alloc(96))],
  ])("signs nothing after a restart with %s", async (_, tamper) => {
    grow(3);
    await publisher().publish();
    tamper();
    const before = readFileSync(join(directory, "checkpoint"));
    if (log.length === 3) grow(4);
    await expect(publisher().publish()).rejects.toThrow(/audit log cannot take/);
    expect(readFileSync(join(directory, "checkpoint"))).toEqual(before);
  });

  test.each([
    ["all of it", () => rmSync(directory, { recursive: true })],
    ["a full tile, at a restart", () => rmSync(join(directory, "tile/0/001"))],
    ["a bundle, at a restart", () => rmSync(join(directory, "tile/entries/000"))],
    ["a partial tile, at a restart", () => rmSync(join(directory, "tile/0/002.p"), { recursive: true })],
  ])("publishes again what somebody removed: %s", async (what, remove) => {
    let current = publisher();
    grow(600);
    await current.publish();
    remove();
    if (what.endsWith("restart")) current = publisher();
    elapsed += 1000;
    const checkpoint = parseCheckpoint((await current.publish()) ?? "");
    expect(checkpoint).toMatchObject({ size: 600, root: rootOf(log) });
    const published = await openPublished(directory);
    const entries: Buffer[] = [];
    for await (const entry of published.entries(0, 600)) entries.push(entry);
    expect(entries).toEqual(log);
    const missing: string[] = [];
    for (const id of publishedTiles(600)) if ((await published.tile?.(id)) === undefined) missing.push(tilePath(id));
    expect(missing).toEqual([]);
  });

  test("does not publish another log in the place of one that was removed", async () => {
    const current = publisher();
    grow(300);
    await current.publish();
    rmSync(directory, { recursive: true });
    log[7] = Buffer.from("another");
    grow(301);
    elapsed += 1000;
    await expect(current.publish()).rejects.toThrow(/first 300 entries are not those that were published/);
    expect(existsSync(join(directory, "checkpoint"))).toBe(false);
  });

  test("leaves a directory of another log alone", async () => {
    grow(1);
    await publisher().publish();
    grow(2);
    await expect(publisher({ signer: signerOf("gate/n1", generateKeyPairSync("ed25519").privateKey) }).publish()).rejects.toThrow(
      /not signed by this log/,
    );
  });

  test("starts from the disk again after a failure", async () => {
    grow(300);
    let broken = true;
    const current = publisher({
      signer: { vkey: signer.vkey, sign: (text) => (broken ? Promise.reject(new Error("no signer")) : signer.sign(text)) },
    });
    await expect(current.publish()).rejects.toThrow("no signer");
    broken = false;
    expect(parseCheckpoint((await current.publish()) ?? "")?.root).toEqual(rootOf(log));
  });
});

describe("startPublishing", () => {
  test("publishes after a poke, again when the second is over, and what is left at the end", async () => {
    const waiting: { delayMs: number; run: () => void }[] = [];
    const timers: Timers = {
      after: (delayMs, run) => {
        waiting.push({ delayMs, run });
        return { [Symbol.dispose]: () => undefined };
      },
    };
    const seen: string[] = [];
    let wake = (): void => undefined;
    const loop = startPublishing({
      publisher: publisher(),
      timers,
      onCheckpoint: (checkpoint) => {
        seen.push(checkpoint);
        wake();
      },
      onFailure: (thrown) => expect.fail(String(thrown)),
    });
    grow(1);
    loop.poke();
    loop.poke();
    expect(waiting.map(({ delayMs }) => delayMs)).toEqual([0]);
    await new Promise<void>((resolve) => {
      wake = resolve;
      waiting.shift()?.run();
    });
    grow(2);
    loop.poke();
    expect(waiting.map(({ delayMs }) => delayMs)).toEqual([1000]);
    await loop[Symbol.asyncDispose]();
    expect(seen.map((checkpoint) => parseCheckpoint(checkpoint)?.size)).toEqual([1, 2]);
  });
});
