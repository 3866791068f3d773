/**
 * MERGE tried out. Before PostgreSQL 17 it gives back no rows, so that they are looked for in the table: what it wrote has
 * its transaction's number in `xmin`, and once it is undone, what it replaced or removed still has it in `xmax`. That is
 * a look through the whole table, which is given up where it takes too long.
 */
import { encodeQuery } from "../../../wire/postgres/frontend.ts";
import { encodeStatement, type HeldStatement } from "./held-statement.ts";
import { askCatalogue, must, type Answer, type Exchange } from "../postgres-answer.ts";
import { quoted } from "../quoting.ts";
import type { Key } from "./primary-key.ts";
import { MAX_IMAGES, type Images } from "./trial-images.ts";
import { checkDeferred, UNDO_TRYING } from "./trial-transaction.ts";

/** For looking through the table, while the rows are kept from others. */
const LOOK_MS = 500;

type Row = Images["before"][number];

/** Inside of what beginTrying() began, which it ends. */
export async function mergeRun(
  exchange: Exchange,
  statement: HeldStatement,
  relation: number | undefined,
  key: Key | undefined,
): Promise<Images> {
  const answer = await exchange(encodeStatement(statement));
  const rows = answer.error ? 0 : answer.count;
  const nothing = { rows, description: undefined, before: [], after: [], answer, returned: [] };
  if (!answer.error) await checkDeferred(exchange, answer);
  const isShown = !answer.error && key !== undefined && relation !== undefined && rows > 0 && rows <= MAX_IMAGES;
  const number = isShown ? await ownNumber(exchange) : undefined;
  const written = number === undefined || !isShown ? undefined : await look(exchange, key, `xmin = '${number}'`);
  await must(exchange, UNDO_TRYING);
  if (!isShown) {
    if (rows === 0) return nothing;
    const tooMany = `More than ${MAX_IMAGES} rows: they are not shown.`;
    return { ...nothing, note: rows > MAX_IMAGES ? tooMany : "The table has no primary key: its rows are not shown." };
  }
  const replaced = written && (await look(exchange, key, `xmax = '${number}'`));
  if (!written || !replaced) return { ...nothing, note: "Looking for its rows takes too long: they are not shown." };
  const { before, after } = paired(key, replaced.rows, written.rows);
  // Somebody else's mark, or a key that was changed: what is not certain is not shown.
  if (before.length !== rows) return { ...nothing, note: "Its rows could not be told from others: they are not shown." };
  return { ...nothing, description: (written.rows.length > 0 ? written : replaced).description, before, after };
}

/** Of the innermost of this session's transactions that has written something: the youngest. */
async function ownNumber(exchange: Exchange): Promise<string | undefined> {
  const rows = await askCatalogue(
    exchange,
    "select transactionid from pg_locks where locktype = 'transactionid' and pid = pg_backend_pid() and mode = 'ExclusiveLock' order by age(transactionid) limit 1",
  );
  return rows[0]?.[0] ?? undefined;
}

/** `undefined`: it takes too long. */
async function look(exchange: Exchange, { table, columns }: Key, where: string): Promise<Answer | undefined> {
  const order = columns.map(({ name }) => `t.${quoted(name)}`).join(", ");
  await must(exchange, `savepoint sallyport_look; set local statement_timeout = '${LOOK_MS}ms'; set local search_path = ''`);
  const found = await exchange(encodeQuery(`select t.* from ${table} t where t.${where} order by ${order} limit ${MAX_IMAGES}`));
  await must(exchange, "rollback to savepoint sallyport_look; release savepoint sallyport_look");
  return found.error ? undefined : found;
}

/** By key: changed rows on both sides, others beside an empty one. */
function paired({ columns }: Key, replaced: readonly Row[], written: readonly Row[]): { before: readonly Row[]; after: readonly Row[] } {
  const keyOf = (row: Row): string => JSON.stringify(columns.map(({ place }) => row[place] ?? null));
  const byKey = new Map<string, { was: Row; is: Row }>();
  for (const was of replaced) byKey.set(keyOf(was), { was, is: [] });
  for (const is of written) byKey.set(keyOf(is), { was: byKey.get(keyOf(is))?.was ?? [], is });
  // In one order in every trial: they are compared place by place.
  const pairs = [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, pair]) => pair);
  return { before: pairs.map(({ was }) => was), after: pairs.map(({ is }) => is) };
}
