/**
 * SSH through the gate against the same sshd directly, with recording, policy and the durable log on. Both sides with
 * aes128-gcm (OpenSSH 9.2 falls to ctr otherwise), one connection each that is opened before measuring, interleaved,
 * medians. Needs Debian's openssh-server and openssh-client.
 */
import { fork, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { run } from "../test/kit/process.ts";
import { median, percentile, type Result } from "./result.ts";

const ROUNDS = 5;
const BULK_MIB = 512;
const ECHOES = 400;
const CONNECTIONS = 20;
const IDLE_SESSIONS = 50;

interface Usage {
  readonly cpuUs: number;
  readonly rss: number;
  readonly live: number;
}
interface Way {
  readonly name: "direct" | "gate";
  readonly args: readonly string[];
}

export async function* benchSsh(): AsyncIterable<Result> {
  const dir = await mkdtemp(join(tmpdir(), "sallyport-bench-"));
  const child = fork(new URL("./gate-child.ts", import.meta.url), ["power"], {
    execArgv: ["--expose-gc"],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const masters: ChildProcess[] = [];
  try {
    const [reach] = (await once(child, "message")) as [{ gate: string[]; hostPort: number; user: string; dir: string }];
    const direct = await directArgs(reach, dir);
    const ways: Way[] = [
      { name: "direct", args: ["-c", "aes128-gcm@openssh.com", ...direct] },
      { name: "gate", args: ["-c", "aes128-gcm@openssh.com", ...reach.gate] },
    ];
    const shared: Way[] = [];
    for (const way of ways) {
      const socket = join(dir, `${way.name}.sock`);
      masters.push(spawn("ssh", ["-M", "-S", socket, "-N", "-o", "BatchMode=yes", ...way.args], { stdio: "ignore" }));
      await untilShared(socket, way);
      shared.push({ name: way.name, args: ["-S", socket, ...way.args] });
    }

    yield* bulk("download", shared, child, (way) => timed(way, `head -c ${BULK_MIB}M /dev/zero`, "/dev/null"));
    yield* bulk("upload", shared, child, (way) => timedUpload(way));

    const echoes = new Map<string, number[]>([
      ["direct", []],
      ["gate", []],
    ]);
    for (let round = 0; round < ROUNDS; round++) for (const way of shared) echoes.get(way.name)?.push(...(await echo(way)));
    const [near, far] = [echoes.get("direct") ?? [], echoes.get("gate") ?? []];
    for (const [name, p] of [
      ["p50", 0.5],
      ["p99", 0.99],
    ] as const) {
      yield { name: `ssh.echo-added-${name}`, value: (percentile(far, p) - percentile(near, p)) * 1000, unit: "µs", vs: "direct" };
    }

    const times = new Map<string, number[]>([
      ["direct", []],
      ["gate", []],
    ]);
    const before = await usage(child);
    for (let count = 0; count < CONNECTIONS; count++)
      for (const way of ways) times.get(way.name)?.push(await timeOf(() => ssh(way, ["true"])));
    const after = await usage(child);
    yield { name: "ssh.true", value: median(times.get("gate") ?? []) / median(times.get("direct") ?? []), unit: "ratio", vs: "direct" };
    yield { name: "ssh.cpu-per-connection", value: (after.cpuUs - before.cpuUs) / CONNECTIONS / 1000, unit: "ms" };

    const gate = ways.find(({ name }) => name === "gate");
    const empty = await usage(child);
    for (let count = 0; count < IDLE_SESSIONS; count++) {
      masters.push(spawn("ssh", ["-N", "-o", "BatchMode=yes", ...(gate?.args ?? [])], { stdio: "ignore" }));
      if (count % 10 === 9) await delay(500);
    }
    for (let full = await usage(child); ; full = await usage(child)) {
      if (full.live < empty.live + IDLE_SESSIONS) {
        await delay(200);
        continue;
      }
      await delay(2500);
      full = await usage(child);
      yield { name: "ssh.memory-per-idle-session", value: (full.rss - empty.rss) / IDLE_SESSIONS / 1024, unit: "KiB" };
      break;
    }
  } finally {
    for (const master of masters) master.kill("SIGTERM");
    child.send("stop");
    await once(child, "exit");
    await rm(dir, { recursive: true, force: true });
  }
}

async function* bulk(name: string, ways: readonly Way[], child: ChildProcess, once: (way: Way) => Promise<number>): AsyncIterable<Result> {
  const times = new Map<string, number[]>([
    ["direct", []],
    ["gate", []],
  ]);
  const cpu: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (const way of ways) {
      const before = await usage(child);
      times.get(way.name)?.push(await once(way));
      if (way.name === "gate") cpu.push((await usage(child)).cpuUs - before.cpuUs);
    }
  }
  const seconds = median(times.get("gate") ?? []);
  yield { name: `ssh.${name}`, value: median(times.get("direct") ?? []) / seconds, unit: "ratio", vs: "direct" };
  yield { name: `ssh.${name}-rate`, value: BULK_MIB / seconds, unit: "MiB/s" };
  yield { name: `ssh.${name}-cpu`, value: (median(cpu) / 1e6) * (1024 / BULK_MIB), unit: "CPU s/GiB" };
}

/** A key of its own in the account's place: sshd reads the authorized_keys of its scratch folder. */
async function directArgs(reach: { gate: string[]; hostPort: number; user: string; dir: string }, dir: string): Promise<string[]> {
  const key = join(dir, "id");
  await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key]);
  const scratch = await readFile(`/proc/${process.pid}/cmdline`).then(() => findSshdDir(reach.hostPort));
  await writeFile(join(scratch, "authorized_keys"), await readFile(`${key}.pub`));
  const options = ["IdentitiesOnly=yes", "StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR"];
  return ["-F", "none", "-i", key, ...options.flatMap((each) => ["-o", each]), "-p", String(reach.hostPort), `${reach.user}@127.0.0.1`];
}

