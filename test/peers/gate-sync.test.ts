/** Mode `power`, by the system calls of a whole gate: a command's record is on the disk before the command leaves for its host. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { requirePeer } from "../kit/peers.ts";
import { startServing } from "../kit/serving.ts";
import { completedCalls } from "../kit/strace.ts";

const strace = requirePeer("strace", "strace");
const sshd = requirePeer("OpenSSH server", "sshd");
/** So long that its packet is known by its size: what is in it is encrypted. */
const COMMAND = `: ${"x".repeat(20_000)}; echo done`;

/** The calls from the arrival of the command's packet to its departure, in the order they were completed. */
async function traceExec(durability: "process" | "power"): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), "sallyport-strace-"));
  try {
    const trace = join(folder, "trace");
    // `-D`: the gate stays this process's child, so that signals reach it.
    const calls = "trace=read,write,writev,pwrite64,fsync,fdatasync";
    const under = [strace.path, "-D", "-f", "-yy", "-qq", "-s", "0", "-o", trace, "-e", calls];
    await using gate = await startServing({ durability, under });
    await gate.grant();
    const { status, stdout } = await gate.ssh([COMMAND]);
    expect({ status, stdout: stdout.toString() }).toEqual({ status: 0, stdout: "done\n" });
    await gate.stop();
    const lines = completedCalls(await readFile(trace, "utf8"));
    const departure = lines.findIndex(
      (line) => line.includes(`->127.0.0.1:${gate.sshd.port}]`) && /writev?\(/.test(line) && sizeOf(line) > 20_000,
    );
    const arrival = lines.findLastIndex(
      (line, at) => at < departure && line.includes(`127.0.0.1:${gate.sshPort}->`) && /read\(/.test(line) && sizeOf(line) > 20_000,
    );
    expect(arrival).toBeGreaterThan(0);
    expect(departure).toBeGreaterThan(arrival);
    return lines.slice(arrival, departure + 1);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function sizeOf(line: string): number {
  return Number(/= (\d+)$/.exec(line)?.[1] ?? 0);
}

const isSync = (line: string): boolean => /f(data)?sync\(.*sallyport\.db-wal>\)\s*= 0$/.test(line);
const isLogWrite = (line: string): boolean => /p?write(v|64)?\(.*sallyport\.db-wal>/.test(line);

// oxlint-disable-next-line vitest/valid-title -- it names the programs that are missing
describe.skipIf(strace.missing || sshd.missing)(strace.title(sshd.title("a command through a gate")), () => {
  test("in mode power: synced before it is forwarded", async () => {
    const lines = await traceExec("power");
    const [written, synced] = [lines.findLastIndex(isLogWrite), lines.findIndex(isSync)];
    const count = lines.filter(isLogWrite).length;
    console.log(
      `gate-sync: power\n${lines[0]}\n… ${count} writes to the log, the last:\n${[written, synced, lines.length - 1].map((at) => lines[at]).join("\n")}`,
    );
    expect(written).toBeGreaterThan(0);
    expect(synced).toBeGreaterThan(written);
  });

  test("in mode process: forwarded without a sync, so that the one of mode power says something", async () => {
    expect((await traceExec("process")).filter(isSync)).toEqual([]);
  });
});
