import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { isOutput } from "../../src/audit/recording/frame.ts";
import { aesKeyWrap } from "../../src/audit/recording/key-wrap.ts";
import { openReader } from "../../src/audit/recording/reader.ts";
import { recoverRecording } from "../../src/audit/recording/recover.ts";
import { systemRandom } from "../../src/kernel/random.ts";
import { Secret } from "../../src/kernel/secret.ts";

const keys = [aesKeyWrap("key-1", new Secret(Buffer.alloc(32, 7)), systemRandom)];
const scratch = mkdtempSync(join(tmpdir(), "sallyport-crash-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Runs the writer and kills it after `lines` acknowledgements; resolves to what it said. */
async function killed(path: string, lines: number): Promise<string> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "../kit/recording-writer.ts"), path], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  let count = 0;
  child.stdout.on("data", (data: Buffer) => {
    said += data.toString();
    count += data.toString().split("\n").length - 1;
    if (count >= lines) child.kill("SIGKILL");
  });
  await new Promise((resolve) => child.on("close", resolve));
  return said;
}

test("kill -9 loses no acknowledged byte of a recording, and what the log lacks is found", async () => {
  for (const lines of [1, 2, 30, 100, 333, 1500]) {
    const path = join(scratch, `${lines}.rec`);
    const said = await killed(path, lines);
    const shown = Number(said.trim().match(/shown (\d+)(?![\s\S]*shown)/)?.[1] ?? -1);
    const loggedLength = Number([...said.matchAll(/chunk (\d+)\n/g)].at(-1)?.[1] ?? 0);
    const found = await recoverRecording({ path, recording: "rec-1", loggedLength, keys, durability: "process" });
    expect(found).toMatchObject({ offset: loggedLength, length: statSync(path).size - loggedLength, closed: false });
    await using reader = await openReader(path, keys);
    let next = 0;
    for await (const frame of reader.frames()) {
      if (!isOutput(frame)) continue;
      expect(frame.data.toString().startsWith(`${next} `)).toBe(true);
      next += 1;
    }
    expect(next, `after ${lines} acknowledgements`).toBeGreaterThan(shown);
  }
});
