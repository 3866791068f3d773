import { spawnSync } from "node:child_process";
import { closeSync, existsSync, openSync, writeSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Priority } from "../../src/audit/port.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { asGateError } from "../../src/kernel/errors.ts";
import { systemRandom } from "../../src/kernel/random.ts";
import { Secret } from "../../src/kernel/secret.ts";
import { openStore, type Store } from "../../src/store/open.ts";
import { PEER_MISSING } from "../kit/peers.ts";
import { until } from "../kit/until.ts";

const MIB = 1024 * 1024;
const RESERVE = 8 * MIB;
const isRoot = process.getuid?.() === 0;
const WHY = isRoot ? "" : ` [${PEER_MISSING} root rights, for a small tmpfs]`;

const open = (dataDir: string): Promise<Store> =>
  openStore({
    dataDir,
    node: "n1",
    origin: "gate.test/n1",
    durability: "power",
    masterKey: new Secret(Buffer.alloc(32, 7)),
    clock: systemClock,
    random: systemRandom,
    diskReserveBytes: RESERVE,
  });

/** `ok` or the code of the refusal. */
async function tryAppend(store: Store, priority: Priority, text = "x"): Promise<string> {
  try {
    await store.log.append([{ kind: "gate.stopped", body: { reason: text } }], priority);
    return "ok";
  } catch (error) {
    return asGateError(error).code;
  }
}

/** Writes until `bytes` are written or nothing more fits. */
function occupy(path: string, bytes: number): void {
  const file = openSync(path, "w");
  const block = Buffer.alloc(64 * 1024, 1);
  try {
    for (let written = 0; written < bytes;) written += writeSync(file, block);
  } catch {
    // The disk is full: what was asked for.
  } finally {
    closeSync(file);
  }
}

test.skipIf(!isRoot)(`a full disk: refused with a reason, the reserved act, nothing corrupt, recovery${WHY}`, async () => {
  const mount = await mkdtemp(join(tmpdir(), "sallyport-disk-"));
  expect(spawnSync("mount", ["-t", "tmpfs", "-o", "size=32m,mode=0700", "tmpfs", mount]).status).toBe(0);
  try {
    const dataDir = join(mount, "data");
    const filler = join(mount, "filler");
    const ballast = join(dataDir, "ballast");
    let acknowledged = 0;
    {
      await using store = await open(dataDir);
      const count = async (priority: Priority, text?: string): Promise<string> => {
        const answer = await tryAppend(store, priority, text);
        if (answer === "ok") acknowledged += 1;
        return answer;
      };
      expect(await count("ordinary")).toBe("ok");
      await until(() => existsSync(ballast));

      occupy(filler, 18 * MIB);
      await until(async () => (await count("ordinary")) === "disk-reserve");
      expect(await count("reserved")).toBe("ok");

      occupy(filler, 64 * MIB);
      // First into what the write-ahead log already holds, then into what the ballast held.
      const large = "y".repeat(100_000);
      let tries = 0;
      while (existsSync(ballast)) {
        expect(await count("reserved", large)).toBe("ok");
        tries += 1;
        expect(tries).toBeLessThan(500);
      }
      expect(await count("reserved")).toBe("ok");
      expect(await count("ordinary")).toBe("disk-reserve");
      while ((await count("reserved", large)) === "ok");
      expect(await count("reserved", large)).toBe("log-unavailable");

      await rm(filler);
      await until(async () => (await count("ordinary")) === "ok");
      await until(() => existsSync(ballast));
      expect(store.log.head().size).toBe(acknowledged);
    }
    await using again = await open(dataDir);
    expect(again.log.head().size).toBe(acknowledged);
    console.log(`store-disk: ${acknowledged} acknowledged, all there`);
  } finally {
    spawnSync("umount", [mount]);
    await rm(mount, { recursive: true });
  }
});
