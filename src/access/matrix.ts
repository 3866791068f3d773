/** Who may request what, where, by which rule and with whose approval: the rules asked about everybody. Pure. */
import { printApproval } from "./approval.ts";
import type { AccessRule, Target } from "./model.ts";
import type { Actor, Rulebook } from "./rulebook.ts";
import { rolesInReach } from "./allowing.ts";
import { approversOf, demandOf, findRule, ruleConcerns } from "./rules.ts";

export interface MatrixEntry {
  readonly principal: string;
  readonly target: string;
  readonly role: string;
  readonly rule: string;
  /** `allow`: nobody has to approve; `deny`: the rule names approvers that the target has none of. */
  readonly verdict: "allow" | "ask" | "deny";
  /** In words. */
  readonly demands?: string;
  /** Who could approve: the first of them. */
  readonly approvers?: readonly string[];
  readonly maxDurationMs: number;
  readonly breakGlass: boolean;
}

export interface Matrix {
  readonly entries: readonly MatrixEntry[];
  /** There are more than were wanted. */
  readonly isPart: boolean;
}

/** Pairs of a person and a target that are looked at, whatever comes of them. */
const MAX_PAIRS = 200_000;
const MAX_APPROVERS = 20;

export function accessMatrix(
  rulebook: Rulebook,
  actors: readonly Actor[],
  targets: readonly Target[],
  { role, limit }: { readonly role?: string | undefined; readonly limit: number },
): Matrix {
  const entries: MatrixEntry[] = [];
  let pairs = 0;
  for (const actor of actors) {
    // Nobody whom no rule names is asked about for every target.
    if (!rulebook.rules.some((rule) => ruleConcerns(rule, actor))) continue;
    for (const target of targets) {
      pairs += 1;
      if (pairs > MAX_PAIRS) return { entries, isPart: true };
      for (const { name } of rolesInReach(rulebook, actor, target)) {
        if (role !== undefined && name !== role) continue;
        const rule = findRule(rulebook, actor, name, target);
        if (!rule) continue;
        if (entries.length >= limit) return { entries, isPart: true };
        entries.push(entryOf(rulebook, actor, target, name, rule));
      }
    }
  }
  return { entries, isPart: false };
}

function entryOf({ groups }: Rulebook, actor: Actor, target: Target, role: string, rule: AccessRule): MatrixEntry {
  const { name, maxDurationMs, breakGlass } = rule;
  const same = { principal: actor.name, target: target.name, role, rule: name, maxDurationMs, breakGlass };
  const demand = demandOf(rule, target);
  if (demand === undefined) return { ...same, verdict: "allow" };
  if ("allowed" in demand) return { ...same, verdict: "deny" };
  const approvers = approversOf([demand], groups, actor.name).slice(0, MAX_APPROVERS);
  return { ...same, verdict: "ask", demands: printApproval(demand), approvers };
}
