import { HASH_BYTES, nodeHash, type SubtreeHash } from "./merkle.ts";
import { TILE_WIDTH, type TileId } from "./tiles.ts";

/** Bytes of a tile; a partial tile is asked for with the width it has in the tree. */
export type ReadTile = (id: TileId) => Buffer;

/** Complete subtrees of a log of `size` entries out of its tiles: what `inclusionProof` and `consistencyProof` ask for. */
export function tileSubtrees(readTile: ReadTile, size: number): SubtreeHash {
  return (start, count) => {
    let level = 0;
    let span = 1;
    while (span * TILE_WIDTH <= count) [level, span] = [level + 1, span * TILE_WIDTH];
    const index = Math.floor(start / span / TILE_WIDTH);
    const width = Math.min(TILE_WIDTH, Math.floor(size / span) - index * TILE_WIDTH);
    const tile = readTile({ level, index, width });
    const root = (first: number, n: number): Buffer => {
      if (n > 1) return nodeHash(root(first, n / 2), root(first + n / 2, n / 2));
      const offset = first * HASH_BYTES;
      if (offset + HASH_BYTES > tile.length) throw new RangeError(`Tile ${level}/${index} ends before hash ${first}`);
      return tile.subarray(offset, offset + HASH_BYTES);
    };
    return root(start / span - index * TILE_WIDTH, count / span);
  };
}
