/** What a trial has found: rows, what they were and would be; and whether another one has found the same. Pure. */
import { createHash } from "node:crypto";
import type { Answer } from "../postgres-answer.ts";

/** Rows whose content is compared and shown; beyond it only their number is. */
export const MAX_IMAGES = 10_000;

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

/** Fails closed: of two that cannot be laid beside each other, all of them. */
export function stableColumns(a: Images, b: Images): StableColumns {
  const [first, second] = [inOrder(a), inOrder(b)];
  const columns = Array.from({ length: widthOf(a) }, (_, index) => index);
  if (first.length !== second.length) return new Set(columns);
  return new Set(columns.filter((index) => first.every((row, at) => row[index] === second[at]?.[index])));
}

/** By what they were: a table that is written to gives its rows in another order each time. */
function inOrder(images: Images): Images["after"] {
  const rows = written(images);
  if (images.before.length !== rows.length) return rows;
  const keys = images.before.map((row) => JSON.stringify(row));
  return rows
    .map((row, at) => ({ row, key: keys[at] ?? "" }))
    .sort((x, y) => (x.key < y.key ? -1 : 1))
    .map(({ row }) => row);
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
