/** `sallyport connect` as people run it: a process of its own against the API of a gate with a database behind it. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startDatabase, type Database } from "./database.ts";
import { openEstateApi, type EstateApi } from "./estate-api.ts";
import { run, type RunOptions, type RunResult } from "./process.ts";
import { until } from "./until.ts";

/** As `--json` prints it. */
export interface Doors {
  readonly user: string;
  readonly database: string;
  readonly grant: string;
  readonly socket: { readonly folder: string; readonly port: number };
  readonly loopback: { readonly host: string; readonly port: number; readonly password: string };
  readonly url: string;
  readonly jdbc: string;
}

/** As `--certificate --json` prints it. */
export interface CertificateDoors extends Pick<Doors, "user" | "database" | "grant" | "url" | "jdbc"> {
  readonly host: string;
  readonly port: number;
  readonly folder: string;
}

export interface Connecting extends AsyncDisposable {
  readonly child: ChildProcess;
  readonly doors: Doors;
  /** Its remarks so far. */
  said(): string;
  /** Its exit status. */
  ended(): Promise<number | null>;
  psql(door: "socket" | "port", args: readonly string[], options?: RunOptions & { readonly conninfo?: string }): Promise<RunResult>;
}

export interface World extends AsyncDisposable {
  readonly database: Database;
  readonly api: EstateApi;
  readonly ana: Caller;
}

export async function openWorld(options: { readonly tls?: boolean } = {}): Promise<World> {
  await using opened = new AsyncDisposableStack();
  const database = opened.use(await startDatabase(options));
  const api = opened.use(await openEstateApi(database.test));
  await api.logIn("ana");
  const { token } = await api.nobody.call("login.password", { body: { user: "ana", password: "a password long enough for ana" } });
  const home = mkdtempSync(join(tmpdir(), "sallyport-ana-"));
  opened.defer(() => rmSync(home, { recursive: true, force: true }));
  const everything = opened.move();
  return { database, api, ana: { url: api.url, token, home }, [Symbol.asyncDispose]: () => everything.disposeAsync() };
}

/** Who runs the command line, and where it keeps its things. */
export interface Caller {
  readonly url: string;
  readonly token: string;
  readonly home: string;
}

export const CLI = new URL("../../src/main/cli.ts", import.meta.url).pathname;

export function environmentOf({ url, token, home }: Caller): NodeJS.ProcessEnv {
  return { ...process.env, HOME: home, SALLYPORT_HOME: home, XDG_RUNTIME_DIR: "", SALLYPORT_URL: url, SALLYPORT_TOKEN: token };
}

/** Its doors are open when it resolves; rejects with what it said when it ends before. */
export async function startConnecting(
  caller: Caller,
  args: readonly string[] = ["shop-db"],
  env: NodeJS.ProcessEnv = {},
): Promise<Connecting> {
  const child = spawn(process.execPath, [CLI, "connect", "--json", ...args], {
    env: { ...environmentOf(caller), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [printed, said] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (printed += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
  const closed = once(child, "close").then(([status]) => status as number | null);
  await until(() => {
    if (child.exitCode !== null) throw new Error(`connect ended:\n${said}`);
    return printed.endsWith("}\n");
  });
  const doors = JSON.parse(printed) as Doors;
  return {
    child,
    doors,
    said: () => said,
    ended: () => closed,
    psql: (door, more, { conninfo = "", ...options } = {}) => {
      const { socket, loopback } = doors;
      const place = door === "socket" ? `host=${socket.folder} port=${socket.port}` : `host=${loopback.host} port=${loopback.port}`;
      const env = { ...process.env, ...(door === "port" && { PGPASSWORD: loopback.password }), ...options.env };
      return run("psql", ["-X", `${place} ${conninfo}`, ...more], { ...options, env });
    },
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGTERM");
      await closed;
    },
  };
}
