/**
 * The data types of PostgreSQL's protocol (§53.6): integers in network order, strings that end with a zero byte.
 *
 * Untrusted: the reader throws GateError("protocol-error") for what is cut short, followed by anything, or not UTF-8.
 */
import { GateError } from "../../kernel/errors.ts";

/** Byte1 type, Int32 length (§53.7). */
export const HEADER_BYTES = 5;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export class FieldReader {
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Buffer, at = 0) {
    this.#bytes = bytes;
    this.#at = at;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  uint8(): number {
    return this.#bytes.readUInt8(this.#take(1));
  }

  int16(): number {
    return this.#bytes.readInt16BE(this.#take(2));
  }

  int32(): number {
    return this.#bytes.readInt32BE(this.#take(4));
  }

  uint32(): number {
    return this.#bytes.readUInt32BE(this.#take(4));
  }

  /** A view. */
  bytes(count: number): Buffer {
    const at = this.#take(count);
    return this.#bytes.subarray(at, at + count);
  }

  /** Int32 length, -1 for NULL, then as many bytes; a view. */
  value(): Buffer | null {
    const length = this.int32();
    if (length < -1) throw malformed();
    return length === -1 ? null : this.bytes(length);
  }

  string(): string {
    const end = this.#bytes.indexOf(0, this.#at);
    if (end < 0) throw malformed();
    const text = decodeText(this.#bytes.subarray(this.#at, end));
    this.#at = end + 1;
    return text;
  }

  /** For people only: a server may speak another encoding before it was told ours. */
  lenientString(): string {
    const end = this.#bytes.indexOf(0, this.#at);
    if (end < 0) throw malformed();
    const text = this.#bytes.toString("utf8", this.#at, end);
    this.#at = end + 1;
    return text;
  }

  /** How many of something that takes at least `bytesEach`: compared with what is there before anything is made for them. */
  count(bytesEach: number): number {
    const count = this.int16() & 0xffff;
    if (count * bytesEach > this.left) throw malformed();
    return count;
  }

  end(): void {
    if (this.left !== 0) throw malformed();
  }

  #take(count: number): number {
    const at = this.#at;
    if (count < 0 || this.left < count) throw malformed();
    this.#at += count;
    return at;
  }
}

/** Untrusted: anything but UTF-8 is refused, so that what policy reads is what the server reads. */
function decodeText(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new GateError("protocol-error", "a text is not UTF-8");
  }
}

export function malformed(): GateError {
  return new GateError("protocol-error", "a message is malformed");
}

/** A text as the protocol ends it. Throws `protocol-error` for one that has a zero byte in it. */
export function cString(text: string): Buffer {
  if (text.includes("\0")) throw new GateError("protocol-error", "a text has a zero byte in it");
  return Buffer.from(`${text}\0`, "utf8");
}

export function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

export function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

/** Byte1 type, Int32 length of everything but the type, the fields (§53.7). */
export function message(type: string, ...fields: readonly Uint8Array[]): Buffer {
  const length = fields.reduce((sum, { length: each }) => sum + each, 4);
  return Buffer.concat([Buffer.from(type, "latin1"), int32(length), ...fields]);
}
