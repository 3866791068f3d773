/**
 * What the log keeps of a statement, by the rule of the role. Pure; knows SQL as PostgreSQL reads it, and no protocol.
 *
 * Invariants: what may hold a secret is withheld whatever the rule says; in place of what is withheld stands its digest.
 */
import type { AuditEvent } from "../audit/event.ts";
import type { NamedInText, RecordedText, SqlParameter } from "../audit/events/sql.ts";
import type { KeyedDigest } from "../audit/keyed-digest.ts";
import type { HoldId } from "../kernel/ids.ts";
import type { Denial } from "../kernel/result.ts";
import { PARAMETER_RECORDINGS, type SqlRecording } from "../policy/role.ts";
import { isPlainName, redactLiterals } from "../policy/sql/redact.ts";
import { speaksOfSecret } from "../policy/sql/secrets.ts";
import type { LimitedSql, ParsedSql, StatementFacts } from "../policy/sql/statement.ts";

const MAX_PARAMETERS = 100;
const MAX_PARAMETER_BYTES = 1024;
const MAX_STATEMENT_CHARACTERS = 64 * 1024;
/** Longer ones are refused; what they say is neither read nor proven. */
const MAX_DIGESTED_CHARACTERS = 1024 * 1024;

/** A value that was sent beside a statement; `null`: NULL. */
export interface BoundValue {
  readonly binary: boolean;
  readonly value: Buffer | null;
}

/** What is recorded of one text. */
export interface RecordRule extends SqlRecording {
  readonly digest: KeyedDigest;
}

/** Of a portal, as they are recorded: no more is kept of them. */
export interface Parameters {
  readonly shown: readonly SqlParameter[];
  readonly leftOut: number;
  readonly how: SqlRecording["parameters"];
  /** What keeping them takes. */
  readonly bytes: number;
}

/** `rule`, or less: a statement that may hold a secret is recorded without texts, values and errors whatever a role says. */
export function ruleFor(rule: RecordRule, sql: string, facts: readonly StatementFacts[]): RecordRule {
  // A text of comments only has no statements.
  const isSecret = facts.length === 0 ? speaksOfSecret(sql) : facts.some(({ secret }) => secret);
  return isSecret ? { ...rule, literals: "redact", parameters: "redact" } : rule;
}

export function parametersOf(parameters: readonly BoundValue[], { parameters: how, digest }: RecordRule): Parameters {
  const first = parameters.slice(0, MAX_PARAMETERS);
  const bytes = first.reduce((sum, { value }) => sum + 64 + 2 * Math.min(value?.length ?? 0, MAX_PARAMETER_BYTES), 0);
  return { shown: first.map((each) => parameterOf(each, how, digest)), leftOut: parameters.length - first.length, how, bytes };
}

interface StatementMore {
  readonly limited?: LimitedSql | undefined;
  /** The texts that it runs by name. */
  readonly named?: readonly string[];
  readonly isPreview?: boolean;
  /** What it waited as, until somebody approved it. */
  readonly hold?: HoldId | undefined;
}

export function statementEvent(
  number: number,
  sql: string,
  facts: readonly StatementFacts[],
  rule: RecordRule,
  parameters?: Parameters,
  { limited, named = [], isPreview, hold }: StatementMore = {},
): AuditEvent {
  return {
    kind: "sql.statement",
    body: {
      number,
      ...(hold !== undefined && { hold }),
      ...textOf(sql, rule),
      ...(isPreview === true && { preview: true as const }),
      ...(named.length > 0 && { named: unique(named).map((text) => textOf(text, rule).statement) }),
      protocol: parameters === undefined ? "simple" : "extended",
      ...(limited && { limit: limited.most, sent: textOf(limited.sql, rule) }),
      ...namedIn(facts, rule),
      ...(parameters !== undefined && { parameters: stillShown(parameters, rule) }),
      ...(parameters !== undefined && parameters.leftOut > 0 && { parametersLeftOut: parameters.leftOut }),
    },
  };
}

/** Of a text that was read, or of no text at all. */
export function refusedEvent(denial: Denial, read?: { sql: string; facts: readonly StatementFacts[]; rule: RecordRule }): AuditEvent {
  return {
    kind: "sql.refused",
    body: {
      code: denial.code,
      detail: denial.detail ?? "",
      ...(read && { ...textOf(read.sql, read.rule), ...namedIn(read.facts, read.rule) }),
    },
  };
}

