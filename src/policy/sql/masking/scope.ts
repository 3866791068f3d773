/** Which column a name means, as PostgreSQL looks it up: from the inside out, columns before whole rows. Pure. */
import { bare, names, text, type Tree } from "../tree.ts";
import { CLEAN, derived, open, rowOf, type Column, type Value } from "./values.ts";

/** Something in FROM, under the name by which columns of it are called. */
export interface Entry {
  readonly alias: string;
  readonly schema?: string;
  readonly columns: readonly Column[];
  /** Names of those by which its rows are told apart: equal in two rows, they are the same row of a table. */
  readonly key?: readonly string[];
}

const SYSTEM_COLUMNS: ReadonlySet<string> = new Set(["tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"]);

export class Scope {
  readonly parent: Scope | undefined;
  readonly ctes = new Map<string, readonly Column[]>();
  readonly entries: Entry[] = [];
  /** What `*` is, and what a name alone may mean. */
  visible: readonly Column[] = [];

  constructor(parent?: Scope) {
    this.parent = parent;
  }

  cte(name: string): readonly Column[] | undefined {
    return this.ctes.get(name) ?? this.parent?.cte(name);
  }

  add(entries: readonly Entry[], visible: readonly Column[]): void {
    this.entries.push(...entries);
    this.visible = [...this.visible, ...visible];
  }

  /** `name`, or a whole row where no column has that name. */
  column(name: string): Value | undefined {
    let open: Value | undefined;
    for (const scope of this.#outwards()) {
      const found = scope.visible.filter((column) => column.name === name && !column.open);
      const [only, second] = found;
      if (only) return second ? derived(found.map(({ value }) => value)) : only.value;
      open ??= scope.visible.find((column) => column.open)?.value;
      if (SYSTEM_COLUMNS.has(name) && scope.entries.length > 0) return CLEAN;
    }
    const row = this.entry(name);
    if (row) return rowOf(row.columns);
    return open;
  }

  /** `alias.name` */
  columnOf(alias: string, name: string, schema?: string): Value | undefined {
    const entry = this.entry(alias, schema);
    const found = entry?.columns.find((column) => column.name === name && !column.open);
    if (found) return found.value;
    if (entry && SYSTEM_COLUMNS.has(name)) return CLEAN;
    return entry?.columns.find((column) => column.open)?.value;
  }

  entry(alias: string, schema?: string): Entry | undefined {
    for (const { entries } of this.#outwards()) {
      const found = entries.find(
        (each) => each.alias === alias && (schema === undefined || each.schema === undefined || each.schema === schema),
      );
      if (found) return found;
    }
    return undefined;
  }

  /** Which of its own entries a reference means, where no other can be meant. */
  ownerOf(reference: readonly (string | undefined)[]): Entry | undefined {
    const [name, alias, schema] = reference.toReversed();
    const holds = ({ columns }: Entry): boolean => columns.some((column) => column.open === true || column.name === name);
    if (alias === undefined) {
      const [only, second] = this.entries.filter(holds);
      return second ? undefined : only;
    }
    return this.entries.find((each) => each.alias === alias && (schema === undefined || each.schema === schema) && holds(each));
  }

  *#outwards(): Iterable<Scope> {
    yield this;
    if (this.parent) yield* this.parent.#outwards();
  }
}

/** `node`: with an `alias`, or without one; `name`: what it is called then. */
export function aliased(node: Tree, name: string, columns: readonly Column[], schema?: string): Entry {
  const alias = bare(node["alias"]);
  if (!alias) return { alias: name, columns, ...(schema !== undefined && { schema }) };
  return { alias: text(alias["aliasname"]), columns: renamed(columns, names(alias["colnames"])) };
}

/** `aliases`: of the first columns. */
export function renamed(columns: readonly Column[], aliases: readonly (string | undefined)[]): readonly Column[] {
  if (aliases.length === 0) return columns;
  if (columns.some((column) => column.open)) {
    // Which of them each name is, is not known: it may be any.
    const value = derived(columns.map((column) => column.value));
    return [...aliases.map((name) => ({ name: name ?? "", value })), open(value)];
  }
  return columns.map(({ name, value }, index) => ({ name: aliases[index] ?? name, value }));
}
