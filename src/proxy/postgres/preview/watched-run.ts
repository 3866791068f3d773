/** A trial of a change, with what it holds, writes and takes. */
import type { Change } from "../../../policy/sql/change.ts";
import { askCatalogue, findRelation, must, type Exchange } from "../postgres-answer.ts";
import { dryRun, nameOf } from "./dry-run.ts";
import type { HeldStatement } from "./held-statement.ts";
import type { Images } from "./trial-images.ts";

export interface WatchedRun {
  /** Absent: of a definition. */
  readonly change?: Change;
  readonly images: Images;
  readonly columns: readonly string[];
  readonly locks: readonly string[];
  readonly walBytes: number;
  /** Whose numbers it took. */
  readonly sequences: readonly string[];
}

export async function watchedRun(exchange: Exchange, held: HeldStatement, change: Change, mostMs?: number): Promise<WatchedRun> {
  let locks: string[] = [];
  let sequences: string[] = [];
  const watched: Exchange = async (bytes) => {
    const answer = await exchange(bytes);
    // Before it is undone: what its transaction holds then.
    if (answer.tag.startsWith(change.kind) && !answer.error) {
      const held = await askCatalogue(exchange, LOCKS);
      locks = held.flatMap(([lock, kind]) => (kind === "S" ? [] : [lock ?? ""]));
      sequences = held.flatMap(([, kind, name]) => (kind === "S" ? [name ?? ""] : []));
    }
    return answer;
  };
  const at = async (): Promise<bigint> => lsn((await must(exchange, "select pg_catalog.pg_current_wal_insert_lsn()")).rows[0]?.[0]);
  const from = await at();
  const images = await dryRun(watched, held, change, mostMs);
  const walBytes = Number((await at()) - from);
  const relation = images.description === undefined ? undefined : await findRelation(exchange, nameOf(change));
  const columns = relation === undefined ? [] : column(await askCatalogue(exchange, columnsOf(relation)));
  return { change, images, locks, columns, walBytes, sequences };
}

const LOCKS = `
select distinct replace(mode, 'Lock', '') || ' on ' || c.relname, c.relkind, c.relname from pg_locks l join pg_class c on c.oid = l.relation
 where pid = pg_backend_pid() and mode <> 'AccessShareLock' and c.relkind in ('r', 'p', 'S') order by 1`;

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
