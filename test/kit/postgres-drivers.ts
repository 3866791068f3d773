/** Drivers of PostgreSQL in other languages, as `scripts/fetch-postgres-drivers.sh` fetches them, and the programs of test/peers/drivers. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { go } from "./go-verifier.ts";
import { findProgram, requirePeer, type Peer } from "./peers.ts";

const FOLDER = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "sallyport/postgres-drivers");
const PROGRAMS = join(import.meta.dirname, "../peers/drivers");
const FETCH = "scripts/fetch-postgres-drivers.sh";

export interface Driver {
  readonly peer: Peer;
  /** Not every machine reaches a Maven repository: where it was not to be had, it is left out by name. */
  readonly fromMaven?: true;
  /** What to run; `scratch`: where something may be built. */
  readonly command: (scratch: string) => { readonly program: string; readonly args: readonly string[]; readonly env?: NodeJS.ProcessEnv };
}

const python = findProgram("python3");
const libraries = join(FOLDER, "python");
export const psycopg: Driver = {
  peer: requirePeer("psycopg", FETCH, existsSync(join(libraries, "psycopg")) ? python : undefined),
  command: () => ({
    program: python ?? "",
    args: [join(PROGRAMS, "psycopg_cases.py")],
    env: { PYTHONPATH: libraries, PYTHONDONTWRITEBYTECODE: "1" },
  }),
};

const java = findProgram("java");
const jar = join(FOLDER, "postgresql.jar");
export const jdbc: Driver = {
  fromMaven: true,
  peer: requirePeer("PostgreSQL's JDBC driver", FETCH, existsSync(jar) && findProgram("javac") !== undefined ? java : undefined),
  command: () => ({ program: java ?? "", args: ["-cp", jar, join(PROGRAMS, "Jdbc.java")] }),
};

export const pgx: Driver = {
  peer: requirePeer("Go", "go", go),
  command: (scratch) => {
    const program = join(scratch, "pgx");
    execFileSync(go ?? "go", ["build", "-o", program, "."], { cwd: join(PROGRAMS, "pgx"), stdio: "pipe" });
    return { program, args: [] };
  },
};
