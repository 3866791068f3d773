/** Limits on statements, as the role that was approved and the role of that name now have them together. Pure. */
import type { PostgresLimits, Role } from "../role.ts";

export const SQL_LIMITS = [
  "statementMs",
  "rows",
  "bytes",
  "idleInTransactionMs",
  "statements",
  "limit",
] as const satisfies readonly (keyof PostgresLimits)[];

/** The tighter of each; a limit absent on one side is the other's. */
export function sqlLimitsOf(approved: Role, now: Role | undefined): PostgresLimits {
  const found: { -readonly [Key in keyof PostgresLimits]: PostgresLimits[Key] } = { ...approved.postgres?.limits };
  for (const key of SQL_LIMITS) {
    const limit = now?.postgres?.limits?.[key];
    if (limit !== undefined) found[key] = Math.min(limit, found[key] ?? Infinity);
  }
  return found;
}
