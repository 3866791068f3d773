/**
 * The running PostgreSQL of the demo, and a watch that ends it when the demo is no more, however the demo ended: what a
 * killed gate leaves behind is gone before anybody looks for it.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { end, failed, untilServes } from "./daemon.ts";
import { environment, type Identity } from "./postgres-programs.ts";

/** After this it is ended without waiting for whoever is connected. */
const STOP_TIMEOUT_MS = 4000;
/** How long a server whose gate was killed may take to notice. */
const LEAVING_TIMEOUT_MS = 10_000;
const LOOK_EVERY_MS = 50;
/** Small, on the loopback only, and its log names who came through the gate (`%a`). */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  max_connections: "40",
  shared_buffers: "16MB",
  password_encryption: "scram-sha-256",
  log_line_prefix: "%m [%a] ",
  timezone: "UTC",
};

/** What reads until the demo's end of the pipe is gone, and then ends the server as `pg_ctl stop` would. */
const WATCH_SCRIPT = 'while read -r _; do :; done; kill -INT "$1"';

export interface ServerOptions {
  readonly bin: string;
  readonly data: string;
  readonly port: number;
  readonly log: string;
  readonly identity: Identity;
}

/** Serving when it resolves. */
export async function startServer({ bin, data, port, log, identity }: ServerOptions): Promise<AsyncDisposable> {
  await using opened = new AsyncDisposableStack();
  const settings = Object.entries({ ...SETTINGS, port: String(port) }).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const output = openSync(log, "a", 0o600);
  // Detached: a Ctrl-C at the terminal is for the demo, which ends it after the gate.
  const common = { ...identity, cwd: data, env: environment(), detached: true } as const;
  const server = spawn(join(bin, "postgres"), ["-D", data, ...settings], { ...common, stdio: ["ignore", output, output] });
  closeSync(output);
  opened.defer(() => stopServer(server));
  const failing = failed(server, "PostgreSQL");
  const { pid } = server;
  if (pid === undefined) return await failing;
  const watch = spawn("/bin/sh", ["-c", WATCH_SCRIPT, "sh", String(pid)], { ...common, stdio: ["pipe", "ignore", "ignore"] });
  opened.defer(() => end(watch, (child) => child.kill("SIGKILL")));
  // Its number may be somebody else's by then.
  server.once("exit", () => watch.kill("SIGKILL"));
  const serves = async (): Promise<boolean> => {
    const found = await readPidFile(data);
    return found.pid === pid && found.state === "ready";
  };
  await Promise.race([untilServes("PostgreSQL", serves), failing, failed(watch, "the server's watch")]);
  const everything = opened.move();
  return { [Symbol.asyncDispose]: () => everything.disposeAsync() };
}

async function stopServer(server: ChildProcess): Promise<void> {
  const late = setTimeout(() => server.kill("SIGQUIT"), STOP_TIMEOUT_MS);
  await end(server, (child) => child.kill("SIGINT"));
  clearTimeout(late);
}

/** Of a server of another process, whose end nobody tells. What it is that never goes, the next server says. */
export async function untilLeft(data: string): Promise<void> {
  const until = performance.now() + LEAVING_TIMEOUT_MS;
  while (performance.now() < until) {
    const { pid } = await readPidFile(data);
    if (pid === undefined || !isAlive(pid)) return;
    await delay(LOOK_EVERY_MS);
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** `postmaster.pid`: the process in the first line, what it is doing in the eighth. */
async function readPidFile(data: string): Promise<{ readonly pid?: number; readonly state?: string }> {
  const lines = (await readFile(join(data, "postmaster.pid"), "utf8").catch(() => "")).split("\n");
  const pid = Number(lines[0]);
  return pid > 0 ? { pid, state: (lines[7] ?? "").trim() } : {};
}
