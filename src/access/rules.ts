/**
 * Which access rule decides, and what it demands. The first rule that names the person, the role and the target
 * decides; a later, kinder rule is never looked at.
 */
import type { Role } from "../policy/role.ts";
import { deny, type Denial } from "../kernel/result.ts";
import { groupsIn, OWNERS, printApproval, withOwners } from "./approval.ts";
import type { AccessRule, ApprovalExpression, Target, TargetSelector } from "./model.ts";
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

/** The first that matches decides. A rule that selects hosts and databases gives each role on those that it says something about. */
export function findRule(rulebook: Rulebook, actor: Actor, role: string, target: Target): AccessRule | undefined {
  const known = rulebook.roles.get(role);
  if (known !== undefined && accountOn(target, known) === undefined) return undefined;
  return rulebook.rules.find((rule) => ruleConcerns(rule, actor) && rule.roles.includes(role) && selectorMatches(rule.targets, target));
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
  const people = demands.flatMap(groupsIn).flatMap((group) => groups.get(group) ?? []);
  return [...new Set(people)].filter((name) => name !== requester).sort();
}
