import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { requirePeer } from "../kit/peers.ts";

const LOAD = new URL("./store/load.ts", import.meta.url).pathname;
const APPENDS = 20;
const strace = requirePeer("strace", "strace");

/** Completed syncs of the write-ahead log before each acknowledgement, since the one before. */
async function syncsBeforeEachAck(durability: string): Promise<number[]> {
  const folder = await mkdtemp(join(tmpdir(), "sallyport-sync-"));
  try {
    const trace = join(folder, "trace");
    const dataDir = join(folder, "data");
    const flags = ["-f", "-y", "-qq", "-o", trace, "-e", "trace=fsync,fdatasync,write"];
    const run = spawnSync(strace.path, [...flags, process.execPath, LOAD, dataDir, durability, "1", String(APPENDS)], { encoding: "utf8" });
    expect(run.stdout.match(/^ack /gm)).toHaveLength(APPENDS);
    return countSyncs(await readFile(trace, "utf8"));
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Lines of `strace -f -y`: `<pid> call(<fd>path>…) = result`, or the same in two parts around `<unfinished ...>`. */
function countSyncs(trace: string): number[] {
  const counts: number[] = [];
  const unfinished = new Map<string, boolean>();
  let syncs = 0;
  for (const line of trace.split("\n")) {
    const pid = line.split(" ", 1)[0] ?? "";
    const isSync = /\bf(data)?sync\(/.test(line);
    const ofLog = /sallyport\.db-wal>/.test(line);
    if (isSync && line.includes("unfinished")) unfinished.set(pid, ofLog);
    else if (isSync && ofLog && line.endsWith("= 0")) syncs += 1;
    else if (/<\.\.\. f(data)?sync resumed>/.test(line) && unfinished.get(pid) === true && line.endsWith("= 0")) syncs += 1;
    if (/write\(1<.*"ack /.test(line)) {
      counts.push(syncs);
      syncs = 0;
    }
  }
  return counts;
}

test.skipIf(strace.missing)(`the store in ${strace.title("mode power: the commit is synced before it is acknowledged")}`, async () => {
  const counts = await syncsBeforeEachAck("power");
  console.log(`store-sync: power ${JSON.stringify(counts)}`);
  expect(counts).toHaveLength(APPENDS);
  expect(Math.min(...counts)).toBeGreaterThanOrEqual(1);
});

test.skipIf(strace.missing)(
  `the store in ${strace.title("mode process: acknowledged without a sync, so that the count of mode power says something")}`,
  async () => {
    const counts = await syncsBeforeEachAck("process");
    expect(counts.slice(1)).toEqual(Array.from({ length: APPENDS - 1 }, () => 0));
  },
);