/** Nobody knows what is what in a text without grammar: literals are never recorded of it, and the server's words quote it. */
export function unreadEvent(denial: Denial, sql: string, read: Exclude<ParsedSql, { ok: true }>, rule: RecordRule): AuditEvent {
  const where = read.why === "syntax" && read.position !== undefined ? ` at character ${read.position}` : "";
  const body = { code: denial.code, detail: read.why === "syntax" ? `syntax error${where}` : read.message };
  const isShown = read.why === "syntax" && rule.literals === "keep" && !speaksOfSecret(sql);
  if (isShown) return { kind: "sql.refused", body: { ...body, ...textOf(sql, { ...rule, literals: "redact" }) } };
  const keyword = /^\s*([a-z]{2,12})\s/i.exec(sql.slice(0, 100))?.[1]?.toUpperCase();
  return {
    kind: "sql.refused",
    body: {
      ...body,
      ...(keyword !== undefined && KEYWORDS.has(keyword) && { keyword }),
      ...(sql.length <= MAX_DIGESTED_CHARACTERS && { original: originalOf(sql, rule) }),
    },
  };
}

/** What statements begin with. What begins with another word may be anything, also a password in the wrong window. */
const KEYWORDS: ReadonlySet<string> = new Set(
  `ALTER ANALYZE BEGIN CALL CLUSTER COMMENT COMMIT COPY CREATE DECLARE DELETE DO DROP EXECUTE EXPLAIN FETCH GRANT INSERT LOCK MERGE
   PREPARE REASSIGN REFRESH REINDEX RESET REVOKE ROLLBACK SECURITY SELECT SET SHOW TABLE TRUNCATE UPDATE VACUUM VALUES WITH`.split(/\s+/),
);

function textOf(sql: string, rule: RecordRule): RecordedText {
  const { text, withheld } = rule.literals === "keep" ? { text: sql, withheld: 0 } : redactLiterals(sql);
  const statement = text.slice(0, MAX_STATEMENT_CHARACTERS);
  if (statement === sql) return { statement };
  return { statement, ...(withheld > 0 && { withheld }), original: originalOf(sql, rule) };
}

function originalOf(sql: string, { digest }: RecordRule): { digest: string; bytes: number } {
  return { digest: digest("statement", sql), bytes: Buffer.byteLength(sql) };
}

function namedIn(facts: readonly StatementFacts[], rule: RecordRule): NamedInText {
  const shown = (names: readonly string[]): readonly string[] => {
    const each = unique(names);
    return rule.literals === "keep" ? each : each.filter(isPlainPath);
  };
  return {
    classes: unique(facts.flatMap(({ classes }) => classes)),
    relations: shown(
      facts.flatMap(({ relations }) => relations.map(({ name, access }) => (access === "write" ? `${name} (write)` : name))),
    ),
    columns: shown(facts.flatMap(({ columns }) => columns)),
    functions: shown(facts.flatMap(({ functions }) => functions)),
  };
}

function isPlainPath(name: string): boolean {
  return name
    .replace(/ \(write\)$/, "")
    .split(".")
    .every((part) => part === "*" || isPlainName(part));
}

/** The rule has become stricter since they were bound. */
function stillShown({ shown, how }: Parameters, { parameters: now }: RecordRule): readonly SqlParameter[] {
  const isStricter = PARAMETER_RECORDINGS.indexOf(now) < PARAMETER_RECORDINGS.indexOf(how);
  return isStricter ? shown.map(() => ({ bytes: 0 })) : shown;
}

function parameterOf({ binary, value }: BoundValue, how: SqlRecording["parameters"], digest: KeyedDigest): SqlParameter {
  if (value === null) return null;
  if (how === "redact") return { bytes: value.length };
  if (how === "hash") return { digest: digest("parameter", value) };
  const kept = value.subarray(0, MAX_PARAMETER_BYTES);
  if (binary) return { base64: kept.toString("base64") };
  const text = kept.toString("utf8");
  return value.length > MAX_PARAMETER_BYTES ? { text, bytes: value.length } : text;
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}
