/**
 * What a column was called before: rules that mask go by names, and a column that is renamed while the gate knows it holds
 * what it held. Pure.
 */
import { columnName, type CatalogueData, type CatalogueRelation } from "../policy/sql/masking/catalogue.ts";

/** `now`, with the names that its columns had in `before`, and earlier. The same object where none had another. */
export function withFormerNames(before: CatalogueData, now: CatalogueData): CatalogueData {
  const known = new Map(before.relations.map((relation) => [relation.oid, relation]));
  const relations = now.relations.map((relation) => {
    const was = known.get(relation.oid);
    return was && isSame(was, relation) ? renamed(was, relation) : relation;
  });
  return relations.every((relation, index) => relation === now.relations[index]) ? now : { ...now, relations };
}

function renamed(was: CatalogueRelation, now: CatalogueRelation): CatalogueRelation {
  const before = new Map(was.columns.map((column) => [column.number, column]));
  const columns = now.columns.map((column) => {
    const then = before.get(column.number);
    if (!then) return column;
    const names = new Set([...(then.formerly ?? []), columnName(was, then.name)]);
    names.delete(columnName(now, column.name));
    return names.size === 0 ? column : { ...column, formerly: [...names] };
  });
  return columns.every((column, index) => column === now.columns[index]) ? now : { ...now, columns };
}

/** A database that was made anew counts its relations from the beginning: what has nothing in common is another. */
function isSame(was: CatalogueRelation, now: CatalogueRelation): boolean {
  if (was.name === now.name) return true;
  const names = new Map(was.columns.map(({ number, name }) => [number, name]));
  const kept = now.columns.filter(({ number, name }) => names.get(number) === name);
  return kept.length * 2 >= now.columns.length;
}
