/**
 * The head of the gate's log, as this browser knows it.
 *
 * Invariants: the key that signs is the one this browser saw first; a head that does not continue the last one it saw is never
 * taken for good, and never takes its place.
 */
import type { Bytes } from "./bytes.ts";
import { verifyConsistency } from "./merkle.ts";
import { checkNote, nodeOf, parseCheckpoint, parseVerifierKey, type Checkpoint } from "./note.ts";

/** What this browser keeps of the log. */
export interface Remembered {
  /** Verifier key of the log, as it was when this browser first saw it. */
  readonly vkey: string;
  /** The signed note of the largest head seen. */
  readonly note: string;
}

export type Break = "malformed" | "unsigned" | "forged" | "shrunk" | "forked" | "other-key" | "other-log";

export type HeadResult =
  | {
      readonly state: "good";
      readonly head: Checkpoint;
      /** `first`: there is nothing to compare it with yet. */
      readonly since: Checkpoint | "first";
      readonly keep: Remembered;
    }
  | { readonly state: "broken"; readonly how: Break; readonly head?: Checkpoint; readonly before?: Checkpoint };

export interface HeadInput {
  /** As the gate gives it now. Untrusted. */
  readonly note: string;
  /** As the gate gives it now. Untrusted where this browser remembers one. */
  readonly vkey: string;
  readonly remembered: Remembered | undefined;
  /** Asks the gate for the proof that the head continues the one of this size. */
  readonly consistency: (from: number, to: number) => Promise<readonly Bytes[]>;
}

/** Rejects where something cannot be had or checked: then nothing is said about the log. */
export async function examineHead({ note, vkey, remembered, consistency }: HeadInput): Promise<HeadResult> {
  const before = remembered && parseCheckpoint(remembered.note);
  const broken = (how: Break, head?: Checkpoint): HeadResult => ({
    state: "broken",
    how,
    ...(head && { head }),
    ...(before && { before }),
  });
  const head = parseCheckpoint(note);
  if (!head) return broken("malformed");
  if (remembered && remembered.vkey !== vkey) return broken("other-key", head);
  const key = await parseVerifierKey(vkey);
  if (!key) return broken("malformed", head);
  const signed = await checkNote(head.note, key);
  if (signed !== "verified") return broken(signed === "forged" ? "forged" : "unsigned", head);
  // The key is the log's own: a key of the same gate for something else signs no heads.
  if (head.origin !== key.name) return broken("other-log", head);
  const keep = { vkey, note };
  if (!before) return { state: "good", head, since: "first", keep };
  if (head.origin !== before.origin) return broken("other-log", head);
  if (head.size < before.size) return broken("shrunk", head);
  const proof = head.size === before.size || before.size === 0 ? [] : await consistency(before.size, head.size);
  return (await verifyConsistency(before, head, proof)) ? { state: "good", head, since: before, keep } : broken("forked", head);
}

/** The gate and node of an origin, for people. */
export function placeOf(origin: string): string {
  return `${origin.slice(0, origin.lastIndexOf("/"))}, node ${nodeOf(origin)}`;
}
