/**
 * Settings that stay as they are in a session that masks: where names are looked for, and how the planner chooses. Who
 * makes it read a table along an index gets the rows in the order of the column, whatever the statement says of it. Pure.
 */
import { deny, type Denial } from "../kernel/result.ts";
import type { StatementFacts } from "../policy/sql/statement.ts";

/** Of PostgreSQL's §20.7 (query planning) and its developer options; `*`: any. */
const PLANNER =
  /^(?:enable_|geqo|debug_|min_parallel_|.*_cost$|effective_cache_size$|cursor_tuple_fraction$|constraint_exclusion$|from_collapse_limit$|join_collapse_limit$|plan_cache_mode$|force_parallel_mode$|recursive_worktable_factor$)/;

export function refuseSettings(statements: readonly StatementFacts[]): Denial | undefined {
  const changed = statements.flatMap(({ settings }) => settings);
  if (changed.some((name) => name === "search_path" || name === "*") || statements.some(({ watched }) => watched)) {
    const detail = "names are looked for along the path that the session began with";
    return deny("masked", { detail, next: "name the schema: <schema>.<table>" });
  }
  const planner = changed.find((name) => PLANNER.test(name));
  if (planner === undefined) return undefined;
  const detail = `"${planner}" could have rows come in the order of what is masked`;
  return deny("masked", { detail, next: "the statement as it is: the planner chooses by what the tables hold" });
}
