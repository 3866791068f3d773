import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as vectors from "../../../test/vectors/log.ts";
import {
  consistencyProof,
  EMPTY_ROOT,
  Frontier,
  inclusionProof,
  leafHash,
  nodeHash,
  rangeRoot,
  verifyConsistency,
  verifyInclusion,
  type SubtreeHash,
} from "./merkle.ts";

const LEAVES = vectors.LEAVES.map((hex) => leafHash(Buffer.from(hex, "hex")));

/** RFC 6962 section 2.1, word for word. */
function naiveRoot(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 0) return EMPTY_ROOT;
  if (leaves.length === 1) return leaves[0] ?? EMPTY_ROOT;
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return nodeHash(naiveRoot(leaves.slice(0, k)), naiveRoot(leaves.slice(k)));
}

const over =
  (leaves: readonly Buffer[]): SubtreeHash =>
  (start, size) =>
    naiveRoot(leaves.slice(start, start + size));
const manyLeaves = Array.from({ length: 70 }, (_, i) => leafHash(Buffer.of(i)));

function flipped(proof: readonly Buffer[], bit: number): Buffer[] {
  const copy = proof.map((hash) => Buffer.from(hash));
  const victim = copy[bit % copy.length] ?? EMPTY_ROOT;
  victim[bit % 32] = (victim[bit % 32] ?? 0) ^ (1 << (bit % 8));
  return copy;
}

describe("the shared vectors", () => {
  test.each(vectors.ROOTS.map((root, size) => [size, root] as const))("root of %i leaves", (size, root) => {
    const frontier = new Frontier();
    for (const leaf of LEAVES.slice(0, size)) frontier.append(leaf);
    expect(frontier.root().toString("hex")).toBe(root);
    expect(rangeRoot(over(LEAVES), 0, size).toString("hex")).toBe(root);
  });

  test("audit path of leaf 0 in 8", () => {
    expect(inclusionProof(over(LEAVES), 0, 8).map((hash) => hash.toString("hex"))).toEqual(vectors.PATH_OF_0_IN_8);
  });

  test("consistency of 6 with 8", () => {
    expect(consistencyProof(over(LEAVES), 6, 8).map((hash) => hash.toString("hex"))).toEqual(vectors.CONSISTENCY_OF_6_WITH_8);
  });
});

describe("against the definition", () => {
  test("the frontier has the naive root at every size, and goes on from its own roots", () => {
    let frontier = new Frontier();
    for (let size = 1; size <= manyLeaves.length; size += 1) {
      frontier.append(manyLeaves[size - 1] ?? EMPTY_ROOT);
      expect(frontier.root()).toEqual(naiveRoot(manyLeaves.slice(0, size)));
      frontier = new Frontier(frontier.size, frontier.roots);
    }
    expect(() => new Frontier(3, [EMPTY_ROOT])).toThrow(/2 roots/);
  });

  test("every inclusion proof holds for its leaf and place, and for nothing else", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 70 }), fc.nat(), fc.integer({ min: 1 }), fc.nat(), (size, i, shift, bit) => {
        const leaves = manyLeaves.slice(0, size);
        const [index, root] = [i % size, naiveRoot(leaves)];
        const other = (index + 1 + (shift % (size - 1))) % size;
        const proof = inclusionProof(over(leaves), index, size);
        const leaf = leaves[index] ?? EMPTY_ROOT;
        expect(verifyInclusion(leaf, index, size, proof, root)).toBe(true);
        expect(verifyInclusion(leaf, index, size, [...proof, root], root)).toBe(false);
        expect(verifyInclusion(leaf, index, size, proof.slice(1), root)).toBe(false);
        expect(verifyInclusion(leaf, size, size, proof, root)).toBe(false);
        expect(verifyInclusion(leaf, other, size, proof, root)).toBe(false);
        expect(verifyInclusion(leaf, index, size, flipped(proof, bit), root)).toBe(false);
      }),
    );
  });

  test("every consistency proof holds, and none for a changed past", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 70 }), fc.nat(), fc.nat(), (size, i, j) => {
        const oldSize = 1 + (i % (size - 1));
        const newer = { size, root: naiveRoot(manyLeaves.slice(0, size)) };
        const older = { size: oldSize, root: naiveRoot(manyLeaves.slice(0, oldSize)) };
        const proof = consistencyProof(over(manyLeaves.slice(0, size)), oldSize, size);
        const changed = manyLeaves.slice(0, oldSize);
        changed[j % oldSize] = leafHash(Buffer.from("changed"));
        expect(verifyConsistency(older, newer, proof)).toBe(true);
        expect(verifyConsistency(newer, older, proof)).toBe(false);
        expect(verifyConsistency(older, newer, [...proof, newer.root])).toBe(false);
        expect(verifyConsistency(older, newer, flipped(proof, j))).toBe(false);
        expect(verifyConsistency({ size: oldSize, root: naiveRoot(changed) }, newer, proof)).toBe(false);
      }),
    );
  });

  test("the empty tree and the tree itself need no proof", () => {
    const tree = { size: 8, root: rangeRoot(over(LEAVES), 0, 8) };
    expect(verifyConsistency({ size: 0, root: EMPTY_ROOT }, tree, consistencyProof(over(LEAVES), 0, 8))).toBe(true);
    expect(verifyConsistency({ size: 0, root: tree.root }, tree, [])).toBe(false);
    expect(verifyConsistency(tree, tree, consistencyProof(over(LEAVES), 8, 8))).toBe(true);
    expect(verifyConsistency(tree, { size: 8, root: EMPTY_ROOT }, [])).toBe(false);
  });

  test("a proof outside the tree is refused", () => {
    expect(() => inclusionProof(over(LEAVES), 8, 8)).toThrow(RangeError);
    expect(() => consistencyProof(over(LEAVES), 9, 8)).toThrow(RangeError);
  });
});
