/** What one statement is answered with, and how two answers differ. */
import * as backend from "../../src/wire/postgres/backend.ts";
import * as frontend from "../../src/wire/postgres/frontend.ts";
import { isMarked } from "./innocent-database.ts";
import type { InnocentStatement } from "./innocent-statements.ts";
import type { PostgresClient } from "./postgres-client.ts";

/** As text in one message (with parameters: with results as text), or parsed, described and run with binary results. */
export type Way = "simple" | "binary";

export type Asked = Pick<InnocentStatement, "sql" | "params">;

/** Everything that a statement is answered with, in a transaction that is undone after `meanwhile`. */
export async function answer(client: PostgresClient, way: Way, { sql, params }: Asked, meanwhile?: () => Promise<void>): Promise<Buffer> {
  await ask(client, frontend.encodeQuery("begin"));
  const bytes =
    way === "simple" && params === undefined
      ? await ask(client, frontend.encodeQuery(sql))
      : await ask(
          client,
          frontend.encodeParse("", sql),
          frontend.encodeDescribe("statement", ""),
          frontend.encodeBind("", "", (params ?? []).map(parameter), way === "simple" ? [] : [1]),
          frontend.encodeExecute(""),
          frontend.encodeSync(),
        );
  await meanwhile?.();
  await ask(client, frontend.encodeQuery("rollback"));
  return bytes;
}

/** Its type is the server's to find out. */
function parameter(text: string | null): frontend.Bind["parameters"][number] {
  return { binary: false, value: text === null ? null : Buffer.from(text) };
}

export async function ask(client: PostgresClient, ...messages: readonly Buffer[]): Promise<Buffer> {
  client.send(Buffer.concat(messages));
  return Buffer.concat(await client.readTo("Z"));
}

export function messagesOf(bytes: Buffer): readonly Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = bytes.readUInt32BE(at + 1) + 1;
    found.push(bytes.subarray(at, at + length));
    at += length;
  }
  return found;
}

export function errorOf(bytes: Buffer): backend.ErrorFields | undefined {
  const found = messagesOf(bytes).find((message) => message[0] === backend.BACKEND.error);
  return found && backend.parseErrorResponse(found);
}

/** Whether a masked value is in it: in a row, or in anything that is said. */
export function showsMarks(bytes: Buffer): boolean {
  return isMarked(bytes) || split(bytes).rows.some((row) => row.some((value) => value !== null && isMarked(value)));
}

export interface Difference {
  /** A marked value came as it is. */
  readonly leaked: boolean;
  /** Columns, from 0, that have marked values. */
  readonly masked: readonly number[];
  /** Columns that have none, and differ. */
  readonly overMasked: readonly number[];
  /** Something else than values differs. */
  readonly otherwise: boolean;
}

type Row = readonly (Buffer | null)[];

/** `known`: the columns that have marked values, where the values do not tell (binary). */
export function compare(direct: Buffer, seen: Buffer, known?: readonly number[]): Difference {
  const [here, there] = [split(direct), split(seen)];
  const marked = new Set(known ?? here.rows.flatMap((row) => row.flatMap((value, index) => (value && isMarked(value) ? [index] : []))));
  const over = new Set<number>();
  let leaked = false;
  let otherwise = here.rows.length !== there.rows.length || !here.rest.equals(there.rest);
  here.rows.forEach((row, at) => {
    const other = there.rows[at] ?? [];
    if (row.length !== other.length) otherwise = true;
    row.forEach((value, index) => {
      const isSame = same(value, other[index] ?? null);
      if (isSame && value && isMarked(value)) leaked = true;
      // What is NULL stays NULL, also where others are masked.
      if (!isSame && (value === null || !marked.has(index))) over.add(index);
    });
  });
  return { leaked, masked: [...marked], overMasked: [...over], otherwise };
}

function split(bytes: Buffer): { readonly rows: readonly Row[]; readonly rest: Buffer } {
  const messages = messagesOf(bytes);
  const isRow = (message: Buffer): boolean => message[0] === backend.BACKEND.dataRow;
  return {
    rows: messages.filter(isRow).map((message) => backend.parseDataRow(message)),
    rest: Buffer.concat(messages.filter((message) => !isRow(message))),
  };
}

function same(a: Buffer | null, b: Buffer | null): boolean {
  return a === null || b === null ? a === b : a.equals(b);
}
