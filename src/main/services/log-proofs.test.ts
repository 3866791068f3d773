import { rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PublishedLog } from "../../../test/kit/published-log.ts";
import type { LogProofs } from "../../api/services/record.ts";
import { parseCheckpoint } from "../../audit/log/checkpoint.ts";
import { leafHash, verifyConsistency, verifyInclusion } from "../../audit/log/merkle.ts";
import { logProofs } from "./log-proofs.ts";

const SIGNAL = new AbortController().signal;
/** Two levels of tiles, the last of each partial. */
const SIZE = 700;

describe("proofs of a published log", () => {
  let log: PublishedLog;
  let proofs: LogProofs;
  const checkpoints: { size: number; root: Buffer }[] = [];

  beforeAll(async () => {
    log = new PublishedLog();
    for (let entry = 0; entry < SIZE; entry += 1) {
      log.append({ kind: "login.ok", principal: "ana", body: { entry } });
      if ([0, 255, 256, 511, SIZE - 1].includes(entry)) {
        const parsed = parseCheckpoint(await log.publish());
        if (parsed) checkpoints.push(parsed);
      }
    }
    proofs = proofsOf(log);
  });
  afterAll(() => log[Symbol.dispose]());

  it("show every entry in the latest checkpoint, with its body and salt", async () => {
    for (const seq of [0, 1, 254, 255, 256, 511, 512, SIZE - 2, SIZE - 1]) {
      const shown = await proofs.inclusion(seq, SIGNAL);
      if ("allowed" in shown) throw new Error(shown.code);
      const { root = Buffer.alloc(0), size = 0 } = parseCheckpoint(shown.checkpoint) ?? {};
      expect([shown.seq, shown.size, size]).toEqual([seq, SIZE, SIZE]);
      const envelope = Buffer.from(shown.envelope, "base64");
      expect(envelope.equals(log.envelopes[seq] ?? Buffer.alloc(0))).toBe(true);
      const hashes = shown.proof.map((hash) => Buffer.from(hash, "base64"));
      expect(verifyInclusion(leafHash(envelope), seq, size, hashes, root)).toBe(true);
      expect(Buffer.from(shown.body ?? "", "base64").toString()).toBe(`{"entry":${seq}}`);
    }
  });

  it("show that each older checkpoint is a beginning of each later one", async () => {
    for (const older of checkpoints) {
      for (const newer of checkpoints.filter(({ size }) => size >= older.size)) {
        const shown = await proofs.consistency(older.size, newer.size, SIGNAL);
        if ("allowed" in shown) throw new Error(shown.code);
        expect(
          verifyConsistency(
            older,
            newer,
            shown.proof.map((hash) => Buffer.from(hash, "base64")),
          ),
        ).toBe(true);
      }
    }
    expect(await proofs.consistency(256, undefined, SIGNAL)).toMatchObject({ to: SIZE });
  });

  it("say nothing of what is not there", async () => {
    expect(await proofs.inclusion(SIZE, SIGNAL)).toMatchObject({ code: "not-found" });
    expect(await proofs.consistency(9, 8, SIGNAL)).toMatchObject({ code: "bad-request" });
    expect(await proofs.consistency(0, SIZE + 1, SIGNAL)).toMatchObject({ code: "bad-request" });
  });

  it("of what somebody altered or took away do not verify, or say so", async () => {
    const path = join(log.directory, "tile", "0", "000");
    const original = log.envelopes.slice(0, 256).map(leafHash);
    writeFileSync(path, Buffer.concat(original.with(3, Buffer.alloc(32, 1))));
    const shown = await proofs.inclusion(2, SIGNAL);
    if ("allowed" in shown) throw new Error(shown.code);
    const root = parseCheckpoint(shown.checkpoint)?.root ?? Buffer.alloc(0);
    const hashes = shown.proof.map((hash) => Buffer.from(hash, "base64"));
    expect(verifyInclusion(leafHash(Buffer.from(shown.envelope, "base64")), 2, SIZE, hashes, root)).toBe(false);
    truncateSync(path, 100);
    await expect(proofs.inclusion(2, SIGNAL)).rejects.toMatchObject({ code: "log-damaged" });
    rmSync(join(log.directory, "tile", "entries", "000"));
    await expect(proofs.inclusion(2, SIGNAL)).rejects.toMatchObject({ code: "log-damaged" });
  });
});

function proofsOf({ directory, envelopes, bodies }: PublishedLog): LogProofs {
  return logProofs(directory, { size: () => envelopes.length, body: async (seq) => bodies[seq] ?? "erased" });
}
