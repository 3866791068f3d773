/**
 * What a statement would change, found out under the session's permit, on its own connection where that is idle, and undone.
 *
 * Tried out is only what is known to have no effect outside of its transaction: an INSERT, UPDATE or DELETE of plain
 * tables, without functions, triggers, rules, operators or casts that somebody defined, unless the target vouches for
 * them. For everything else an approver is told why there is no preview, and sees the plan.
 */
import { withDeadline } from "../../kernel/deadline.ts";
import { asGateError } from "../../kernel/errors.ts";
import type { Change } from "../../policy/sql/change.ts";
import type { StatementFacts } from "../../policy/sql/statement.ts";
import type { Permit } from "../../session/gatekeeper.ts";
import type { Preview } from "../../session/holds.ts";
import type { Lenses, Place } from "../../session/lenses.ts";
import type { ErrorFields } from "../../wire/postgres/backend.ts";
import {
  dryRun,
  encodeStatement,
  nameOf,
  stableColumns,
  widthOf,
  worldOf,
  type HeldStatement,
  type Images,
  type StableColumns,
  type World,
} from "./dry-run.ts";
import { overOwnConnection } from "./own-connection.ts";
import { Answer, askCatalogue, findRelation, must, type Exchange } from "./postgres-answer.ts";
import { TRIGGER, whyNot } from "./preview-effects.ts";
import type { OwnLine } from "./postgres-hold.ts";
import type { SqlReader } from "./postgres-statements.ts";
import { readMessage } from "../../wire/postgres/read.ts";
import type { Wire } from "./postgres-reader.ts";
import type { UpstreamDeps } from "./postgres-upstream.ts";
import { withhold } from "./postgres-withheld.ts";
import { maskedIn } from "./result-masks.ts";

const TIMEOUT_MS = 20_000;
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;
/** Rows, lines and characters that somebody looks at. */
const SHOWN_ROWS = 50;
const SHOWN_LINES = 200;
const SHOWN_CHARACTERS = 500;
/** Characters of rows in all: a thousand of them may wait at once. */
const SHOWN_IN_ALL = 64 * 1024;

export interface PreviewDeps {
  readonly permit: Permit;
  readonly place: Omit<Place, "path">;
  readonly upstream: UpstreamDeps;
  readonly lenses: Lenses;
  readonly reader: SqlReader;
  readonly maskKey: Buffer;
  /** Functions of triggers and defaults that the target vouches for. */
  readonly vouched: readonly string[];
}

export interface Previewed {
  readonly preview: Preview;
  /** What a later trial is compared with; absent where there is no preview. */
  readonly compared?: { readonly change: Change; readonly world: World; readonly stable: StableColumns };
}

/**
 * `line`: the session's own connection, where it is idle; else a connection of the gate's own, with the settings that a
 * session begins with. That it could not be found out is an answer too; throws only where `line` is then not what it was.
 */
export async function previewStatement(
  held: HeldStatement,
  statements: readonly StatementFacts[],
  deps: PreviewDeps,
  line?: OwnLine,
): Promise<Previewed> {
  if (line?.status === "E") return impossible("the transaction that it is in has failed");
  if (line) {
    const ways = line.status === "T" ? INSIDE : ALONE;
    const exchange: Exchange = (bytes) => withDeadline(line.exchange(bytes), TIMEOUT_MS, "the target does not answer");
    return await preview(exchange, ways, held, statements, deps);
  }
  const { permit, place, upstream } = deps;
  const { target, account, database } = place;
  const startup = { application_name: `${permit.grant.id} preview` };
  try {
    return await overOwnConnection({ permit, target, user: account, database, startup, timeoutMs: TIMEOUT_MS }, upstream, ({ socket }) =>
      preview(exchangeOver(socket), ALONE, held, statements, deps),
    );
  } catch (error) {
    const { code, detail } = asGateError(error);
    return impossible(code === "internal" ? "it could not be tried out" : (detail ?? code));
  }
}

/** How what is tried out begins, and is undone. */
const ALONE = ["begin isolation level repeatable read", "rollback"] as const;
const INSIDE = ["savepoint sallyport_preview", "rollback to savepoint sallyport_preview; release savepoint sallyport_preview"] as const;

function impossible(why: string): Previewed {
  return { preview: { possible: false, why } };
}

function exchangeOver(wire: Wire): Exchange {
  return async (bytes) => {
    wire.write(bytes);
    const answer = new Answer();
    while (!answer.add(await readMessage(wire, MAX_MESSAGE_BYTES)));
    return answer;
  };
}

async function preview(
  exchange: Exchange,
  [begin, undo]: readonly [string, string],
  held: HeldStatement,
  statements: readonly StatementFacts[],
  deps: PreviewDeps,
): Promise<Previewed> {
  const startedAt = performance.now();
  const undone = async <T>(work: () => Promise<T>): Promise<T> => {
    await must(exchange, begin);
    const result = await work();
    await must(exchange, undo);
    return result;
  };
  const change = statements[0]?.change;
  const isFree = async (): Promise<string | undefined> => await whyNot(exchange, statements, deps.vouched);
  // In a transaction of its own, where the client has none: now() is the time at which one began.
  const earlier = await undone(async () => (change && (await isFree()) === undefined ? await dryRun(exchange, held, change) : undefined));
  return await undone(async () => {
    const why = await isFree();
    // A plan runs what is immutable, whoever wrote it: nothing is planned that might call such a thing.
    const plan = why === undefined || why.startsWith(TRIGGER) ? await planOf(exchange, held) : [];
    if (why !== undefined || change === undefined || earlier === undefined)
      return { preview: { possible: false, why: why ?? "it changed while it was looked at", plan } };
    const run = await watchedRun(exchange, held, change);
    const stable = stableColumns(run.images, earlier);
    const shown = await shownRun(exchange, held, deps, run, stable);
    const preview = { possible: true as const, ...shown, plan, tookMs: performance.now() - startedAt };
    return { preview, compared: { change, stable, world: worldOf(run.images, stable) } };
  });
}

