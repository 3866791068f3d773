/** What a session's two roles, as approved and now, together say of its statements. */
import { DEFAULT_HOLD_MS, type PostgresLimits, type Role } from "../policy/role.ts";
import { rulesOf } from "../policy/sql/judge.ts";
import { sqlLimitsOf } from "../policy/sql/limits.ts";
import { isReadOnly } from "../policy/sql/read-only.ts";
import { mostOthers } from "../policy/sql/tolerance.ts";
import type { LiveSession } from "./live-session.ts";

/** Asked with every statement: put together anew only when a role is another. */
export function limitsInForce(session: LiveSession): () => PostgresLimits {
  let approved: Role | undefined;
  let now: Role | undefined;
  let limits: PostgresLimits = {};
  return () => {
    const { grant, roleNow } = session;
    if (approved !== grant.role || now !== roleNow) limits = sqlLimitsOf(grant.role, roleNow);
    approved = grant.role;
    now = roleNow;
    return limits;
  };
}

/** How long one of its statements waits for an approver: the shorter of both. */
export function holdMsInForce({ grant, roleNow }: LiveSession): number {
  return Math.min(...[grant.role, roleNow].map((role) => role?.postgres?.holdForMs ?? DEFAULT_HOLD_MS));
}

/** Whether it tells relations apart, so that it matters which one a name means. */
export function tellsRelations({ grant, roleNow }: LiveSession): boolean {
  return [grant.role, roleNow].some((role) => role?.postgres !== undefined && rulesOf(role.postgres).tells.relations);
}

/** Whether it may do nothing but read. */
export function onlyReads({ grant, roleNow }: LiveSession): boolean {
  return [grant.role, roleNow].some((role) => role?.postgres !== undefined && isReadOnly(role.postgres));
}

/** How many of `rows` that an approver saw may be others when a held statement runs. */
export function mostOthersOf({ grant, roleNow }: LiveSession, rows: number): number {
  return mostOthers([grant.role, roleNow], rows);
}
