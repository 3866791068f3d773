import { groupsIn, OWNERS, parseApproval, type ParsedApproval } from "../access/approval.ts";
import { ownersOf, selectorMatches } from "../access/rules.ts";
import type { ApprovalExpression } from "../access/model.ts";
import { checkWho, type Findings } from "./findings.ts";
import type { Path } from "./problem.ts";
import type { ConfigText, RuleText, TargetText } from "./schema.ts";
import { parseDuration } from "../kernel/units.ts";

/** Longer than this is standing access by another name. */
const MAX_DURATION_MS = 30 * 86_400_000;

const ARTICLES = { ssh: "an", postgres: "a" } as const satisfies Record<TargetText["kind"], string>;

/** Every access rule: it names what exists, selects something, and can be approved by somebody. */
export function checkRules(config: ConfigText, findings: Findings): void {
  const names = new Set<string>();
  for (const [index, rule] of config.rules.entries()) {
    const path = ["rules", index];
    if (names.has(rule.name)) findings.problem([...path, "name"], "a name no other rule has");
    names.add(rule.name);
    checkWho(config, rule.who, [...path, "who"], findings);
    const max = parseDuration(rule.max) ?? 0;
    if (max === 0 || max > MAX_DURATION_MS) findings.problem([...path, "max"], "more than nothing, and at most 30d");
    const selected = checkSelector(config, rule, [...path, "targets"], findings);
    checkRuleRoles(config, rule, selected, [...path, "roles"], findings);
    const approval = parseApproval(rule.approval);
    checkApproval(config, approval, selected, [...path, "approval"], findings);
    checkHolds(config, rule, approval, selected, path, findings);
  }
}

function checkSelector(config: ConfigText, rule: RuleText, path: Path, findings: Findings): readonly [string, TargetText][] {
  const { names = [], labels = {} } = rule.targets;
  const all = Object.entries(config.targets);
  if (names.length === 0 && Object.keys(labels).length === 0) {
    findings.problem(path, "names or labels: a rule selects its targets explicitly", { found: "neither" });
    return [];
  }
  for (const [index, name] of names.entries()) {
    if (!Object.hasOwn(config.targets, name))
      findings.problem([...path, "names", index], "a target of this file", { known: Object.keys(config.targets) });
  }
  let known = true;
  for (const [key, value] of Object.entries(labels)) {
    const values = new Set(all.filter(([, { labels }]) => Object.hasOwn(labels, key)).map(([, { labels }]) => labels[key] ?? ""));
    if (values.size === 0) {
      findings.problem([...path, "labels", key], "a label that some target carries", {
        key: true,
        known: new Set(all.flatMap(([, each]) => Object.keys(each.labels))),
      });
    } else if (!values.has(value)) {
      findings.problem([...path, "labels", key], `a value of "${key}" that some target carries`, { known: values });
    }
    known &&= values.has(value);
  }
  const selector = { names, labels };
  const byLabels = all.filter(([name, target]) => selectorMatches({ labels }, { name, labels: target.labels }));
  if (known && Object.keys(labels).length > 0 && byLabels.length === 0) {
    findings.problem([...path, "labels"], "labels that one target carries together", { found: "labels that select nothing" });
  }
  return all.filter(([name, target]) => selectorMatches(selector, { name, labels: target.labels }));
}

function checkRuleRoles(
  config: ConfigText,
  rule: RuleText,
  selected: readonly [string, TargetText][],
  path: Path,
  findings: Findings,
): void {
  for (const [index, name] of rule.roles.entries()) {
    const role = config.roles[name];
    if (!role) {
      findings.problem([...path, index], "a role of this file", { known: Object.keys(config.roles) });
      continue;
    }
    const fits = selected.some(([, target]) => role[target.kind] !== undefined);
    const useless = fits ? undefined : selected[0];
    const missing = accountWithout(selected, role.postgres?.account);
    if (missing) findings.problem([...path, index], `a role whose account is among the \`logins\` of "${missing}"`);
    if (useless)
      findings.problem(
        [...path, index],
        `a role with ${ARTICLES[useless[1].kind]} \`${useless[1].kind}\` block: the rule selects "${useless[0]}"`,
      );
    if (role.gate.length > 0)
      findings.warning([...path, index], "a role without `gate` entries: gate permissions are held (`holders`), not requested");
  }
}

/** The first database that has no password for the role's account. */
function accountWithout(selected: readonly [string, TargetText][], account: string | undefined): string | undefined {
  const without = selected.find(
    ([, { kind, logins = {}, ephemeral }]) =>
      kind === "postgres" && ephemeral === undefined && account !== undefined && !Object.hasOwn(logins, account),
  );
  return without?.[0];
}

function checkApproval(
  config: ConfigText,
  parsed: ParsedApproval,
  selected: readonly [string, TargetText][],
  path: Path,
  findings: Findings,
): void {
  if (!parsed.ok) {
    findings.problem(path, `${parsed.expected} at character ${parsed.at + 1} of the expression`);
    return;
  }
  const { expression } = parsed;
  if (!expression) return;
  for (const group of groupsIn(expression)) {
    if (group === OWNERS) checkOwners(config, selected, path, findings);
    else if (!Object.hasOwn(config.groups, group)) {
      findings.problem(path, `groups of this file, or \`owners\``, {
        found: `the group "${group}"`,
        written: group,
        known: [...Object.keys(config.groups), OWNERS],
      });
    }
  }
  checkEnough(config, expression, path, findings);
}

/** Whoever is given access without an approval may have a role that holds statements: then `holds` says who approves these. */
function checkHolds(
  config: ConfigText,
  { roles, holds }: RuleText,
  approval: ParsedApproval,
  selected: readonly [string, TargetText][],
  path: Path,
  findings: Findings,
): void {
  if (holds !== undefined) {
    const parsed = parseApproval(holds);
    if (parsed.ok && !parsed.expression) findings.problem([...path, "holds"], "an expression: what a role holds waits for somebody");
    return checkApproval(config, parsed, selected, [...path, "holds"], findings);
  }
  if (!approval.ok || approval.expression) return;
  const holding = roles.find((name) => (config.roles[name]?.postgres?.hold ?? []).length > 0);
  if (holding !== undefined)
    findings.warning([...path, "approval"], `\`holds\` beside it: what role "${holding}" holds, nobody could approve`);
}

function checkOwners(config: ConfigText, selected: readonly [string, TargetText][], path: Path, findings: Findings): void {
  for (const [name, target] of selected) {
    const owners = ownersOf(target.labels);
    if (owners === undefined) {
      findings.problem(path, `a label \`owner\` on every target the rule selects: \`owners\` is the group it names`, {
        found: `target "${name}" without it, or with two that differ`,
      });
    } else if (!Object.hasOwn(config.groups, owners)) {
      findings.problem(["targets", name, "labels", Object.hasOwn(target.labels, "owner") ? "owner" : "owners"], "a group of this file", {
        known: Object.keys(config.groups),
      });
    }
  }
}

/** A quorum larger than its groups can never be met. */
function checkEnough(config: ConfigText, expression: ApprovalExpression, path: Path, findings: Findings): void {
  if (expression.kind !== "quorum") {
    for (const part of expression.parts) checkEnough(config, part, path, findings);
    return;
  }
  if (expression.groups.includes(OWNERS)) return;
  const people = new Set(expression.groups.flatMap((group) => config.groups[group] ?? []));
  if (people.size < expression.count) {
    findings.warning(
      path,
      `at least ${expression.count} people in ${expression.groups.join(", ")}: as it is, nobody's request can be approved`,
    );
  }
}