/** As an approver may see it: masked as for somebody who sees no class. */
async function shownRun(
  exchange: Exchange,
  held: HeldStatement,
  { lenses, place, reader, maskKey }: PreviewDeps,
  { images, columns, locks, walBytes }: WatchedRun,
  stable: StableColumns,
): Promise<Omit<Extract<Preview, { possible: true }>, "possible" | "plan" | "tookMs">> {
  const { rows: path } = await must(exchange, "select pg_catalog.unnest(pg_catalog.current_schemas(true))");
  // Without a catalogue nobody knows what is masked.
  const lens = await Promise.resolve(lenses.find({ ...place, path: path.map(([schema]) => schema ?? "") }, [])).catch(
    () => "unknown" as const,
  );
  const read = typeof lens === "object" && (await reader.parse(held.sql, { lens }));
  // What was made of a masked column stands in a column of another name: then no row is shown.
  const isTraced = lens === undefined || (read !== false && read.ok && read.traced?.every((each) => each.ok) === true);
  const masks = typeof lens === "object" && images.description && maskedIn(images.description, lens.masked).masks;
  const cell = (value: string | null, index: number): string | null => {
    const mask = masks ? masks.get(index) : undefined;
    if (value === null || !mask) return value === null ? null : value.slice(0, SHOWN_CHARACTERS);
    return lenses.mask(mask.mask, Buffer.from(value), maskKey)?.toString("utf8").slice(0, SHOWN_CHARACTERS) ?? null;
  };
  let left = SHOWN_IN_ALL;
  const shown = (rows: Images["before"]): (string | null)[][] =>
    (isTraced ? rows : []).slice(0, SHOWN_ROWS).flatMap((row) => {
      const cells = row.map(cell);
      left -= cells.reduce((sum, each) => sum + (each?.length ?? 0), 0);
      return left < 0 ? [] : [cells];
    });
  const said = (fields: ErrorFields): string =>
    (lens === undefined ? fields : withhold(fields, undefined).said).message.slice(0, SHOWN_CHARACTERS);
  const { answer, before, after, rows } = images;
  const notes = [
    images.note,
    isTraced ? undefined : "Rows are not shown: they may hold what is masked.",
    stable.size < widthOf(images)
      ? "Some of what it writes is another each time (time, random numbers, sequences), and is not compared."
      : undefined,
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

async function planOf(exchange: Exchange, held: HeldStatement): Promise<string[]> {
  await must(exchange, "savepoint sallyport_plan");
  const explained = await exchange(encodeStatement(held, `explain ${held.sql}`));
  await must(exchange, "rollback to savepoint sallyport_plan; release savepoint sallyport_plan");
  return explained.rows.map(([line]) => (line ?? "").slice(0, SHOWN_CHARACTERS)).slice(0, SHOWN_LINES);
}

interface WatchedRun {
  readonly images: Images;
  readonly columns: readonly string[];
  readonly locks: readonly string[];
  readonly walBytes: number;
}

/** A trial, with what it holds and writes. */
async function watchedRun(exchange: Exchange, held: HeldStatement, change: Change): Promise<WatchedRun> {
  let locks: string[] = [];
  const watched: Exchange = async (bytes) => {
    const answer = await exchange(bytes);
    // Before it is undone: what its transaction holds then.
    if (answer.tag.startsWith(change.kind) && !answer.error) locks = column(await askCatalogue(exchange, LOCKS));
    return answer;
  };
  const at = async (): Promise<bigint> => lsn((await must(exchange, "select pg_catalog.pg_current_wal_insert_lsn()")).rows[0]?.[0]);
  const from = await at();
  const images = await dryRun(watched, held, change);
  const walBytes = Number((await at()) - from);
  const relation = images.description === undefined ? undefined : await findRelation(exchange, nameOf(change));
  const columns = relation === undefined ? [] : column(await askCatalogue(exchange, columnsOf(relation)));
  return { images, locks, columns, walBytes };
}

const LOCKS = `
select distinct replace(mode, 'Lock', '') || ' on ' || c.relname from pg_locks l join pg_class c on c.oid = l.relation
 where pid = pg_backend_pid() and mode <> 'AccessShareLock' and c.relkind in ('r', 'p') order by 1`;

function columnsOf(relation: number): string {
  return `select attname from pg_attribute where attrelid = ${relation} and attnum > 0 and not attisdropped order by attnum`;
}

function column(rows: readonly (readonly (string | null)[])[]): string[] {
  return rows.map(([value]) => value ?? "");
}

/** `16/B374D848`: a place in the database's log, in bytes. */
function lsn(text: string | null | undefined): bigint {
  const [high = "0", low = "0"] = (text ?? "0/0").split("/");
  return (BigInt(`0x${high}`) << 32n) + BigInt(`0x${low}`);
}
