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
import { openUpstream } from "../../session/dial.ts";
import type { Permit } from "../../session/gatekeeper.ts";
import type { Preview } from "../../session/holds.ts";
import type { Lenses, Place } from "../../session/lenses.ts";
import { encodeQuery, encodeTerminate } from "../../wire/postgres/frontend.ts";
import type { ErrorFields } from "../../wire/postgres/backend.ts";
import {
  dryRun,
  encodeStatement,
  literal,
  must,
  nameOf,
  stableColumns,
  type HeldStatement,
  type Images,
  type StableColumns,
} from "./dry-run.ts";
import { Answer, type Exchange } from "./postgres-answer.ts";
import type { OwnLine } from "./postgres-hold.ts";
import type { SqlReader } from "./postgres-statements.ts";
import { readMessage } from "../../wire/postgres/read.ts";
import type { Wire } from "./postgres-reader.ts";
import { logIn, type UpstreamDeps } from "./postgres-upstream.ts";
import { withhold } from "./postgres-withheld.ts";
import { maskedIn } from "./result-masks.ts";

const TIMEOUT_MS = 20_000;
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;
/** Rows, lines and characters that somebody looks at. */
const SHOWN_ROWS = 50;
const SHOWN_LINES = 200;
const SHOWN_CHARACTERS = 500;

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

/** With what a later run is compared with; absent where there is no preview. */
export interface Previewed {
  readonly preview: Preview;
  readonly change?: Change;
  readonly images?: Images;
  readonly stable?: StableColumns;
}

/**
 * `line`: the session's own connection, where it is idle; else a connection of the gate's own, with the settings that a
 * session begins with. Never throws: that it could not be found out is an answer too.
 */
