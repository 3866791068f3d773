/**
 * One walk through a statement: what may be asked of a value, how deep it is, and whether a masked column was in reach.
 * Which file reads which node is the Tracer's to say: what is below a node is read by `query` and `expression` alone.
 */
import { NARROWER, ordering, refusal, Refused, unknown } from "../refused.ts";
import type { Relations } from "../relations.ts";
import type { Scope } from "../scope.ts";
import { text, type Tree } from "../../tree.ts";
import { CLEAN, derived, isMasked, isPlain, measured, type Column, type Source, type Value } from "../values.ts";

/** Deeper than anybody writes; half of what a stack of Node's default size bears. */
const MAX_DEPTH = 600;

export abstract class Walk {
  readonly relations: Relations;
  /** Functions that somebody vouches for: what they give back holds nothing that is masked. */
  readonly vouched: ReadonlySet<string>;
  /** A view shows what its owner wrote it to show: only its outputs count, not what its conditions ask. */
  readonly isView: boolean;
  /** A masked column was in reach, so that errors and notices may tell of it. */
  reaches = false;
  /** A condition of a view was over masked columns. */
  asksMasked = false;
  /** Something in a view is what the session chooses, or may be. */
  isChosen = false;
  /** The query of which nothing is seen but how many rows it has. */
  counted: Tree | undefined;
  /** By what the query that is being read looks for rows that are alike, and how; none where nothing hides their order. */
  alike: { readonly source: Source; readonly how: string }[] | undefined;
  #depth = 0;

  constructor(relations: Relations, vouched: ReadonlySet<string>, isView = false) {
    this.relations = relations;
    this.vouched = vouched;
    this.isView = isView;
  }

  /** Any statement that has rows: SELECT, VALUES, TABLE, and what RETURNING gives. Throws Refused. */
  abstract query(node: unknown, parent?: Scope): readonly Column[];

  /** Throws Refused. */
  abstract expression(node: unknown, scope: Scope): Value;

  /** The columns of a relation of the database. Throws Refused. */
  relation(node: Tree): readonly Column[] {
    const name = text(node["relname"]);
    const schema = node["schemaname"] === undefined ? undefined : text(node["schemaname"]);
    const columns = this.relations.find(name, schema);
    if (columns === undefined) throw unknown(schema === undefined ? name : `${schema}.${name}`);
    const told = this.relations.toldByRows(name, schema);
    if (told !== undefined) throw new Refused(told, NARROWER, { tells: true });
    if (columns === "ambiguous") throw new Refused(`"${name}" may be any of several tables`, `name its schema: <schema>.${name}`);
    if (!this.isView) this.reaches ||= columns.some(({ value }) => isMasked(value));
    return columns;
  }

  /** What decides which rows there are. */
  condition(node: unknown, scope: Scope): Value {
    if (node === undefined) return CLEAN;
    const value = this.expression(node, scope);
    this.requireClean(value, "in a condition");
    return value;
  }

  /** The answer to what may be asked; in a view, where anything may have been asked, it is what it was made of. */
  asked(values: readonly Value[]): Value {
    return this.isView ? measured(values) : CLEAN;
  }

  requireClean(value: Value, how: string): void {
    if (this.isView) return this.#askedByView(value);
    for (const source of value.sources) throw refusal(source, how);
  }

  /** Whether it equals what the statement says may be asked of some. */
  requireComparable(value: Value, how: string): void {
    if (this.isView) return this.#askedByView(value);
    for (const source of value.sources) if (source.compare !== "equality" || !isPlain(value)) throw refusal(source, how);
  }

  /**
   * Rows that are compared with rows are sorted by what is compared (a merge join, which a session can ask for by its
   * settings), and come out in that order; however they come out, the join ends with the shorter side, so that the time
   * it takes, and EXPLAIN, say how many values are smaller.
   */
  requireUncompared(value: Value, how: string): void {
    this.requireComparable(value, how);
    if (this.isView) return;
    for (const source of value.sources) throw ordering(source, how, "join");
  }

  /** Rows that are alike are found by sorting all of them: which are may be told, where the order they come in is not. */
  requireAlike(value: Value, how: string): void {
    this.requireComparable(value, how);
    if (this.isView) return;
    for (const source of value.sources) {
      if (this.alike === undefined) throw ordering(source, how, "group");
      this.alike.push({ source, how });
    }
  }

  /** Nothing that is compared here tells of it, if it is what it is taken for. */
  requireProven(value: Value, how: string): void {
    for (const source of value.sources) if (source.unproven !== undefined) this.requireClean(value, how);
  }

  #askedByView(value: Value): void {
    this.asksMasked ||= isMasked(value);
  }

  /** Which of them is meant must not matter where that is not known. */
  refuseOpen(columns: readonly Column[], what: string): void {
    if (!columns.some(({ open }) => open)) return;
    this.requireClean(derived(columns.map(({ value }) => value)), `reached by ${what} over columns that are not named`);
  }

  /** Throws Refused where it would be too deep. */
  deeper<T>(work: () => T): T {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw new Refused("it is nested too deeply to follow its columns", NARROWER);
    try {
      return work();
    } finally {
      this.#depth -= 1;
    }
  }
}
