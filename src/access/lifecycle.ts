/**
 * The life of a request: pending → approved | denied | cancelled | lapsed. Grants live on in grant-lifecycle.ts.
 *
 * Owns: every transition of a request, the events it makes, and who may cause it.
 * Never: reads a clock, the configuration or the store; service.ts brings their values and saves what comes out.
 * Invariants: nobody's approval counts for their own request; a person approves once and fills one place; what an
 * approver changes only shortens or narrows; a request leaves `pending` once and never comes back; every step raises
 * the version by one and makes at least one event; a grant starts only when every demand is met, when none was made,
 * or when somebody broke the glass.
 */
import type { GrantId, PrincipalName, RequestId } from "../kernel/ids.ts";
import { deny, type Denial } from "../kernel/result.ts";
import type { Role } from "../policy/role.ts";
import { addApproval, awaitingOf, refuseApprover } from "./approvals.ts";
import { extendGrant, startGrant } from "./grant-lifecycle.ts";
import type { AccessRequest, ApprovalExpression, Grant, ScopedTarget } from "./model.ts";
import type { Moment } from "./remaining.ts";
import { distinctDemands } from "./rules.ts";
import type { Actor } from "./rulebook.ts";
import { aboutRequest, demandsInWords, namesOf, type Step } from "./step.ts";

export interface RequestTerms {
  readonly id: RequestId;
  readonly type: AccessRequest["type"];
  readonly requester: PrincipalName;
  readonly actsFor?: PrincipalName;
  readonly reason: string;
  readonly ticket?: string;
  readonly role: Role;
  readonly scope: readonly ScopedTarget[];
  readonly durationMs: number;
  readonly demands: readonly ApprovalExpression[];
  readonly lapseMs: number;
}

/** What a grant that a request becomes gets besides the request's own terms. */
export interface GrantTerms {
  readonly id: GrantId;
  readonly selfExtensions: number;
}

/** Files a request. It becomes a grant at once when nothing is demanded, or when it is a break-glass. */
export function openRequest(terms: RequestTerms, grant: GrantTerms, moment: Moment): Step {
  const request = pendingRequest(terms, terms.type === "break-glass" ? [] : distinctDemands(terms.demands), moment);
  const created = createdEvent(request);
  if (request.demands.length > 0) return { allowed: true, request, events: [created] };
  const started = startGrant(request, grant, moment);
  return {
    allowed: true,
    request: { ...request, state: "approved", grant: grant.id },
    grant: started.grant,
    events: [created, ...started.events],
  };
}

/** Files the request to extend a grant. `bySelf`: it uses up one of the holder's rights and needs nobody. */
export function openExtension(terms: RequestTerms, grant: Grant, bySelf: boolean, moment: Moment): Step | Denial {
  const pending = pendingRequest(terms, bySelf ? [] : distinctDemands(terms.demands), moment);
  const request: AccessRequest = { ...pending, extends: grant.id };
  const created = createdEvent(request);
  if (request.demands.length > 0) return { allowed: true, request, events: [created] };
  const extended = extendGrant(grant, { byMs: request.durationMs, bySelf, approvers: [] }, moment);
  if (!extended.allowed) return extended;
  return {
    allowed: true,
    request: { ...request, state: "approved", grant: grant.id },
    grant: extended.grant,
    events: [created, ...extended.events],
  };
}

function pendingRequest(terms: RequestTerms, demands: readonly ApprovalExpression[], moment: Moment): AccessRequest {
  const { lapseMs, ...asked } = terms;
  return { ...asked, version: 1, createdAt: moment.now, lapsesAt: moment.now + lapseMs, demands, state: "pending", approvals: [] };
}

function createdEvent(request: AccessRequest): Step["events"][number] {
  const approval = demandsInWords(request.demands);
  return {
    kind: "request.created",
    ...aboutRequest(request),
    decision: request.demands.length > 0 ? "hold" : "allow",
    body: {
      reason: request.reason,
      ...(request.ticket !== undefined && { ticket: request.ticket }),
      role: request.role.name,
      targets: namesOf(request.scope),
      durationMs: request.durationMs,
      type: request.type,
      ...(approval !== undefined && { approval }),
    },
  };
}

export interface ApprovalChange {
  readonly durationMs?: number;
  readonly targets?: readonly string[];
}

export interface ApprovalContext {
  readonly moment: Moment;
  readonly grant: GrantTerms;
  /** What today's rules demand; added to what was demanded when it was asked, never in its place. */
  readonly demandsNow: readonly ApprovalExpression[];
  /** `extension`: the grant as it stands. */
  readonly extended?: Grant;
}

