/**
 * A change tried out in a transaction that is undone: how many rows, which, what they were and would be. Talks SQL over
 * an Exchange; the same steps make the preview and, right before an approved statement runs, find out whether it still
 * holds.
 */
import type { Change } from "../../../policy/sql/change.ts";
import { encodeStatement, textOf, type HeldStatement } from "./held-statement.ts";
import { mergeRun } from "./merge-run.ts";
import { findRelation, must, type Exchange } from "../postgres-answer.ts";
import { quoted } from "../quoting.ts";
import { primaryKey, rowsByKey } from "./primary-key.ts";
import { MAX_IMAGES, type Images } from "./trial-images.ts";
import { beginTrying, checkDeferred, UNDO_TRYING } from "./trial-transaction.ts";

/** How long what it changes may be kept from others. */
export const STATEMENT_MS = 5000;

/** Inside of a transaction; leaves it as it was. `mostMs`: for the statement itself. */
export async function dryRun(exchange: Exchange, statement: HeldStatement, change: Change, mostMs = STATEMENT_MS): Promise<Images> {
  await must(exchange, beginTrying(Math.min(mostMs, STATEMENT_MS)));
  const relation = await findRelation(exchange, nameOf(change));
  const key = relation === undefined ? undefined : await primaryKey(exchange, relation);
  if (change.kind === "MERGE" && !change.returns) return await mergeRun(exchange, statement, relation, key);
  const text = change.returns ? statement.sql : `${textOf(statement.sql, change.bytes)}\nreturning ${quoted(change.alias)}.*`;
  const answer = await exchange(encodeStatement(statement, text));
  if (answer.error) {
    await must(exchange, UNDO_TRYING);
    return { rows: 0, description: undefined, before: [], after: [], answer, returned: [] };
  }
  await checkDeferred(exchange, answer);
  await must(exchange, UNDO_TRYING);
  const rows = answer.count;
  const tooMany = rows > MAX_IMAGES;
  const returned = tooMany ? [] : answer.rows;
  const noImages = { rows, description: undefined, before: [], after: [], answer, returned };
  if (change.returns) return { ...noImages, note: "It returns rows itself: what they were is not shown." };
  if (tooMany) return { ...noImages, note: `More than ${MAX_IMAGES} rows: what they were is not shown.` };
  const { description } = answer;
  if (change.kind === "INSERT") return { rows, description, before: [], after: returned, answer, returned: [] };
  if (change.kind === "DELETE") return { rows, description, before: returned, after: [], answer, returned: [] };
  if (key === undefined || returned.length === 0) {
    const note = key === undefined && returned.length > 0 ? { note: "The table has no primary key: what the rows were is not shown." } : {};
    return { rows, description, before: [], after: returned, answer, ...note, returned: [] };
  }
  const before = await rowsByKey(exchange, key, returned);
  if (before.length !== returned.length) {
    return {
      ...noImages,
      after: returned,
      description,
      returned: [],
      note: "It changes the primary key: what the rows were is not shown.",
    };
  }
  return { rows, description, before, after: returned, answer, returned: [] };
}

export function nameOf({ schema, table }: Pick<Change, "schema" | "table">): string {
  return schema === undefined ? quoted(table) : `${quoted(schema)}.${quoted(table)}`;
}
