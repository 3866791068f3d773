/**
 * Approval expressions as text: `2 of leads and 1 of (security or owners)`.
 *
 *   expression := part { "and" part } | part { "or" part }      mixing both needs parentheses: no precedence to misread
 *   part       := quorum | "(" expression ")"
 *   quorum     := count "of" ( group | "(" group { "or" group } ")" )
 *
 * Whether approvals meet an expression is decided in quorum.ts.
 */
import { isName } from "../kernel/ids.ts";
import type { ApprovalExpression } from "./model.ts";
import { personIn } from "./person-place.ts";
import { expand } from "./quorum.ts";

/** The group that the target's label `owner` names; never a group of the configuration by this name. */
export const OWNERS = "owners";
/** Words that no group may be called, or expressions could not be read. */
export const RESERVED_GROUPS: readonly string[] = ["of", "and", "or", "none", "gate"];

const MAX_COUNT = 20;
const MAX_TOKENS = 200;

export type ParsedApproval =
  /** `expression` is absent for `none`. */
  | { readonly ok: true; readonly expression?: ApprovalExpression }
  /** `at`: index of the character where reading stopped. */
  | { readonly ok: false; readonly at: number; readonly expected: string };

interface Token {
  readonly text: string;
  readonly at: number;
}

class Unreadable extends Error {
  readonly at: number;

  constructor(at: number, expected: string) {
    super(expected);
    this.at = at;
  }
}

/** Untrusted: text of the configuration. */
export function parseApproval(text: string): ParsedApproval {
  if (text.trim() === "none") return { ok: true };
  try {
    const reader = new Reader(text);
    const expression = readExpression(reader);
    reader.end();
    if (expand(expression) === undefined) return { ok: false, at: 0, expected: "an expression with fewer places and alternatives" };
    return { ok: true, expression };
  } catch (thrown) {
    if (thrown instanceof Unreadable) return { ok: false, at: thrown.at, expected: thrown.message };
    throw thrown;
  }
}

class Reader {
  readonly #tokens: readonly Token[];
  readonly #length: number;
  #next = 0;

  constructor(text: string) {
    this.#tokens = [...text.matchAll(/[()]|[^\s()]+/g)].map((match) => ({ text: match[0], at: match.index }));
    this.#length = text.length;
    if (this.#tokens.length > MAX_TOKENS) throw new Unreadable(0, "a shorter expression");
  }

  peek(): string | undefined {
    return this.#tokens[this.#next]?.text;
  }

  take(expected: string, accept: (text: string) => boolean): string {
    const token = this.#tokens[this.#next];
    if (!token || !accept(token.text)) throw new Unreadable(token?.at ?? this.#length, expected);
    this.#next++;
    return token.text;
  }

  end(): void {
    const token = this.#tokens[this.#next];
    if (token) throw new Unreadable(token.at, `"and", "or" or the end`);
  }

  refuse(expected: string): never {
    throw new Unreadable(this.#tokens[this.#next]?.at ?? this.#length, expected);
  }
}

function readExpression(reader: Reader): ApprovalExpression {
  const parts = [readPart(reader)];
  const kind = reader.peek();
  if (kind !== "and" && kind !== "or") return parts[0] as ApprovalExpression;
  while (reader.peek() === kind) {
    reader.take(kind, () => true);
    parts.push(readPart(reader));
  }
  if (reader.peek() === "and" || reader.peek() === "or") reader.refuse(`parentheses where "and" and "or" are mixed`);
  return { kind, parts };
}

function readPart(reader: Reader): ApprovalExpression {
  if (reader.peek() !== "(") return readQuorum(reader);
  reader.take("(", () => true);
  const inner = readExpression(reader);
  reader.take(`")"`, (text) => text === ")");
  return inner;
}

function readQuorum(reader: Reader): ApprovalExpression {
  const count = Number(
    reader.take(`a number from 1 to ${MAX_COUNT}, or "("`, (text) => /^[1-9]\d?$/.test(text) && Number(text) <= MAX_COUNT),
  );
  reader.take(`"of"`, (text) => text === "of");
  if (reader.peek() !== "(") return { kind: "quorum", count, groups: [readGroup(reader)] };
  reader.take("(", () => true);
  const groups = [readGroup(reader)];
  while (reader.peek() === "or") {
    reader.take("or", () => true);
    groups.push(readGroup(reader));
  }
  reader.take(`"or" or ")"`, (text) => text === ")");
  return { kind: "quorum", count, groups: [...new Set(groups)] };
}

function readGroup(reader: Reader): string {
  return reader.take("the name of a group", (text) => isName(text) && !RESERVED_GROUPS.includes(text));
}

/** As `parseApproval` reads it again, but for a person's own place. */
export function printApproval(expression: ApprovalExpression): string {
  if (expression.kind === "quorum") {
    const [first = "", ...more] = expression.groups;
    const person = personIn(first);
    if (person !== undefined) return `${person}, for whom it acts`;
    return `${expression.count} of ${more.length === 0 ? first : `(${expression.groups.join(" or ")})`}`;
  }
  return expression.parts
    .map((part) => (part.kind === "quorum" ? printApproval(part) : `(${printApproval(part)})`))
    .join(` ${expression.kind} `);
}

/** Every group an expression names, each once. */
export function groupsIn(expression: ApprovalExpression): readonly string[] {
  if (expression.kind === "quorum") return expression.groups;
  return [...new Set(expression.parts.flatMap(groupsIn))];
}

/** The expression with `owners` replaced by the group that owns the target. */
export function withOwners(expression: ApprovalExpression, group: string): ApprovalExpression {
  if (expression.kind === "quorum") {
    return { ...expression, groups: [...new Set(expression.groups.map((name) => (name === OWNERS ? group : name)))] };
  }
  return { kind: expression.kind, parts: expression.parts.map((part) => withOwners(part, group)) };
}
