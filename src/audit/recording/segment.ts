/** Sealed segments and the clear header of a recording file: docs/formats/recording.md, "File" and "Segment". */
import { createCipheriv, createDecipheriv, type CipherGCM, type KeyObject } from "node:crypto";
import { canonicalJson, parseCanonical } from "../log/canonical.ts";

export const MAGIC: Buffer = Buffer.from("SPREC\u0000\u0001\n", "latin1");
const HEADER_MAX_BYTES = 4096;
export const SEGMENT_MAX_BYTES = 131_072;
export const LENGTH_BYTES = 4;
export const TAG_BYTES = 16;
/** How much of a file's start surely holds its header. */
export const HEADER_READ_BYTES: number = MAGIC.length + LENGTH_BYTES + HEADER_MAX_BYTES;
const ALGORITHM = "aes-256-gcm";

export interface RecordingHeader {
  readonly recording: string;
  /** The key that wrapped the data key. */
  readonly keyId: string;
  readonly wrapped: Buffer;
}

export function keyContext(recording: string): string {
  return `recording:${recording}`;
}

export function encodeHeader({ recording, keyId, wrapped }: RecordingHeader): Buffer {
  const json = canonicalJson({ recording, keyId, wrapped: wrapped.toString("base64") });
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(json.length);
  return Buffer.concat([MAGIC, length, json]);
}

/** Untrusted: the header and where it ends, or `undefined` if the file does not begin with a whole one. */
export function parseHeader(start: Buffer): { header: RecordingHeader; length: number } | undefined {
  const at = MAGIC.length + LENGTH_BYTES;
  if (start.length < at || !start.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
  const length = at + start.readUInt32BE(MAGIC.length);
  if (length > start.length || length > at + HEADER_MAX_BYTES) return undefined;
  const value = parseCanonical(start.subarray(at, length)) as Record<string, unknown> | null | undefined;
  if (typeof value !== "object" || value === null) return undefined;
  const { recording, keyId, wrapped } = value;
  if (typeof recording !== "string" || typeof keyId !== "string" || typeof wrapped !== "string") return undefined;
  return { header: { recording, keyId, wrapped: Buffer.from(wrapped, "base64") }, length };
}

/** Nonce and additional data of each segment in turn. Invariant: an instance never gives one index twice. */
export class SegmentCiphers {
  readonly #key: KeyObject;
  readonly #nonce = Buffer.alloc(12);
  readonly #data: Buffer;
  #index = 0n;

  constructor(key: KeyObject, recording: string) {
    this.#key = key;
    // Not from the shared slab, of which it would keep eight kilobytes for as long as the session lasts.
    this.#data = Buffer.alloc(Buffer.byteLength(recording, "utf8") + 8);
    this.#data.write(recording, "utf8");
  }

  /** Goes on with the segment of this number: for reading what was recorded last, and not all before it. */
  skipTo(index: number): void {
    this.#index = BigInt(index);
  }

  next(): CipherGCM {
    this.#advance();
    return createCipheriv(ALGORITHM, this.#key, this.#nonce).setAAD(this.#data);
  }

  /** Untrusted: the plaintext of the next segment, or `undefined` if it was altered or is not the next one. */
  open(sealed: Buffer): Buffer | undefined {
    this.#advance();
    const cipher = createDecipheriv(ALGORITHM, this.#key, this.#nonce, { authTagLength: TAG_BYTES }).setAAD(this.#data);
    cipher.setAuthTag(sealed.subarray(-TAG_BYTES));
    const plain = cipher.update(sealed.subarray(0, -TAG_BYTES));
    try {
      cipher.final();
      return plain;
    } catch {
      return undefined;
    }
  }

  #advance(): void {
    this.#nonce.writeBigUInt64BE(this.#index, 4);
    this.#data.writeBigUInt64BE(this.#index, this.#data.length - 8);
    this.#index += 1n;
  }
}
