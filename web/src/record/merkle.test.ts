import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as gate from "../../../src/audit/log/merkle.ts";
import * as vectors from "../../../test/vectors/log.ts";
import { toHex, type Bytes } from "./bytes.ts";
import { leafHash, nodeHash, sha256, verifyConsistency, verifyInclusion } from "./merkle.ts";

const bytesOf = (hex: string): Bytes => Uint8Array.from(Buffer.from(hex, "hex"));
const leaves = await Promise.all(vectors.LEAVES.map((hex) => leafHash(bytesOf(hex))));
const head = (size: number): { size: number; root: Bytes } => ({ size, root: bytesOf(vectors.ROOTS[size] ?? "") });

/** The gate's own tree of so many entries: what proofs come from. */
function treeOf(size: number): { root: Bytes; subtree: gate.SubtreeHash } {
  const hashes = Array.from({ length: size }, (_, index) => gate.leafHash(Buffer.of(index)));
  const subtree: gate.SubtreeHash = (start, count) => {
    const frontier = new gate.Frontier();
    for (const hash of hashes.slice(start, start + count)) frontier.append(hash);
    return frontier.root();
  };
  return { root: Uint8Array.from(gate.rangeRoot(subtree, 0, size)), subtree };
}

const copied = (proof: readonly Buffer[]): Bytes[] => proof.map((hash) => Uint8Array.from(hash));

function flipped(proof: readonly Bytes[], bit: number): Bytes[] {
  return proof.map((hash, index) =>
    index === bit % proof.length ? hash.map((byte, at) => (at === bit % 32 ? byte ^ (1 << (bit % 8)) : byte)) : hash,
  );
}

describe("the shared vectors", () => {
  test("hashes of leaves and nodes", async () => {
    expect(toHex(await sha256())).toBe(vectors.ROOTS[0]);
    expect(toHex(leaves[0] ?? new Uint8Array())).toBe(vectors.ROOTS[1]);
    expect(toHex(await nodeHash(leaves[0] ?? new Uint8Array(), leaves[1] ?? new Uint8Array()))).toBe(vectors.ROOTS[2]);
  });

  test("the audit path of leaf 0 in 8, and of nothing else", async () => {
    const path = vectors.PATH_OF_0_IN_8.map(bytesOf);
    expect(await verifyInclusion(leaves[0] ?? new Uint8Array(), 0, head(8), path)).toBe(true);
    expect(await verifyInclusion(leaves[1] ?? new Uint8Array(), 0, head(8), path)).toBe(false);
    expect(await verifyInclusion(leaves[0] ?? new Uint8Array(), 1, head(8), path)).toBe(false);
    expect(await verifyInclusion(leaves[0] ?? new Uint8Array(), 0, head(7), path)).toBe(false);
  });

  test("the consistency of 6 with 8, and not of 8 with 6", async () => {
    const proof = vectors.CONSISTENCY_OF_6_WITH_8.map(bytesOf);
    expect(await verifyConsistency(head(6), head(8), proof)).toBe(true);
    expect(await verifyConsistency(head(8), head(6), proof)).toBe(false);
    expect(await verifyConsistency(head(5), head(8), proof)).toBe(false);
  });
});

describe("against the gate's own tree", () => {
  test("each inclusion proof holds, and none with a flipped bit, a hash too many or too few, or at another place", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 2, max: 70 }), fc.nat(), fc.nat(), async (size, at, bit) => {
        const index = at % size;
        const { root, subtree } = treeOf(size);
        const leaf = await leafHash(Uint8Array.of(index));
        const proof = copied(gate.inclusionProof(subtree, index, size));
        const verify = (place: number, path: readonly Bytes[]): Promise<boolean> => verifyInclusion(leaf, place, { size, root }, path);
        expect(await verify(index, proof)).toBe(true);
        expect(await verify(index, flipped(proof, bit))).toBe(false);
        expect(await verify(index, [...proof, root])).toBe(false);
        expect(await verify(index, proof.slice(1))).toBe(false);
        expect(await verify((index + 1) % size, proof)).toBe(false);
        for (const nowhere of [-1, size, 0.5, NaN]) expect(await verify(nowhere, proof)).toBe(false);
      }),
      { numRuns: 60 },
    );
  });

  test("each consistency proof holds, and none with a flipped bit or for another past", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 2, max: 70 }), fc.nat(), fc.nat(), async (size, at, bit) => {
        const older = { size: 1 + (at % (size - 1)), root: treeOf(1 + (at % (size - 1))).root };
        const { root, subtree } = treeOf(size);
        const newer = { size, root };
        const proof = copied(gate.consistencyProof(subtree, older.size, size));
        expect(await verifyConsistency(older, newer, proof)).toBe(true);
        expect(await verifyConsistency(older, newer, flipped(proof, bit))).toBe(false);
        expect(await verifyConsistency(older, newer, [...proof, root])).toBe(false);
        expect(await verifyConsistency({ ...older, root }, newer, proof)).toBe(false);
      }),
      { numRuns: 60 },
    );
  });

  test("the empty tree and the tree itself need no proof", async () => {
    const tree = { size: 3, root: treeOf(3).root };
    const nothing = { size: 0, root: await sha256() };
    expect(await verifyConsistency(nothing, tree, [])).toBe(true);
    expect(await verifyConsistency({ size: 0, root: tree.root }, tree, [])).toBe(false);
    expect(await verifyConsistency(tree, tree, [])).toBe(true);
    expect(await verifyConsistency(tree, { size: 3, root: nothing.root }, [])).toBe(false);
  });
});
