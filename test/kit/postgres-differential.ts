/** The same done through the gate and directly, one after the other, at the same server as the same account. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import type { Database } from "./database.ts";
import { run, type RunResult } from "./process.ts";

/** Where a program connects to, as libpq's environment has it. */
export interface Way {
  readonly name: "direct" | "gate";
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  readonly password: string;
}

export interface BothWays {
  readonly direct: Way;
  readonly gate: Way;
}

/** With a role of the gate's that allows everything, and the account that it logs in with. */
export async function bothWays(database: Database, role = "all", account: "app" | "admin" = "admin"): Promise<BothWays> {
  const grant = await database.grant(role);
  const { port = 0 } = database.test.gate.postgres ?? {};
  const { password } = database.direct(account);
  return {
    direct: { name: "direct", host: "127.0.0.1", port: database.server.port, user: account, database: "shop", password },
    // Beside the target the database is named, as it is directly: clients show it.
    gate: { name: "gate", host: "127.0.0.1", port, user: "ana+shop-db", database: "shop", password: await database.password(grant.id) },
  };
}

export function environmentOf({ host, port, user, database, password }: Way): NodeJS.ProcessEnv {
  return {
    ...process.env,
    PGHOST: host,
    PGPORT: String(port),
    PGUSER: user,
    PGDATABASE: database,
    PGPASSWORD: password,
    PGSSLMODE: "disable",
    LC_ALL: "C.UTF-8",
  };
}

export interface Shown {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a program showed, without what must differ: process ids, ports, folders of its own, who logs in. */
export function shown({ status, stdout, stderr }: RunResult, { user, port }: Way): Shown {
  const same = (text: string): string =>
    text
      .replaceAll(/PID \d+/g, "PID N")
      .replaceAll(/^(Time|initial connection time|latency average|tps) ?[:=] .*$/gm, "$1: T")
      .replaceAll(`"${user}"`, '"USER"')
      .replaceAll(`port "${port}"`, 'port "N"')
      .replaceAll(`:${port}`, ":N");
  // Each byte a character: what is no UTF-8 is compared as well.
  return { status, stdout: same(stdout.toString("latin1")), stderr: same(stderr.toString("latin1")) };
}

export interface Differential {
  readonly args?: readonly string[];
  readonly input?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
}

/** Directly first, so that what is wrong with the case itself shows there. */
export async function compareProgram(
  ways: BothWays,
  program: string,
  { args = [], input = "", env = {}, cwd }: Differential,
): Promise<{ expected: Shown; got: Shown }> {
  const through = async (way: Way): Promise<Shown> =>
    shown(
      await run(program, args, { env: { ...environmentOf(way), ...env }, input, timeoutMs: 100_000, ...(cwd !== undefined && { cwd }) }),
      way,
    );
  const expected = await through(ways.direct);
  return { expected, got: await through(ways.gate) };
}

/** Of output that is too long to keep. */
export async function digestOf(way: Way, program: string, args: readonly string[]): Promise<{ sha256: string; bytes: number }> {
  const child = spawn(program, args, { env: environmentOf(way), stdio: ["ignore", "pipe", "inherit"] });
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { sha256: hash.digest("hex"), bytes };
}
