/** `sallyport why <principal> <role|action> <target>`: which rule allows, asks or denies, and why every other one did not. */
import { decide } from "../policy/decide.ts";
import { formatDuration } from "../kernel/units.ts";
import { isGatePermission } from "../policy/permissions.ts";
import type { Action } from "../policy/action.ts";
import { splitName } from "../policy/sql/rules.ts";
import { SQL_CLASSES } from "../policy/sql/statement.ts";
import { rolesInReach } from "./allowing.ts";
import { printApproval } from "./approval.ts";
import type { AccessRule, ApprovalExpression, Target } from "./model.ts";
import type { Actor, Rulebook } from "./rulebook.ts";
import { approversOf, demandOf, ruleConcerns, selectorMatches } from "./rules.ts";
import { demandsInWords } from "./step.ts";

export interface Explanation {
  readonly verdict: "allow" | "ask" | "deny";
  /** The access rule, or the role that a holder has. */
  readonly rule?: string;
  /** The role that would be requested. */
  readonly role?: string;
  readonly demands?: string;
  readonly lines: readonly string[];
}

/** Who holds which role on the gate itself; absent where only targets are asked about. */
type WithHolders = Rulebook & { readonly holders?: readonly { readonly role: string; readonly who: readonly string[] }[] };

/**
 * `what`: a role of the rulebook, an action as `parseAction` reads it, or a gate permission (on target `gate`). `seesAll`: whoever
 * asks may see every target. Others are not told whether there is one that the actor may ask nothing on, as by a request.
 */
export function explainAccess(
  rulebook: WithHolders,
  actor: Actor,
  what: string,
  targetName: string,
  { seesAll = false }: { readonly seesAll?: boolean } = {},
): Explanation {
  if (isGatePermission(what)) return explainGate(rulebook, actor, { kind: "gate", permission: what });
  const action = rulebook.roles.has(what) ? "none" : parseAction(what);
  if (!action)
    return { verdict: "deny", lines: [`"${what}" is neither a role nor an action (${ACTION_FORMS.join(", ")}, or a gate permission)`] };
  const target = rulebook.targets.get(targetName);
  if (!seesAll && (!target || rolesInReach(rulebook, actor, target).length === 0)) return explainUnseen(rulebook, actor, what, targetName);
  if (!target) return { verdict: "deny", lines: [`target "${targetName}" is not in the configuration`] };
  return action === "none" ? explainRole(rulebook, actor, what, target) : explainAction(rulebook, actor, action, target);
}

/** Nothing of the answer comes from the target: so is it for one that is there and for one that is not. */
function explainUnseen(rulebook: Rulebook, actor: Actor, what: string, name: string): Explanation {
  const lines = [groupsInWords(actor)];
  for (const rule of rulebook.rules) {
    if (ruleConcerns(rule, actor)) lines.push(`rule "${rule.name}": no, ${notAmong(rule, name)}`);
  }
  lines.push(
    `no rule lets "${actor.name}" request "${what}" on "${name}"`,
    `whether there is a target "${name}" takes \`target.read\` to see`,
  );
  return { verdict: "deny", lines };
}

function groupsInWords({ name, groups }: Actor): string {
  return `"${name}" is in ${groups.length === 0 ? "no group" : groups.join(", ")}`;
}

function explainRole(rulebook: Rulebook, actor: Actor, role: string, target: Target): Explanation {
  const lines = [groupsInWords(actor)];
  for (const rule of rulebook.rules) {
    const reason = whyNot(rule, actor, role, target);
    if (reason !== undefined) {
      lines.push(`rule "${rule.name}": no, ${reason}`);
      continue;
    }
    return decided(rulebook, actor, rule, role, target, lines);
  }
  return { verdict: "deny", role, lines: [...lines, `no rule lets "${actor.name}" request role "${role}" on "${target.name}"`] };
}

function decided(rulebook: Rulebook, actor: Actor, rule: AccessRule, role: string, target: Target, lines: readonly string[]): Explanation {
  const demand = demandOf(rule, target);
  if (demand && "allowed" in demand)
    return { verdict: "deny", rule: rule.name, role, lines: [...lines, `rule "${rule.name}": ${demand.detail ?? "denies"}`] };
  const matched = `rule "${rule.name}": yes, it decides (the first that matches), for at most ${formatDuration(rule.maxDurationMs)}`;
  const more = [
    ...holdsIn(rulebook, actor, rule, role, target),
    ...(rule.breakGlass ? ["break-glass is permitted: access first, review after"] : []),
  ];
  if (!demand) return { verdict: "allow", rule: rule.name, role, lines: [...lines, matched, "no approval is needed", ...more] };
  return {
    verdict: "ask",
    rule: rule.name,
    role,
    demands: demandsInWords([demand]) ?? "",
    lines: [...lines, matched, `it needs the approval of ${approversInWords(rulebook, actor, demand)}`, ...more],
  };
}

/** Of a role that holds statements: whose yes each of them takes. */
function holdsIn(rulebook: Rulebook, actor: Actor, rule: AccessRule, role: string, target: Target): readonly string[] {
  if (target.kind !== "postgres" || (rulebook.roles.get(role)?.postgres?.hold ?? []).length === 0) return [];
  const demand = demandOf(rule, target, rule.holds ?? rule.approval);
  const nobody = demand === undefined || "allowed" in demand;
  return [
    `each statement that it holds needs ${nobody ? "an approval that nobody could give" : approversInWords(rulebook, actor, demand)}`,
  ];
}

