import { HASH_BYTES } from "./merkle.ts";
import { parseNote, signNote, type CheckpointSigner, type Note } from "./note.ts";

/** The head of a log (https://c2sp.org/tlog-checkpoint). */
export interface Checkpoint {
  /** `<gateway name>/<node>`, also the name of the log's key. */
  readonly origin: string;
  readonly size: number;
  readonly root: Buffer;
}

export interface SignedCheckpoint extends Checkpoint {
  readonly note: Note;
}

export function encodeCheckpoint({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${root.toString("base64")}\n`;
}

export function signCheckpoint(checkpoint: Checkpoint, signer: CheckpointSigner): Promise<string> {
  return signNote(encodeCheckpoint(checkpoint), signer);
}

/** Untrusted: the checkpoint in a signed note, its signatures not yet checked; `undefined` if it is none. Extension lines are ignored. */
export function parseCheckpoint(text: string): SignedCheckpoint | undefined {
  const note = parseNote(text);
  if (!note) return undefined;
  const [origin, size, encoded, ...more] = note.text.slice(0, -1).split("\n");
  if (!origin || size === undefined || encoded === undefined || more.includes("")) return undefined;
  const root = Buffer.from(encoded, "base64");
  if (!/^(0|[1-9][0-9]{0,15})$/.test(size) || !Number.isSafeInteger(Number(size))) return undefined;
  if (root.length !== HASH_BYTES || root.toString("base64") !== encoded) return undefined;
  return { origin, size: Number(size), root, note };
}

/** The node a log belongs to: the part of its origin after the last `/`. */
export function nodeOf(origin: string): string {
  return origin.slice(origin.lastIndexOf("/") + 1);
}
