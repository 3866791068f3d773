/**
 * Tiles and entry bundles of https://c2sp.org/tlog-tiles: their names, their bytes, and the tree that grows tile by tile.
 *
 * Never does: files, signatures. Invariant: a full tile is emitted once, when its last hash arrives; what is emitted never changes.
 */
import { Frontier, HASH_BYTES, EMPTY_ROOT, nodeHash } from "./merkle.ts";

export const TILE_WIDTH = 256;
const ENTRY_MAX_BYTES = 0xffff;
const LEVELS_MAX = 7;

/** A tile of the tree, or of `entries`. `width` is 1…256. */
export interface TileId {
  readonly level: number | "entries";
  readonly index: number;
  readonly width: number;
}

/** 1234067 → `x001/x234/067`. */
export function encodeTileIndex(index: number): string {
  const groups: string[] = [];
  let rest = index;
  do {
    groups.unshift(`${groups.length > 0 ? "x" : ""}${String(rest % 1000).padStart(3, "0")}`);
    rest = Math.floor(rest / 1000);
  } while (rest > 0);
  return groups.join("/");
}

export function tilePath({ level, index, width }: TileId): string {
  return `tile/${level}/${encodeTileIndex(index)}${width === TILE_WIDTH ? "" : `.p/${width}`}`;
}

/** Entries, each behind its length as a big-endian uint16. */
export function encodeBundle(entries: readonly Buffer[]): Buffer {
  const parts: Buffer[] = [];
  for (const entry of entries) {
    if (entry.length > ENTRY_MAX_BYTES) throw new RangeError("An entry is longer than 65,535 bytes");
    const length = Buffer.alloc(2);
    length.writeUInt16BE(entry.length);
    parts.push(length, entry);
  }
  return Buffer.concat(parts);
}

/** Untrusted: the entries, or `undefined` if the bytes end inside one. */
export function parseBundle(bytes: Buffer): Buffer[] | undefined {
  const entries: Buffer[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (at + 2 > bytes.length) return undefined;
    const end = at + 2 + bytes.readUInt16BE(at);
    if (end > bytes.length) return undefined;
    entries.push(bytes.subarray(at + 2, end));
    at = end;
  }
  return entries;
}

/** The partial tiles of a tree of this size, lowest level first. */
export function partialTiles(size: number): { level: number; index: number; width: number }[] {
  const tiles = [];
  for (let level = 0, count = size; count > 0; level += 1, count = Math.floor(count / TILE_WIDTH)) {
    const width = count % TILE_WIDTH;
    if (width > 0) tiles.push({ level, index: Math.floor(count / TILE_WIDTH), width });
  }
  return tiles;
}

/** MTH of a full tile's hashes. */
function fullTileRoot(tile: Buffer): Buffer {
  let row: Buffer[] = hashesOf(tile);
  while (row.length > 1) {
    const above: Buffer[] = [];
    for (let i = 0; i < row.length; i += 2) above.push(nodeHash(row[i] ?? EMPTY_ROOT, row[i + 1] ?? EMPTY_ROOT));
    row = above;
  }
  return row[0] ?? EMPTY_ROOT;
}

function hashesOf(tile: Buffer): Buffer[] {
  return Array.from({ length: tile.length / HASH_BYTES }, (_, i) => tile.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES));
}

/** Every tile and entry bundle that a log of this size is published as: the full ones of each level, then the partial. */
export function* publishedTiles(size: number): Generator<TileId> {
  for (let index = 0; index < Math.floor(size / TILE_WIDTH); index += 1) yield { level: "entries", index, width: TILE_WIDTH };
  for (let level = 0, left = Math.floor(size / TILE_WIDTH); left > 0; level += 1, left = Math.floor(left / TILE_WIDTH)) {
    for (let index = 0; index < left; index += 1) yield { level, index, width: TILE_WIDTH };
  }
  if (size % TILE_WIDTH > 0) yield { level: "entries", index: Math.floor(size / TILE_WIDTH), width: size % TILE_WIDTH };
  yield* partialTiles(size);
}

export type FullTile = (level: number, index: number, hashes: Buffer) => void;

/** A growing tree that keeps only its right edge: at most one partial tile (8 KiB) a level. */
export class TileTree {
  #size = 0;
  readonly #edge: { width: number; readonly hashes: Buffer }[] = [];
  readonly #onFull: FullTile;

  constructor(onFull: FullTile) {
    this.#onFull = onFull;
  }

  get size(): number {
    return this.#size;
  }

  /** Goes on from the partial tiles of a tree of `size` entries, in the order of `partialTiles`. */
  static resume(size: number, partials: readonly Buffer[], onFull: FullTile): TileTree {
    const tree = new TileTree(onFull);
    tree.#size = size;
    for (const [i, { level, width }] of partialTiles(size).entries()) {
      const saved = partials[i];
      if (saved?.length !== width * HASH_BYTES) throw new RangeError(`The partial tile of level ${level} has not ${width} hashes`);
      saved.copy(tree.#at(level).hashes);
      tree.#at(level).width = width;
    }
    return tree;
  }

  append(leaf: Buffer): void {
    this.#push(0, leaf);
    this.#size += 1;
  }

  /** Hashes of a partial tile; valid until the next append. */
  partial(level: number): Buffer {
    const { hashes, width } = this.#at(level);
    return hashes.subarray(0, width * HASH_BYTES);
  }

  root(): Buffer {
    let right: Buffer | undefined;
    for (const { hashes, width } of this.#edge) {
      const frontier = new Frontier();
      for (const hash of hashesOf(hashes.subarray(0, width * HASH_BYTES))) frontier.append(hash);
      right = frontier.roots.reduceRight<Buffer | undefined>((tail, left) => (tail ? nodeHash(left, tail) : left), right);
    }
    return right ? Buffer.from(right) : EMPTY_ROOT;
  }

  #at(level: number): { width: number; readonly hashes: Buffer } {
    if (level > LEVELS_MAX) throw new RangeError("The tree is larger than any log");
    while (this.#edge.length <= level) this.#edge.push({ width: 0, hashes: Buffer.alloc(TILE_WIDTH * HASH_BYTES) });
    return this.#edge[level] as { width: number; readonly hashes: Buffer };
  }

  #push(level: number, hash: Buffer): void {
    const tile = this.#at(level);
    hash.copy(tile.hashes, tile.width * HASH_BYTES);
    tile.width += 1;
    if (tile.width < TILE_WIDTH) return;
    // The count of entries includes the one being appended, which `size` does not yet.
    this.#onFull(level, Math.floor((this.#size + 1) / TILE_WIDTH ** (level + 1)) - 1, Buffer.from(tile.hashes));
    tile.width = 0;
    this.#push(level + 1, fullTileRoot(tile.hashes));
  }
}
