/**
 * Rows that are told apart by the key of their table: where all of it is compared, another column of the same row adds
 * nothing, since rows with the same key have the same value in it. Pure.
 */
import { isStar, list, names, unwrap } from "../../tree.ts";
import { type Entry, type Scope } from "../scope.ts";

/** A column of something in FROM, unchanged. */
export interface Reference {
  readonly entry: Entry;
  readonly name: string;
}

export type References = readonly (Reference | undefined)[];

/** Of each output, in their order; none at all where it is not known which stands where. */
export function outputReferences(targets: unknown, scope: Scope): References {
  const found: (Reference | undefined)[] = [];
  for (const each of list(targets)) {
    const [type, value] = unwrap(unwrap(each)[1]["val"]);
    const fields = list(value["fields"]);
    if (type === "A_Indirection" && isStar(list(value["indirection"]).at(-1))) return [];
    if (type !== "ColumnRef" || !isStar(fields.at(-1))) found.push(reference(unwrap(each)[1]["val"], scope));
    else {
      const alias = names(fields).at(-2);
      const entries = alias === undefined ? scope.entries : [scope.entry(alias, names(fields).at(-3))];
      const columns = entries.flatMap(
        (entry) => entry?.columns.map(({ name, open }) => (open === true ? undefined : { entry, name })) ?? [],
      );
      // USING makes one column of two.
      if (alias === undefined && columns.length !== scope.visible.length) return [];
      found.push(...columns);
    }
  }
  return found;
}

export function reference(node: unknown, scope: Scope): Reference | undefined {
  const [type, value] = unwrap(node);
  const parts = type === "ColumnRef" ? names(value["fields"]) : [];
  const name = parts.at(-1);
  const entry = name === undefined ? undefined : scope.ownerOf(parts);
  return entry && name !== undefined ? { entry, name } : undefined;
}

/** Whether a column of the same entry is compared as well, with all of its key. */
export function isToldApart(each: Reference | undefined, compared: References): boolean {
  const key = each?.entry.key ?? [];
  return key.length > 0 && key.every((name) => compared.some((other) => other?.entry === each?.entry && other?.name === name));
}

/** Whether an order by these leaves nothing open: each output is one of them, or in a row whose key they have. */
export function isOrdered(outputs: References, sorted: References): boolean {
  const decides = (each: Reference): boolean =>
    isToldApart(each, sorted) || sorted.some((other) => other?.entry === each.entry && other.name === each.name);
  return outputs.every((each) => each !== undefined && decides(each));
}
