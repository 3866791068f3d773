/**
 * What a new configuration changes: every leaf (`lines`), and what the changes mean for what people may do.
 *
 * Owns: the judgement of what widens access. Widening is found by asking both configurations the same questions —
 * may this person request this role here, and how (diff-access.ts); what do the holders hold — not by reading the
 * changed lines, because a rule that goes away can bring a kinder one to light.
 * Invariant: whatever is not known to narrow or to concern nobody's access counts as widening.
 */
import { diffAccess } from "./diff-access.ts";
import { diffGate } from "./diff-gate.ts";
import { diffHolders, diffRoles } from "./diff-roles.ts";
import { diffTargets } from "./diff-targets.ts";
import { diffWorkloads } from "./diff-workloads.ts";
import { flattenConfig } from "./flatten.ts";
import type { Config } from "./model.ts";
import { withProviderMembers } from "./provider-members.ts";

export interface ConfigDiff {
  /** `+ path: value`, `- path: value`, `~ path: before → after`, sorted by path. */
  readonly lines: string[];
  readonly widening: string[];
  readonly narrowing: string[];
}

/** What a comparison found, in words. */
export interface Effects {
  readonly widening: string[];
  readonly narrowing: string[];
}

export function diffConfig(before: Config | undefined, after: Config): ConfigDiff {
  const effects: Effects = { widening: [], narrowing: [] };
  if (before?.hash !== after.hash) {
    diffRoles(before, after, effects);
    const [was, is] = [before && withProviderMembers(before), withProviderMembers(after)];
    diffHolders(was, is, effects);
    diffTargets(before, after, effects);
    diffAccess(was, is, effects);
    diffWorkloads(before, after, effects);
    if (before) diffGate(before.gate, after.gate, effects);
  }
  return { lines: diffLines(before, after), ...effects };
}

function diffLines(before: Config | undefined, after: Config): string[] {
  const [old, now] = [before ? flattenConfig(before) : new Map<string, string>(), flattenConfig(after)];
  return [...new Set([...old.keys(), ...now.keys()])].sort().flatMap((path) => {
    const [was, is] = [old.get(path), now.get(path)];
    if (was === is) return [];
    if (was === undefined) return `+ ${path}: ${is}`;
    return is === undefined ? `- ${path}: ${was}` : `~ ${path}: ${was} → ${is}`;
  });
}
