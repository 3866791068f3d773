import { printApproval } from "../access/approval.ts";
import type { AccessRule, ApprovalExpression, Target } from "../access/model.ts";
import { demandOf, findRule } from "../access/rules.ts";
import type { Actor } from "../access/rulebook.ts";
import type { PrincipalName } from "../kernel/ids.ts";
import type { Effects } from "./diff.ts";
import type { Config } from "./model.ts";
import { formatDuration } from "../kernel/units.ts";

/** Beyond this many questions the comparison is not made, and the change counts as widening. */
const MAX_QUESTIONS = 10_000_000;

/** What one person may request on one target, under one configuration. */
interface Outcome {
  readonly rule: AccessRule;
  readonly demand: ApprovalExpression | undefined;
  /** Of each action that the role holds; `undefined`: nobody could approve one. */
  readonly held: ApprovalExpression | undefined;
  readonly isHolding: boolean;
  readonly groups: Config["groups"];
}

/** Asks both configurations for every kind of person, role and target what may be requested, and how. */
export function diffAccess(before: Config | undefined, after: Config, effects: Effects): void {
  const kinds = kindsOfPeople(before, after);
  const roles = new Set([...(before?.rules ?? []), ...after.rules].flatMap((rule) => rule.roles));
  const targets = new Set([...(before?.targets.keys() ?? []), ...after.targets.keys()]);
  if (kinds.length * roles.size * targets.size * Math.max(1, after.rules.length) > MAX_QUESTIONS) {
    effects.widening.push("rules, groups or targets changed, and there are too many to compare what each person may request");
    return;
  }
  const found = new Map<string, { effect: keyof Effects; who: string[]; targets: Set<string> }>();
  for (const { people, was, is } of kinds) {
    for (const role of roles) {
      for (const name of targets) {
        const old = before && was && outcome(before, was, role, before.targets.get(name));
        const now = is && outcome(after, is, role, after.targets.get(name));
        for (const [effect, words] of compare(old, now)) {
          const key = `${effect}\0${role}\0${people.join()}\0${words}`;
          const entry = found.get(key) ?? { effect, who: people, targets: new Set<string>() };
          entry.targets.add(name);
          found.set(key, entry);
        }
      }
    }
  }
  for (const [key, { effect, who, targets }] of found) {
    const [, role = "", , words = ""] = key.split("\0");
    effects[effect].push(`${who.join(", ")}: role "${role}" on ${shortened([...targets])}: ${words}`);
  }
}

function outcome(config: Config, actor: Actor, role: string, target: Target | undefined): Outcome | undefined {
  const known = config.roles.get(role);
  const rule = target && known ? findRule(config, actor, role, target) : undefined;
  if (!rule || !target) return undefined;
  const demand = demandOf(rule, target);
  if (demand && "allowed" in demand) return undefined;
  const held = demandOf(rule, target, rule.holds ?? rule.approval);
  const isHolding = (known?.postgres?.hold ?? []).length > 0;
  return { rule, demand, held: held && "allowed" in held ? undefined : held, isHolding, groups: config.groups };
}

function* compare(old: Outcome | undefined, now: Outcome | undefined): Generator<[keyof Effects, string]> {
  if (!old && !now) return;
  if (!old && now) yield ["widening", `may be requested now (${terms(now)})`];
  if (old && !now) yield ["narrowing", "may no longer be requested"];
  if (!old || !now) return;
  const [was, is] = [old.rule, now.rule];
  if (is.maxDurationMs !== was.maxDurationMs) {
    yield [
      is.maxDurationMs > was.maxDurationMs ? "widening" : "narrowing",
      `for ${formatDuration(is.maxDurationMs)}, before ${formatDuration(was.maxDurationMs)}`,
    ];
  }
  if (is.breakGlass !== was.breakGlass)
    yield is.breakGlass ? ["widening", "break-glass permitted"] : ["narrowing", "break-glass no longer permitted"];
  if (is.selfExtensions !== was.selfExtensions) {
    yield [
      is.selfExtensions > was.selfExtensions ? "widening" : "narrowing",
      `${is.selfExtensions} self-extensions, before ${was.selfExtensions}`,
    ];
  }
  yield* compareDemands(old, now);
  if ((old.rule.holds ?? now.rule.holds) && (old.isHolding || now.isHolding)) yield* compareHeld(old, now);
}

function* compareHeld(old: Outcome, now: Outcome): Generator<[keyof Effects, string]> {
  if (old.held && now.held) yield* compareDemands({ ...old, demand: old.held }, { ...now, demand: now.held }, "of what is held: ");
  else if (now.held) yield ["widening", `what is held may be approved now (${words(now.held)})`];
  else if (old.held) yield ["narrowing", "what is held may be approved by nobody any more"];
}

