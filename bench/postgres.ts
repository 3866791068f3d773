/**
 * PostgreSQL through the gate against the same server directly: pgbench's reads, where each statement is a text never
 * seen before (simple) or one that was prepared, and one reader of a million rows. Policy and the durable log (mode
 * `process`) on; interleaved, medians. Needs Debian's postgresql.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { run } from "../test/kit/process.ts";
import { median, type Result } from "./result.ts";

const ROUNDS = 3;
const SECONDS = 4;
const CLIENTS = 8;
const ROWS = 1_000_000;

interface Way {
  readonly conninfo: string;
  readonly password: string;
}

export async function* benchPostgres(): AsyncIterable<Result> {
  const child = fork(new URL("./database-child.ts", import.meta.url), { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  try {
    const [reach] = (await once(child, "message")) as [Record<"gate" | "direct", Way>];
    await command(reach.direct, "pgbench", ["-i", "-q", "-s", "5"]);
    for (const mode of ["simple", "prepared"] as const) {
      const pgbench = (way: Way): Promise<number> =>
        transactions(way, ["-S", "-M", mode, "-c", String(CLIENTS), "-j", "2", "-T", String(SECONDS), "-n"]);
      yield* compared(`postgres.select-${mode}`, reach, pgbench);
    }
    yield* compared("postgres.one-client", reach, (way) =>
      transactions(way, ["-S", "-M", "prepared", "-c", "1", "-T", String(SECONDS), "-n"]),
    );
    const sql = `select n, md5(n::text), repeat('x', 100) from generate_series(1, ${ROWS}) n`;
    yield* compared("postgres.million-rows", reach, async (way) => {
      const start = performance.now();
      await command(way, "psql", ["-XAt", "-o", "/dev/null", "-c", `copy (${sql}) to stdout`]);
      return 1000 / (performance.now() - start);
    });
  } finally {
    child.disconnect();
    await once(child, "exit");
  }
}

/** `measure`: how much in a second. */
async function* compared(
  name: string,
  reach: Record<"gate" | "direct", Way>,
  measure: (way: Way) => Promise<number>,
): AsyncIterable<Result> {
  const rates = { direct: [] as number[], gate: [] as number[] };
  for (let round = 0; round < ROUNDS; round += 1) for (const way of ["direct", "gate"] as const) rates[way].push(await measure(reach[way]));
  yield { name, value: median(rates.gate) / median(rates.direct), unit: "ratio", vs: "direct" };
}

async function transactions(way: Way, args: readonly string[]): Promise<number> {
  const output = await command(way, "pgbench", args);
  return Number(/tps = ([\d.]+)/.exec(output)?.[1]);
}

async function command({ conninfo, password }: Way, program: string, args: readonly string[]): Promise<string> {
  const result = await run(program, [...args, conninfo], { env: { ...process.env, PGPASSWORD: password }, timeoutMs: 120_000 });
  if (result.status !== 0) throw new Error(`${program}: ${result.stderr.toString()}`);
  return result.stdout.toString();
}
