import type { TargetName } from "../kernel/ids.ts";
import { nearest } from "../kernel/nearest.ts";
import { deny, type Denial } from "../kernel/result.ts";
import type { Role } from "../policy/role.ts";
import type { AccessRule, ScopedTarget, Target } from "./model.ts";
import type { Actor, Rulebook } from "./rulebook.ts";
import { accountOn, findRule, selectorMatches } from "./rules.ts";

const MAX_TARGETS = 100;

/** A target that may be requested, with the rule that lets it be. */
export interface Requestable {
  readonly target: Target;
  readonly rule: AccessRule;
}

/** Every target this person may request this role on, at this moment. */
export function requestable(rulebook: Rulebook, actor: Actor, role: string): readonly Requestable[] {
  return [...rulebook.targets.values()].flatMap((target) => {
    const rule = findRule(rulebook, actor, role, target);
    return rule ? [{ target, rule }] : [];
  });
}

/**
 * Untrusted: names and `label=value[,label=value]`, resolved to targets now; labels never add one later. A name that
 * does not exist and one that may not be requested get the same answer, so that nobody learns names by asking.
 */
export function resolveTargets(rulebook: Rulebook, actor: Actor, role: string, wanted: readonly string[]): readonly Requestable[] | Denial {
  const reachable = requestable(rulebook, actor, role);
  const found = new Map<TargetName, Requestable>();
  for (const text of wanted) {
    const labels = parseLabels(text);
    if (labels === "unreadable") return deny("bad-request", { detail: `labels read label=value[,label=value], not "${text}"` });
    const matching = reachable.filter(({ target }) => (labels ? selectorMatches({ labels }, target) : target.name === text));
    if (matching.length === 0) return noRule(actor, role, text, reachable);
    for (const each of matching) found.set(each.target.name, each);
  }
  if (found.size === 0) return deny("bad-request", { detail: "a request names at least one target" });
  if (found.size > MAX_TARGETS)
    return deny("bad-request", { detail: `a request covers at most ${MAX_TARGETS} targets, this one ${found.size}` });
  return [...found.values()];
}

function noRule(actor: Actor, role: string, text: string, reachable: readonly Requestable[]): Denial {
  const meant = nearest(
    text,
    reachable.map(({ target }) => target.name),
  );
  return deny("no-rule", {
    detail: `role "${role}" on "${text}"${meant === undefined ? "" : `; did you mean "${meant}"?`}`,
    // A command to copy is made only of words that are words to every shell.
    ...([role, text].every((word) => /^[\w.=,-]+$/.test(word)) && { next: `sallyport why ${actor.name} ${role} ${text}` }),
  });
}

/** `undefined`: not labels but a name. */
function parseLabels(text: string): Readonly<Record<string, string>> | "unreadable" | undefined {
  if (!text.includes("=")) return undefined;
  const pairs = text.split(",").map((pair) => /^([^=\s]+)=([^=\s]+)$/.exec(pair.trim()));
  const labels = new Map(pairs.map((pair) => [pair?.[1] ?? "", pair?.[2] ?? ""]));
  return pairs.includes(null) || labels.size < pairs.length ? "unreadable" : Object.fromEntries(labels);
}

/** The target as it is approved: its address, keys and account from now on do not change under the grant. */
export function scopedTarget({ target, rule }: Requestable, role: Role): ScopedTarget | Denial {
  const untrusted = refuseUntrusted(target);
  if (untrusted) return untrusted;
  const account = accountOn(target, role);
  if (account === undefined)
    return deny("no-rule", { rule: rule.name, detail: `role "${role.name}" allows nothing on a target of kind "${target.kind}"` });
  return { target, account, rule: rule.name };
}

/** A host's keys are part of what is approved: without them there is nothing to approve yet. A database's identity is its certificate. */
export function refuseUntrusted({ name, kind, hostKeys, hostAuthorities }: Target): Denial | undefined {
  if (kind !== "ssh" || hostKeys.length > 0 || hostAuthorities.length > 0) return undefined;
  return deny("target-untrusted", { detail: `no host key of "${name}" is configured` });
}
