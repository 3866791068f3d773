import type { Path } from "./problem.ts";
import type { ConfigText } from "./schema.ts";

/** Names that nobody and nothing may have: the gate's own console and the principal of its errands. */
export const RESERVED_NAMES: readonly string[] = ["gate"];

/**
 * Where checks put what they find. `key` reports at an entry's key instead of its value; `known` are the names from which
 * the nearest to the value (or to `written`, a part of it) is suggested.
 */
export interface Findings {
  problem(path: Path, expected: string, more?: { known?: Iterable<string>; key?: boolean; found?: string; written?: string }): void;
  warning(path: Path, expected: string): void;
}

/** A name of a principal where the file mentions one. */
export function checkPrincipal(config: ConfigText, name: string, path: Path, findings: Findings): void {
  if (RESERVED_NAMES.includes(name)) findings.problem(path, `a principal: "${name}" is the gate's own name`);
  else if (Object.hasOwn(config.targets, name)) findings.problem(path, `a principal: "${name}" is a target, and both share one namespace`);
}

/** `who` lists of rules and holders. */
export function checkWho(config: ConfigText, who: readonly string[], path: Path, findings: Findings): void {
  for (const [index, each] of who.entries()) {
    const group = each.startsWith("group:") ? each.slice("group:".length) : undefined;
    if (group === undefined) checkPrincipal(config, each, [...path, index], findings);
    else if (!Object.hasOwn(config.groups, group)) {
      findings.problem([...path, index], "a group of this file", { known: Object.keys(config.groups) });
    }
  }
}
