/** Which role would have allowed what was refused: the one thing a person whose role is too narrow wants to know. Pure. */
import type { Actor, Rulebook } from "../access/rulebook.ts";
import { findRule } from "../access/rules.ts";
import type { Action } from "../policy/action.ts";
import { decide } from "../policy/decide.ts";

/**
 * The command that connects in the first role of the file which allows the action, or has it wait for an approval, and
 * which this person may request. A hint and no promise: the request is decided like any other.
 */
export function findAlternative(rulebook: Rulebook, actor: Actor, targetName: string, action: Action): string | undefined {
  const target = rulebook.targets.get(targetName);
  if (!target) return undefined;
  for (const [name, role] of rulebook.roles) {
    if (decide(role, action).allowed === false || !findRule(rulebook, actor, name, target)) continue;
    return `sallyport ${target.kind === "postgres" ? "psql" : "ssh"} --role ${name} ${target.name}`;
  }
  return undefined;
}
