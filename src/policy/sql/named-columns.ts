/**
 * Columns that a statement names, with their table where the text tells: for the record, and to be found by. Pure.
 * Never for deciding: what `*`, a view or a function reaches is not in the text.
 */
import { isStar, list, namesOf, unwrap, type Tree } from "./tree.ts";

/** A statement that names more is found by its first ones. */
const MAX_COLUMNS = 200;

export class NamedColumns {
  /** What each name may stand for: a table's own, or its alias. */
  readonly #tables = new Map<string, Set<string>>();
  readonly #relations = new Set<string>();
  /** Table, if any, and column. */
  readonly #found = new Map<string, readonly [qualifier: string | undefined, column: string]>();

  look(type: string, node: Tree): void {
    if (typeof node["relname"] === "string") this.#relation(node);
    if (type === "ColumnRef") this.#reference(node["fields"]);
    else if (type === "InsertStmt") this.#targets(node["cols"], nameOf(node["relation"]));
    else if (type === "UpdateStmt") this.#targets(node["targetList"], nameOf(node["relation"]));
    else if (type === "onConflictClause" || type === "MergeWhenClause") this.#targets(node["targetList"]);
    else if (type === "CopyStmt") for (const name of namesOf(node["attlist"])) this.#add(nameOf(node["relation"]), name);
  }

  /** `schema.table.column`, `table.column`, or the column alone; `table.*`. Each once. */
  names(): readonly string[] {
    const names = [...this.#found.values()].map(([qualifier, column]) => {
      const table = qualifier === undefined ? this.#only() : this.#meant(qualifier);
      // `select o from orders o`
      if (qualifier === undefined && this.#tables.has(column)) return `${this.#meant(column) ?? column}.*`;
      return table === undefined ? column : `${table}.${column}`;
    });
    return [...new Set(names)].sort();
  }

  #relation(node: Tree): void {
    const name = nameOf(node) ?? "";
    this.#relations.add(name);
    const alias = (node["alias"] as { readonly aliasname?: string } | undefined)?.aliasname ?? String(node["relname"]);
    const meant = this.#tables.get(alias);
    if (meant) meant.add(name);
    else this.#tables.set(alias, new Set([name]));
  }

  #reference(fields: unknown): void {
    const names = namesOf(fields);
    const all = isStar(list(fields).at(-1)) ? [...names, "*"] : names;
    const column = all.at(-1);
    if (column !== undefined) this.#add(all.slice(0, -1).join(".") || undefined, column);
  }

  #targets(targets: unknown, table?: string): void {
    for (const each of list(targets)) {
      const [type, { name }] = unwrap(each);
      if (type === "ResTarget" && typeof name === "string") this.#add(table, name);
    }
  }

  #add(qualifier: string | undefined, column: string): void {
    if (this.#found.size < MAX_COLUMNS) this.#found.set(`${qualifier ?? ""}.${column}`, [qualifier, column]);
  }

  /** Where one name stands for several tables, the text does not tell which. */
  #meant(qualifier: string): string | undefined {
    const meant = this.#tables.get(qualifier);
    if (meant !== undefined) return meant.size === 1 ? [...meant][0] : undefined;
    return this.#relations.has(qualifier) ? qualifier : undefined;
  }

  #only(): string | undefined {
    return this.#relations.size === 1 ? [...this.#relations][0] : undefined;
  }
}

function nameOf(relation: unknown): string | undefined {
  const { schemaname, relname } = (relation ?? {}) as { readonly schemaname?: string; readonly relname?: string };
  if (relname === undefined) return undefined;
  return schemaname === undefined ? relname : `${schemaname}.${relname}`;
}
