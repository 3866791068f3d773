/**
 * The data types of RFC 4251 §5, written into one growing buffer. For messages that we compose; bulk data is never
 * passed through here.
 */
export class Writer {
  #buf: Buffer;
  #length = 0;

  /** `capacity` in bytes: a first guess, grown when needed. */
  constructor(capacity = 256) {
    this.#buf = Buffer.allocUnsafe(capacity);
  }

  byte(value: number): this {
    const at = this.#reserve(1);
    this.#buf[at] = value;
    return this;
  }

  boolean(value: boolean): this {
    return this.byte(value ? 1 : 0);
  }

  uint32(value: number): this {
    const at = this.#reserve(4);
    this.#buf.writeUInt32BE(value, at);
    return this;
  }

  uint64(value: bigint): this {
    const at = this.#reserve(8);
    this.#buf.writeBigUInt64BE(value, at);
    return this;
  }

  /** A text is written as UTF-8. */
  string(value: Uint8Array | string): this {
    if (typeof value !== "string") return this.uint32(value.length).raw(value);
    const length = Buffer.byteLength(value);
    this.uint32(length);
    const at = this.#reserve(length);
    this.#buf.write(value, at, "utf8");
    return this;
  }

  /** `magnitude`: a non-negative number, big-endian; leading zero bytes are dropped and one is put back where RFC 4251 wants it. */
  mpint(magnitude: Uint8Array): this {
    let skip = 0;
    while (skip < magnitude.length && magnitude[skip] === 0) skip += 1;
    const digits = magnitude.subarray(skip);
    if ((digits[0] ?? 0) < 0x80) return this.string(digits);
    return this.uint32(digits.length + 1)
      .byte(0)
      .raw(digits);
  }

  nameList(names: readonly string[]): this {
    return this.string(names.join(","));
  }

  raw(bytes: Uint8Array): this {
    const at = this.#reserve(bytes.length);
    this.#buf.set(bytes, at);
    return this;
  }

  /** What was written, as a view: the writer must not be used afterwards. */
  toBuffer(): Buffer {
    return this.#buf.subarray(0, this.#length);
  }

  /** Makes room for `count` more bytes; returns where they start. */
  #reserve(count: number): number {
    const at = this.#length;
    const needed = at + count;
    if (needed > this.#buf.length) {
      const grown = Buffer.allocUnsafe(Math.max(needed, this.#buf.length * 2));
      this.#buf.copy(grown, 0, 0, at);
      this.#buf = grown;
    }
    this.#length = needed;
    return at;
  }
}