export async function previewStatement(
  held: HeldStatement,
  statements: readonly StatementFacts[],
  deps: PreviewDeps,
  line?: OwnLine,
): Promise<Previewed> {
  const startedAt = performance.now();
  if (line?.status === "E") return impossible("the transaction that it is in has failed");
  let socket: Wire | undefined;
  try {
    if (line) {
      const [begin, undo] = line.status === "T" ? INSIDE : ALONE;
      return await preview(line.exchange, { begin, undo }, held, statements, deps, startedAt);
    }
    const { permit, place, upstream } = deps;
    const password = await upstream.password(place.target.name, place.account);
    const plain = await openUpstream(permit);
    plain.on("error", () => undefined);
    socket = plain;
    const startup = {
      user: place.account,
      database: place.database,
      application_name: `${permit.grant.id} preview`,
      client_encoding: "UTF8",
    };
    const [begin, undo] = ALONE;
    const work = logIn(plain, place.target, startup, password, upstream).then(({ socket: wire }) =>
      preview(exchangeOver(wire), { begin, undo }, held, statements, deps, startedAt),
    );
    return await withDeadline(work, TIMEOUT_MS, "it took too long");
  } catch (error) {
    const { code, detail } = asGateError(error);
    return impossible(code === "internal" ? "it could not be tried out" : (detail ?? code));
  } finally {
    socket?.end(encodeTerminate());
    const closing = socket;
    setTimeout(() => closing?.destroy(), 1000).unref();
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
  { begin, undo }: { readonly begin: string; readonly undo: string },
  held: HeldStatement,
  statements: readonly StatementFacts[],
  deps: PreviewDeps,
  startedAt: number,
): Promise<Previewed> {
  const undone = async <T>(work: () => Promise<T>): Promise<T> => {
    await must(exchange, begin);
    try {
      return await work();
    } finally {
      await must(exchange, undo);
    }
  };
  // In a transaction of its own, where the client has none: now() is the time at which one began.
  const earlier = await undone(async () => {
    const change = statements[0]?.change;
    const mayTry = change !== undefined && (await whyNot(exchange, statements, deps.vouched)) === undefined;
    return mayTry ? await dryRun(exchange, held, change) : undefined;
  });
  return await undone(() => previewInside(exchange, held, statements, deps, startedAt, earlier));
}

async function previewInside(
  exchange: Exchange,
  held: HeldStatement,
  statements: readonly StatementFacts[],
  deps: PreviewDeps,
  startedAt: number,
  earlier: Images | undefined,
): Promise<Previewed> {
  const change = statements[0]?.change;
  const why = await whyNot(exchange, statements, deps.vouched);
  // A plan runs what is immutable, whoever wrote it: nothing is planned that might call such a thing.
  const plan = why === undefined || why.startsWith(TRIGGER) ? await planOf(exchange, held) : [];
  if (why !== undefined || change === undefined)
    return { preview: { possible: false, why: why ?? "it is no INSERT, UPDATE or DELETE", plan } };
  const [from] = await column(exchange, "select pg_catalog.pg_current_wal_insert_lsn()");
  const { run, locks, columns } = await dryRunWithLocks(exchange, held, change);
  const [walBytes] = await column(
    exchange,
    `select pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_insert_lsn(), ${literal(from ?? "0/0")})`,
  );
  const stable = stableColumns(run, earlier ?? run);
  const path = await column(exchange, "select unnest(pg_catalog.current_schemas(true))");
  const lens = await deps.lenses.find({ ...deps.place, path }, []);
  // What was made of a masked column stands in a column of another name: then no row is shown.
  const read = lens && (await deps.reader.parse(held.sql, { lens }));
  const isTraced = lens === undefined || (read?.ok === true && read.traced?.every((each) => each.ok) === true);
  const masked = lens && run.description && maskedIn(run.description, lens.masked).masks;
  const shown = (rows: Images["before"]): (string | null)[][] =>
    (isTraced ? rows : []).slice(0, SHOWN_ROWS).map((row) =>
      row.map((value, index) => {
        const mask = masked?.get(index);
        const seen =
          value === null || !mask ? value : (deps.lenses.mask(mask.mask, Buffer.from(value), deps.maskKey)?.toString("utf8") ?? null);
        return seen === null ? null : seen.slice(0, SHOWN_CHARACTERS);
      }),
    );
  const said = (fields: ErrorFields): string => (lens ? withhold(fields, undefined).said : fields).message.slice(0, SHOWN_CHARACTERS);
  const { answer, before, after, rows } = run;
  const notes = [run.note, isTraced ? undefined : "Rows are not shown: they may hold what is masked.", unstable(run, stable)].filter(
    (each) => each !== undefined,
  );
  return {
    change,
    images: run,
    stable,
    preview: {
      possible: true,
      rows,
      columns,
      before: shown(before),
      after: shown(after),
      ...(notes.length > 0 && { note: notes.join(" ") }),
      ...(answer.error && { error: said(answer.error) }),
      notices: answer.notices.slice(0, SHOWN_LINES).map((each) => `${each.severity}: ${said(each)}`),
      locks,
      walBytes: Math.max(0, Math.round(Number(walBytes ?? 0))),
      plan,
      tookMs: performance.now() - startedAt,
    },
  };
}

function unstable({ after, returned }: Images, stable: StableColumns): string | undefined {
  const width = (after[0] ?? returned[0] ?? []).length;
  return stable.size < width
    ? "Some of what it writes is another each time (time, random numbers, sequences), and is not compared."
    : undefined;
}

async function planOf(exchange: Exchange, held: HeldStatement): Promise<string[]> {
  await must(exchange, "savepoint sallyport_plan");
  const explained = await exchange(encodeStatement(held, `explain ${held.sql}`));
  await must(exchange, "rollback to savepoint sallyport_plan; release savepoint sallyport_plan");
  return explained.rows.map(([line]) => (line ?? "").slice(0, SHOWN_CHARACTERS)).slice(0, SHOWN_LINES);
}

async function dryRunWithLocks(
  exchange: Exchange,
  held: HeldStatement,
  change: Change,
): Promise<{ run: Images; locks: string[]; columns: string[] }> {
  let locks: string[] = [];
  const watched: Exchange = async (bytes) => {
    const answer = await exchange(bytes);
    // Before it is undone: what its transaction holds then.
    if (answer.tag.startsWith(change.kind) && !answer.error) locks = await column(exchange, LOCKS);
    return answer;
  };
  const run = await dryRun(watched, held, change);
  const columns = run.description === undefined ? [] : await column(exchange, columnsOf(change));
  return { run, locks, columns };
}

const LOCKS = `
select distinct pg_catalog.replace(mode, 'Lock', '') || ' on ' || relation::pg_catalog.regclass::pg_catalog.text
  from pg_catalog.pg_locks l join pg_catalog.pg_class c on c.oid = l.relation
 where pid = pg_catalog.pg_backend_pid() and mode <> 'AccessShareLock' and c.relkind in ('r', 'p') order by 1`;

function columnsOf(change: Change): string {
  return `select attname from pg_catalog.pg_attribute
           where attrelid = pg_catalog.to_regclass(${literal(nameOf(change))}) and attnum > 0 and not attisdropped order by attnum`;
}

async function column(exchange: Exchange, sql: string): Promise<string[]> {
  const { rows } = await exchange(encodeQuery(sql));
  return rows.map(([value]) => value ?? "");
}

/** Why it must not be tried out; `undefined`: it may. */
export async function whyNot(
  exchange: Exchange,
  statements: readonly StatementFacts[],
  vouched: readonly string[],
): Promise<string | undefined> {
  const [only, second] = statements;
  if (only?.change === undefined || second) return "only a single INSERT, UPDATE or DELETE can be tried out";
  const others = only.classes.filter((each) => each !== "read" && each !== "write");
  if (others.length > 0) return `it does more than change rows (${others.join(", ")})`;
  const called = only.functions.find((name) => !vouched.includes(name));
  if (called !== undefined) return `the function ${called} may have effects that cannot be undone`;
  const names = new Set(only.relations.map(({ name }) => name));
  for (const name of names) {
    const [schema, table] = name.includes(".") ? name.split(".") : [undefined, name];
    const isWritten = only.relations.some((relation) => relation.name === name && relation.access === "write");
    const found = await column(
      exchange,
      effectsOf(nameOf({ table: table ?? "", ...(schema !== undefined && { schema }) }), isWritten, vouched),
    );
    if (found[0] !== undefined) return found[0];
  }
  return undefined;
}

const TRIGGER = "the trigger ";

/**
 * Of a table, what inherits from it, and what its foreign keys change with it: whatever runs that PostgreSQL did not bring.
 * Of one that is only read (a name that is none may be one of WITH): what it is, and its policies. An extension's functions
 * are known by what they say of themselves: a volatile one (dblink) may do anything.
 */
function effectsOf(table: string, isWritten: boolean, vouched: readonly string[]): string {
  const trusted =
    vouched.length === 0 ? "false" : `f.proname in (${vouched.map((name) => literal(name.split(".").at(-1) ?? name)).join(", ")})`;
  const foreign = `f.pronamespace <> 'pg_catalog'::regnamespace and (f.provolatile = 'v' or not exists (select from pg_depend e where e.classid = 'pg_proc'::regclass and e.objid = f.oid and e.deptype = 'e')) and not ${trusted}`;
  return `
with recursive reach as (
  select pg_catalog.to_regclass(${literal(table)})::oid as oid
  union
  select x.oid from reach r cross join lateral (
    select inhrelid as oid from pg_catalog.pg_inherits where inhparent = r.oid
    union all
    select conrelid from pg_catalog.pg_constraint
     where ${isWritten} and confrelid = r.oid and contype = 'f' and (confdeltype in ('c', 'n', 'd') or confupdtype in ('c', 'n', 'd'))
  ) x
)
select why from (
  select 1 as n, ${literal(table)} || ' is not there' as why from reach where oid is null and ${isWritten}
  union all
  select 2, c.relname || ' is no plain table' from pg_catalog.pg_class c join reach using (oid)
   where c.relkind not in ('r', 'p'${isWritten ? "" : ", 'm', 'S'"}) and not (c.relkind = 'v' and c.relnamespace = 'pg_catalog'::regnamespace)
  union all
  select 3, 'the trigger ' || t.tgname || ' of ' || c.relname || ' runs ' || f.proname || ', which may do anything'
    from pg_catalog.pg_trigger t join reach r on t.tgrelid = r.oid join pg_catalog.pg_class c on c.oid = t.tgrelid join pg_catalog.pg_proc f on f.oid = t.tgfoid
   where ${isWritten} and not t.tgisinternal and t.tgenabled <> 'D' and not ${trusted}
  union all
  select 4, 'the rule ' || w.rulename || ' runs with it' from pg_catalog.pg_rewrite w join reach r on w.ev_class = r.oid where ${isWritten} and w.ev_type <> '1'
  union all
  select 5, 'a default, check, index or policy of it calls ' || f.proname || ', which may do anything'
    from pg_catalog.pg_depend d join pg_catalog.pg_proc f on d.refclassid = 'pg_proc'::regclass and f.oid = d.refobjid
   where ${foreign} and (
     ${isWritten} and d.classid = 'pg_attrdef'::regclass and d.objid in (select a.oid from pg_catalog.pg_attrdef a join reach r on a.adrelid = r.oid)
     or ${isWritten} and d.classid = 'pg_constraint'::regclass and d.objid in (select k.oid from pg_catalog.pg_constraint k join reach r on k.conrelid = r.oid)
     or ${isWritten} and d.classid = 'pg_class'::regclass and d.objid in (select i.indexrelid from pg_catalog.pg_index i join reach r on i.indrelid = r.oid)
     or d.classid = 'pg_policy'::regclass and d.objid in (select p.oid from pg_catalog.pg_policy p join reach r on p.polrelid = r.oid))
  union all
  select 6, 'an operator or cast that somebody defined may do anything'
    from (select oprcode::oid as fn from pg_catalog.pg_operator union all select castfunc from pg_catalog.pg_cast) u join pg_catalog.pg_proc f on f.oid = u.fn
   where ${foreign}
) found order by n limit 1`;
}
