/** Everything that can refuse a request before anybody is asked: words, a disabled person, locks, an overdue review, the rules. */
import type { Clock } from "../kernel/clock.ts";
import type { PrincipalName, TargetName } from "../kernel/ids.ts";
import type { Random } from "../kernel/random.ts";
import { deny, type Denial } from "../kernel/result.ts";
import { isOverdue, type ReviewLimits } from "./break-glass.ts";
import { changedSince } from "./in-force.ts";
import type { ApprovalChange } from "./lifecycle.ts";
import type { AccessRequest, Grant } from "./model.ts";
import { checkWords, planRequest, type Plan, type RequestDraft } from "./plan.ts";
import type { AccessStore } from "./port.ts";
import { hasPlace } from "./quorum.ts";
import { readMoment } from "./remaining.ts";
import type { Actor, Rulebook } from "./rulebook.ts";
import { namesOf } from "./step.ts";

export interface AccessDeps {
  readonly store: AccessStore;
  readonly rulebook: () => Rulebook;
  /** With the groups of this moment, and for whom an agent acts. */
  readonly actorNow: (name: PrincipalName) => Actor;
  readonly isDisabled: (name: PrincipalName) => Promise<boolean>;
  /** People approve; services and agents do not. */
  readonly isPerson: (name: PrincipalName) => Promise<boolean>;
  readonly isLocked: (actor: Actor, target?: TargetName) => Denial | undefined;
  /** Holds the gate permission `grant.review`. */
  readonly mayReview: (actor: Actor) => boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly limits: () => ReviewLimits & { readonly requestLapseMs: number };
}

const MAX_PENDING_PER_PERSON = 50;
const MAX_UNREVIEWED = 1000;

/** The plan of a new request, or what refuses it. A break-glass is refused by locks and rules, never by a missing review. */
export async function admit(deps: AccessDeps, actor: Actor, draft: RequestDraft): Promise<Plan | Denial> {
  const words =
    checkWords("a reason", draft.reason, 1000) ?? (draft.ticket === undefined ? undefined : checkWords("a ticket", draft.ticket, 200));
  if (words) return words;
  if (await deps.isDisabled(actor.name)) return deny("not-permitted", { detail: `"${actor.name}" is disabled` });
  const locked = deps.isLocked(actor);
  if (locked) return locked;
  const plan = planRequest(deps.rulebook(), actor, draft);
  if ("allowed" in plan) return plan;
  const targetLocked = plan.scope.map(({ target }) => deps.isLocked(actor, target.name)).find((denial) => denial !== undefined);
  if (targetLocked) return targetLocked;
  return (draft.breakGlass === true ? undefined : await refusedForPast(deps, actor)) ?? plan;
}

async function refusedForPast({ store, limits, clock }: AccessDeps, actor: Actor): Promise<Denial | undefined> {
  const unreviewed = await store.listGrants({ principal: actor.name, unreviewed: true, limit: MAX_UNREVIEWED });
  const overdue = unreviewed.find((grant) => isOverdue(grant, limits(), readMoment(clock)));
  if (overdue) return deny("review-overdue", { detail: overdue.id });
  const pending = await store.listRequests({ state: "pending", requester: actor.name, limit: MAX_PENDING_PER_PERSON });
  return pending.length < MAX_PENDING_PER_PERSON
    ? undefined
    : deny("rate-limited", { detail: `${pending.length} of your requests are still open` });
}

/** At the moment of approval the requester, the locks, the rules and the targets are looked at again. */
export async function admitStill(
  deps: AccessDeps,
  requester: Actor,
  request: AccessRequest,
  change: ApprovalChange,
): Promise<Plan | Denial> {
  if (await deps.isDisabled(requester.name)) return deny("wrong-state", { detail: `"${requester.name}" is disabled` });
  // What the approver leaves out need not be possible any more; names that are not in the request are refused by the step.
  const kept = request.scope.filter(({ target }) => change.targets?.includes(target.name) ?? true);
  const scope = kept.length > 0 ? kept : request.scope;
  const rulebook = deps.rulebook();
  for (const scoped of scope) {
    const refused = deps.isLocked(requester, scoped.target.name) ?? changedSince(scoped, request.role.name, rulebook);
    if (refused) return refused;
  }
  const durationMs = Math.min(change.durationMs ?? request.durationMs, request.durationMs);
  const breakGlass = request.type === "break-glass";
  return planRequest(rulebook, requester, { role: request.role.name, targets: namesOf(scope), durationMs, breakGlass });
}

/** Whether the rules that let `holder` have this grant would ask this person. */
export function couldApprove(rulebook: Rulebook, holder: Actor, grant: Grant, actor: Actor): boolean {
  const plan = planRequest(rulebook, holder, { role: grant.role.name, targets: namesOf(grant.scope) });
  return !("allowed" in plan) && plan.demands.some((demand) => hasPlace(demand, actor.groups));
}
