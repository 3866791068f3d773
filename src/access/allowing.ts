/** Which request would allow what a role denies. Pure. */
import type { Action } from "../policy/action.ts";
import { decide } from "../policy/decide.ts";
import type { Role } from "../policy/role.ts";
import type { Target } from "./model.ts";
import type { Actor, Rulebook } from "./rulebook.ts";
import { findRule, ruleConcerns, selectorMatches } from "./rules.ts";

/** Roles that somebody may request on a target, in the order of the rules. */
export function rolesInReach(rulebook: Rulebook, actor: Actor, target: Target): readonly Role[] {
  const rules = rulebook.rules.filter((rule) => ruleConcerns(rule, actor) && selectorMatches(rule.targets, target));
  const names = new Set(rules.flatMap((rule) => rule.roles));
  return [...names].flatMap((name) => rulebook.roles.get(name) ?? []);
}

/** The command that asks for the first role which allows `action`, if only after an approval each time. `undefined`: there is none. */
export function requestAllowing(rulebook: Rulebook, actor: Actor, targetName: string, action: Action): string | undefined {
  const target = rulebook.targets.get(targetName);
  if (target === undefined) return undefined;
  const role = rolesInReach(rulebook, actor, target).find(
    (each) => decide(each, action).allowed !== false && findRule(rulebook, actor, each.name, target) !== undefined,
  );
  return role && `sallyport request --role ${role.name} --target ${target.name} --reason "…"`;
}