function* compareDemands(old: Outcome, now: Outcome, about = ""): Generator<[keyof Effects, string]> {
  const [was, is] = [words(old.demand), words(now.demand)];
  if (was !== is) {
    const stricter = isStricter(old.demand, now.demand);
    yield [stricter ? "narrowing" : "widening", `${about}approval ${is}, before ${was}`];
    if (!stricter) return;
  }
  // Quorum by quorum: somebody who comes into a second group of the expression may now stand in for who was needed there.
  const quorums = quorumsOf(old.demand);
  for (const before of quorums) {
    const after = now.demand?.kind === "quorum" ? now.demand.groups : before;
    const [could, can] = [membersOf(old.groups, before), membersOf(now.groups, after)];
    const [more, fewer] = [[...can.difference(could)], [...could.difference(can)]];
    const where = quorums.length === 1 ? "" : `, for ${after.join(" or ")}`;
    if (more.length > 0) yield ["widening", `${about}may be approved by ${more.join(", ")} too${where}`];
    if (fewer.length > 0) yield ["narrowing", `${about}no longer approved by ${fewer.join(", ")}${where}`];
  }
}

/** The groups of each quorum. */
function quorumsOf(demand: ApprovalExpression | undefined): readonly (readonly string[])[] {
  if (demand === undefined) return [];
  return demand.kind === "quorum" ? [demand.groups] : demand.parts.flatMap(quorumsOf);
}

function membersOf(groups: Config["groups"], names: readonly string[]): ReadonlySet<string> {
  return new Set(names.flatMap((name) => groups.get(name) ?? []));
}

/** Known to be stricter: something instead of nothing, a larger quorum of the same groups, or everything as before AND more. */
function isStricter(was: ApprovalExpression | undefined, is: ApprovalExpression | undefined): boolean {
  if (was === undefined) return is !== undefined;
  if (is === undefined) return false;
  if (was.kind === "quorum" && is.kind === "quorum") return is.count > was.count && is.groups.every((group) => was.groups.includes(group));
  return (
    is.kind === "and" &&
    (was.kind === "and" ? was.parts : [was]).every((part) => is.parts.some((each) => printApproval(each) === printApproval(part)))
  );
}

function terms({ rule, demand }: Outcome): string {
  return `rule "${rule.name}", for ${formatDuration(rule.maxDurationMs)}, approval ${words(demand)}${rule.breakGlass ? ", break-glass" : ""}`;
}

function words(demand: ApprovalExpression | undefined): string {
  return demand ? printApproval(demand) : "none";
}

interface KindOfPeople {
  readonly people: string[];
  readonly was: Actor | undefined;
  readonly is: Actor | undefined;
}

/** People no rule tells apart, before and after. Whoever is not named in a configuration may request nothing. */
function kindsOfPeople(before: Config | undefined, after: Config): readonly KindOfPeople[] {
  const [old, now] = [membership(before), membership(after)];
  const named = new Set([...(before?.rules ?? []), ...after.rules].flatMap((rule) => rule.who));
  const kinds = new Map<string, KindOfPeople>();
  for (const name of [...new Set([...old.keys(), ...now.keys(), ...[...named].filter((who) => !who.startsWith("group:"))])].sort()) {
    const [was, is] = [old.get(name) ?? [], now.get(name) ?? []];
    const byItself = named.has(name) || before?.agents.has(name) === true || after.agents.has(name);
    const key = `${was.join()}\0${is.join()}\0${byItself ? name : ""}`;
    const kind = kinds.get(key) ?? { people: [], was: actor(before, name, old), is: actor(after, name, now) };
    kind.people.push(name);
    kinds.set(key, kind);
  }
  return [...kinds.values()];
}

/** As of one configuration: an agent has what it and its person have. */
function actor(config: Config | undefined, name: string, members: ReadonlyMap<string, readonly string[]>): Actor {
  const agent = config?.agents.get(name);
  const itself = { name: name as PrincipalName, groups: members.get(name) ?? [] };
  if (agent === undefined) return itself;
  return { ...itself, actsFor: { name: agent.for, groups: members.get(agent.for) ?? [], approves: agent.personApproves } };
}

function membership(config: Config | undefined): ReadonlyMap<string, readonly string[]> {
  const groupsOf = new Map<string, string[]>();
  for (const [group, members] of config?.groups ?? []) {
    for (const member of members) groupsOf.set(member, [...(groupsOf.get(member) ?? []), group].sort());
  }
  return groupsOf;
}

function shortened(names: readonly string[]): string {
  return names.length <= 5 ? names.join(", ") : `${names.slice(0, 5).join(", ")} and ${names.length - 5} more`;
}
