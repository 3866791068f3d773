import { generateKeyPairSync } from "node:crypto";
import { copyFileSync, cpSync, readFileSync, rmSync, truncateSync, writeFileSync, appendFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { PublishedLog } from "../../../test/kit/published-log.ts";
import { parseCheckpoint, signCheckpoint } from "../log/checkpoint.ts";
import { signerOf } from "../log/note.ts";
import { encodeBundle, parseBundle } from "../log/tiles.ts";
import type { FindingCode } from "./finding.ts";
import { openPublished } from "./published-source.ts";
import { verifyLog, type VerifyOptions, type VerifyReport } from "./verify.ts";

let log: PublishedLog;

async function verify(options: VerifyOptions = {}): Promise<VerifyReport> {
  return verifyLog(await openPublished(log.directory), { keys: [log.signer.vkey], ...options });
}

/** The problems found, as codes without repetition. */
async function problems(options: VerifyOptions = {}): Promise<FindingCode[]> {
  const report = await verify(options);
  expect(report.ok).toBe(!report.findings.some(({ severity }) => severity === "problem"));
  return [...new Set(report.findings.filter(({ severity }) => severity === "problem").map(({ code }) => code))];
}

const at = (...path: string[]): string => join(log.directory, ...path);

function flip(path: string, offset: number): void {
  const bytes = readFileSync(path);
  bytes[offset] = (bytes[offset] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

/** Changes the entries of one bundle on the disk. */
function edit(path: string, change: (entries: Buffer[]) => Buffer[]): void {
  writeFileSync(path, encodeBundle(change(parseBundle(readFileSync(path)) ?? [])));
}

beforeEach(() => {
  log = new PublishedLog();
});
afterEach(() => log[Symbol.dispose]());

/** 600 entries and a recording of several chunks. */
async function standard(): Promise<string> {
  log.fill(300);
  await log.record(
    "rec-0000000001",
    Array.from({ length: 9 }, (_, i) => Buffer.alloc(60_000, i)),
  );
  log.fill(600);
  return log.publish();
}

describe("an honest log", () => {
  test("verifies, with everything counted", async () => {
    await standard();
    expect(await verify()).toMatchObject({
      ok: true,
      origin: "test-gate/n1",
      size: 600,
      signer: "verified",
      bodies: { valid: 600, erased: 0 },
      recordings: 1,
      findings: [],
    });
  });

  test("without a key is consistent, its signer unverified", async () => {
    await standard();
    expect(await verify({ keys: [] })).toMatchObject({ ok: true, signer: "unverified" });
  });

  test("verifies at sizes around a tile, against each of its own checkpoints", async () => {
    const earlier: { from: string; checkpoint: string }[] = [];
    for (const size of [1, 255, 256, 257, 512]) {
      log.fill(size);
      earlier.push({ from: `size ${size}`, checkpoint: await log.publish() });
      expect(await verify({ earlier })).toMatchObject({ ok: true, size, earlierCheckpoints: earlier.length });
    }
  });

  test("says `erased` of an erased body, never `valid`", async () => {
    log.fill(20);
    log.erase(7);
    await log.publish();
    expect(await verify()).toMatchObject({ ok: true, bodies: { valid: 20, erased: 1 } });
  });

  test("without its bodies and recordings says that they were not looked at", async () => {
    await standard();
    rmSync(at("bodies"), { recursive: true });
    rmSync(at("recordings"), { recursive: true });
    const report = await verify();
    expect(report).toMatchObject({ ok: true, bodies: "not part of the source", recordings: "not part of the source" });
    expect(report.findings.map(({ code }) => code)).toEqual(["not-checked", "not-checked"]);
  });

  test("whose clock went back is noted, not accused", async () => {
    log.fill(3);
    log.envelopes[2] = Buffer.from((log.envelopes[2] ?? "").toString().replace(/"time":\d+/, '"time":5'));
    await log.publish();
    const report = await verify();
    expect(report).toMatchObject({ ok: true });
    expect(report.findings).toMatchObject([{ code: "not-checked" }, { code: "time-backwards", severity: "note", seq: 2 }]);
  });
});

describe("one flipped bit", () => {
  beforeEach(standard);

  test("in an envelope", async () => {
    flip(at("tile/entries/001"), 5000);
    expect(await problems()).toEqual(expect.arrayContaining(["tile-differs", "root-differs"]));
  });

  test("in a body", async () => {
    flip(at("bodies/000"), 4 + 32 + 5);
    const report = await verify();
    expect(report).toMatchObject({
      ok: false,
      findings: [{ code: "body-differs", seq: 0, text: "entry 0: body does not match its hash" }],
    });
  });

  test("in a salt", async () => {
    flip(at("bodies/000"), 4);
    expect(await problems()).toEqual(["body-differs"]);
  });

  test.each(["tile/0/001", "tile/0/002.p/88", "tile/1/000.p/2"])("in %s", async (tile) => {
    flip(at(tile), 33);
    const report = await verify();
    expect(report).toMatchObject({
      ok: false,
      findings: [{ code: "tile-differs", text: `${tile}: differs from the hashes of the entries` }],
    });
  });

  test.each([0, 300, 250_000, 540_000])("in byte %i of a recording", async (offset) => {
    flip(at("recordings/rec-0000000001.rec"), offset);
    expect(await problems()).toEqual(["recording-differs"]);
  });

  test("in the root or the signature of the checkpoint", async () => {
    const text = readFileSync(at("checkpoint"), "utf8");
    const root = parseCheckpoint(text)?.root ?? Buffer.alloc(32);
    const other = Buffer.from(root);
    other[0] = (other[0] ?? 0) ^ 1;
    writeFileSync(at("checkpoint"), text.replace(root.toString("base64"), other.toString("base64")));
    expect(await problems()).toEqual(["checkpoint-forged", "root-differs"]);
  });
});

describe("tampering", () => {
  test("a removed entry", async () => {
    await standard();
    edit(at("tile/entries/000"), (entries) => entries.toSpliced(100, 1));
    expect(await problems()).toEqual(["entries-missing"]);
    edit(at("tile/entries/000"), (entries) => entries.concat(entries.slice(-1)));
    expect(await problems()).toEqual(expect.arrayContaining(["entry-misplaced", "root-differs"]));
  });

  test("two swapped entries", async () => {
    await standard();
    edit(at("tile/entries/000"), (entries) => entries.with(3, entries[4] ?? Buffer.alloc(0)).with(4, entries[3] ?? Buffer.alloc(0)));
    const report = await verify();
    expect(report.findings.filter(({ code }) => code === "entry-misplaced").map(({ text }) => text)).toEqual([
      "entry 3: says that it is entry 4",
      "entry 4: says that it is entry 3",
    ]);
    expect(await problems()).toEqual(expect.arrayContaining(["root-differs", "tile-differs"]));
  });

  test("truncation, against an older checkpoint", async () => {
    log.fill(40);
    const checkpoint = await log.publish();
    using shorter = new PublishedLog(log.signer);
    for (let i = 0; i < 30; i += 1) {
      shorter.envelopes.push(log.envelopes[i] ?? Buffer.alloc(0));
      shorter.bodies.push(log.bodies[i] ?? "erased");
    }
    await shorter.publish();
    const report = await verifyLog(await openPublished(shorter.directory), { keys: [log.signer.vkey] });
    expect(report.ok, "nothing is wrong with it by itself").toBe(true);
    const against = await verifyLog(await openPublished(shorter.directory), {
      keys: [log.signer.vkey],
      earlier: [{ from: "anchor", checkpoint }],
    });
    expect(against).toMatchObject({ ok: false, findings: [{ code: "history-truncated" }, { code: "not-checked" }] });
  });

  test("a forged checkpoint: of another key, or of a key of the same name", async () => {
    await standard();
    const size = { origin: "test-gate/n1", size: 600, root: Buffer.alloc(32) };
    writeFileSync(at("checkpoint"), await signCheckpoint(size, signerOf("test-gate/n1", generateKeyPairSync("ed25519").privateKey)));
    expect(await problems()).toEqual(["checkpoint-unsigned", "root-differs"]);
    expect(await problems({ keys: [] })).toEqual(["root-differs"]);
  });

  test("a log written anew and signed with the stolen key, against the anchor", async () => {
    log.fill(50);
    const anchored = await log.publish();
    using forged = new PublishedLog(log.signer);
    forged.fill(10);
    forged.append({ kind: "login.ok", principal: "somebody-else", body: { method: "publickey", door: "ssh", remote: "10.0.0.9" } });
    forged.fill(60);
    await forged.publish();
    rmSync(log.directory, { recursive: true });
    cpSync(forged.directory, log.directory, { recursive: true });
    expect(await problems()).toEqual([]);
    expect(await problems({ earlier: [{ from: "anchor", checkpoint: anchored }] })).toEqual(["history-rewritten"]);
  });

  test("a checkpoint of another log given as an older one", async () => {
    log.fill(5);
    await log.publish();
    const other = signerOf("other/n1", generateKeyPairSync("ed25519").privateKey);
    const checkpoint = await signCheckpoint({ origin: "other/n1", size: 1, root: Buffer.alloc(32) }, other);
    expect(await problems({ keys: [], earlier: [{ from: "old.txt", checkpoint }] })).toEqual(["origin-differs"]);
    expect(await problems({ earlier: [{ from: "old.txt", checkpoint: "garbage" }] })).toEqual(["checkpoint-malformed"]);
  });

  test("a body erased without a word in the log", async () => {
    log.fill(20);
    log.bodies[3] = "erased";
    await log.publish();
    expect(await problems()).toEqual(["body-erased-unlogged"]);
  });

  test("an erasure announced before the entry it names, or not done", async () => {
    log.append({ kind: "audit.erased", body: { seq: 2, reason: "early" } });
    log.append({ kind: "audit.erased", body: { seq: 1, reason: "of itself" } });
    log.fill(3);
    log.bodies[2] = "erased";
    await log.publish();
    expect(await problems()).toEqual(["body-erased-unlogged", "erasure-undone"]);
  });

  test("bodies cut off at the end", async () => {
    await standard();
    truncateSync(at("bodies/002"), 200);
    expect(await problems()).toEqual(["body-missing"]);
  });

  test("a tile taken away", async () => {
    await standard();
    rmSync(at("tile/1/000.p/2"));
    expect(await problems()).toEqual(["tile-missing"]);
  });

  test("recordings taken away, added, cut or lengthened", async () => {
    await standard();
    const path = at("recordings/rec-0000000001.rec");
    copyFileSync(path, at("recordings/rec-0000000002.rec"));
    expect(await problems()).toEqual(["recording-unlogged"]);
    rmSync(at("recordings/rec-0000000002.rec"));
    appendFileSync(path, "x");
    expect(await problems()).toEqual(["recording-differs"]);
    truncateSync(path, 400_000);
    expect(await problems()).toEqual(["recording-differs"]);
    rmSync(path);
    expect(await problems()).toEqual(["recording-missing"]);
  });

  test("no checkpoint, or garbage", async () => {
    await standard();
    writeFileSync(at("checkpoint"), "hello\n");
    expect(await problems()).toEqual(["checkpoint-malformed"]);
    rmSync(at("checkpoint"));
    expect(await problems()).toEqual(["checkpoint-missing"]);
  });
});
