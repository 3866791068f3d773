/**
 * Which access rule decides, and what it demands. The first rule that names the person, the role and the target
 * decides; a later, kinder rule is never looked at.
 */
import type { Role } from "../policy/role.ts";
import { deny, type Denial } from "../kernel/result.ts";
import type { ActsFor } from "../kernel/acts-for.ts";
import { groupsIn, OWNERS, printApproval, withOwners } from "./approval.ts";
import type { AccessRule, ApprovalExpression, Target, TargetSelector } from "./model.ts";
import { personIn, personPlace } from "./person-place.ts";
import type { Actor, Rulebook } from "./rulebook.ts";

export function selectorMatches(selector: TargetSelector, target: { readonly name: string; readonly labels: Target["labels"] }): boolean {
  if (selector.names?.includes(target.name) === true) return true;
  const labels = Object.entries(selector.labels ?? {});
  // Fails closed: a selector without labels selects nothing by labels.
  return labels.length > 0 && labels.every(([key, value]) => Object.hasOwn(target.labels, key) && target.labels[key] === value);
}

export function ruleConcerns(rule: AccessRule, actor: Actor): boolean {
  return rule.who.some((who) => who === actor.name || (who.startsWith("group:") && actor.groups.includes(who.slice("group:".length))));
}

/**
 * What an agent has by its own rule and by the rule of the person for whom it acts: the shorter time, both approvals, and that
 * person's where it is asked for. Breaking glass, and staying longer unasked, are people's.
 */
function forAgent(own: AccessRule, theirs: AccessRule, person: ActsFor): AccessRule {
  const asked = person.approves ? personPlace(person.name) : undefined;
  const approval = allOf([own.approval, theirs.approval, asked]);
  const holds = allOf([own.holds ?? own.approval, theirs.holds ?? theirs.approval]);
  const { approval: _approval, holds: _holds, ...rule } = own;
  return {
    ...rule,
    maxDurationMs: Math.min(own.maxDurationMs, theirs.maxDurationMs),
    ...(approval && { approval }),
    ...(holds && { holds }),
    selfExtensions: 0,
    breakGlass: false,
  };
}

function allOf(demands: readonly (ApprovalExpression | undefined)[]): ApprovalExpression | undefined {
  const [first, ...more] = distinctDemands(demands.filter((each) => each !== undefined));
  return first && more.length > 0 ? { kind: "and", parts: [first, ...more] } : first;
}

/** The first that matches decides. A rule that selects hosts and databases gives each role on those that it says something about. */
export function findRule(rulebook: Rulebook, actor: Actor, role: string, target: Target): AccessRule | undefined {
  const known = rulebook.roles.get(role);
  if (known !== undefined && accountOn(target, known) === undefined) return undefined;
  const rule = rulebook.rules.find(
    (each) => ruleConcerns(each, actor) && each.roles.includes(role) && selectorMatches(each.targets, target),
  );
  if (rule === undefined || actor.actsFor === undefined) return rule;
  const { name, groups } = actor.actsFor;
  const theirs = findRule(rulebook, { name, groups }, role, target);
  return theirs && forAgent(rule, theirs, actor.actsFor);
}

/** Who the gate logs in as; `undefined`: the role has nothing to say about this kind of target. */
export function accountOn({ kind }: Target, role: Role): string | undefined {
  switch (kind) {
    case "ssh":
      return role.ssh?.account;
    case "postgres":
      return role.postgres?.account;
    default:
      return undefined;
  }
}

/** Every account that some rule lets somebody have on a target, each once. */
export function accountsOn({ rules, roles }: Pick<Rulebook, "rules" | "roles">, target: Target): readonly string[] {
  const names = rules.filter((rule) => selectorMatches(rule.targets, target)).flatMap((rule) => rule.roles);
  const accounts = names.flatMap((name) => {
    const role = roles.get(name);
    return (role && accountOn(target, role)) ?? [];
  });
  return [...new Set(accounts)];
}

/** The group a target's label `owner` (or `owners`) names; `undefined` without one, or when the two disagree. */
export function ownersOf(labels: Target["labels"]): string | undefined {
  const named = ["owner", "owners"].filter((key) => Object.hasOwn(labels, key)).map((key) => labels[key]);
  return named.every((group) => group === named[0]) ? named[0] : undefined;
}

/** What a rule demands for a target, `owners` replaced; `undefined`: nothing. */
export function demandOf(rule: AccessRule, target: Target, approval = rule.approval): ApprovalExpression | undefined | Denial {
  if (approval === undefined || !groupsIn(approval).includes(OWNERS)) return approval;
  const owners = ownersOf(target.labels);
  // Fails closed: a demand that names nobody is no demand that was met.
  if (owners === undefined) return deny("no-rule", { rule: rule.name, detail: `target "${target.name}" has no label "owner"` });
  return withOwners(approval, owners);
}

/** The demands without repetition, in order. */
export function distinctDemands(demands: readonly ApprovalExpression[]): readonly ApprovalExpression[] {
  const seen = new Map(demands.map((demand) => [printApproval(demand), demand]));
  return [...seen.values()];
}

/** People who are in a group that the demands name; the requester never. */
export function approversOf(demands: readonly ApprovalExpression[], groups: Rulebook["groups"], requester: string): readonly string[] {
  const people = demands.flatMap(groupsIn).flatMap((group) => personIn(group) ?? groups.get(group) ?? []);
  return [...new Set(people)].filter((name) => name !== requester).sort();
}
