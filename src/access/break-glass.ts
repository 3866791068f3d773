import type { PrincipalName } from "../kernel/ids.ts";
import { deny, type Denial } from "../kernel/result.ts";
import type { GrantStep } from "./grant-lifecycle.ts";
import type { BreakGlass, Grant } from "./model.ts";
import type { Moment } from "./remaining.ts";
import { aboutGrant } from "./step.ts";

/** When an unreviewed break-glass is recalled, and when it counts as overdue; milliseconds since it was opened. */
export interface ReviewLimits {
  readonly reviewReminderMs: number;
  readonly reviewOverdueMs: number;
}

export interface Review {
  readonly verdict: NonNullable<BreakGlass["verdict"]>;
  readonly note: string;
}

/** The look afterwards, by somebody else. `mayReview`: holds `grant.review`, or could have approved it. */
export function reviewGrant(
  grant: Grant,
  by: PrincipalName,
  { verdict, note }: Review,
  mayReview: boolean,
  moment: Moment,
): GrantStep | Denial {
  if (!grant.breakGlass) return deny("wrong-state", { detail: "only a break-glass grant is reviewed" });
  if (by === grant.principal) return deny("own-request", { detail: "nobody reviews their own break-glass" });
  if (!mayReview) return deny("not-permitted", { detail: "grant.review" });
  if (grant.breakGlass.reviewedAt !== undefined) return deny("wrong-state", { detail: "it was reviewed already" });
  const breakGlass: BreakGlass = { ...grant.breakGlass, reviewedAt: moment.now, reviewedBy: by, verdict };
  const next: Grant = { ...grant, version: grant.version + 1, breakGlass };
  return {
    allowed: true,
    grant: next,
    events: [{ kind: "break-glass.reviewed", ...aboutGrant(next), body: { reviewer: by, verdict, note } }],
  };
}

/** The next reminder or the escalation that is due, if any; each happens once. Overdue comes even if no reminder went out. */
export function escalateGrant(grant: Grant, limits: ReviewLimits, moment: Moment): GrantStep | undefined {
  const { breakGlass } = grant;
  if (!breakGlass || breakGlass.reviewedAt !== undefined || breakGlass.escalatedAt !== undefined) return undefined;
  const openForMs = moment.now - breakGlass.openedAt;
  const overdue = openForMs >= limits.reviewOverdueMs;
  if (!overdue && (breakGlass.remindedAt !== undefined || openForMs < limits.reviewReminderMs)) return undefined;
  const next: Grant = {
    ...grant,
    version: grant.version + 1,
    breakGlass: { ...breakGlass, ...(overdue ? { escalatedAt: moment.now } : { remindedAt: moment.now }) },
  };
  const level = overdue ? "overdue" : "reminder";
  return { allowed: true, grant: next, events: [{ kind: "break-glass.escalated", ...aboutGrant(next), body: { openForMs, level } }] };
}

/** Whether this grant's missing review blocks its holder's ordinary requests. Stays so when the clock goes back. */
export function isOverdue(grant: Grant, limits: ReviewLimits, moment: Moment): boolean {
  const { breakGlass } = grant;
  if (!breakGlass || breakGlass.reviewedAt !== undefined) return false;
  return breakGlass.escalatedAt !== undefined || moment.now - breakGlass.openedAt >= limits.reviewOverdueMs;
}
