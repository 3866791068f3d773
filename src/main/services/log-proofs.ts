/**
 * Proofs about the published log, made of nothing but what is published: what somebody altered there is not hidden by
 * what the database still says, and whoever verifies the proof finds it.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { LogProofs } from "../../api/services/record.ts";
import { parseCheckpoint } from "../../audit/log/checkpoint.ts";
import { consistencyProof, HASH_BYTES, inclusionProof, type SubtreeHash } from "../../audit/log/merkle.ts";
import { tileSubtrees } from "../../audit/log/proofs.ts";
import { parseBundle, TILE_WIDTH, tilePath, type TileId } from "../../audit/log/tiles.ts";
import { GateError } from "../../kernel/errors.ts";
import { deny, type Denial } from "../../kernel/result.ts";
import type { LogSource } from "../../store/log-source.ts";

/** There is a checkpoint a second: what was logged just now has one by then. */
const PUBLISHED_MS = 3000;
const LOOK_MS = 100;
/** Tiles of one proof: the two edges of a tree of more entries than there will be. */
const TILES_MAX = 32;

interface Head {
  readonly size: number;
  readonly checkpoint: string;
}

export function logProofs(published: string, source: Pick<LogSource, "size" | "body">): LogProofs {
  const read = async (id: TileId): Promise<Buffer | undefined> => {
    const file = (width: number): Promise<Buffer | undefined> =>
      readFile(join(published, tilePath({ ...id, width }))).catch(() => undefined);
    // A partial one is gone once the full one, which begins like it, is there.
    return (await file(id.width)) ?? (id.width < TILE_WIDTH ? file(TILE_WIDTH) : undefined);
  };

  const head = async (): Promise<Head | undefined> => {
    const checkpoint = await readFile(join(published, "checkpoint"), "utf8").catch(() => undefined);
    const parsed = checkpoint === undefined ? undefined : parseCheckpoint(checkpoint);
    return parsed && checkpoint !== undefined ? { size: parsed.size, checkpoint } : undefined;
  };

  /** The checkpoint that covers `entries`, which are in the log. */
  const headCovering = async (entries: number, signal: AbortSignal): Promise<Head | Denial> => {
    for (let waited = 0; ; waited += LOOK_MS) {
      const found = await head();
      if (found && found.size >= entries) return found;
      if (waited >= PUBLISHED_MS || signal.aborted) return deny("wrong-state", { detail: "no checkpoint covers it yet: try again" });
      await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
    }
  };

  return {
    inclusion: async (seq, signal) => {
      if (seq >= source.size()) return deny("not-found", { detail: `entry ${seq}` });
      const found = await headCovering(seq + 1, signal);
      if ("allowed" in found) return found;
      const { size, checkpoint } = found;
      const index = Math.floor(seq / TILE_WIDTH);
      const width = Math.min(TILE_WIDTH, size - index * TILE_WIDTH);
      const bundle = parseBundle((await read({ level: "entries", index, width })) ?? Buffer.alloc(0));
      const envelope = bundle?.[seq - index * TILE_WIDTH];
      if (envelope === undefined) throw new GateError("log-damaged", `entry ${seq} is missing from what was published`);
      const hashes = await fromTiles(read, size, (subtree) => inclusionProof(subtree, seq, size));
      const stored = await source.body(seq);
      return {
        seq,
        size,
        checkpoint,
        envelope: envelope.toString("base64"),
        ...(stored !== "erased" && { body: stored.body.toString("base64"), salt: stored.salt.toString("base64") }),
        proof: hashes.map((hash) => hash.toString("base64")),
      };
    },

    consistency: async (from, wanted, signal) => {
      const to = wanted ?? (await head())?.size ?? 0;
      if (from > to || to > source.size()) return deny("bad-request", { detail: `the log has no ${from} entries within its first ${to}` });
      const found = await headCovering(to, signal);
      if ("allowed" in found) return found;
      const { size, checkpoint } = found;
      const hashes = await fromTiles(read, size, (subtree) => consistencyProof(subtree, from, to));
      return { from, to, checkpoint, proof: hashes.map((hash) => hash.toString("base64")) };
    },
  };
}

/** `make` asks for one hash after the other: it is begun again with each tile that it found missing, a handful in all. */
async function fromTiles(
  read: (id: TileId) => Promise<Buffer | undefined>,
  size: number,
  make: (subtree: SubtreeHash) => Buffer[],
): Promise<Buffer[]> {
  const tiles = new Map<string, Buffer>();
  while (tiles.size <= TILES_MAX) {
    let missing: TileId | undefined;
    const subtree = tileSubtrees((id) => {
      const tile = tiles.get(tilePath(id));
      if (tile === undefined) missing = id;
      // Stands in for it: what is made of it is thrown away.
      return tile ?? Buffer.alloc(TILE_WIDTH * HASH_BYTES);
    }, size);
    const made = make((start, count) => (missing === undefined ? subtree(start, count) : Buffer.alloc(HASH_BYTES)));
    if (missing === undefined) return made;
    const tile = await read(missing);
    if (tile === undefined || tile.length < missing.width * HASH_BYTES) {
      throw new GateError("log-damaged", `${tilePath(missing)} is missing from what was published`);
    }
    tiles.set(tilePath(missing), tile);
  }
  throw new GateError("internal");
}
