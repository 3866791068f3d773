import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bodiesPath, encodeBodies, parseBodies, type StoredBody } from "./bodies.ts";
import { consistencyProof, Frontier, inclusionProof, leafHash, verifyConsistency, verifyInclusion } from "./merkle.ts";
import { tileSubtrees } from "./proofs.ts";
import { encodeBundle, parseBundle, partialTiles, tilePath, TileTree, type TileId } from "./tiles.ts";

const leaf = (i: number): Buffer => leafHash(Buffer.from(`entry ${i}`));

/** A tree of `size` entries with all its tiles, full and partial, by path. */
function grown(size: number): { tree: TileTree; tiles: Map<string, Buffer> } {
  const tiles = new Map<string, Buffer>();
  const tree = new TileTree((level, index, hashes) => tiles.set(tilePath({ level, index, width: 256 }), hashes));
  for (let i = 0; i < size; i += 1) tree.append(leaf(i));
  for (const id of partialTiles(size)) tiles.set(tilePath(id), Buffer.from(tree.partial(id.level)));
  return { tree, tiles };
}

function frontier(size: number): Frontier {
  const all = new Frontier();
  for (let i = 0; i < size; i += 1) all.append(leaf(i));
  return all;
}

describe("tile paths", () => {
  test.each([
    [{ level: 0, index: 1234067, width: 256 }, "tile/0/x001/x234/067"],
    [{ level: 0, index: 0, width: 1 }, "tile/0/000.p/1"],
    [{ level: 2, index: 999, width: 255 }, "tile/2/999.p/255"],
    [{ level: "entries", index: 1000, width: 256 }, "tile/entries/x001/000"],
  ] as const)("%j", (id: TileId, path) => {
    expect(tilePath(id)).toBe(path);
  });

  test("the specification's example: a tree of 70,000", () => {
    expect(partialTiles(70_000)).toEqual([
      { level: 0, index: 273, width: 112 },
      { level: 1, index: 1, width: 17 },
      { level: 2, index: 0, width: 1 },
    ]);
    expect(partialTiles(256)).toEqual([{ level: 1, index: 0, width: 1 }]);
    expect(partialTiles(0)).toEqual([]);
  });
});

describe("the growing tree", () => {
  test.each([0, 1, 2, 255, 256, 257, 511, 512, 1000, 65_536, 66_000])(
    "of %i entries has the frontier's root and the right tiles",
    (size) => {
      const { tree, tiles } = grown(size);
      expect(tree.root()).toEqual(frontier(size).root());
      expect([...tiles.keys()].filter((path) => path.startsWith("tile/0/")).length).toBe(Math.ceil(size / 256));
      for (const bytes of tiles.values()) expect(bytes.length).toBeGreaterThan(0);
    },
  );

  test("goes on from its partial tiles as if it had never stopped", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 700 }), fc.integer({ min: 0, max: 600 }), (size, more) => {
        const first = grown(size);
        const full: number[] = [];
        const saved = partialTiles(size).map((id) => Buffer.from(first.tree.partial(id.level)));
        const tree = TileTree.resume(size, saved, (level, index) => full.push(level * 1000 + index));
        for (let i = size; i < size + more; i += 1) tree.append(leaf(i));
        expect(tree.root()).toEqual(frontier(size + more).root());
        expect(full.filter((id) => id < 1000)).toEqual(
          Array.from({ length: Math.floor((size + more) / 256) - Math.floor(size / 256) }, (_, i) => Math.floor(size / 256) + i),
        );
      }),
      { numRuns: 30 },
    );
  });

  test("its tiles give every proof", () => {
    const size = 66_000;
    const { tree, tiles } = grown(size);
    const subtree = tileSubtrees((id) => tiles.get(tilePath(id)) ?? Buffer.alloc(0), size);
    for (const index of [0, 1, 255, 256, 40_000, 65_535, 65_536, 65_999]) {
      expect(verifyInclusion(leaf(index), index, size, inclusionProof(subtree, index, size), tree.root())).toBe(true);
    }
    for (const old of [1, 255, 256, 257, 65_536, 65_537]) {
      const older = { size: old, root: frontier(old).root() };
      expect(verifyConsistency(older, { size, root: tree.root() }, consistencyProof(subtree, old, size))).toBe(true);
    }
  });
});

describe("bundles", () => {
  const entries = fc.array(fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)));

  test("come back as they were written, and every cut is noticed", () => {
    fc.assert(
      fc.property(entries, fc.nat(), (list, cut) => {
        const bytes = encodeBundle(list);
        expect(parseBundle(bytes)).toEqual(list);
        const shorter = parseBundle(bytes.subarray(0, cut % (bytes.length + 1)));
        expect(shorter === undefined || shorter.length <= list.length).toBe(true);
      }),
    );
    expect(parseBundle(Buffer.from("000161000262", "hex"))).toBeUndefined();
    expect(() => encodeBundle([Buffer.alloc(65_536)])).toThrow(RangeError);
  });

  test("of bodies keep erasures", () => {
    const bodies: StoredBody[] = [
      { salt: Buffer.alloc(32, 1), body: Buffer.from("{}") },
      "erased",
      { salt: Buffer.alloc(32, 2), body: Buffer.from('{"a":1}') },
    ];
    expect(parseBodies(encodeBodies(bodies))).toEqual(bodies);
    expect(parseBodies(encodeBodies(bodies).subarray(0, -1))).toEqual(bodies.slice(0, 2));
    expect(bodiesPath(1234)).toBe("bodies/x001/234");
  });
});
