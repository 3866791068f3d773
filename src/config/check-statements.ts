import { LISTS } from "../policy/sql/judge.ts";
import { HARMLESS_FUNCTIONS } from "../policy/sql/harmless-functions.ts";
import { covers, parseRule, type SqlRule } from "../policy/sql/rules.ts";
import { parseDuration } from "../kernel/units.ts";
import type { SqlClass } from "../policy/sql/statement.ts";
import type { Findings } from "./findings.ts";
import type { Path } from "./problem.ts";
import type { RoleText } from "./schema.ts";

/** Longer than this nobody waits at a terminal; whoever decides later decides about another world. */
const MAX_HOLD_MS = 24 * 3_600_000;

interface Entry {
  readonly list: (typeof LISTS)[number];
  readonly path: Path;
  readonly text: string;
  readonly rule: SqlRule;
}

/** What a role says of statements: each entry can be read, can matter, and keeps what it promises. */
export function checkStatements(postgres: NonNullable<RoleText["postgres"]>, path: Path, findings: Findings): void {
  const entries = LISTS.flatMap((list) => postgres[list].flatMap((text, index) => readEntry(list, text, [...path, list, index], findings)));
  for (const entry of entries) checkEntry(entry, entries, findings);
  if (postgres.allow.length === 0 && postgres.hold.length === 0) {
    findings.problem(path, "statements in `allow` or `hold`: this block allows nothing");
  }
  const holdFor = postgres.holdFor === undefined ? undefined : parseDuration(postgres.holdFor);
  if (holdFor !== undefined && holdFor > MAX_HOLD_MS) findings.problem([...path, "holdFor"], "at most 24 hours: 1440m");
}

function readEntry(list: Entry["list"], text: string, path: Path, findings: Findings): readonly Entry[] {
  const parsed = parseRule(text);
  if (parsed.ok) return [{ list, path, text, rule: parsed.rule }];
  const { expected, known, written } = parsed;
  findings.problem(path, expected, { ...(known && { known }), ...(written !== undefined && { written }) });
  return [];
}

function checkEntry({ list, path, text, rule }: Entry, entries: readonly Entry[], findings: Findings): void {
  if (list === "deny") {
    if (rule.on === "class") return;
    if (rule.on === "function" && rule.schema === undefined && rule.name.length === 1 && HARMLESS_FUNCTIONS.has(rule.name[0] ?? "")) {
      findings.problem(path, "a function that may have effects: this one has none, and is not looked at");
    }
    // Fails closed: a denial that DO, or any function, keeps nobody from going around is none.
    const around = entries.find((each) => each.list === "allow" && each.rule.on === "class" && goesAround(rule, each.rule.of));
    if (around) findings.problem(path, `\`${around.text}\` not in \`allow\`: what runs by it reaches this too`);
    return;
  }
  const over = entries.find((each) => LISTS.indexOf(each.list) > LISTS.indexOf(list) && covers(each.rule, rule));
  if (over)
    findings.problem(path, `what \`${over.list}\` does not say anyway: \`${over.text}\` there decides, and \`${text}\` here never does`);
}

/** Code that a statement does not show. All functions but few is a thing to say, though some of the others run what they are given. */
function goesAround(denied: SqlRule, allowed: SqlClass): boolean {
  return allowed === "opaque" || (denied.on === "relation" && (allowed === "function" || allowed === "dcl"));
}
