/**
 * FunctionCall (§53.2.3): a function by its number, outside of a statement. libpq, and what is built on it, reads and
 * writes large objects so (`\\lo_import`); a role must allow these functions as if a statement called them. Pure.
 */
import type { StatementFacts } from "../../../policy/sql/statement.ts";

/** Numbers that pg_proc.dat gives once and for all. */
const LARGE_OBJECTS: ReadonlyMap<number, string> = new Map([
  [715, "lo_create"],
  [952, "lo_open"],
  [953, "lo_close"],
  [954, "loread"],
  [955, "lowrite"],
  [956, "lo_lseek"],
  [957, "lo_creat"],
  [958, "lo_tell"],
  [964, "lo_unlink"],
  [1004, "lo_truncate"],
  [3170, "lo_lseek64"],
  [3171, "lo_tell64"],
  [3172, "lo_truncate64"],
]);

/** Its name; of other functions none is known. */
export function functionCalled(oid: number): string | undefined {
  return LARGE_OBJECTS.get(oid);
}

/** The statement that it stands for. */
export function functionCall(name: string): { sql: string; read: { ok: true; statements: readonly StatementFacts[] } } {
  const facts: StatementFacts = {
    kind: "FunctionCall",
    classes: ["function"],
    relations: [],
    functions: [name],
    settings: [],
    columns: [],
    secret: false,
  };
  return { sql: `call of ${name}`, read: { ok: true, statements: [facts] } };
}
