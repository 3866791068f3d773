/**
 * Signed notes (https://c2sp.org/signed-note) and the checkpoints in them (https://c2sp.org/tlog-checkpoint), Ed25519 by WebCrypto.
 *
 * Invariants: unknown signers are ignored; a known signer whose signature is wrong spoils the whole note.
 */
import { fromBase64, fromText, isEqual, toHex, type Bytes } from "./bytes.ts";
import { HASH_BYTES, sha256, type Head } from "./merkle.ts";

const ED25519 = 0x01;
const KEY_ID_BYTES = 4;
const NOTE_MAX_CHARS = 1024 * 1024;
const SIGNATURES_MAX = 100;

export interface VerifierKey {
  readonly name: string;
  /** Eight hex digits. */
  readonly id: string;
  readonly key: CryptoKey;
}

interface Signature {
  readonly name: string;
  readonly id: string;
  readonly signature: Bytes;
}

export interface Note {
  /** Includes its final newline. */
  readonly text: string;
  readonly signatures: readonly Signature[];
}

export interface Checkpoint extends Head {
  /** `<gateway name>/<node>`, also the name of the log's key. */
  readonly origin: string;
  readonly note: Note;
}

/** That this browser cannot check what it should: no statement about the log. */
export class CannotCheck extends Error {
  override readonly name = "CannotCheck";
}

function isKeyName(name: string): boolean {
  return name !== "" && name.isWellFormed() && !/[\s\u0085+]/u.test(name);
}

/** Untrusted: a line `<name>+<key id>+<base64>`; `undefined` if it is no key. Throws `CannotCheck` where the browser has no Ed25519. */
export async function parseVerifierKey(line: string): Promise<VerifierKey | undefined> {
  const [, name = "", id = "", encoded = ""] = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})$/.exec(line.trim()) ?? [];
  const bytes = fromBase64(encoded);
  if (!isKeyName(name) || bytes?.length !== 33 || bytes[0] !== ED25519) return undefined;
  const digest = await sha256(fromText(`${name}\n`), bytes);
  if (toHex(digest.slice(0, KEY_ID_BYTES)) !== id) return undefined;
  try {
    return { name, id, key: await crypto.subtle.importKey("raw", bytes.slice(1), "Ed25519", false, ["verify"]) };
  } catch (cause) {
    throw new CannotCheck("This browser cannot check Ed25519 signatures", { cause });
  }
}

/** Untrusted: the parts of a note, or `undefined` if it is none. */
export function parseNote(note: string): Note | undefined {
  // eslint-disable-next-line no-control-regex -- the format forbids them
  if (note.length > NOTE_MAX_CHARS || !note.isWellFormed() || /[\u0000-\u0009\u000b-\u001f]/.test(note)) return undefined;
  const split = note.lastIndexOf("\n\n");
  if (split < 1 || !note.endsWith("\n")) return undefined;
  const lines = note.slice(split + 2, -1).split("\n");
  if (lines.length > SIGNATURES_MAX) return undefined;
  const signatures: Signature[] = [];
  for (const line of lines) {
    const [dash, name = "", encoded = "", ...rest] = line.split(" ");
    const bytes = fromBase64(encoded);
    if (dash !== "—" || rest.length > 0 || !isKeyName(name) || bytes === undefined || bytes.length <= KEY_ID_BYTES) return undefined;
    signatures.push({ name, id: toHex(bytes.slice(0, KEY_ID_BYTES)), signature: bytes.slice(KEY_ID_BYTES) });
  }
  return { text: note.slice(0, split + 1), signatures };
}

/** Whether this key signed the note. */
export async function checkNote(note: Note, { name, id, key }: VerifierKey): Promise<"verified" | "unknown-signer" | "forged"> {
  let result: "verified" | "unknown-signer" = "unknown-signer";
  for (const each of note.signatures) {
    if (each.name !== name || each.id !== id) continue;
    if (!(await crypto.subtle.verify("Ed25519", key, each.signature, fromText(note.text)))) return "forged";
    result = "verified";
  }
  return result;
}

/** Untrusted: the checkpoint in a signed note, its signatures not yet checked. Extension lines are ignored. */
export function parseCheckpoint(text: string): Checkpoint | undefined {
  const note = parseNote(text);
  const [origin, size = "", encoded = "", ...more] = note?.text.slice(0, -1).split("\n") ?? [];
  const root = fromBase64(encoded);
  if (!note || !origin || more.includes("") || root?.length !== HASH_BYTES) return undefined;
  if (!/^(0|[1-9][0-9]{0,15})$/.test(size) || !Number.isSafeInteger(Number(size))) return undefined;
  return { origin, size: Number(size), root, note };
}

/** Whether two checkpoints say the same of the same log. */
export function isSameHead(a: Checkpoint, b: Checkpoint): boolean {
  return a.origin === b.origin && a.size === b.size && isEqual(a.root, b.root);
}

/** The node a log belongs to: the part of its origin after the last `/`. */
export function nodeOf(origin: string): string {
  return origin.slice(origin.lastIndexOf("/") + 1);
}
