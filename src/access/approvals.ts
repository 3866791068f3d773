/**
 * Approvals as they come in, of whatever waits for them: a request, or an action that a role holds. Who may give one, and
 * what is still to come. Pure. Whether they meet an expression is decided in quorum.ts.
 *
 * Invariants: nobody's approval counts for what they asked for; a person approves once and fills one place; where nobody
 * is asked for, nobody can approve.
 */
import type { PrincipalName, TargetName } from "../kernel/ids.ts";
import { deny, type Denial } from "../kernel/result.ts";
import type { AccessRequest, Approval, ApprovalExpression, Grant } from "./model.ts";
import { personPlace } from "./person-place.ts";
import { hasPlace, isMet, missing } from "./quorum.ts";
import type { Actor, Rulebook } from "./rulebook.ts";
import { demandOf, findRule } from "./rules.ts";
import { demandsInWords } from "./step.ts";

export interface Awaiting {
  /** Who asked for it. */
  readonly asker: PrincipalName;
  /** The person for whom an agent asked. What their agent asked for, they asked for: of the places only their own is open to them. */
  readonly actsFor?: PrincipalName;
  /** All must be met. */
  readonly demands: readonly ApprovalExpression[];
  readonly approvals: readonly Approval[];
}

export function awaitingOf({ requester: asker, actsFor, demands, approvals }: AccessRequest): Awaiting {
  return { asker, ...(actsFor !== undefined && { actsFor }), demands, approvals };
}

export interface Approved {
  readonly allowed: true;
  readonly approvals: readonly Approval[];
  /** Every demand is met: it may go on. */
  readonly complete: boolean;
}

/** Whoever has a place in it may see it, and may say no. */
export function refuseApprover(awaiting: Pick<Awaiting, "asker" | "actsFor" | "demands">, actor: Actor): Denial | undefined {
  const { asker, actsFor, demands } = awaiting;
  if (actor.name === asker) return deny("own-request");
  if (actor.actsFor !== undefined) return deny("not-approver", { detail: "agents approve nothing" });
  if (demands.some((demand) => hasPlace(demand, placesOf(awaiting, actor)))) return undefined;
  if (actor.name === actsFor) return deny("own-request", { detail: `"${asker}" acts for you` });
  return deny("not-approver", { detail: demandsInWords(demands) ?? "nobody may approve it" });
}

/** What somebody may approve as: a member of their groups, or the person for whom it was asked. */
function placesOf({ actsFor }: Pick<Awaiting, "actsFor">, { name, groups }: Actor): readonly string[] {
  return name === actsFor ? personPlace(name).groups : groups;
}

/** One person's yes. */
export function addApproval(awaiting: Awaiting, by: Actor, at: number): Approved | Denial {
  const { asker, demands } = awaiting;
  const refused = refuseApprover(awaiting, by);
  if (refused) return refused;
  if (awaiting.approvals.some((approval) => approval.by === by.name)) return deny("wrong-state", { detail: "you approved it already" });
  const approvals = [...awaiting.approvals, { by: by.name, at, groups: [...placesOf(awaiting, by)] }];
  return { allowed: true, approvals, complete: demands.every((demand) => isMet(demand, approvals, asker)) };
}

/** What is still to come, in words: `1 of leads and 1 of security`; empty when nothing is. */
export function stillMissing({ asker, demands, approvals }: Awaiting): string {
  const open = demands.map((demand) => missing(demand, approvals, asker)).filter((ways) => ways.length > 0);
  const oneOf = (ways: readonly string[]): string => (ways.length > 1 && open.length > 1 ? `(${ways.join(", or ")})` : ways.join(", or "));
  return open.map(oneOf).join(" and ");
}

/**
 * What each action on this target takes that the grant's role holds, by the rules of this moment: what the rule says of
 * held actions, else what it takes to be given the access at all. Empty: nobody could approve it.
 */
export function demandsOfHeld(rulebook: Rulebook, holder: Actor, grant: Grant, name: TargetName): readonly ApprovalExpression[] {
  const target = rulebook.targets.get(name);
  const rule = target && findRule(rulebook, holder, grant.role.name, target);
  const demand = rule && demandOf(rule, target, rule.holds ?? rule.approval);
  return demand === undefined || "allowed" in demand ? [] : [demand];
}
