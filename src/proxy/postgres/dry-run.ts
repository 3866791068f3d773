/**
 * A change tried out in a transaction that is undone: how many rows, which, what they were and would be. Talks SQL over
 * an Exchange; the same steps make the preview and, right before an approved statement runs, find out whether it still
 * holds.
 */
import type { Change } from "../../policy/sql/change.ts";
import * as frontend from "../../wire/postgres/frontend.ts";
import type { Bind } from "../../wire/postgres/frontend.ts";
import type { Answer, Exchange } from "./postgres-answer.ts";

/** Rows whose content is compared and shown; beyond it only their number is. */
export const MAX_IMAGES = 10_000;

/** What it may hold others up for, and take. */
const LOCK_MS = 100;
const STATEMENT_MS = 5000;
const UNDO = "rollback to savepoint sallyport_try; release savepoint sallyport_try";

/** Exactly what would run. */
export interface HeldStatement {
  readonly sql: string;
  /** Of the extended protocol. */
  readonly parameters?: Bind["parameters"];
  readonly parameterTypes?: readonly number[];
}

export interface Images {
  readonly rows: number;
  /** The RowDescription of the images. */
  readonly description: Buffer | undefined;
  readonly before: readonly (readonly (string | null)[])[];
  readonly after: readonly (readonly (string | null)[])[];
  readonly note?: string;
  readonly answer: Answer;
  /** What it returned of itself, where the rows are not shown: compared like them. */
  readonly returned: readonly (readonly (string | null)[])[];
}

/** Columns that came out the same when it was tried out twice: time, random numbers and sequences do not. */
export type StableColumns = ReadonlySet<number>;

export function stableColumns(a: Images, b: Images): StableColumns {
  const [first, second] = [written(a), written(b)];
  const width = Math.max(0, ...first.map((row) => row.length));
  const columns = Array.from({ length: width }, (_, index) => index);
  return new Set(columns.filter((index) => first.every((row, at) => row[index] === second[at]?.[index])));
}

/** Whether both change the same rows, which were the same, to the same. */
export function isSame(a: Images, b: Images, stable: StableColumns): boolean {
  const kept = (images: Images): string[] =>
    written(images)
      .map((row) => JSON.stringify(row.filter((_, index) => stable.has(index))))
      .sort();
  const was = (images: Images): string[] => images.before.map((row) => JSON.stringify(row)).sort();
  return a.rows === b.rows && JSON.stringify([was(a), kept(a)]) === JSON.stringify([was(b), kept(b)]);
}

function written({ after, returned }: Images): Images["after"] {
  return after.length > 0 ? after : returned;
}

export function encodeStatement({ sql, parameters, parameterTypes = [] }: HeldStatement, text = sql): Buffer {
  if (parameters === undefined) return frontend.encodeQuery(text);
  return Buffer.concat([
    frontend.encodeParse("", text, parameterTypes),
    frontend.encodeBind("", "", parameters),
    frontend.encodeDescribe("portal", ""),
    frontend.encodeExecute(""),
    frontend.encodeSync(),
  ]);
}

/** Inside of a transaction; leaves it as it was, unless the statement fails. */
export async function dryRun(exchange: Exchange, statement: HeldStatement, change: Change): Promise<Images> {
  await must(
    exchange,
    `savepoint sallyport_try; set local lock_timeout = '${LOCK_MS}ms'; set local statement_timeout = '${STATEMENT_MS}ms'`,
  );
  const key = await primaryKey(exchange, change);
  const text = change.returns ? statement.sql : `${textOf(statement.sql, change)}\nreturning ${quoted(change.alias)}.*`;
  const answer = await exchange(encodeStatement(statement, text));
  if (answer.error) {
    await must(exchange, UNDO);
    return { rows: 0, description: undefined, before: [], after: [], answer, returned: [] };
  }
  await deferred(exchange, answer);
  await must(exchange, UNDO);
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
  const before = await rowsByKey(exchange, change, key, returned);
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

/** What would fail at the commit fails now. */
async function deferred(exchange: Exchange, answer: Answer): Promise<void> {
  const checked = await exchange(frontend.encodeQuery("set constraints all immediate"));
  answer.error ??= checked.error;
}

export interface KeyColumn {
  readonly name: string;
  readonly type: string;
  /** Among the table's columns. */
  readonly place: number;
}

async function primaryKey(exchange: Exchange, change: Change): Promise<readonly KeyColumn[] | undefined> {
  const { rows } = await must(
    exchange,
    `select a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod),
            (select count(*) from pg_catalog.pg_attribute b where b.attrelid = a.attrelid and b.attnum > 0 and b.attnum < a.attnum and not b.attisdropped)
       from pg_catalog.pg_index i join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
      where i.indisprimary and i.indrelid = pg_catalog.to_regclass(${literal(nameOf(change))})`,
  );
  return rows.length === 0 ? undefined : rows.map(([name, type, place]) => ({ name: name ?? "", type: type ?? "", place: Number(place) }));
}

/** In the order of `rows`. */
async function rowsByKey(
  exchange: Exchange,
  change: Change,
  key: readonly KeyColumn[],
  rows: readonly (readonly (string | null)[])[],
): Promise<(string | null)[][]> {
  const arrays = key.map(({ type, place }) => `array[${rows.map((row) => literal(row[place] ?? "")).join(", ")}]::${type}[]`);
  const names = key.map((_, index) => `k${index}`);
  const joined = key.map(({ name }, index) => `t.${quoted(name)} operator(pg_catalog.=) k.k${index}`).join(" and ");
  const answer = await exchange(
    frontend.encodeQuery(
      `select t.* from rows from (${arrays.map((each) => `pg_catalog.unnest(${each})`).join(", ")}) with ordinality as k(${names.join(", ")}, n)
         join ${nameOf(change)} t on ${joined} order by k.n`,
    ),
  );
  return answer.error ? [] : answer.rows;
}

/** Throws what the server said: nothing of this may fail. */
export async function must(exchange: Exchange, sql: string): Promise<Answer> {
  const answer = await exchange(frontend.encodeQuery(sql));
  if (answer.error) throw new Error(`${answer.error.code}: ${answer.error.message}`);
  return answer;
}

/** Without the semicolon at its end and what stands behind it. */
function textOf(sql: string, { bytes }: Change): string {
  return bytes === undefined ? sql : Buffer.from(sql).subarray(0, bytes).toString("utf8");
}

export function nameOf({ schema, table }: Pick<Change, "schema" | "table">): string {
  return schema === undefined ? quoted(table) : `${quoted(schema)}.${quoted(table)}`;
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** With standard_conforming_strings, which sessions are pinned to. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