async function findSshdDir(port: number): Promise<string> {
  const found = await run("sh", ["-c", `grep -l "ListenAddress 127.0.0.1:${port}$" ${tmpdir()}/sallyport-sshd-*/sshd_config`]);
  return found.stdout
    .toString()
    .trim()
    .replace(/\/sshd_config$/, "");
}

function ssh(way: Way, command: readonly string[]): Promise<unknown> {
  return run("ssh", ["-o", "BatchMode=yes", ...way.args, ...command], { timeoutMs: 60_000 });
}

async function untilShared(socket: string, way: Way): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    if ((await run("ssh", ["-S", socket, "-O", "check", ...way.args])).status === 0) return;
    await delay(100);
  }
  throw new Error(`no connection to ${way.name}`);
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

function timed(way: Way, command: string, out: string): Promise<number> {
  return timeOf(async () => {
    const child = spawn("sh", ["-c", `exec ssh "$@" > ${out}`, "sh", ...way.args, command], { stdio: ["ignore", "ignore", "inherit"] });
    const [status] = (await once(child, "exit")) as [number];
    if (status !== 0) throw new Error(`${way.name}: ssh ended with ${status}`);
  });
}

function timedUpload(way: Way): Promise<number> {
  return timeOf(async () => {
    const script = `head -c ${BULK_MIB}M /dev/zero | ssh "$@"`;
    const child = spawn("sh", ["-c", script, "sh", ...way.args, "cat > /dev/null"], { stdio: ["ignore", "ignore", "inherit"] });
    const [status] = (await once(child, "exit")) as [number];
    if (status !== 0) throw new Error(`${way.name}: ssh ended with ${status}`);
  });
}

/** Milliseconds from one byte typed to its echo by `cat`. */
async function echo(way: Way): Promise<number[]> {
  const child = spawn("ssh", [...way.args, "cat"], { stdio: ["pipe", "pipe", "inherit"] });
  const times: number[] = [];
  for (let count = 0; count < ECHOES; count++) {
    const start = performance.now();
    child.stdin.write("x");
    await once(child.stdout, "data");
    times.push(performance.now() - start);
  }
  child.stdin.end();
  await once(child, "exit");
  // The first ones open the channel.
  return times.slice(20);
}

async function usage(child: ChildProcess): Promise<Usage> {
  const answer = once(child, "message");
  child.send("usage");
  const [used] = (await answer) as [Usage];
  return used;
}
