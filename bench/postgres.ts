/**
 * PostgreSQL through the gate, with policy, masking and the durable log, against the same server directly and through
 * pgbouncer: pgbench's reads, where each statement is a text never seen before (`simple`) or one that was prepared, one
 * reader of a million rows, and what that reader costs somebody beside it. Interleaved, medians. Needs Debian's
 * postgresql, and pgbouncer for the ratios to it.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../test/kit/process.ts";
import { median, percentile, type Result } from "./result.ts";

const ROUNDS = 3;
const SECONDS = 4;
const ROWS = 1_000_000;

interface Way {
  readonly conninfo: string;
  readonly password: string;
}
/** `masked`: the gate, under a role that does not see one of the columns. */
type Reach = Readonly<Record<"direct" | "gate" | "masked", Way>> & { readonly pgbouncer?: Way };
type Name = keyof Reach;
type Measured = Partial<Record<Name, number>>;

export type PostgresPart = "statements" | "one" | "rows" | "beside" | "power";

export async function* benchPostgres(
  parts: readonly PostgresPart[] = ["statements", "one", "rows", "beside", "power"],
): AsyncIterable<Result> {
  const inProcess = parts.filter((part) => part !== "power");
  if (inProcess.length > 0) {
    yield* withGate("process", async function* (reach) {
      for (const part of inProcess) yield* PARTS[part](reach);
    });
  }
  if (parts.includes("power")) yield* withGate("power", power);
}

const PARTS: Readonly<Record<Exclude<PostgresPart, "power">, (reach: Reach) => AsyncIterable<Result>>> = { statements, one, rows, beside };

async function* statements(reach: Reach): AsyncIterable<Result> {
  for (const mode of ["simple", "prepared"]) {
    const names: Name[] = ["direct", "pgbouncer", "gate", "masked"];
    const rates = await interleaved(reach, names, (way) => rate(way, ["-M", mode, "-c", "8", "-j", "2"]));
    yield* ratios(`postgres.${mode}-8-clients`, rates);
  }
}

async function* one(reach: Reach): AsyncIterable<Result> {
  const ones = await interleaved(reach, ["direct", "pgbouncer", "gate", "masked"], (way) => latency(way, 0.5));
  for (const name of ["pgbouncer", "gate", "masked"] as const) yield* added(`postgres.one-client-added-p50.${name}`, ones, name);
}

async function* rows(reach: Reach): AsyncIterable<Result> {
  const read = (way: Way): Promise<number> => millionRows(way).then((seconds) => 1 / seconds);
  yield* ratios("postgres.million-rows", await interleaved(reach, ["direct", "gate", "masked"], read));
}

async function* beside(reach: Reach): AsyncIterable<Result> {
  const found = await interleaved(reach, ["direct", "gate", "masked"], (way) => besideReader(way));
  for (const [name, value] of Object.entries(found)) yield { name: `postgres.beside-reader-p99.${name}`, value, unit: "ms" };
}

async function* power(reach: Reach): AsyncIterable<Result> {
  const rates = await interleaved(reach, ["direct", "gate"], (way) => rate(way, ["-M", "prepared", "-c", "8", "-j", "2"]));
  yield* ratios("postgres.power.prepared-8-clients", rates);
  yield* added("postgres.power.one-client-added-p50", await interleaved(reach, ["direct", "gate"], (way) => latency(way, 0.5)), "gate");
}

async function* withGate(durability: "process" | "power", measure: (reach: Reach) => AsyncIterable<Result>): AsyncIterable<Result> {
  const child = fork(new URL("./database-child.ts", import.meta.url), [durability], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  try {
    const [reach] = (await once(child, "message")) as [Reach];
    await command(reach.direct, "pgbench", ["-i", "-q", "-s", "5"]);
    yield* measure(reach);
  } finally {
    child.disconnect();
    await once(child, "exit");
  }
}

async function interleaved(reach: Reach, names: readonly Name[], measure: (way: Way) => Promise<number>): Promise<Measured> {
  const taken = new Map<Name, number[]>();
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const name of names) {
      const way = reach[name];
      if (way !== undefined) taken.set(name, [...(taken.get(name) ?? []), await measure(way)]);
    }
  }
  return Object.fromEntries([...taken].map(([name, values]) => [name, median(values)]));
}

function* ratios(name: string, { direct = NaN, ...others }: Measured): Iterable<Result> {
  for (const [way, value] of Object.entries(others)) yield { name: `${name}.${way}`, value: value / direct, unit: "ratio", vs: "direct" };
  const { pgbouncer, gate } = others;
  if (pgbouncer !== undefined && gate !== undefined)
    yield { name: `${name}.gate`, value: gate / pgbouncer, unit: "ratio", vs: "pgbouncer" };
}

function* added(name: string, { direct = NaN, ...others }: Measured, way: Exclude<Name, "direct">): Iterable<Result> {
  const { [way]: value } = others;
  if (value !== undefined) yield { name, value: (value - direct) * 1000, unit: "µs", vs: "direct" };
}

/** Transactions a second. */
async function rate(way: Way, args: readonly string[]): Promise<number> {
  const output = await command(way, "pgbench", ["-S", "-n", "-T", String(SECONDS), ...args]);
  return Number(/tps = ([\d.]+)/.exec(output)?.[1]);
}

/** Of one client's prepared statements, ms. */
async function latency(way: Way, p: number): Promise<number> {
  const dir = await mkdtemp(join(tmpdir(), "sallyport-bench-"));
  try {
    await command(way, "pgbench", [
      "-S",
      "-n",
      "-T",
      String(SECONDS),
      "-M",
      "prepared",
      "-c",
      "1",
      "-l",
      `--log-prefix=${join(dir, "log")}`,
    ]);
    const logs = await Promise.all((await readdir(dir)).map((name) => readFile(join(dir, name), "utf8")));
    // pgbench's line: client, transaction, microseconds, …
    const times = logs.flatMap((log) => log.trimEnd().split("\n")).map((line) => Number(line.split(" ")[2]));
    return percentile(times, p) / 1000;
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** Seconds. */
async function millionRows(way: Way): Promise<number> {
  const start = performance.now();
  await command(way, "psql", ["-XAt", "-v", "FETCH_COUNT=10000", "-o", "/dev/null", "-c", `select * from wide limit ${ROWS}`]);
  return (performance.now() - start) / 1000;
}

/** What one client's p99 is while another one reads without end, ms. */
async function besideReader(way: Way): Promise<number> {
  const reading = new AbortController();
  const reader = (async () => {
    while (!reading.signal.aborted) await millionRows(way);
  })();
  try {
    return await latency(way, 0.99);
  } finally {
    reading.abort();
    await reader;
  }
}

async function command({ conninfo, password }: Way, program: string, args: readonly string[]): Promise<string> {
  const result = await run(program, [...args, conninfo], { env: { ...process.env, PGPASSWORD: password }, timeoutMs: 120_000 });
  if (result.status !== 0) throw new Error(`${program}: ${result.stderr.toString()}`);
  return result.stdout.toString();
}
