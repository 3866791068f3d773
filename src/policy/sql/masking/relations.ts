/**
 * The columns of a relation, with where their values come from: tables by their masks, views by their queries.
 *
 * A name without a schema is looked for along the session's path; a temporary table of that name, of whatever session,
 * may hide what is found there.
 */
import { columnName, type CatalogueData, type CatalogueRelation } from "./catalogue.ts";
import type { MaskedColumns } from "./masks.ts";
import { Refused } from "./refused.ts";
import { bare, list, text, unwrap } from "../tree.ts";
import { CLEAN, either, isMasked, open, plain, stored, type Column, type Value } from "./values.ts";

/** How the query of a view, or the expression of a generated column, is read. Throws Refused for what is not understood. */
export interface DefinitionReader {
  view(definition: string): readonly Column[];
  policy(expression: string, relation: CatalogueRelation, columns: readonly Column[]): void;
  /** Of one statement. */
  tree(definition: string): unknown;
  generated(expression: string, relation: CatalogueRelation, columns: readonly Column[]): Value;
}

export class Relations {
  readonly functions: ReadonlySet<string>;
  readonly operators: ReadonlySet<string>;
  readonly castTypes: ReadonlySet<string>;
  readonly #byName: ReadonlyMap<string, readonly CatalogueRelation[]>;
  readonly #masked: MaskedColumns;
  readonly #path: readonly string[];
  readonly #reader: DefinitionReader;
  readonly #columns = new Map<number, readonly Column[]>();
  /** Why the number of its rows tells of what is masked. */
  readonly #told = new Map<number, string>();
  /** Views that are being read: one that is below itself is not understood. */
  readonly #reading = new Set<number>();

  constructor(
    catalogue: CatalogueData,
    lens: { readonly masked: MaskedColumns; readonly path: readonly string[] },
    reader: DefinitionReader,
  ) {
    this.functions = new Set(catalogue.functions);
    this.operators = new Set(catalogue.operators);
    this.castTypes = new Set(catalogue.castTypes);
    this.#byName = Map.groupBy(catalogue.relations, ({ name }) => name);
    this.#masked = lens.masked;
    // PostgreSQL's own come first, where a path does not say otherwise.
    this.#path = lens.path.includes("pg_catalog") ? lens.path : ["pg_catalog", ...lens.path];
    this.#reader = reader;
  }

  /** `undefined`: there is none of that name. Several whose columns differ are told apart by nothing: `ambiguous`. */
  find(name: string, schema?: string): readonly Column[] | "ambiguous" | undefined {
    const [first, ...others] = this.#candidates(name, schema).map((relation) => this.#of(relation));
    if (first === undefined) return undefined;
    return others.reduce<readonly Column[] | "ambiguous">((all, columns) => (all === "ambiguous" ? all : together(all, columns)), first);
  }

  /** The columns by which its rows are told apart, where the name means one table and no other. */
  keyOf(name: string, schema?: string): readonly string[] | undefined {
    const [only, second] = this.#candidates(name, schema);
    if (second) return undefined;
    return only?.key?.map((number) => only.columns.find((column) => column.number === number)?.name ?? "");
  }

  /** Why reading it at all would tell of what is masked. */
  toldByRows(name: string, schema?: string): string | undefined {
    for (const relation of this.#candidates(name, schema)) {
      this.#of(relation);
      const why = this.#told.get(relation.oid);
      if (why !== undefined) return `${relation.schema}.${relation.name} cannot be read: ${why}`;
    }
    return undefined;
  }

  /** The rule that gives rows back where this is changed, here or in what views and rules lead to. */
  answeringRule(name: string, schema: string | undefined, change: string): string | undefined {
    const waiting = this.#candidates(name, schema).map((relation) => ({ relation, event: `CMD_${change}` }));
    const seen = new Set<string>();
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const { relation, event } = next;
      const key = `${relation.oid} ${event}`;
      if (seen.has(key)) continue;
      seen.add(key);
      const leadsTo: unknown[] = relation.definition === undefined || isOfServer(relation) ? [] : [this.#reader.tree(relation.definition)];
      for (const definition of relation.rules ?? []) {
        const [, rule] = unwrap(this.#reader.tree(definition));
        const ofIt = event === "" || rule["event"] === event;
        if (ofIt && list(rule["actions"]).some(givesRows)) return text(rule["rulename"]);
        leadsTo.push(rule["actions"]);
      }
      // What a rule does has rules of its own, whatever it is.
      for (const [inner, within] of leadsTo.flatMap(relationsIn)) {
        for (const found of this.#candidates(inner, within)) waiting.push({ relation: found, event: "" });
      }
    }
    return undefined;
  }

  #candidates(name: string, schema: string | undefined): readonly CatalogueRelation[] {
    const all = this.#byName.get(name) ?? [];
    if (schema !== undefined && schema !== "pg_temp") return all.filter((relation) => relation.schema === schema);
    const temporary = all.filter((relation) => relation.schema.startsWith("pg_temp_"));
    const along = this.#path.map((each) => all.find((relation) => relation.schema === each)).find((relation) => relation !== undefined);
    return schema === undefined && along ? [along, ...temporary] : temporary;
  }

  /** Whether any column of what this name may mean is masked. */
  holdsMasked(name: string, schema?: string): boolean {
    const columns = this.find(name, schema);
    return columns === "ambiguous" || columns?.some(({ value }) => isMasked(value)) === true;
  }

  #of(relation: CatalogueRelation): readonly Column[] {
    const known = this.#columns.get(relation.oid);
    if (known) return known;
    const columns = this.#withView(relation);
    this.#columns.set(relation.oid, columns);
    for (const policy of relation.policies ?? []) {
      try {
        this.#reader.policy(policy, relation, columns);
      } catch (error) {
        this.#told.set(relation.oid, error instanceof Error ? error.message : "its row-level security is not understood");
      }
    }
    return columns;
  }

