/**
 * One entry of `allow`, `hold` or `deny` of a role: a class of statements, a class on relations, or a function.
 *
 *     read                          whatever reads
 *     write on public.orders        writing these relations; `*` stands for any characters of one part
 *     function audit.stamp          calling these functions
 *
 * Names are as PostgreSQL keeps them: in small letters, or exactly as they stand in double quotes. Pure.
 */
import { SQL_CLASSES, type SqlClass } from "./statement.ts";

/** What a role can name. */
export type AllowedClass = Exclude<SqlClass, "unknown">;
/** Effects that are on relations. */
export const RELATION_CLASSES = ["read", "write", "ddl", "utility"] as const satisfies readonly SqlClass[];
export type RelationClass = (typeof RELATION_CLASSES)[number];

export type SqlRule =
  | { readonly on: "class"; readonly of: AllowedClass }
  | { readonly on: "relation"; readonly of: RelationClass; readonly schema: Part; readonly name: Part }
  /** Without a schema: written without one. */
  | { readonly on: "function"; readonly schema?: Part; readonly name: Part };

/** Texts between the `*`s. */
type Part = readonly string[];

export type ParsedRule =
  | { readonly ok: true; readonly rule: SqlRule }
  /** `written` may be a slip for one of `known`. */
  | { readonly ok: false; readonly expected: string; readonly written?: string; readonly known?: readonly string[] };

export const CLASSES: readonly AllowedClass[] = SQL_CLASSES.filter((each) => each !== "unknown");
const FORMS = "`write on schema.table`, `function name`";
const NAME = /^(?:[a-z0-9_$*\u0080-\uFFFF]+|"(?:[^"\0]|"")+")/;

/** Untrusted: as a person writes it. */
export function parseRule(text: string): ParsedRule {
  const [, word = "", rest = ""] = /^(\S*)(.*)$/s.exec(text) ?? [];
  const of = CLASSES.find((each) => each === word);
  if (of === undefined) return { ok: false, expected: `one of ${CLASSES.join(", ")}, or ${FORMS}`, written: word, known: CLASSES };
  if (rest === "") return { ok: true, rule: { on: "class", of } };
  if (of === "function") {
    const parts = namesIn(rest.slice(1));
    const [name, schema] = parts?.toReversed() ?? [];
    if (name === undefined || (parts?.length ?? 0) > 2)
      return { ok: false, expected: "the name of a function after `function`, with its schema if it is written with one: audit.stamp" };
    return { ok: true, rule: { on: "function", ...(schema && { schema }), name } };
  }
  const relationClass = RELATION_CLASSES.find((each) => each === of);
  if (relationClass === undefined) return { ok: false, expected: `\`${of}\` alone: only ${RELATION_CLASSES.join(", ")} are on relations` };
  const [schema, name, ...more] = (rest.startsWith(" on ") && namesIn(rest.slice(4))) || [];
  if (schema === undefined || name === undefined || more.length > 0)
    return {
      ok: false,
      expected: `\`${of} on schema.table\`, in small letters or double quotes; \`*\` stands for any characters of either`,
    };
  return { ok: true, rule: { on: "relation", of: relationClass, schema, name } };
}

function namesIn(text: string): readonly Part[] | undefined {
  const parts: Part[] = [];
  for (let rest = text; ;) {
    const [found] = NAME.exec(rest) ?? [];
    if (found === undefined) return undefined;
    parts.push(found.startsWith('"') ? [found.slice(1, -1).replaceAll('""', '"')] : found.split("*"));
    rest = rest.slice(found.length);
    if (rest === "") return parts;
    if (!rest.startsWith(".")) return undefined;
    rest = rest.slice(1);
  }
}

/** Whether a name is one of those that a part of a rule stands for. */
export function partMatches(part: Part, name: string): boolean {
  const [first = "", ...others] = part;
  const last = others.pop();
  if (last === undefined) return name === first;
  if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last)) return false;
  let at = first.length;
  const end = name.length - last.length;
  for (const middle of others) {
    const found = name.indexOf(middle, at);
    if (found < 0 || found + middle.length > end) return false;
    at = found + middle.length;
  }
  return true;
}

/** Whether everything that the second stands for is what the first stands for too. No means: not that anybody could say. */
export function covers(one: SqlRule, other: SqlRule): boolean {
  if (one.on === "class") return one.of === (other.on === "function" ? "function" : other.of);
  if (one.on === "relation")
    return other.on === "relation" && one.of === other.of && partCovers(one.schema, other.schema) && partCovers(one.name, other.name);
  if (other.on !== "function" || !partCovers(one.name, other.name)) return false;
  if (one.schema === undefined || other.schema === undefined) return one.schema === other.schema;
  return partCovers(one.schema, other.schema);
}

function partCovers(one: Part, other: Part): boolean {
  return isAny(one) || (other.length === 1 ? partMatches(one, other[0] ?? "") : one.join("*") === other.join("*"));
}

/** `*` alone. */
export function isAny(part: Part): boolean {
  return part.length > 1 && part.every((text) => text === "");
}

/** What a name in a statement names: `"a.b".c` and `a.b`, in double quotes where a part would read as something else. */
export function splitName(written: string): readonly string[] {
  const parts = written.match(/"(?:[^"]|"")*"|[^."]+/g) ?? [];
  return parts.map((part) => (part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part));
}
