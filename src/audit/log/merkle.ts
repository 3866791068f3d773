/**
 * The Merkle tree of RFC 6962 section 2.1, over SHA-256.
 *
 * Owns: leaf and node hashing, the frontier that grows a tree in O(log n) memory, inclusion and consistency proofs.
 * Never does: storage, signatures. Proofs are generated over a `SubtreeHash`, so they come from tiles, a store or an array alike.
 * Invariant: `Frontier.root()` of the first n leaves is MTH(D[0:n]) at every n.
 */
import { hash } from "node:crypto";

export const HASH_BYTES = 32;
const LEAF = Buffer.of(0);
const NODE = Buffer.of(1);
export const EMPTY_ROOT: Buffer = hash("sha256", "", "buffer");

/** RFC 6962 section 2.1: the hash of one entry. */
export function leafHash(entry: Uint8Array): Buffer {
  return hash("sha256", Buffer.concat([LEAF, entry]), "buffer");
}

export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  return hash("sha256", Buffer.concat([NODE, left, right]), "buffer");
}

/** The right edge of a growing tree: the roots of its complete subtrees, largest first, one for each bit set in `size`. */
export class Frontier {
  #size: number;
  readonly #roots: Buffer[];

  constructor(size = 0, roots: readonly Buffer[] = []) {
    if (roots.length !== bitsSet(size)) throw new RangeError(`A frontier of size ${size} has ${bitsSet(size)} roots, not ${roots.length}`);
    this.#size = size;
    this.#roots = [...roots];
  }

  get size(): number {
    return this.#size;
  }

  /** What to keep in order to go on later: `new Frontier(size, roots)`. */
  get roots(): readonly Buffer[] {
    return this.#roots;
  }

  append(leaf: Buffer): void {
    let hash = leaf;
    // Each trailing one bit of the old size is a complete subtree as large as the one just finished.
    for (let size = this.#size; size % 2 === 1; size = Math.floor(size / 2)) hash = nodeHash(this.#roots.pop() ?? EMPTY_ROOT, hash);
    this.#roots.push(hash);
    this.#size += 1;
  }

  root(): Buffer {
    return this.#roots.length === 0 ? EMPTY_ROOT : this.#roots.reduceRight((right, left) => nodeHash(left, right));
  }

  clone(): Frontier {
    return new Frontier(this.#size, this.#roots);
  }
}

function bitsSet(size: number): number {
  let count = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) count += rest % 2;
  return count;
}

/** MTH(D[start:start + size]) for a complete, aligned subtree: `size` is a power of two that divides `start`. */
export type SubtreeHash = (start: number, size: number) => Buffer;

/** The largest power of two smaller than `n` (n > 1): where RFC 6962 splits a tree. */
function splitOf(n: number): number {
  let split = 1;
  while (split * 2 < n) split *= 2;
  return split;
}

/** MTH(D[start:end]). `start` is a multiple of every split below it, as in any subtree of a log. */
export function rangeRoot(subtree: SubtreeHash, start: number, end: number): Buffer {
  const n = end - start;
  if (n === 0) return EMPTY_ROOT;
  if (n === 1) return subtree(start, 1);
  const split = splitOf(n);
  if (split * 2 === n) return subtree(start, n);
  return nodeHash(subtree(start, split), rangeRoot(subtree, start + split, end));
}

/** RFC 6962 section 2.1.1: the audit path of entry `index` in the tree of `size` entries. */
export function inclusionProof(subtree: SubtreeHash, index: number, size: number): Buffer[] {
  requireOrder(index < size);
  const path = (m: number, start: number, end: number): Buffer[] => {
    if (end - start === 1) return [];
    const middle = start + splitOf(end - start);
    return m < middle
      ? [...path(m, start, middle), rangeRoot(subtree, middle, end)]
      : [...path(m, middle, end), rangeRoot(subtree, start, middle)];
  };
  return path(index, 0, size);
}

/** RFC 6962 section 2.1.2: the proof that the tree of `newSize` entries begins with the tree of `oldSize` entries. */
export function consistencyProof(subtree: SubtreeHash, oldSize: number, newSize: number): Buffer[] {
  requireOrder(oldSize <= newSize);
  if (oldSize === 0 || oldSize === newSize) return [];
  const proof = (m: number, start: number, end: number, complete: boolean): Buffer[] => {
    if (m === end) return complete ? [] : [rangeRoot(subtree, start, end)];
    const middle = start + splitOf(end - start);
    return m <= middle
      ? [...proof(m, start, middle, complete), rangeRoot(subtree, middle, end)]
      : [...proof(m, middle, end, false), rangeRoot(subtree, start, middle)];
  };
  return proof(oldSize, 0, newSize, true);
}

/** Untrusted: whether `proof` shows `leaf` (a leaf hash) at `index` of the tree with this root (RFC 9162 section 2.1.3.2). */
export function verifyInclusion(leaf: Buffer, index: number, size: number, proof: readonly Buffer[], root: Buffer): boolean {
  if (!(index >= 0 && index < size)) return false;
  let [fn, sn, hash] = [BigInt(index), BigInt(size - 1), leaf];
  for (const sibling of proof) {
    if (sn === 0n || sibling.length !== HASH_BYTES) return false;
    if (fn % 2n === 1n || fn === sn) {
      hash = nodeHash(sibling, hash);
      while (fn % 2n === 0n && fn !== 0n) [fn, sn] = [fn >> 1n, sn >> 1n];
    } else {
      hash = nodeHash(hash, sibling);
    }
    [fn, sn] = [fn >> 1n, sn >> 1n];
  }
  return sn === 0n && hash.equals(root);
}

/** Untrusted: whether `proof` shows that the newer tree begins with the older one (RFC 9162 section 2.1.4.2). */
export function verifyConsistency(
  older: { readonly size: number; readonly root: Buffer },
  newer: { readonly size: number; readonly root: Buffer },
  proof: readonly Buffer[],
): boolean {
  if (older.size > newer.size) return false;
  if (older.size === newer.size) return proof.length === 0 && older.root.equals(newer.root);
  if (older.size === 0) return proof.length === 0 && older.root.equals(EMPTY_ROOT);
  const rest = isPowerOfTwo(older.size) ? [older.root, ...proof] : [...proof];
  const first = rest.shift();
  if (first?.length !== HASH_BYTES) return false;
  let [fn, sn] = [BigInt(older.size - 1), BigInt(newer.size - 1)];
  while (fn % 2n === 1n) [fn, sn] = [fn >> 1n, sn >> 1n];
  let [oldHash, newHash] = [first, first];
  for (const sibling of rest) {
    if (sn === 0n || sibling.length !== HASH_BYTES) return false;
    if (fn % 2n === 1n || fn === sn) {
      oldHash = nodeHash(sibling, oldHash);
      newHash = nodeHash(sibling, newHash);
      while (fn % 2n === 0n && fn !== 0n) [fn, sn] = [fn >> 1n, sn >> 1n];
    } else {
      newHash = nodeHash(newHash, sibling);
    }
    [fn, sn] = [fn >> 1n, sn >> 1n];
  }
  return sn === 0n && oldHash.equals(older.root) && newHash.equals(newer.root);
}

function isPowerOfTwo(n: number): boolean {
  return bitsSet(n) === 1;
}

function requireOrder(holds: boolean): void {
  if (!holds) throw new RangeError("The proof asked for lies outside the tree");
}
