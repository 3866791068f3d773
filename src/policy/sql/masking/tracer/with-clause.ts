/** WITH: queries under a name, which may call themselves (parse_cte.c). */
import { NARROWER, Refused } from "../refused.ts";
import { Scope, renamed } from "../scope.ts";
import { bare, list, names, text, unwrap, type Tree } from "../../tree.ts";
import { CLEAN, derived, type Column, type Value } from "../values.ts";
import type { Walk } from "./walk.ts";

/** A recursive query's columns get no new origin after as many rounds as it has columns; nobody needs so many. */
const MAX_ROUNDS = 50;

/** WITH: its names are in the scope that is given back. */
export function withNames(walk: Walk, clause: unknown, parent?: Scope): Scope {
  const scope = new Scope(parent);
  const node = bare(clause);
  for (const each of list(node?.["ctes"])) {
    const [, cte] = unwrap(each);
    const name = text(cte["ctename"]);
    const aliases = names(cte["aliascolnames"]);
    const [type, query] = unwrap(cte["ctequery"]);
    const isRecursive = node?.["recursive"] === true && type === "SelectStmt" && bare(query["larg"]) !== undefined;
    const columns = isRecursive ? recursive(walk, name, aliases, query, scope) : renamed(walk.query(cte["ctequery"], scope), aliases);
    scope.ctes.set(name, [...columns, ...searchColumns(walk, cte, columns)]);
  }
  return scope;
}

/** What may call itself begins with what its first branch gives, and is read again until nothing new comes. */
function recursive(walk: Walk, name: string, aliases: readonly (string | undefined)[], query: Tree, scope: Scope): readonly Column[] {
  const inner = withNames(walk, query["withClause"], scope);
  let columns = renamed(walk.query({ SelectStmt: bare(query["larg"]) ?? {} }, inner), aliases);
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    scope.ctes.set(name, columns);
    const next = renamed(walk.query({ SelectStmt: query }, scope), aliases);
    const grew = next.some(
      ({ value }, index) =>
        value.sources.size !== columns[index]?.value.sources.size ||
        value.plain !== columns[index].value.plain ||
        value.measured !== columns[index].value.measured,
    );
    columns = next;
    if (!grew) return columns;
  }
  throw new Refused(`the recursive query "${name}" is not understood`, NARROWER);
}

/** SEARCH and CYCLE add columns made of those they go by. */
function searchColumns(walk: Walk, cte: Tree, columns: readonly Column[]): readonly Column[] {
  const search = bare(cte["search_clause"]);
  const cycle = bare(cte["cycle_clause"]);
  const by = (clause: Tree | undefined, field: string): Value =>
    derived(names(clause?.[field]).map((name) => columns.find((column) => column.name === name)?.value ?? CLEAN));
  const added: Column[] = [];
  if (search) added.push({ name: text(search["search_seq_column"]), value: by(search, "search_col_list") });
  if (cycle)
    added.push(
      { name: text(cycle["cycle_mark_column"]), value: CLEAN },
      { name: text(cycle["cycle_path_column"]), value: by(cycle, "cycle_col_list") },
    );
  for (const { value } of added) walk.requireClean(value, "followed by (SEARCH, CYCLE)");
  return added;
}
