/**
 * Tables and columns that a statement names, as words of the index: one word each, which no text has by chance, so that
 * they are found exactly and as quickly as any word, and forgotten with their entry. Pure.
 *
 * A statement often names `orders` where it means `public.orders`, and `email` where the table is another line's matter.
 * Whoever looks for the longer name is shown the shorter one too: better one more than one missed.
 */

type Kind = "table" | "whole-table" | "bare-table" | "column" | "whole-column" | "bare-column";
const LETTERS: Readonly<Record<Kind, string>> = {
  table: "a",
  "whole-table": "b",
  "bare-table": "c",
  column: "d",
  "whole-column": "e",
  "bare-column": "f",
};

/** Of a body that names any: those of statements, since columns are logged. */
export function namedTerms(body: unknown): readonly string[] {
  const { relations, columns } = (body ?? {}) as { readonly relations?: unknown; readonly columns?: unknown };
  if (!Array.isArray(relations) || !Array.isArray(columns)) return [];
  const terms = [...relations.filter(isText).flatMap(termsOfTable), ...columns.filter(isText).flatMap(termsOfColumn)];
  return [...new Set(terms)];
}

/** `orders`, `public.orders`: any of these words. */
export function tableSearch(name: string): readonly string[] {
  const { last, rest } = split(name);
  return rest === "" ? [term("table", last)] : [term("whole-table", name), term("bare-table", last)];
}

/** `email`, `orders.email`, `public.orders.email`: any of these words. */
export function columnSearch(name: string): readonly string[] {
  const { last, rest } = split(name);
  return rest === "" ? [term("column", last)] : [term("whole-column", `${split(rest).last}.${last}`), term("bare-column", last)];
}

function termsOfTable(relation: string): readonly string[] {
  const name = relation.replace(/ \(write\)$/, "");
  const { last, rest } = split(name);
  return [term("table", last), rest === "" ? term("bare-table", last) : term("whole-table", name)];
}

function termsOfColumn(column: string): readonly string[] {
  const { last, rest } = split(column);
  return [term("column", last), rest === "" ? term("bare-column", last) : term("whole-column", `${split(rest).last}.${last}`)];
}

/** At its last dot. A name with a dot of its own is found by what follows it. */
function split(name: string): { readonly rest: string; readonly last: string } {
  const at = name.lastIndexOf(".");
  return { rest: at < 0 ? "" : name.slice(0, at), last: name.slice(at + 1) };
}

function term(kind: Kind, name: string): string {
  return `zq${LETTERS[kind]}${Buffer.from(name.toLowerCase()).toString("hex")}`;
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}
