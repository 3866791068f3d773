/**
 * SSH through the gate against the same sshd directly, with recording, policy and the durable log on. Both sides with
 * aes128-gcm (OpenSSH 9.2 falls to ctr otherwise), one connection each that is opened before measuring, interleaved,
 * medians. Needs Debian's openssh-server and openssh-client.
 */
import { fork, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { run } from "../test/kit/process.ts";
import { median, percentile, type Result } from "./result.ts";
import { echoInBrowser, echoOnPty } from "./terminal.ts";

const ROUNDS = 5;
const BULK_MIB = 512;
const ECHOES = 400;
const CONNECTIONS = 40;
const WARM_UP = 5;
/** The process grows to its size with its first sessions. */
const WARM_UP_SESSIONS = 50;
const IDLE_SESSIONS = 100;
const STALLED_READERS = 20;
const SETTLE_MS = 3000;

interface Usage {
  readonly cpuUs: number;
  readonly rss: number;
  readonly live: number;
}
/** How to get to the gate, and to the host behind it. */
interface Reach {
  readonly gate: readonly string[];
  readonly hostPort: number;
  readonly hostDir: string;
  readonly user: string;
  /** The gate's API, with a login of the same person. */
  readonly api: { readonly url: string; readonly token: string };
}
interface Way {
  readonly name: "direct" | "gate";
  readonly args: readonly string[];
}

type Part = "bulk" | "echo" | "terminal" | "connect" | "idle" | "stalled";

export async function* benchSsh(
  parts: readonly Part[] = ["bulk", "echo", "terminal", "connect", "idle", "stalled"],
): AsyncIterable<Result> {
  const dir = await mkdtemp(join(tmpdir(), "sallyport-bench-"));
  const child = fork(new URL("./gate-child.ts", import.meta.url), ["power"], {
    execArgv: ["--expose-gc"],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const clients: ChildProcess[] = [];
  try {
    const [reach] = (await once(child, "message")) as [Reach];
    const direct = await directArgs(reach, dir);
    const gate: Way = { name: "gate", args: ["-c", "aes128-gcm@openssh.com", ...reach.gate] };
    const ways: Way[] = [{ name: "direct", args: ["-c", "aes128-gcm@openssh.com", ...direct] }, gate];
    if (parts.includes("bulk") || parts.includes("echo")) {
      const shared: Way[] = [];
      for (const way of ways) {
        const socket = join(dir, `${way.name}.sock`);
        clients.push(spawn("ssh", ["-M", "-S", socket, "-N", "-o", "BatchMode=yes", ...way.args], { stdio: "ignore" }));
        await untilShared(socket, way);
        shared.push({ name: way.name, args: ["-S", socket, ...way.args] });
      }
      if (parts.includes("bulk")) {
        yield* bulk("download", shared, child, (way) => timed(way, `head -c ${BULK_MIB}M /dev/zero`, "/dev/null"));
        yield* bulk("upload", shared, child, (way) => timedUpload(way));
      }
      if (parts.includes("echo")) yield* benchEcho(shared);
    }
    if (parts.includes("terminal")) yield* benchTerminal(direct, reach.api);
    if (parts.includes("connect")) yield* benchConnect(ways, child);
    if (parts.includes("idle"))
      yield* memoryOf("idle-session", { warmUp: WARM_UP_SESSIONS, count: IDLE_SESSIONS }, child, clients, () => spawnSsh(gate, ["-N"], []));
    if (parts.includes("stalled")) {
      yield* memoryOf("stalled-reader", { warmUp: WARM_UP, count: STALLED_READERS }, child, clients, () =>
        spawnSsh(gate, [], ["cat", "/dev/zero"]),
      );
    }
  } finally {
    for (const client of clients) client.kill("SIGKILL");
    child.disconnect();
    await once(child, "exit");
    await rm(dir, { recursive: true, force: true });
  }
}

async function* benchEcho(ways: readonly Way[]): AsyncIterable<Result> {
  const times = timesByWay();
  for (let round = 0; round < ROUNDS; round++) for (const way of ways) times[way.name].push(...(await echo(way)));
  for (const [name, p] of [
    ["p50", 0.5],
    ["p99", 0.99],
  ] as const) {
    const added = percentile(times.gate, p) - percentile(times.direct, p);
    yield { name: `ssh.echo-added-${name}`, value: added * 1000, unit: "µs", vs: "direct" };
  }
}

async function* benchTerminal(direct: readonly string[], api: Reach["api"]): AsyncIterable<Result> {
  const times = timesByWay();
  for (let round = 0; round < ROUNDS; round++) {
    times.direct.push(...(await echoOnPty(direct)));
    times.gate.push(...(await echoInBrowser(api)));
  }
  for (const [name, p] of [
    ["p50", 0.5],
    ["p99", 0.99],
  ] as const) {
    const added = percentile(times.gate, p) - percentile(times.direct, p);
    yield { name: `ssh.terminal-echo-added-${name}`, value: added * 1000, unit: "µs", vs: "direct" };
  }
}

async function* benchConnect(ways: readonly Way[], child: ChildProcess): AsyncIterable<Result> {
  const times = timesByWay();
  const cpu: number[] = [];
  // The first ones compile the code that the later ones run.
  for (let count = -WARM_UP; count < CONNECTIONS; count++) {
    for (const way of ways) {
      const before = await usage(child);
      const seconds = await timeOf(() => ssh(way, ["true"]));
      const used = (await usage(child)).cpuUs - before.cpuUs;
      if (count < 0) continue;
      times[way.name].push(seconds);
      if (way.name === "gate") cpu.push(used);
    }
  }
  yield { name: "ssh.true", value: median(times.gate) / median(times.direct), unit: "ratio", vs: "direct" };
  yield { name: "ssh.cpu-per-connection", value: median(cpu) / 1000, unit: "ms" };
}

/** Resident memory that each of `count` more sessions takes, after `warmUp` of them. */
async function* memoryOf(
  name: string,
  { warmUp, count }: { warmUp: number; count: number },
  child: ChildProcess,
  clients: ChildProcess[],
  start: () => ChildProcess,
): AsyncIterable<Result> {
  // Sessions of the parts before may still be ending: what comes is counted from when they are gone.
  await delay(SETTLE_MS);
  const { live } = await usage(child);
  const mine: ChildProcess[] = [];
  const open = async (): Promise<void> => {
    const client = start();
    mine.push(client);
    clients.push(client);
    while ((await usage(child)).live < live + mine.length) {
      if (client.exitCode !== null) throw new Error(`${name}: ssh ended with ${client.exitCode}`);
      await delay(20);
    }
  };
  for (let warm = 0; warm < warmUp; warm++) await open();
  await delay(SETTLE_MS);
  const before = await usage(child, true);
  for (let opened = 0; opened < count; opened++) await open();
  await delay(SETTLE_MS);
  const after = await usage(child, true);
  yield { name: `ssh.memory-per-${name}`, value: (after.rss - before.rss) / count / 1024, unit: "KiB" };
  for (const client of mine) client.kill("SIGKILL");
}

function timesByWay(): Record<Way["name"], number[]> {
  return { direct: [], gate: [] };
}

/** Output goes to a pipe that nobody reads. */
function spawnSsh(way: Way, options: readonly string[], command: readonly string[]): ChildProcess {
  const child = spawn("ssh", [...options, "-o", "BatchMode=yes", ...way.args, ...command], { stdio: ["ignore", "pipe", "ignore"] });
  child.stdout.pause();
  return child;
}

async function* bulk(name: string, ways: readonly Way[], child: ChildProcess, once: (way: Way) => Promise<number>): AsyncIterable<Result> {
  const times = timesByWay();
  const cpu: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (const way of ways) {
      const before = await usage(child);
      times[way.name].push(await once(way));
      if (way.name === "gate") cpu.push((await usage(child)).cpuUs - before.cpuUs);
    }
  }
  const seconds = median(times.gate);
  yield { name: `ssh.${name}`, value: median(times.direct) / seconds, unit: "ratio", vs: "direct" };
  yield { name: `ssh.${name}-rate`, value: BULK_MIB / seconds, unit: "MiB/s" };
  yield { name: `ssh.${name}-cpu`, value: (median(cpu) / 1e6) * (1024 / BULK_MIB), unit: "CPU s/GiB" };
}

/** A key of its own in the account's place: sshd reads the authorized_keys of its scratch folder. */
async function directArgs(reach: Reach, dir: string): Promise<string[]> {
  const key = join(dir, "id");
  await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key]);
  await copyFile(`${key}.pub`, join(reach.hostDir, "authorized_keys"));
  const options = ["IdentitiesOnly=yes", "StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR"];
  return ["-F", "none", "-i", key, ...options.flatMap((each) => ["-o", each]), "-p", String(reach.hostPort), `${reach.user}@127.0.0.1`];
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

async function usage(child: ChildProcess, collect = false): Promise<Usage> {
  const answer = once(child, "message");
  child.send(collect ? "collect" : "usage");
  const [used] = (await answer) as [Usage];
  return used;
}
