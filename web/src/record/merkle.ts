/**
 * Proofs of the Merkle tree of RFC 6962 section 2.1, checked by WebCrypto: this browser believes nothing that the gate says of
 * its log. Written apart from the gate's own, so that one mistake is not made on both sides.
 */
import { concat, isEqual, type Bytes } from "./bytes.ts";

export const HASH_BYTES = 32;
const LEAF: Bytes = Uint8Array.of(0);
const NODE: Bytes = Uint8Array.of(1);

/** The head of a tree: how many entries, and their root. */
export interface Head {
  readonly size: number;
  readonly root: Bytes;
}

export async function sha256(...parts: readonly Bytes[]): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", concat(...parts)));
}

export function leafHash(entry: Bytes): Promise<Bytes> {
  return sha256(LEAF, entry);
}

export function nodeHash(left: Bytes, right: Bytes): Promise<Bytes> {
  return sha256(NODE, left, right);
}

/** Untrusted: whether `proof` shows `leaf` at `index` of the tree (RFC 9162 section 2.1.3.2). */
export async function verifyInclusion(leaf: Bytes, index: number, { size, root }: Head, proof: readonly Bytes[]): Promise<boolean> {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) return false;
  let [fn, sn, hash] = [BigInt(index), BigInt(size - 1), leaf];
  for (const sibling of proof) {
    if (sn === 0n || sibling.length !== HASH_BYTES) return false;
    if (fn % 2n === 1n || fn === sn) {
      hash = await nodeHash(sibling, hash);
      while (fn % 2n === 0n && fn !== 0n) [fn, sn] = [fn >> 1n, sn >> 1n];
    } else {
      hash = await nodeHash(hash, sibling);
    }
    [fn, sn] = [fn >> 1n, sn >> 1n];
  }
  return sn === 0n && isEqual(hash, root);
}

/** Untrusted: whether `proof` shows that the newer tree begins with the older one (RFC 9162 section 2.1.4.2). */
export async function verifyConsistency(older: Head, newer: Head, proof: readonly Bytes[]): Promise<boolean> {
  if (older.size > newer.size) return false;
  if (older.size === newer.size) return proof.length === 0 && isEqual(older.root, newer.root);
  if (older.size === 0) return proof.length === 0 && isEqual(older.root, await sha256());
  const [first, ...rest] = isPowerOfTwo(older.size) ? [older.root, ...proof] : proof;
  if (first?.length !== HASH_BYTES) return false;
  let [fn, sn] = [BigInt(older.size - 1), BigInt(newer.size - 1)];
  while (fn % 2n === 1n) [fn, sn] = [fn >> 1n, sn >> 1n];
  let [oldHash, newHash] = [first, first];
  for (const sibling of rest) {
    if (sn === 0n || sibling.length !== HASH_BYTES) return false;
    if (fn % 2n === 1n || fn === sn) {
      oldHash = await nodeHash(sibling, oldHash);
      newHash = await nodeHash(sibling, newHash);
      while (fn % 2n === 0n && fn !== 0n) [fn, sn] = [fn >> 1n, sn >> 1n];
    } else {
      newHash = await nodeHash(newHash, sibling);
    }
    [fn, sn] = [fn >> 1n, sn >> 1n];
  }
  return sn === 0n && isEqual(oldHash, older.root) && isEqual(newHash, newer.root);
}

function isPowerOfTwo(n: number): boolean {
  return n > 0 && Number.isInteger(Math.log2(n));
}
