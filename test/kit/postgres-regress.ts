/**
 * PostgreSQL's own regression suite, as `scripts/fetch-postgres-regress.sh` unpacks it: each of its files run by psql
 * as pg_regress runs it, one after the other, and what psql shows.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, cp, mkdir, open, readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { requirePeer, type Peer } from "./peers.ts";

/** As the fetch script unpacks it: `sql/`, `data/`. */
export const REGRESSION_FOLDER = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "sallyport/postgres15-regress");
const SCHEDULE = join(REGRESSION_FOLDER, "parallel_schedule");

export const regressionSuite: Peer = requirePeer(
  "PostgreSQL's regression suite",
  "scripts/fetch-postgres-regress.sh",
  existsSync(SCHEDULE) ? SCHEDULE : undefined,
);

/** Names of its files, in an order in which each finds what it needs. */
export async function regressionFiles(): Promise<string[]> {
  const schedule = await readFile(SCHEDULE, "utf8");
  return schedule.split("\n").flatMap((line) => (line.startsWith("test:") ? line.slice(5).trim().split(/\s+/) : []));
}

export interface RegressionPlace {
  /** libpq's connection string, and the password. */
  readonly conninfo: string;
  readonly password: string;
  /** A folder that the server, too, may read and write: the suite is copied into it. */
  readonly dir: string;
}

/** What the suite expects of its database, set before the first file. */
export const REGRESSION_SETTINGS = [
  "lc_messages = 'C'",
  "lc_monetary = 'C'",
  "lc_numeric = 'C'",
  "lc_time = 'C'",
  "bytea_output = 'hex'",
  "timezone_abbreviations = 'Default'",
  "intervalstyle = 'postgres_verbose'",
];

/** Copies the suite to where the server, which runs as somebody else, may read it and write beside it. */
export async function prepareRegression(dir: string): Promise<void> {
  for (const part of ["sql", "data"]) await cp(join(REGRESSION_FOLDER, part), join(dir, part), { recursive: true });
  await mkdir(join(dir, "results"));
  await chmod(join(dir, "results"), 0o777);
}

/** What psql shows of one file, both streams as a terminal has them, the place's own folder as `DIR`. */
export async function runRegression(file: string, { conninfo, password, dir }: RegressionPlace): Promise<string> {
  const [input, output] = [await open(join(dir, "sql", `${file}.sql`)), await open(join(dir, `${file}.out`), "w+")];
  try {
    const args = ["-X", "-a", "-q", "-v", "HIDE_TABLEAM=on", "-v", "HIDE_TOAST_COMPRESSION=on", "-d", conninfo];
    const child = spawn("psql", args, {
      stdio: [input.fd, output.fd, output.fd],
      cwd: dir,
      env: {
        PATH: process.env["PATH"],
        LANG: "C",
        PGPASSWORD: password,
        PGTZ: "America/Los_Angeles",
        PGDATESTYLE: "Postgres, MDY",
        PG_ABS_SRCDIR: dir,
        PG_ABS_BUILDDIR: dir,
        PG_LIBDIR: join(dir, "lib"),
        PG_DLSUFFIX: ".so",
      },
    });
    const timer = setTimeout(() => child.kill("SIGKILL"), 300_000);
    const status = await new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));
    clearTimeout(timer);
    const shown = await readFile(join(dir, `${file}.out`), "latin1");
    return `${shown.replaceAll(dir, "DIR")}-- psql ended with ${String(status)}\n`;
  } finally {
    await input.close();
    await output.close();
  }
}