  #withView(relation: CatalogueRelation): readonly Column[] {
    const masked = this.#masked.get(relation.oid);
    const below = relation.definition === undefined ? undefined : this.#read(relation, relation.definition);
    const values = relation.columns.map(({ name, number, active }, index): Value => {
      if (active === true) return unproven(columnName(relation, name), "its type runs code that somebody defined");
      const mask = masked?.get(number);
      const found = mask ? plain(mask) : (below?.[index]?.value ?? CLEAN);
      const value = isMasked(found) ? found : stored(relation.oid, number);
      const why = [...value.sources].find((source) => source.unproven !== undefined)?.unproven;
      return why === undefined ? value : unproven(columnName(relation, name), why);
    });
    const columns = relation.columns.map(({ name, checks = false }, index): Column => ({ name, value: values[index] ?? CLEAN, checks }));
    if (!relation.columns.some(({ generated }) => generated !== undefined)) return columns;
    return columns.map(({ name, value, checks = false }, index) => {
      const { generated, number = 0 } = relation.columns[index] ?? {};
      if (generated === undefined || masked?.has(number) === true) return { name, value, checks };
      const full = columnName(relation, name);
      return { name, value: this.#unlessUnproven(full, () => this.#reader.generated(generated, relation, columns)), checks };
    });
  }

  #read(relation: CatalogueRelation, definition: string): readonly Column[] {
    const unknown = (why: string): readonly Column[] =>
      relation.columns.map(({ name }) => ({ name, value: unproven(columnName(relation, name), why) }));
    if (this.#reading.has(relation.oid)) return unknown("its view stands on itself");
    this.#reading.add(relation.oid);
    try {
      const columns = this.#reader.view(definition);
      if (columns.some(({ open }) => open) || columns.length !== relation.columns.length)
        return unknown("its view has columns of unknown origin");
      return columns;
    } catch (error) {
      if (error instanceof Refused && error.tells) this.#told.set(relation.oid, error.message);
      return unknown(error instanceof Error ? error.message : "its view is not understood");
    } finally {
      this.#reading.delete(relation.oid);
    }
  }

  #unlessUnproven(column: string, read: () => Value): Value {
    try {
      return read();
    } catch (error) {
      return unproven(column, error instanceof Error ? error.message : "it is not understood");
    }
  }
}

function isOfServer({ schema }: CatalogueRelation): boolean {
  return schema === "pg_catalog" || schema === "information_schema";
}

function givesRows(action: unknown): boolean {
  const [type, node] = unwrap(action);
  return type === "SelectStmt" || bare(node["returningClause"]) !== undefined || list(node["returningList"]).length > 0;
}

/** Name and schema of each relation that is named anywhere in it. */
function relationsIn(tree: unknown): readonly (readonly [string, string | undefined])[] {
  const found: (readonly [string, string | undefined])[] = [];
  const waiting = [tree];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const node = bare(next);
    if (!node) continue;
    const { relname, schemaname } = node;
    if (typeof relname === "string") found.push([relname, typeof schemaname === "string" ? schemaname : undefined]);
    for (const child of Object.values(node)) waiting.push(child);
  }
  return found;
}

/** Fails closed: nobody can say what it holds. */
export function unproven(column: string, why: string): Value {
  return plain({ column, text: false, class: "", mask: "null", compare: "deny", unproven: why });
}

/** Two relations of one name: what stands at the same place under the same name may be either. */
function together(a: readonly Column[], b: readonly Column[]): readonly Column[] | "ambiguous" {
  const same = a.length === b.length && a.every(({ name }, index) => name === b[index]?.name);
  if (same) return a.map(({ name, value }, index) => ({ name, value: either(value, b[index]?.value ?? value) }));
  const noneMasked = [...a, ...b].every(({ value }) => !isMasked(value));
  if (!noneMasked) return "ambiguous";
  // Which columns `*` has is not known, but none of them is masked.
  return [...new Set([...a, ...b].map(({ name }) => name))].map((name): Column => ({ name, value: CLEAN })).concat(open(CLEAN));
}
