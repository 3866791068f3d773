import type { Role } from "../role.ts";

/** How much of the world may be another than the one that an approver saw: rows, or a part of those that were shown. */
export type Tolerance = { readonly rows: number } | { readonly percent: number };

/** How many of `rows` may be others, by each of the roles; a role that says nothing, or is gone, lets none. */
export function mostOthers(roles: readonly (Role | undefined)[], rows: number): number {
  return Math.min(...roles.map((role) => mostBy(role?.postgres?.preview?.tolerance, rows)));
}

function mostBy(tolerance: Tolerance | undefined, rows: number): number {
  if (tolerance === undefined) return 0;
  return "rows" in tolerance ? tolerance.rows : Math.floor((rows * tolerance.percent) / 100);
}
