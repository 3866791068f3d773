import type { Kysely } from "kysely";
import { bodyHash, parseEnvelope, type Envelope } from "../audit/log/envelope.ts";
import { Frontier, leafHash } from "../audit/log/merkle.ts";
import { GateError } from "../kernel/errors.ts";
import type { LogTable, Tables } from "./tables.ts";
import { TILE_LEAVES } from "./thread/group-commit.ts";
import type { LogHead } from "./thread/messages.ts";

/** Whole tiles hashed again at every start, besides the unfinished one. `audit verify` hashes everything. */
const TILES_CHECKED = 4;

/**
 * Where the log stands, after a look at its end: positions without gaps, envelopes and bodies as their hashes say, tiles
 * as their leaves say. Throws `log-damaged`: a gate does not go on writing behind a broken entry.
 */
export async function checkLogEnd(db: Kysely<Tables>, node: string): Promise<LogHead> {
  const count = await db
    .selectFrom("log")
    .select((the) => [the.fn.countAll().as("count"), the.fn.max("seq").as("last"), the.fn.max("time").as("lastTime")])
    .executeTakeFirstOrThrow();
  const size = Number(count.count);
  if (size > 0 && count.last !== size - 1) throw damaged(`it has ${size} entries and its last is number ${count.last}`);
  const tiles = await db.selectFrom("log_tile").select(["number", "root"]).orderBy("number").execute();
  const whole = Math.floor(size / TILE_LEAVES);
  if (tiles.length !== whole) throw damaged(`it has ${tiles.length} tiles instead of ${whole}`);

  const start = Math.max(0, whole - TILES_CHECKED) * TILE_LEAVES;
  const rows = await db.selectFrom("log").selectAll().where("seq", ">=", start).orderBy("seq").execute();
  let tile = new Frontier();
  for (const row of rows) {
    requireIntact(row, node);
    tile.append(leafHash(row.envelope));
    if (tile.size < TILE_LEAVES) continue;
    const stored = tiles[Math.floor(row.seq / TILE_LEAVES)];
    if (stored === undefined || !tile.root().equals(stored.root))
      throw damaged(`the tile that ends with entry ${row.seq} has another root`);
    tile = new Frontier();
  }
  return { size, lastTime: count.lastTime ?? 0, tile: tile.roots };
}

function requireIntact(row: LogTable, node: string): void {
  const envelope = requireSameColumns(row);
  if (envelope.node !== node) throw damaged(`entry ${row.seq} says it is another`);
  if (row.body !== null && row.salt !== null && bodyHash(Buffer.from(row.salt), Buffer.from(row.body)) !== envelope.bodyHash) {
    throw damaged(`the body of entry ${row.seq} is not the one it was logged with`);
  }
}

/** What is searched by must be what was logged: a column that says otherwise hides the entry. Throws `log-damaged`. */
export function requireSameColumns(row: Omit<LogTable, "salt" | "body">): Envelope {
  const envelope = parseEnvelope(Buffer.from(row.envelope));
  if (typeof envelope === "string") throw damaged(`entry ${row.seq}: ${envelope}`);
  const { principal, grant, session, target, request, decision } = envelope;
  const said = [row.principal, row.grant_id, row.session, row.target, row.request, row.decision];
  const logged = [principal, grant, session, target, request, decision];
  const same = envelope.seq === row.seq && envelope.time === row.time && envelope.kind === row.kind;
  if (!same || said.some((value, index) => value !== (logged[index] ?? null))) throw damaged(`entry ${row.seq} says it is another`);
  return envelope;
}

function damaged(detail: string): GateError {
  return new GateError("log-damaged", detail);
}
