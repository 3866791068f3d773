import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { describe, expect, test } from "vitest";
import { signCheckpoint } from "../../../src/audit/log/checkpoint.ts";
import { consistencyProof, Frontier, leafHash, type SubtreeHash } from "../../../src/audit/log/merkle.ts";
import { signerOf } from "../../../src/audit/log/note.ts";
import type { Bytes } from "./bytes.ts";
import { examineHead, placeOf, type HeadResult, type Remembered } from "./head.ts";
import { forget, recall, remember } from "./memory.ts";

const ORIGIN = "gate.example/a";
const keys = { log: generateKeyPairSync("ed25519").privateKey, other: generateKeyPairSync("ed25519").privateKey };

/** A log whose entries from `forkAt` on are others than those of the log without a fork. */
function logOf(forkAt = Infinity): { root: SubtreeHash } {
  return {
    root: (start, count) => {
      const frontier = new Frontier();
      for (let at = start; at < start + count; at += 1) frontier.append(leafHash(Buffer.from(at < forkAt ? `${at}` : `other ${at}`)));
      return frontier.root();
    },
  };
}

async function headOf(
  size: number,
  { log = logOf(), key = keys.log, origin = ORIGIN }: { log?: { root: SubtreeHash }; key?: KeyObject; origin?: string } = {},
): Promise<Remembered> {
  const signer = signerOf(origin, key);
  return { vkey: signer.vkey, note: await signCheckpoint({ origin, size, root: log.root(0, size) }, signer) };
}

function examine(now: Remembered, remembered?: Remembered, log = logOf()): Promise<HeadResult> {
  const consistency = async (from: number, to: number): Promise<Bytes[]> =>
    consistencyProof(log.root, from, to).map((hash) => Uint8Array.from(hash));
  return examineHead({ ...now, remembered, consistency });
}

describe("the head of the log", () => {
  test("is taken for good at first sight, unchanged, and grown with a proof", async () => {
    const [at5, at9] = [await headOf(5), await headOf(9)];
    expect(await examine(at5)).toMatchObject({ state: "good", since: "first", keep: at5 });
    expect(await examine(at5, at5)).toMatchObject({ state: "good", since: { size: 5 } });
    expect(await examine(at9, at5)).toMatchObject({ state: "good", head: { size: 9 }, since: { size: 5 }, keep: at9 });
    expect(await examine(at5, await headOf(0))).toMatchObject({ state: "good" });
  });

  test("that is smaller is a break", async () => {
    expect(await examine(await headOf(5), await headOf(9))).toMatchObject({
      state: "broken",
      how: "shrunk",
      before: { size: 9 },
      head: { size: 5 },
    });
  });

  test("whose past is another is a break, whatever proof comes with it", async () => {
    const fork = logOf(3);
    const [before, forked] = [await headOf(5), await headOf(9, { log: fork })];
    expect(await examine(forked, before, fork)).toMatchObject({ state: "broken", how: "forked" });
    expect(await examine(forked, before)).toMatchObject({ state: "broken", how: "forked" });
    expect(await examine(await headOf(5, { log: fork }), before)).toMatchObject({ state: "broken", how: "forked" });
  });

  test("signed by another key, or of another log, is a break", async () => {
    const before = await headOf(5);
    expect(await examine(await headOf(9, { key: keys.other }), before)).toMatchObject({ state: "broken", how: "other-key" });
    const elsewhere = await headOf(9, { origin: "gate.example/b" });
    expect(await examine(elsewhere, { ...before, vkey: elsewhere.vkey })).toMatchObject({ state: "broken", how: "other-log" });
    expect(await examine({ ...(await headOf(9)), vkey: signerOf("gate.example/b", keys.other).vkey })).toMatchObject({ how: "unsigned" });
  });

  test("whose signature is missing or wrong, or that is no head, is a break", async () => {
    const at5 = await headOf(5);
    expect(await examine({ ...at5, vkey: (await headOf(5, { key: keys.other })).vkey })).toMatchObject({
      state: "broken",
      how: "unsigned",
    });
    expect(await examine({ ...at5, note: at5.note.replace("\n5\n", "\n6\n") })).toMatchObject({ state: "broken", how: "forged" });
    expect(await examine({ ...at5, note: "nothing" })).toMatchObject({ state: "broken", how: "malformed" });
    expect(await examine({ ...at5, vkey: "nothing" })).toMatchObject({ state: "broken", how: "malformed" });
  });

  test("is not judged where the proof cannot be had", async () => {
    const consistency = (): Promise<never> => Promise.reject(new Error("no network"));
    await expect(examineHead({ ...(await headOf(9)), remembered: await headOf(5), consistency })).rejects.toThrow("no network");
  });

  test("says where the log is", () => {
    expect(placeOf(ORIGIN)).toBe("gate.example, node a");
  });
});

describe("what the browser remembers", () => {
  function storage(first?: string): Pick<Storage, "getItem" | "setItem" | "removeItem"> {
    let value: string | null = first ?? null;
    return {
      getItem: () => value,
      setItem: (_, text) => void (value = text),
      removeItem: () => void (value = null),
    };
  }

  test("is the largest head it saw, until it is told to forget", async () => {
    const store = storage();
    const [at5, at9] = [await headOf(5), await headOf(9)];
    expect(recall(store)).toBeUndefined();
    remember(at9, store);
    remember(at5, store);
    expect(recall(store)).toEqual(at9);
    forget(store);
    expect(recall(store)).toBeUndefined();
  });

  test.each(["", "{", "null", "[]", '{"vkey":1,"note":2}', '{"vkey":"a","note":"b"}'])("is nothing where the store has %j", (text) => {
    expect(recall(storage(text))).toBeUndefined();
  });
});