function approversInWords({ groups }: Rulebook, actor: Actor, demand: ApprovalExpression): string {
  const approvers = approversOf([demand], groups, actor.name);
  const who = approvers.length === 0 ? "nobody is in these groups" : `who could: ${approvers.join(", ")}`;
  return `${printApproval(demand)} (${who})`;
}

function whyNot(rule: AccessRule, actor: Actor, role: string, target: Target): string | undefined {
  if (!ruleConcerns(rule, actor)) return `"${actor.name}" is not among ${rule.who.join(", ")}`;
  if (!rule.roles.includes(role)) return `it gives ${rule.roles.join(", ")}, not "${role}"`;
  return selectorMatches(rule.targets, target) ? undefined : notAmong(rule, target.name);
}

function notAmong({ targets: { names = [], labels = {} } }: AccessRule, name: string): string {
  const wanted = [...names, ...Object.entries(labels).map(([key, value]) => `${key}=${value}`)];
  return `"${name}" is not among its targets (${wanted.join(", ")})`;
}

/** The first rule, in file order, that gives a role which allows the action; its refusals otherwise. */
function explainAction(rulebook: Rulebook, actor: Actor, action: Action, target: Target): Explanation {
  const lines: string[] = [];
  for (const role of rolesInReach(rulebook, actor, target)) {
    const decision = decide(role, action);
    if (decision.allowed === false) {
      const what = decision.detail === undefined ? "it" : decision.detail;
      lines.push(
        `role "${role.name}": no, ${decision.rule ?? role.name} ${decision.rule?.includes(".deny") === true ? "denies" : "does not allow"} ${what}`,
      );
      continue;
    }
    const explained = explainRole(rulebook, actor, role.name, target);
    const how = decision.allowed === "hold" ? "yes, each time after an approval," : "yes,";
    return { ...explained, lines: [...lines, `role "${role.name}": ${how} by ${decision.rule}`, ...explained.lines] };
  }
  return { verdict: "deny", lines: [...lines, `no role that "${actor.name}" may request on "${target.name}" allows it`] };
}

function explainGate(rulebook: WithHolders, actor: Actor, action: Action): Explanation {
  const lines: string[] = [];
  for (const { role: name, who } of rulebook.holders ?? []) {
    const role = rulebook.roles.get(name);
    const holds = who.some((each) => each === actor.name || actor.groups.some((group) => each === `group:${group}`));
    if (!holds || !role) lines.push(`role "${name}": no, "${actor.name}" is not among ${who.join(", ")}`);
    else if (decide(role, action).allowed !== true) lines.push(`role "${name}": held, but its gate entries do not name it`);
    else return { verdict: "allow", rule: name, role: name, lines: [...lines, `role "${name}": yes, it is held and names it`] };
  }
  return { verdict: "deny", lines: [...lines, `"${actor.name}" holds no role with this permission`] };
}

const ACTION_FORMS = [
  "ssh.shell",
  "ssh.exec COMMAND",
  "ssh.subsystem NAME",
  "ssh.env NAME",
  "ssh.forward HOST:PORT",
  "file.read PATH",
  "file.write PATH",
  "sql.read",
  "sql.write",
  "sql.ddl …",
  "sql.write SCHEMA.TABLE",
  "sql.function NAME",
];

/** Untrusted: an action as a person writes it, `ssh.exec df -h`; `undefined` when it is none. */
export function parseAction(text: string): Action | undefined {
  const space = text.indexOf(" ");
  const verb = space < 0 ? text : text.slice(0, space);
  const rest = space < 0 ? "" : text.slice(space + 1);
  switch (verb) {
    case "ssh.shell":
      return { kind: "ssh.shell" };
    case "ssh.exec":
      return { kind: "ssh.exec", command: rest };
    case "ssh.subsystem":
      return { kind: "ssh.subsystem", name: rest };
    case "ssh.env":
      return { kind: "ssh.env", name: rest };
    case "ssh.forward":
      return { kind: "ssh.forward", destination: rest };
    case "file.read":
      return { kind: "file.open", path: rest, write: false };
    case "file.write":
      return { kind: "file.open", path: rest, write: true };
    default:
      return parseSqlAction(verb, rest);
  }
}

/** `sql.write`: a statement of this class, on whatever relation; `sql.write public.orders`: on this relation; `sql.function audit.stamp`. */
function parseSqlAction(verb: string, on: string): Action | undefined {
  const found = SQL_CLASSES.find((each) => verb === `sql.${each}`);
  if (found === undefined) return undefined;
  const [name, schema] = splitName(on).toReversed();
  const access = found === "read" ? "read" : "write";
  const relation = name !== undefined && ({ name: schema === undefined ? name : `${schema}.${name}`, access } as const);
  const facts = {
    kind: "",
    classes: [found],
    relations: relation ? [{ ...relation, ...(schema !== undefined && { schema }) }] : [],
    ...(relation === false && { beyond: [access] as const }),
    functions: found === "function" ? [on === "" ? "…" : on] : [],
    settings: [],
    columns: [],
    secret: false,
  };
  return { kind: "sql.statement", statements: [facts] };
}
