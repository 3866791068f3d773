/**
 * The life of a grant: active → ended, and never back.
 *
 * Owns: starting, extending, narrowing, ending and reviewing a grant, and the events of each.
 * Never: reads a clock, the configuration or the store.
 * Invariants: ended is final; the end moves later only by `extendGrant`; the scope only shrinks; both ends (wall clock
 * and elapsed time) move together; a grant past either end is extended by nobody.
 */
import type { PrincipalName } from "../kernel/ids.ts";
import { deny, type Denial } from "../kernel/result.ts";
import type { GrantTerms } from "./lifecycle.ts";
import type { AccessRequest, Grant, GrantEnding } from "./model.ts";
import { remainingAt, type Moment } from "./remaining.ts";
import { aboutGrant, bodyOf, namesOf, type Step } from "./step.ts";

export type GrantStep = Step & { readonly grant: Grant };

/** Only lifecycle.ts calls it, once per request. */
export function startGrant(request: AccessRequest, terms: GrantTerms, moment: Moment): GrantStep {
  const broken = request.type === "break-glass";
  const grant: Grant = {
    id: terms.id,
    version: 1,
    request: request.id,
    principal: request.requester,
    ...(request.actsFor !== undefined && { actsFor: request.actsFor }),
    reason: request.reason,
    ...(request.ticket !== undefined && { ticket: request.ticket }),
    role: request.role,
    scope: request.scope,
    start: moment.now,
    end: moment.now + request.durationMs,
    elapsedEnd: { bootId: moment.bootId, at: moment.elapsed + request.durationMs },
    state: "active",
    // What nobody has looked at yet is not prolonged without somebody looking at it.
    selfExtensionsLeft: broken ? 0 : terms.selfExtensions,
    approvers: request.approvals.map(({ by }) => by),
    ...(broken && { breakGlass: { openedAt: moment.now } }),
    used: { bytes: 0, seconds: 0 },
  };
  return {
    allowed: true,
    grant,
    events: [{ kind: broken ? "break-glass.opened" : "grant.started", ...aboutGrant(grant), decision: "allow", body: bodyOf(grant) }],
  };
}

/** Moves both ends by `byMs`. */
export function extendGrant(
  grant: Grant,
  { byMs, bySelf, approvers }: { byMs: number; bySelf: boolean; approvers: readonly PrincipalName[] },
  moment: Moment,
): GrantStep | Denial {
  const remaining = remainingAt(grant, moment);
  if (remaining <= 0) return deny("grant-ended");
  if (bySelf && grant.selfExtensionsLeft <= 0) return deny("wrong-state", { detail: "no self-extension is left" });
  const sameBoot = grant.elapsedEnd.bootId === moment.bootId;
  const next: Grant = {
    ...grant,
    version: grant.version + 1,
    end: grant.end + byMs,
    // After a reboot elapsed time starts anew: from here it counts what the wall clock leaves.
    elapsedEnd: sameBoot
      ? { bootId: grant.elapsedEnd.bootId, at: grant.elapsedEnd.at + byMs }
      : { bootId: moment.bootId, at: moment.elapsed + remaining + byMs },
    selfExtensionsLeft: grant.selfExtensionsLeft - (bySelf ? 1 : 0),
    approvers: [...new Set([...grant.approvers, ...approvers])],
  };
  return {
    allowed: true,
    grant: next,
    events: [{ kind: "grant.extended", ...aboutGrant(next), body: { until: next.end, by: bySelf ? "self" : "approval" } }],
  };
}

export interface Narrowing {
  readonly targets?: readonly string[];
  /** The new wall-clock end. */
  readonly end?: number;
  readonly reason: string;
}

export function narrowGrant(
  grant: Grant,
  { targets, end = grant.end, reason }: Narrowing,
  by: PrincipalName,
  moment: Moment,
): GrantStep | Denial {
  if (remainingAt(grant, moment) <= 0) return deny("grant-ended");
  if (!Number.isSafeInteger(end) || end > grant.end) return deny("bad-request", { detail: "narrowing moves the end earlier, never later" });
  if (end <= moment.now) return deny("bad-request", { detail: "an end in the past: revoke the grant instead" });
  const scope = targets === undefined ? grant.scope : grant.scope.filter(({ target }) => targets.includes(target.name));
  if (scope.length === 0 || targets?.some((name) => !grant.scope.some(({ target }) => target.name === name)) === true) {
    return deny("bad-request", { detail: "narrowing leaves targets out, adds none, and keeps at least one" });
  }
  if (scope.length === grant.scope.length && end === grant.end) return deny("bad-request", { detail: "nothing would change" });
  const earlierMs = grant.end - end;
  const next: Grant = {
    ...grant,
    version: grant.version + 1,
    scope,
    end,
    elapsedEnd: { ...grant.elapsedEnd, at: grant.elapsedEnd.at - earlierMs },
  };
  return {
    allowed: true,
    grant: next,
    events: [{ kind: "grant.narrowed", ...aboutGrant(next), body: { targets: namesOf(scope), until: end, by, reason } }],
  };
}

/** Final. `by` is absent when nobody did it. */
export function endGrant(grant: Grant, how: GrantEnding, reason: string, moment: Moment, by?: PrincipalName): GrantStep | Denial {
  if (grant.state !== "active") return deny("grant-ended");
  const next: Grant = { ...grant, version: grant.version + 1, state: "ended", endedAt: moment.now, endedHow: how, endedReason: reason };
  return {
    allowed: true,
    grant: next,
    events: [{ kind: "grant.ended", ...aboutGrant(next), body: { how, reason, ...(by !== undefined && { by }) } }],
  };
}

/** Ends it when either clock says so. */
export function expireGrant(grant: Grant, moment: Moment): GrantStep | undefined {
  if (grant.state !== "active" || remainingAt(grant, moment) > 0) return undefined;
  const ended = endGrant(grant, "expired", "its time was up", moment);
  return ended.allowed ? ended : undefined;
}
