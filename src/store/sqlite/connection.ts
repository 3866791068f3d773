/**
 * What is SQLite's alone: opening files, pragmas, prepared statements. WAL lets the main thread read while the writer's thread
 * commits. The writer's thread has no more than this: what builds queries is in kysely.ts, which it would take longer to load than
 * all the rest.
 */
import { chmodSync } from "node:fs";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import type { Durability } from "../../audit/durability.ts";

const BUSY_MS = 5000;
const STATEMENTS_KEPT = 256;
/** Pages of WAL after which a commit also writes them back: 16 MiB, so that write-backs are rare next to commits. */
const WRITE_BACK_PAGES = 4096;

/** `power`: a commit returns after fsync of the WAL. `process`: after the kernel has it; safe against everything but the machine. */
export function openForWriting(path: string, durability: Durability): DatabaseSync {
  const db = new DatabaseSync(path, { timeout: BUSY_MS });
  // The write-ahead log takes its mode from the database.
  chmodSync(path, 0o600);
  db.exec(`
    pragma journal_mode = wal;
    pragma synchronous = ${durability === "power" ? "full" : "normal"};
    pragma wal_autocheckpoint = ${WRITE_BACK_PAGES};
    pragma secure_delete = on;
    pragma foreign_keys = on;
    pragma trusted_schema = off;
  `);
  return db;
}

export function openForReading(path: string): DatabaseSync {
  return new DatabaseSync(path, { readOnly: true, timeout: BUSY_MS });
}

/** Prepared statements by their text; the oldest goes when there are too many. */
export class Statements {
  readonly #db: DatabaseSync;
  readonly #prepared = new Map<string, StatementSync>();

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  get(sql: string): StatementSync {
    let statement = this.#prepared.get(sql);
    if (statement === undefined) {
      statement = this.#db.prepare(sql);
      this.#prepared.set(sql, statement);
      if (this.#prepared.size > STATEMENTS_KEPT) for (const oldest of this.#prepared.keys()) return this.#forget(oldest, statement);
    }
    return statement;
  }

  #forget(oldest: string, made: StatementSync): StatementSync {
    this.#prepared.delete(oldest);
    return made;
  }
}

/** SQLite has no booleans and no `undefined`. Throws TypeError for what it cannot store. */
export function bindable(parameters: readonly unknown[]): SQLInputValue[] {
  return parameters.map((value) => {
    if (typeof value === "boolean") return value ? 1 : 0;
    if (value === null || typeof value === "string" || typeof value === "number" || typeof value === "bigint") return value;
    if (value instanceof Uint8Array) return value;
    throw new TypeError(`A ${typeof value} cannot be a parameter`);
  });
}
