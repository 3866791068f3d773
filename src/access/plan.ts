/** What a request would be, under the rules of this moment: the same answer for a preview, a request and an extension. */
import { deny, type Denial } from "../kernel/result.ts";
import type { Role } from "../policy/role.ts";
import type { AccessRule, ApprovalExpression, ScopedTarget } from "./model.ts";
import type { Actor, Rulebook } from "./rulebook.ts";
import { demandOf, distinctDemands } from "./rules.ts";
import { resolveTargets, scopedTarget } from "./scope.ts";

export interface RequestDraft {
  readonly reason: string;
  readonly ticket?: string;
  readonly role: string;
  /** Names, or `label=value[,label=value]`. */
  readonly targets: readonly string[];
  /** Absent: an hour, or the rules' maximum where that is less. */
  readonly durationMs?: number;
  readonly breakGlass?: boolean;
}

export interface Plan {
  readonly role: Role;
  readonly scope: readonly ScopedTarget[];
  /** Each once, in the order of the targets. */
  readonly rules: readonly AccessRule[];
  readonly demands: readonly ApprovalExpression[];
  readonly durationMs: number;
  /** The smallest maximum of the rules. */
  readonly maxDurationMs: number;
  /** The smallest number of the rules. */
  readonly selfExtensions: number;
  /** Whether every rule lets these people break glass. */
  readonly breakGlass: boolean;
}

const DEFAULT_DURATION_MS = 3_600_000;
const MAX_WANTED = 100;

export function planRequest(
  rulebook: Rulebook,
  actor: Actor,
  wanted: Pick<RequestDraft, "role" | "targets" | "durationMs" | "breakGlass">,
): Plan | Denial {
  if (wanted.targets.length === 0 || wanted.targets.length > MAX_WANTED) {
    return deny("bad-request", { detail: `a request names 1 to ${MAX_WANTED} targets` });
  }
  if ([wanted.role, ...wanted.targets].some((text) => text.length > 300 || !isOneLine(text))) {
    return deny("bad-request", { detail: "roles and targets are named in at most 300 plain characters" });
  }
  const found = resolveTargets(rulebook, actor, wanted.role, wanted.targets);
  if ("allowed" in found) return found;
  const role = rulebook.roles.get(wanted.role);
  if (!role) return deny("no-rule", { detail: `role "${wanted.role}"` });

  const scope: ScopedTarget[] = [];
  const demands: ApprovalExpression[] = [];
  for (const each of found) {
    const scoped = scopedTarget(each, role);
    if ("allowed" in scoped) return scoped;
    const demand = demandOf(each.rule, each.target);
    if (demand && "allowed" in demand) return demand;
    scope.push(scoped);
    if (demand) demands.push(demand);
  }
  const rules = [...new Set(found.map(({ rule }) => rule))];
  const strictest = rules.reduce((a, b) => (b.maxDurationMs < a.maxDurationMs ? b : a));
  const maxDurationMs = strictest.maxDurationMs;
  const durationMs = wanted.durationMs ?? Math.min(DEFAULT_DURATION_MS, maxDurationMs);
  if (!Number.isSafeInteger(durationMs) || durationMs < 1000) return deny("bad-request", { detail: "a duration is at least a second" });
  if (durationMs > maxDurationMs) {
    return deny("bad-request", { rule: strictest.name, detail: `rule "${strictest.name}" allows at most ${inWords(maxDurationMs)}` });
  }
  const glass = rules.find((rule) => !rule.breakGlass);
  if (wanted.breakGlass === true && glass)
    return deny("no-rule", { rule: glass.name, detail: `rule "${glass.name}" does not permit break-glass` });
  const selfExtensions = Math.min(...rules.map((rule) => rule.selfExtensions));
  return {
    role,
    scope,
    rules,
    demands: distinctDemands(demands),
    durationMs,
    maxDurationMs,
    selfExtensions,
    breakGlass: glass === undefined,
  };
}

function inWords(ms: number): string {
  if (ms % 3_600_000 === 0) return `${ms / 3_600_000} h`;
  return ms % 60_000 === 0 ? `${ms / 60_000} min` : `${ms / 1000} s`;
}

/** No control characters, line separators or characters that turn the direction of text: nothing that acts where it is shown. */
export function isOneLine(text: string): boolean {
  return !/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u.test(text);
}

/** Untrusted: what a person writes for others to read. */
export function checkWords(what: string, text: string, most: number): Denial | undefined {
  if (text.trim() === "") return deny("bad-request", { detail: `${what} must be given` });
  if (text.length > most) return deny("bad-request", { detail: `${what} has at most ${most} characters` });
  return isOneLine(text) ? undefined : deny("bad-request", { detail: `${what} is one line of plain text` });
}
