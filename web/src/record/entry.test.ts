/** What the page believes of one entry: nothing that was altered, wherever. */
import { describe, expect, test } from "vitest";
import { Frontier, inclusionProof, leafHash, rangeRoot, type SubtreeHash } from "../../../src/audit/log/merkle.ts";
import { sealEvent } from "../../../src/audit/log/envelope.ts";
import type { Bytes } from "./bytes.ts";
import { examineEntry, type EntryResult, type Evidence, type ShownEvent } from "./entry.ts";

const [ORIGIN, SIZE, SEQ] = ["gate.example/a", 11, 6];
const entries = Array.from({ length: SIZE }, (_, seq) =>
  sealEvent(
    {
      kind: "ssh.exec",
      principal: "ana",
      target: "web-1.prod",
      session: "s-1",
      decision: "allow",
      body: { command: `tail -${seq}`, nested: { z: [1, null], a: "é" } },
    },
    { node: "a", seq, time: 1_700_000_000_000 + seq, salt: Buffer.alloc(32, seq) },
  ),
);
const subtree: SubtreeHash = (start, count) => {
  const frontier = new Frontier();
  for (const { envelope } of entries.slice(start, start + count)) frontier.append(leafHash(envelope));
  return frontier.root();
};
const head = { size: SIZE, root: Uint8Array.from(rangeRoot(subtree, 0, SIZE)) };

function evidenceOf(seq = SEQ): Required<Evidence> {
  const { envelope, body, salt } = entries[seq] as (typeof entries)[number];
  return {
    envelope: Uint8Array.from(envelope),
    proof: inclusionProof(subtree, seq, SIZE).map((hash) => Uint8Array.from(hash)),
    sealed: { body: Uint8Array.from(body), salt: Uint8Array.from(salt) },
  };
}

/** As `audit.search` gives it. */
function shownOf(seq = SEQ): ShownEvent {
  const body = { nested: { a: "é", z: [1, null] }, command: `tail -${seq}` };
  return {
    seq,
    time: 1_700_000_000_000 + seq,
    kind: "ssh.exec",
    principal: "ana",
    session: "s-1",
    target: "web-1.prod",
    decision: "allow",
    body,
  };
}

function examine(
  evidence: Evidence = evidenceOf(),
  shown = shownOf(),
  more: Partial<{ seq: number; origin: string }> = {},
): Promise<EntryResult> {
  return examineEntry(evidence, { seq: SEQ, origin: ORIGIN, head, shown, ...more });
}

const failed = ({ checks }: EntryResult): string[] => checks.filter(({ ok }) => !ok).map(({ name }) => name);

describe("an entry", () => {
  test("as it was logged verifies, and what is in it is told from its own bytes", async () => {
    const result = await examine();
    expect(failed(result)).toEqual([]);
    expect(result).toMatchObject({
      verified: true,
      entry: { envelope: { seq: SEQ, kind: "ssh.exec" }, body: { command: `tail -${SEQ}` } },
    });
  });

  test("does not verify with any one byte altered, of envelope, body, salt or proof", async () => {
    const whole = evidenceOf();
    const places: { name: string; bytes: Bytes; put: (bytes: Bytes) => Evidence }[] = [
      { name: "envelope", bytes: whole.envelope, put: (envelope) => ({ ...whole, envelope }) },
      { name: "body", bytes: whole.sealed.body, put: (body) => ({ ...whole, sealed: { ...whole.sealed, body } }) },
      { name: "salt", bytes: whole.sealed.salt, put: (salt) => ({ ...whole, sealed: { ...whole.sealed, salt } }) },
      ...whole.proof.map((hash, at) => ({
        name: `proof ${at}`,
        bytes: hash,
        put: (bytes: Bytes) => ({ ...whole, proof: whole.proof.with(at, bytes) }),
      })),
    ];
    const believed: string[] = [];
    for (const { name, bytes, put } of places) {
      for (let at = 0; at < bytes.length; at += 1) {
        const result = await examine(put(bytes.with(at, (bytes[at] ?? 0) ^ 0x01)));
        if (result.verified || result.entry) believed.push(`${name}, byte ${at}`);
      }
    }
    expect(believed).toEqual([]);
  });

  test("does not verify where the page shows anything else than what is in the log", async () => {
    const shown = shownOf();
    const { principal: _, ...without } = shown;
    for (const other of [
      { ...shown, principal: "lea" },
      { ...shown, request: "req-1" },
      without,
      { ...shown, time: 1 },
      { ...shown, body: {} },
    ]) {
      expect(failed(await examine(evidenceOf(), other))).toEqual(["shown"]);
    }
    const { body: _body, ...bodiless } = shown;
    expect(failed(await examine(evidenceOf(), bodiless))).toEqual(["shown"]);
  });

  test("does not stand for another place, node or size", async () => {
    expect(failed(await examine(evidenceOf(5), shownOf(5)))).toEqual(["entry", "inclusion"]);
    expect(failed(await examine(evidenceOf(), shownOf(), { origin: "gate.example/b" }))).toEqual(["entry"]);
    expect((await examineEntry(evidenceOf(), { seq: SEQ, origin: ORIGIN, head: { ...head, size: 8 }, shown: shownOf() })).verified).toBe(
      false,
    );
    expect((await examine({ ...evidenceOf(), envelope: new Uint8Array() })).verified).toBe(false);
  });

  test("without its body is a tombstone, and not where the page shows a body all the same", async () => {
    const { sealed: _, ...erased } = evidenceOf();
    const { body: _body, ...shown } = shownOf();
    expect(await examine(erased, shown)).toMatchObject({ verified: true, entry: { body: "erased" } });
    expect(failed(await examine(erased, shownOf()))).toEqual(["shown"]);
  });
});
