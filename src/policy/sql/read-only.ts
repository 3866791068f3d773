/** Roles that may only read, and how a statement would undo it. Pure. */
import type { PostgresPermissions } from "../role.ts";
import type { SqlClass } from "./statement.ts";

/** What may change something, if only by code that the statement does not show. */
const WRITING: ReadonlySet<string> = new Set<SqlClass>(["write", "ddl", "dcl", "function", "opaque"]);

/** Settings that decide whether a transaction may write. */
export const READ_ONLY_SETTINGS: ReadonlySet<string> = new Set(["transaction_read_only", "default_transaction_read_only"]);

/**
 * Its sessions are opened with `default_transaction_read_only`, so that the server refuses what the text did not show:
 * a view, an operator or a harmless function in front of something that writes. Who names functions has allowed their effects.
 */
export function isReadOnly({ allow, hold = [], functions = [] }: PostgresPermissions): boolean {
  return functions.length === 0 && [...allow, ...hold].every(onlyReads);
}

function onlyReads(entry: string): boolean {
  const [first = ""] = entry.split(" ");
  return !WRITING.has(first);
}
