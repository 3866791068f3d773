import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Frontier, consistencyProof, inclusionProof, leafHash } from "../../src/audit/log/merkle.ts";
import { tileSubtrees } from "../../src/audit/log/proofs.ts";
import { tilePath } from "../../src/audit/log/tiles.ts";
import { buildGoVerifier, go } from "../kit/go-verifier.ts";
import { PEER_MISSING } from "../kit/peers.ts";
import { PublishedLog } from "../kit/published-log.ts";

const missing = go === undefined ? ` [${PEER_MISSING} Go (\`go\`)]` : "";

describe.skipIf(go === undefined)(`golang.org/x/mod verifies what is published${missing}`, () => {
  let scratch: string;
  let program: string;

  beforeAll(() => {
    scratch = mkdtempSync(join(tmpdir(), "sallyport-transparency-"));
    program = buildGoVerifier(scratch);
  });
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  function run(log: PublishedLog, ...more: string[]): { status: number | null; output: string } {
    const { status, stdout, stderr } = spawnSync(program, [log.directory, log.signer.vkey, ...more], { encoding: "utf8" });
    return { status, output: stdout + stderr };
  }

  function rootAt(log: PublishedLog, size: number): Buffer {
    const frontier = new Frontier();
    for (const envelope of log.envelopes.slice(0, size)) frontier.append(leafHash(envelope));
    return frontier.root();
  }

  test.each([1, 2, 255, 256, 257, 1000, 65_536, 66_000])("agrees on a log of %i entries", async (size) => {
    using log = new PublishedLog();
    log.fill(size);
    await log.publish();
    const { status, output } = run(log);
    expect(output).toContain(`size ${size}\nroot ${rootAt(log, size).toString("base64")}\n`);
    expect(status).toBe(0);
  });

  test("agrees after the directory grew in steps", async () => {
    using log = new PublishedLog();
    for (const size of [3, 200, 256, 300, 800]) {
      log.fill(size);
      await log.publish();
      expect(run(log), `at ${size}`).toMatchObject({ status: 0 });
    }
  });

  test("accepts our proofs, and none that was altered", async () => {
    using log = new PublishedLog();
    const size = 1000;
    log.fill(size);
    await log.publish();
    const subtree = tileSubtrees((id) => readFileSync(join(log.directory, tilePath(id))), size);
    const base64 = (hashes: readonly Buffer[]): string[] => hashes.map((hash) => hash.toString("base64"));
    const root = rootAt(log, size).toString("base64");
    const proofs = {
      inclusion: [0, 1, 255, 256, 511, 700, 999].map((index) => ({
        index,
        size,
        root,
        proof: base64(inclusionProof(subtree, index, size)),
      })),
      consistency: [1, 2, 255, 256, 257, 768, 999].map((old) => ({
        old,
        oldRoot: rootAt(log, old).toString("base64"),
        new: size,
        newRoot: root,
        proof: base64(consistencyProof(subtree, old, size)),
      })),
    };
    const file = join(scratch, "proofs.json");
    writeFileSync(file, JSON.stringify(proofs));
    expect(run(log, file)).toMatchObject({ status: 0, output: expect.stringContaining("proofs 14\n") as string });
    for (const list of [proofs.inclusion, proofs.consistency]) {
      const [first] = list[3]?.proof ?? [];
      list[3]?.proof.splice(0, 1, rootAt(log, 5).toString("base64"));
      writeFileSync(file, JSON.stringify(proofs));
      expect(run(log, file)).toMatchObject({ status: 1 });
      list[3]?.proof.splice(0, 1, first ?? "");
    }
  });

  test.each(["checkpoint", "tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/000", "tile/entries/001.p/44"])(
    "disagrees when one bit of %s is flipped",
    async (name) => {
      using log = new PublishedLog();
      log.fill(300);
      await log.publish();
      const path = join(log.directory, name);
      expect(existsSync(path)).toBe(true);
      const bytes = readFileSync(path);
      bytes[20] = (bytes[20] ?? 0) ^ 1;
      writeFileSync(path, bytes);
      expect(run(log)).toMatchObject({ status: 1 });
    },
  );

  test("does not accept another key of the same name", async () => {
    using log = new PublishedLog();
    using other = new PublishedLog();
    log.fill(3);
    await log.publish();
    const { status, output } = spawnSync(program, [log.directory, other.signer.vkey], { encoding: "utf8" });
    expect({ status, output: output.join("") }).toMatchObject({ status: 1 });
  });
});
