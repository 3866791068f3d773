/**
 * The columns of a relation, with where their values come from: tables by their masks, views by their queries.
 *
 * A name without a schema is looked for along the session's path; a temporary table of that name, of whatever session,
 * may hide what is found there.
 */
import { columnName, type CatalogueData, type CatalogueRelation } from "./catalogue.ts";
import type { MaskedColumns } from "./masks.ts";
import { CLEAN, either, isMasked, open, plain, type Column, type Value } from "./values.ts";

/** How the query of a view, or the expression of a generated column, is read. Throws Refused for what is not understood. */
export interface DefinitionReader {
  view(definition: string): readonly Column[];
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
    return columns;
  }

  #withView(relation: CatalogueRelation): readonly Column[] {
    const masked = this.#masked.get(relation.oid);
    const below = relation.definition === undefined ? undefined : this.#read(relation, relation.definition);
    const stored: Column[] = relation.columns.map(({ name, number }, index) => {
      const mask = masked?.get(number);
      const value = mask ? plain(mask) : (below?.[index]?.value ?? CLEAN);
      const why = [...value.sources].find((source) => source.unproven !== undefined)?.unproven;
      return { name, value: why === undefined ? value : unproven(columnName(relation, name), why) };
    });
    if (!relation.columns.some(({ generated }) => generated !== undefined)) return stored;
    return relation.columns.map(({ name, number, generated }, index) => {
      const value = stored[index]?.value ?? CLEAN;
      if (generated === undefined || masked?.has(number) === true) return { name, value };
      return { name, value: this.#unlessUnproven(columnName(relation, name), () => this.#reader.generated(generated, relation, stored)) };
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
