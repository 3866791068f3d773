/** What the target is sent in place of a text that asks for a preview. Pure. */
import type { StatementFacts } from "../../../policy/sql/statement.ts";

/**
 * For a Parse: it takes the parameters that the statement takes, gives back one column of text, and changes nothing,
 * however it is run.
 */
export function standInFor(sql: string, [only, second]: readonly StatementFacts[]): string {
  const isPlanned = only?.trial?.change !== undefined && second === undefined;
  return isPlanned ? `explain ${sql}` : "select ''::pg_catalog.text";
}
