/**
 * A definition (CREATE, ALTER, DROP) tried out: what it locks, writes anew, makes and drops. It may lock everybody out of a
 * table, so that it is undone in the message that begins it, by the server itself: not even a gate that dies in between
 * makes others wait longer than LOCK_MS for the lock and DEFINITION_MS with it.
 */
import type { DefinitionPreview } from "../../../session/holds.ts";
import { encodeQuery } from "../../../wire/postgres/frontend.ts";
import { textOf, type HeldStatement } from "./held-statement.ts";
import { askCatalogue, must, type Answer, type Exchange } from "../postgres-answer.ts";
import { beginTrying, UNDO_TRYING } from "./trial-transaction.ts";

/** While it holds what it locks. */
export const DEFINITION_MS = 500;

export interface DefinitionRun {
  readonly answer: Answer;
  readonly locks: readonly string[];
  readonly definition: DefinitionPreview;
}

interface Relation {
  readonly kind: string;
  readonly name: string;
  /** A file of another number is another file: it was written anew. */
  readonly file: string;
}

/** From weak to strong (§13.3.1), those that reading and writing rows does not take. */
const LOCK_MODES = ["ShareUpdateExclusive", "Share", "ShareRowExclusive", "Exclusive", "AccessExclusive"] as const;

/** OIDs of what a database begins with are below. */
const FIRST_OWN_OID = 16_384;

/** Inside of a transaction; leaves it as it was. */
export async function tryDefinition(
  exchange: Exchange,
  { sql }: HeldStatement,
  bytes: number | undefined,
  mostMs: number,
): Promise<DefinitionRun> {
  await must(exchange, beginTrying(Math.min(DEFINITION_MS, mostMs)));
  const answer = await exchange(encodeQuery(`${textOf(sql, bytes)}\n; set local search_path = ''; ${HELD}; ${UNDO_TRYING}`));
  if (answer.error) {
    await must(exchange, UNDO_TRYING);
    return { answer, locks: [], definition: { rewrites: [], creates: [], drops: [] } };
  }
  const during = new Map(answer.rows.map(([oid, , ...of]) => [oid ?? "", relationOf(of)]));
  const before = new Map(
    during.size === 0
      ? []
      : (await askCatalogue(exchange, beforeOf([...during.keys()]))).map(([oid, ...of]) => [oid ?? "", relationOf(of)]),
  );
  const pairs = [...during].map(([oid, now]) => ({ was: before.get(oid), now }));
  const definition = {
    rewrites: pairs.flatMap(({ was, now }) => (was && now && was.file !== now.file ? [shown(was)] : [])),
    creates: pairs.flatMap(({ was, now }) => (was === undefined && now ? [shown(now)] : [])),
    drops: pairs.flatMap(({ was, now }) => (was && now === undefined ? [shown(was)] : [])),
  };
  return { answer, locks: locksIn(answer.rows, before), definition };
}

/** The strongest on each; indexes only where nothing else is locked: with their tables they go without saying. */
function locksIn(rows: Answer["rows"], before: ReadonlyMap<string, Relation | undefined>): readonly string[] {
  const locked = [...before].flatMap(([oid, relation]) => {
    const modes = new Set(rows.filter(([of]) => of === oid).map(([, mode]) => mode));
    const strongest = LOCK_MODES.findLast((mode) => modes.has(mode));
    return relation && strongest ? [{ relation, text: `${strongest} on ${relation.name}` }] : [];
  });
  const tables = locked.filter(({ relation }) => relation.kind !== "index");
  return (tables.length > 0 ? tables : locked).map(({ text }) => text).sort();
}

function relationOf([kind, name, file]: readonly (string | null)[]): Relation | undefined {
  return kind == null ? undefined : { kind, name: name ?? "", file: file ?? "" };
}

function shown({ kind, name }: Relation): string {
  return `${kind} ${name}`;
}

const WHAT = `
  case c.relkind when 'r' then 'table' when 'p' then 'table' when 'i' then 'index' when 'I' then 'index' when 'S' then 'sequence' when 'v' then 'view'
    when 'm' then 'materialized view' when 'c' then 'type' when 'f' then 'foreign table' end,
  case when n.nspname = 'public' then c.relname else n.nspname || '.' || c.relname end, c.relfilenode`;

/** What is locked by more than reading and writing rows takes; what is gone by now has no row in pg_class any more. */
const HELD = `
select l.relation, replace(l.mode, 'Lock', ''), ${WHAT}
  from pg_locks l left join pg_class c on c.oid = l.relation left join pg_namespace n on n.oid = c.relnamespace
 where l.locktype = 'relation' and l.pid = pg_backend_pid() and l.relation >= ${FIRST_OWN_OID} and n.nspname is distinct from 'pg_toast'
   and l.mode not in ('AccessShareLock', 'RowShareLock', 'RowExclusiveLock')`;

function beforeOf(oids: readonly string[]): string {
  return `select c.oid, ${WHAT} from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname <> 'pg_toast' and c.oid in (${oids.join(", ")})`;
}
