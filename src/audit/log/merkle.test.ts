import fc from "fast-check";
import { describe, expect, test } from "vitest";
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

/** The leaves and roots that Certificate Transparency's implementations have shared since RFC 6962. */
const LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"].map((hex) =>
  leafHash(Buffer.from(hex, "hex")),
);
const ROOTS = [
  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

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
  test.each(ROOTS.map((root, size) => [size, root] as const))("root of %i leaves", (size, root) => {
    const frontier = new Frontier();
    for (const leaf of LEAVES.slice(0, size)) frontier.append(leaf);
    expect(frontier.root().toString("hex")).toBe(root);
    expect(rangeRoot(over(LEAVES), 0, size).toString("hex")).toBe(root);
  });

  test("audit path of leaf 0 in 8", () => {
    expect(inclusionProof(over(LEAVES), 0, 8).map((hash) => hash.toString("hex"))).toEqual([
      "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ]);
  });

  test("consistency of 6 with 8", () => {
    expect(consistencyProof(over(LEAVES), 6, 8).map((hash) => hash.toString("hex"))).toEqual([
      "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
      "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]);
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
