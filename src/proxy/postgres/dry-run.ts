/**
 * A change tried out in a transaction that is undone: how many rows, which, what they were and would be. Talks SQL over
 * an Exchange; the same steps make the preview and, right before an approved statement runs, find out whether it still
 * holds.
 */
import { createHash } from "node:crypto";
import type { Change } from "../../policy/sql/change.ts";
import * as frontend from "../../wire/postgres/frontend.ts";
import type { Bind } from "../../wire/postgres/frontend.ts";
import { mergeRun } from "./merge-run.ts";
import { askCatalogue, findRelation, literal, must, quoted, type Answer, type Exchange } from "./postgres-answer.ts";
import { beginTrying, MAX_IMAGES, UNDO_TRYING } from "./trial-transaction.ts";

/** How long what it changes may be kept from others. */
export const STATEMENT_MS = 5000;

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
  /** Pair by pair; a row that one side has not is empty there. */
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
  const columns = Array.from({ length: widthOf(a) }, (_, index) => index);
  return new Set(columns.filter((index) => first.every((row, at) => row[index] === second[at]?.[index])));
}

export function widthOf(images: Images): number {
  return written(images).reduce((width, row) => Math.max(width, row.length), 0);
}

/** What is kept of a trial while somebody decides, to be compared with another. */
export interface World {
  readonly rows: number;
  /** SQLSTATE that it failed with. */
  readonly error?: string;
  /** SHA-256 (hex) over which rows, what they were, and what the stable columns of them became. */
  readonly hash: string;
  /** The same of each row, cut: kept only where some may be others. */
  readonly each?: readonly string[];
}

/** `keepsEach`: how many rows are others will be asked for. */
export function worldOf(images: Images, stable: StableColumns, keepsEach = false): World {
  const was = images.before.map((row) => JSON.stringify(row));
  const is = written(images).map((row) => JSON.stringify(row.filter((_, index) => stable.has(index))));
  const { error } = images.answer;
  const each =
    keepsEach && Array.from({ length: Math.max(was.length, is.length) }, (_, at) => digestOf(`${was[at] ?? ""}\n${is[at] ?? ""}`));
  return {
    rows: images.rows,
    hash: digestOf([...was.sort(), "", ...is.sort(), ""].join("\n")),
    ...(error && { error: error.code }),
    ...(each && { each: each.map((digest) => digest.slice(0, 16)) }),
  };
}

/** How many of the rows of one are not among those of the other: changed, come, or gone. */
export function othersBetween(a: World, b: World): number {
  const left = new Map<string, number>();
  for (const row of a.each ?? []) left.set(row, (left.get(row) ?? 0) + 1);
  let same = 0;
  for (const row of b.each ?? []) {
    const count = left.get(row) ?? 0;
    if (count > 0) same += 1;
    left.set(row, count - 1);
  }
  return Math.max(Math.max(a.each?.length ?? 0, b.each?.length ?? 0) - same, Math.abs(a.rows - b.rows));
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
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
  await deferred(exchange, answer);
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

/** What would fail at the commit fails now. */
export async function deferred(exchange: Exchange, answer: Answer): Promise<void> {
  const checked = await exchange(frontend.encodeQuery("set constraints all immediate"));
  answer.error ??= checked.error;
}

export interface Key {
  /** `schema.table`, as it stands in SQL. */
  readonly table: string;
  readonly columns: readonly {
    readonly name: string;
    readonly type: string;
    /** That its index finds equals by, as it stands in SQL: an extension's type has one of its own. */
    readonly equals: string;
    /** Among the table's columns. */
    readonly place: number;
  }[];
}

async function primaryKey(exchange: Exchange, relation: number): Promise<Key | undefined> {
  const rows = await askCatalogue(
    exchange,
    `select format('%I.%I', n.nspname, c.relname), a.attname, format_type(a.atttypid, a.atttypmod),
            format('operator(%I.%s)', o.oprnamespace::regnamespace, o.oprname),
            (select count(*) from pg_attribute b where b.attrelid = a.attrelid and b.attnum > 0 and b.attnum < a.attnum and not b.attisdropped)
       from pg_index i join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace
       cross join lateral unnest(i.indkey::int2[], i.indclass::oid[]) as k(attribute, class)
       join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attribute
       join pg_opclass p on p.oid = k.class
       join pg_amop m on m.amopfamily = p.opcfamily and m.amopstrategy = 3 and m.amoplefttype = p.opcintype and m.amoprighttype = p.opcintype
       join pg_operator o on o.oid = m.amopopr
      where i.indisprimary and i.indrelid = ${relation}`,
  );
  const table = rows[0]?.[0];
  if (table == null) return undefined;
  return {
    table,
    columns: rows.map(([, name, type, equals, place]) => ({
      name: name ?? "",
      type: type ?? "",
      equals: equals ?? "",
      place: Number(place),
    })),
  };
}

/** In the order of `rows`. */
async function rowsByKey(exchange: Exchange, { table, columns }: Key, rows: Images["after"]): Promise<Images["before"]> {
  const arrays = columns.map(({ type, place }) => `unnest(array[${rows.map((row) => literal(row[place] ?? "")).join(", ")}]::${type}[])`);
  const names = columns.map((_, index) => `k${index}`);
  const joined = columns.map(({ name, equals }, index) => `t.${quoted(name)} ${equals} k.k${index}`).join(" and ");
  return await askCatalogue(
    exchange,
    `select t.* from rows from (${arrays.join(", ")}) with ordinality as k(${names.join(", ")}, n) join ${table} t on ${joined} order by k.n`,
  );
}

/** Without the semicolon at its end and what stands behind it. */
export function textOf(sql: string, bytes: number | undefined): string {
  return bytes === undefined ? sql : Buffer.from(sql).subarray(0, bytes).toString("utf8");
}

export function nameOf({ schema, table }: Pick<Change, "schema" | "table">): string {
  return schema === undefined ? quoted(table) : `${quoted(schema)}.${quoted(table)}`;
}
