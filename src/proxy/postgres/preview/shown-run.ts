/** A trial as somebody may see it: rows through their masks, and no more than they look at. */
import type { Change } from "../../../policy/sql/change.ts";
import type { Lens, OutputMask } from "../../../policy/sql/masking/trace.ts";
import type { Preview } from "../../../session/holds.ts";
import type { Lenses, Place } from "../../../session/lenses.ts";
import type { ErrorFields } from "../../../wire/postgres/backend.ts";
import { withhold } from "../masking/postgres-withheld.ts";
import { isNamed, maskedIn } from "../masking/result-masks.ts";
import { must, type Exchange } from "../postgres-answer.ts";
import type { SqlReader } from "../sql-reader.ts";
import { nameOf } from "./dry-run.ts";
import type { HeldStatement } from "./held-statement.ts";
import { widthOf, type Images, type StableColumns } from "./trial-images.ts";
import type { WatchedRun } from "./watched-run.ts";

/** Rows, lines and characters that somebody looks at. */
const SHOWN_ROWS = 50;
export const SHOWN_LINES = 200;
export const SHOWN_CHARACTERS = 500;
/** Characters of rows in all: a thousand of them may wait at once. */
const SHOWN_IN_ALL = 64 * 1024;

/** Who it is shown to. */
export interface Viewer {
  /** Classes of masked columns that they see; an approver sees none. */
  readonly unmasked: readonly string[];
  /** Rows, and the plan: whoever may not read a table learns nothing of it from a write. */
  readonly mayRead: boolean;
}

export interface ShownDeps {
  readonly place: Omit<Place, "path">;
  readonly lenses: Lenses;
  readonly reader: SqlReader;
  readonly maskKey: Buffer;
  readonly viewer: Viewer;
}

export async function shownRun(
  exchange: Exchange,
  held: HeldStatement,
  { lenses, place, reader, maskKey, viewer }: ShownDeps,
  { images, columns, locks, walBytes, sequences, change }: WatchedRun,
  stable: StableColumns,
): Promise<Omit<Extract<Preview, { possible: true }>, "possible" | "plan" | "tookMs">> {
  const { rows: path } = await must(exchange, "select pg_catalog.unnest(pg_catalog.current_schemas(true))");
  // Without a catalogue nobody knows what is masked.
  const at = { ...place, path: path.map(([schema]) => schema ?? "") };
  const lens = await Promise.resolve(lenses.find(at, viewer.unmasked)).catch(() => "unknown" as const);
  const read = typeof lens === "object" && (await reader.parse(held.sql, { lens }));
  // What was made of a masked column stands in a column of another name: then no row is shown.
  const isTraced = lens === undefined || (read !== false && read.ok && read.traced?.every((each) => each.ok) === true);
  const masks = typeof lens === "object" ? await imageMasks(change, images, lens, reader) : [];
  const isShown = isTraced && masks !== undefined && viewer.mayRead;
  const cell = (value: string | null, index: number): string | null => {
    const mask = masks?.[index];
    if (value === null || !mask) return value === null ? null : value.slice(0, SHOWN_CHARACTERS);
    return lenses.mask(mask.mask, Buffer.from(value), maskKey)?.toString("utf8").slice(0, SHOWN_CHARACTERS) ?? null;
  };
  let left = SHOWN_IN_ALL;
  const shown = (rows: Images["before"]): (string | null)[][] =>
    (isShown ? rows : []).slice(0, SHOWN_ROWS).flatMap((row) => {
      const cells = row.map(cell);
      left -= cells.reduce((sum, each) => sum + (each?.length ?? 0), 0);
      return left < 0 ? [] : [cells];
    });
  const said = (fields: ErrorFields): string =>
    (lens === undefined ? fields : withhold(fields, undefined).said).message.slice(0, SHOWN_CHARACTERS);
  const { answer, before, after, rows } = images;
  const notes = [
    images.note,
    isTraced && masks !== undefined ? undefined : "Rows are not shown: they may hold what is masked.",
    viewer.mayRead || answer.error ? undefined : "Rows are not shown: the role does not read them.",
    sequences.length > 0 ? `Numbers that ${sequences.join(", ")} gave to the preview are not given back.` : undefined,
    unstableText(stable, images, columns),
  ].filter((each) => each !== undefined);
  return {
    rows,
    columns,
    before: shown(before),
    after: shown(after),
    ...(notes.length > 0 && { note: notes.join(" ") }),
    ...(answer.error && { error: said(answer.error) }),
    notices: answer.notices.slice(0, SHOWN_LINES).map((each) => `${each.severity}: ${said(each)}`),
    locks,
    walBytes,
  };
}

/**
 * Of the whole rows of the table that is changed, as somebody would see them who selects them: a generated column is made
 * of others. `undefined`: nobody knows.
 */
async function imageMasks(
  change: Change | undefined,
  { description }: Images,
  lens: Lens,
  reader: SqlReader,
): Promise<readonly (OutputMask | undefined)[] | undefined> {
  if (description === undefined) return [];
  const read = change && (await reader.parse(`table ${nameOf(change)}`, { lens }));
  const traced = read?.ok === true ? read.traced?.[0] : undefined;
  if (traced?.ok !== true || isNamed(traced.outputs)) return undefined;
  const { width, masks } = maskedIn(description, lens.masked);
  if (traced.outputs !== "clean" && traced.outputs.length !== width) return undefined;
  const { outputs } = traced;
  return Array.from({ length: width }, (_, index) => (outputs === "clean" ? undefined : outputs[index]) ?? masks.get(index));
}

/** Where others write at this moment, it may be their doing too: whoever decides is told what is not compared. */
function unstableText(stable: StableColumns, images: Images, columns: readonly string[]): string | undefined {
  const unstable = Array.from({ length: widthOf(images) }, (_, index) => index).filter((index) => !stable.has(index));
  if (unstable.length === 0) return undefined;
  const named =
    columns.length > 0 ? unstable.map((index) => columns[index] ?? `column ${index + 1}`) : unstable.map((index) => `column ${index + 1}`);
  return `What it writes into ${named.join(", ")} is another each time (time, random numbers, sequences, or what others change), and is not compared.`;
}