/** One person's yes, perhaps to less than was asked. */
export function approve(request: AccessRequest, by: Actor, change: ApprovalChange, context: ApprovalContext): Step | Denial {
  const { moment } = context;
  const refused = notPending(request, moment);
  if (refused) return refused;
  const demands = distinctDemands([...request.demands, ...context.demandsNow]);
  const given = addApproval({ ...awaitingOf(request), demands }, by, moment.now);
  if (!given.allowed) return given;
  const terms = narrowTerms(request, change);
  if ("allowed" in terms) return terms;

  const { approvals, complete } = given;
  const next: AccessRequest = { ...request, ...terms, demands, approvals, version: request.version + 1 };
  const approved = {
    kind: "request.approved",
    ...aboutRequest(next),
    ...(complete && { decision: "allow" as const }),
    body: {
      approver: by.name,
      groups: by.groups,
      ...(change.durationMs !== undefined && { durationMs: change.durationMs }),
      ...(change.targets && { targets: change.targets }),
      complete,
    },
  } as const;
  if (!complete) return { allowed: true, request: next, events: [approved] };

  const granted = grantOf(next, context);
  if (!granted.allowed) return granted;
  const { grant } = granted;
  return { allowed: true, request: { ...next, state: "approved", grant: grant.id }, grant, events: [approved, ...granted.events] };
}

function grantOf(request: AccessRequest, { extended, grant, moment }: ApprovalContext): (Step & { readonly grant: Grant }) | Denial {
  if (request.type !== "extension") return startGrant(request, grant, moment);
  if (!extended || extended.id !== request.extends) return deny("grant-ended");
  return extendGrant(extended, { byMs: request.durationMs, bySelf: false, approvers: request.approvals.map(({ by }) => by) }, moment);
}

/** Never longer, never wider: anything else is refused, not cut to fit. */
function narrowTerms(request: AccessRequest, change: ApprovalChange): Pick<AccessRequest, "durationMs" | "scope"> | Denial {
  const { durationMs = request.durationMs, targets } = change;
  if (!Number.isSafeInteger(durationMs) || durationMs <= 0)
    return deny("bad-request", { detail: "a duration is a positive number of milliseconds" });
  if (durationMs > request.durationMs) return deny("bad-request", { detail: "an approval may shorten a request, not lengthen it" });
  if (targets === undefined) return { durationMs, scope: request.scope };
  if (request.type === "extension") return deny("bad-request", { detail: "an extension changes the end of a grant, not its targets" });
  const scope = request.scope.filter(({ target }) => targets.includes(target.name));
  if (scope.length === 0 || targets.some((name) => !request.scope.some(({ target }) => target.name === name))) {
    return deny("bad-request", { detail: "an approval may leave targets out, not add any, and keeps at least one" });
  }
  return { durationMs, scope };
}

/** Somebody who could have approved says no. */
export function denyRequest(request: AccessRequest, by: Actor, reason: string, moment: Moment): Step | Denial {
  const refused = notPending(request, moment);
  if (refused) return refused;
  if (by.name === request.requester) return deny("own-request", { detail: "cancel it instead" });
  const stranger = refuseApprover(awaitingOf(request), by);
  if (stranger) return stranger;
  const next = close(request, "denied", by.name, reason);
  return {
    allowed: true,
    request: next,
    events: [{ kind: "request.denied", ...aboutRequest(next), decision: "deny", body: { approver: by.name, reason } }],
  };
}

/** The requester takes it back. */
export function cancelRequest(request: AccessRequest, by: PrincipalName, reason: string, moment: Moment): Step | Denial {
  const refused = notPending(request, moment);
  if (refused) return refused;
  if (by !== request.requester && by !== request.actsFor)
    return deny("not-permitted", { detail: "only who made a request cancels it; an approver denies it" });
  const next = close(request, "cancelled", by, reason);
  return { allowed: true, request: next, events: [{ kind: "request.cancelled", ...aboutRequest(next), body: { reason } }] };
}

/** Nobody answered in time, or there is nothing left to extend (`extended`: the grant as it stands). */
export function lapseRequest(request: AccessRequest, moment: Moment, extended?: Grant): Step | undefined {
  if (request.state !== "pending") return undefined;
  const pointless = extended !== undefined && extended.id === request.extends && extended.state === "ended";
  if (moment.now < request.lapsesAt && !pointless) return undefined;
  const next: AccessRequest = {
    ...request,
    version: request.version + 1,
    state: "lapsed",
    closedReason: pointless ? "the grant it would have extended has ended" : "nobody answered in time",
  };
  const pendingMs = Math.max(0, moment.now - request.createdAt);
  return { allowed: true, request: next, events: [{ kind: "request.lapsed", ...aboutRequest(next), body: { pendingMs } }] };
}

function notPending(request: AccessRequest, moment: Moment): Denial | undefined {
  if (request.state !== "pending") return deny("wrong-state", { detail: `the request is ${request.state}` });
  return moment.now >= request.lapsesAt ? deny("wrong-state", { detail: "the request has lapsed" }) : undefined;
}

function close(request: AccessRequest, state: "denied" | "cancelled", closedBy: PrincipalName, closedReason: string): AccessRequest {
  return { ...request, version: request.version + 1, state, closedBy, closedReason };
}
