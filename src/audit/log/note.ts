/**
 * Signed notes (https://c2sp.org/signed-note) with Ed25519 keys: text, an empty line, signature lines.
 *
 * Invariants: unknown signers are ignored; a known signer whose signature is wrong spoils the whole note.
 */
import { createHash, createPublicKey, sign, verify, type KeyObject } from "node:crypto";
import { GateError } from "../../kernel/errors.ts";

const ED25519 = 0x01;
const KEY_ID_BYTES = 4;
const NOTE_MAX_BYTES = 1024 * 1024;
const SIGNATURES_MAX = 100;
/** SubjectPublicKeyInfo of an Ed25519 key up to its 32 bytes (RFC 8410 section 4). */
const SPKI_PREFIX = Buffer.from("302a300506032b6570032100", "hex");

/** Who signs checkpoints. The private key stays behind this port. */
export interface CheckpointSigner {
  /** `<name>+<key id>+<base64>`: name and public key in one line. */
  readonly vkey: string;
  /** The raw 64-byte Ed25519 signature. */
  sign(text: Uint8Array): Promise<Buffer>;
}

export interface VerifierKey {
  readonly name: string;
  readonly id: Buffer;
  readonly key: KeyObject;
}

export interface NoteSignature {
  readonly name: string;
  readonly id: Buffer;
  readonly signature: Buffer;
}

export interface Note {
  /** Includes its final newline. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

export function isKeyName(name: string): boolean {
  return name !== "" && name.isWellFormed() && !/[\s\u0085+]/u.test(name);
}

function keyId(name: string, publicKey: Uint8Array): Buffer {
  return createHash("sha256").update(`${name}\n`).update(Buffer.of(ED25519)).update(publicKey).digest().subarray(0, KEY_ID_BYTES);
}

/** `publicKey`: an Ed25519 key object. */
export function encodeVerifierKey(name: string, publicKey: KeyObject): string {
  if (!isKeyName(name)) throw new GateError("bad-config", `"${name}" cannot be the name of a key: it has spaces or "+"`);
  const raw = publicKey.export({ type: "spki", format: "der" }).subarray(SPKI_PREFIX.length);
  return `${name}+${keyId(name, raw).toString("hex")}+${Buffer.concat([Buffer.of(ED25519), raw]).toString("base64")}`;
}

/** Untrusted. Throws `bad-request` saying what is wrong with the key. */
export function parseVerifierKey(vkey: string): VerifierKey {
  const parts = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})$/.exec(vkey.trim());
  const [name, id, encoded] = [parts?.[1] ?? "", parts?.[2] ?? "", Buffer.from(parts?.[3] ?? "", "base64")];
  if (!isKeyName(name)) throw new GateError("bad-request", "a verifier key reads <name>+<8 hex digits>+<base64>");
  if (encoded.length !== 33 || encoded[0] !== ED25519) throw new GateError("bad-request", "the verifier key is not an Ed25519 key");
  const raw = encoded.subarray(1);
  if (keyId(name, raw).toString("hex") !== id) throw new GateError("bad-request", "the verifier key's id is not that of its name and key");
  const key = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, raw]), format: "der", type: "spki" });
  return { name, id: Buffer.from(id, "hex"), key };
}

/** A signer over a private key in memory: demo, tests, and the file-backed key of a small installation. */
export function signerOf(name: string, privateKey: KeyObject): CheckpointSigner {
  return {
    vkey: encodeVerifierKey(name, createPublicKey(privateKey)),
    sign: (text) => Promise.resolve(sign(null, text, privateKey)),
  };
}

/** `text` ends in a newline. Throws `internal` when the signer's answer is not its own key's signature. */
export async function signNote(text: string, signer: CheckpointSigner): Promise<string> {
  const { name, id, key } = parseVerifierKey(signer.vkey);
  const bytes = Buffer.from(text, "utf8");
  const signature = await signer.sign(bytes);
  // Fails closed: a signer that answers for another key would publish a checkpoint nobody can verify.
  if (!verify(null, bytes, key, signature)) throw new GateError("internal", "the log key's signature does not verify");
  return `${text}\n— ${name} ${Buffer.concat([id, signature]).toString("base64")}\n`;
}

/** Untrusted: the parts of a note, or `undefined` if it is none. */
export function parseNote(note: string): Note | undefined {
  // eslint-disable-next-line no-control-regex -- the format forbids them
  if (note.length > NOTE_MAX_BYTES || !note.isWellFormed() || /[\u0000-\u0009\u000b-\u001f]/.test(note)) return undefined;
  const split = note.lastIndexOf("\n\n");
  if (split < 1 || !note.endsWith("\n")) return undefined;
  const lines = note.slice(split + 2, -1).split("\n");
  if (lines.length > SIGNATURES_MAX) return undefined;
  const signatures: NoteSignature[] = [];
  for (const line of lines) {
    const [dash, name, encoded, ...rest] = line.split(" ");
    if (dash !== "—" || name === undefined || encoded === undefined || rest.length > 0 || !isKeyName(name)) return undefined;
    const bytes = Buffer.from(encoded, "base64");
    if (bytes.length <= KEY_ID_BYTES || bytes.toString("base64") !== encoded) return undefined;
    signatures.push({ name, id: bytes.subarray(0, KEY_ID_BYTES), signature: bytes.subarray(KEY_ID_BYTES) });
  }
  return { text: note.slice(0, split + 1), signatures };
}

/** Whether one of `keys` signed the note: `forged` as soon as a known key's signature is wrong. */
export function checkNote(note: Note, keys: readonly VerifierKey[]): "verified" | "unknown-signer" | "forged" {
  let result: "verified" | "unknown-signer" = "unknown-signer";
  for (const { name, id, signature } of note.signatures) {
    const known = keys.find((key) => key.name === name && key.id.equals(id));
    if (!known) continue;
    if (!verify(null, Buffer.from(note.text, "utf8"), known.key, signature)) return "forged";
    result = "verified";
  }
  return result;
}
