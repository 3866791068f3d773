/**
 * Where a value comes from: the masked columns below it, and whether it is such a column itself, unchanged. Pure.
 */
import type { ColumnMask } from "./masks.ts";

/** A masked column, or one of which nobody can say what it holds. */
export interface Source extends ColumnMask {
  /** Why it is not known: it may be refused, never shown. */
  readonly unproven?: string;
}

export interface Value {
  readonly sources: ReadonlySet<Source>;
  /** It is the column as it stands in its table, so that its own mask fits. */
  readonly plain: boolean;
  /** How long it is tells what it was made of, as a sum's digits do: it may be shown through its mask, and nothing made of it. */
  readonly measured?: true;
  /** A column as it stands in a table or a view, with nothing masked in it. */
  readonly origin?: Origin;
  /** Of a row: `(c).email`. */
  readonly fields?: readonly Column[];
}

/** As a RowDescription calls a column. */
export interface Origin {
  readonly table: number;
  readonly column: number;
}

export interface Column {
  readonly name: string;
  readonly value: Value;
  /** Writing to it runs code that somebody defined. */
  readonly checks?: boolean;
  /** Stands for any number of columns that the catalogue does not tell; `value` is that of each. */
  readonly open?: true;
}

export const CLEAN: Value = { sources: new Set(), plain: false };

export function plain(source: Source): Value {
  return { sources: new Set([source]), plain: true };
}

export function stored(table: number, column: number): Value {
  return { ...CLEAN, origin: { table, column } };
}

/** Made of these: no longer a column, whatever it is. */
export function derived(values: readonly Value[]): Value {
  return values.some(isMasked) ? { sources: union(values), plain: false, ...measuredAs(values) } : CLEAN;
}

/** What is counted up of these. */
export function measured(values: readonly Value[]): Value {
  const value = derived(values);
  return isMasked(value) ? { ...value, measured: true } : value;
}

/** One or the other, as the branches of a UNION: unchanged only where every branch is a column with the same mask. */
export function either(a: Value, b: Value): Value {
  if (!isMasked(a) && !isMasked(b)) return CLEAN;
  const masks = new Set([...a.sources, ...b.sources].map(({ mask }) => mask));
  return { sources: union([a, b]), plain: a.plain && b.plain && masks.size === 1, ...measuredAs([a, b]) };
}

export function open(value: Value): Column {
  return { name: "", value, open: true };
}

export function rowOf(fields: readonly Column[]): Value {
  const values = fields.map(({ value }) => value);
  return { sources: union(values), plain: false, fields, ...measuredAs(values) };
}

export function isMasked({ sources }: Value): boolean {
  return sources.size > 0;
}

/** Every masked part of it is a column unchanged: it can be compared as such. */
export function isPlain(value: Value): boolean {
  return value.plain || !isMasked(value) || (value.fields?.every((field) => isPlain(field.value)) ?? false);
}

function measuredAs(values: readonly Value[]): Pick<Value, "measured"> {
  return values.some((value) => value.measured) ? { measured: true } : {};
}

function union(values: readonly Value[]): ReadonlySet<Source> {
  const [only, ...others] = values.filter(isMasked);
  if (only === undefined) return CLEAN.sources;
  return others.length === 0 ? only.sources : new Set([only, ...others].flatMap(({ sources }) => Array.from(sources)));
}
