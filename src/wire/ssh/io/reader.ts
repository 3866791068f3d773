/**
 * The data types of RFC 4251 §5, read from one message.
 *
 * Untrusted: every length is checked against what is left before anything is touched, and nothing is allocated from a
 * length the peer merely claims. Strings are views into the message: copy what must outlive it.
 */
import { GateError } from "../../../kernel/errors.ts";

/** A list of names longer than this is no algorithm list anybody offers; it bounds the work of splitting one. */
const MAX_NAME_LIST_BYTES = 16_384;
const MAX_NAMES = 256;
/** RFC 4251 §6: names are at most 64 characters; extension names (`name@domain`) stay below this too. */
const MAX_NAME_BYTES = 128;

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Reads RFC 4251 values in order. Every method throws GateError("protocol-error") when the bytes are not what they must be. */
export class Reader {
  readonly #buf: Buffer;
  #at = 0;

  constructor(buf: Buffer) {
    this.#buf = buf;
  }

  /** Bytes not read yet. */
  get remaining(): number {
    return this.#buf.length - this.#at;
  }

  readByte(): number {
    return this.#take(1)[0] ?? 0;
  }

  /** Any non-zero byte is TRUE (RFC 4251 §5). */
  readBoolean(): boolean {
    return this.readByte() !== 0;
  }

  readUint32(): number {
    const at = this.#advance(4);
    return this.#buf.readUInt32BE(at);
  }

  readUint64(): bigint {
    const at = this.#advance(8);
    return this.#buf.readBigUInt64BE(at);
  }

  /** A string as a view into the message. */
  readString(): Buffer {
    return this.#take(this.readUint32());
  }

  /** A string that must be valid UTF-8. */
  readUtf8(): string {
    const bytes = this.readString();
    try {
      return UTF8.decode(bytes);
    } catch {
      throw new GateError("protocol-error", "a text is not valid UTF-8");
    }
  }

  /**
   * The magnitude of a non-negative mpint, without leading zero bytes; empty for zero. SSH has no use for a negative
   * number anywhere, so one is refused, as is an encoding longer than necessary.
   */
  readMpint(): Buffer {
    const bytes = this.readString();
    const [first = 0, second = 0] = bytes;
    if (bytes.length === 0) return bytes;
    if (first >= 0x80) throw new GateError("protocol-error", "a number is negative");
    if (first !== 0) return bytes;
    if (bytes.length === 1 || second < 0x80) throw new GateError("protocol-error", "a number has unnecessary leading zeros");
    return bytes.subarray(1);
  }

  /** Comma-separated names of visible US-ASCII, none of them empty. An empty list is []. */
  readNameList(): string[] {
    const bytes = this.readString();
    if (bytes.length === 0) return [];
    if (bytes.length > MAX_NAME_LIST_BYTES) throw new GateError("protocol-error", "a name-list is too long");
    for (const byte of bytes) {
      if (byte <= 0x20 || byte >= 0x7f) throw new GateError("protocol-error", "a name-list holds a character that names cannot have");
    }
    const names = bytes.toString("latin1").split(",");
    if (names.length > MAX_NAMES) throw new GateError("protocol-error", "a name-list has too many names");
    if (names.some((name) => name.length === 0 || name.length > MAX_NAME_BYTES)) {
      throw new GateError("protocol-error", "a name in a name-list is empty or too long");
    }
    return names;
  }

  /** A view of exactly `length` bytes that carry no length of their own. */
  readRaw(length: number): Buffer {
    return this.#take(length);
  }

  /** Everything not read yet, as a view; the reader is at its end afterwards. */
  rest(): Buffer {
    return this.#take(this.remaining);
  }

  /** Throws when bytes are left: a message with a tail is not the message its number says. */
  end(): void {
    if (this.remaining > 0) throw new GateError("protocol-error", `${this.remaining} bytes follow the end of a message`);
  }

  #take(length: number): Buffer {
    const at = this.#advance(length);
    return this.#buf.subarray(at, at + length);
  }

  #advance(length: number): number {
    const at = this.#at;
    if (length > this.#buf.length - at) throw new GateError("protocol-error", "a message ends in the middle of a value");
    this.#at = at + length;
    return at;
  }
}
