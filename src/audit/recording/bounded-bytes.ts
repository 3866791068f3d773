/** Bytes put together, of which no more than `max` are kept; all are counted. */
export class BoundedBytes {
  readonly #max: number;
  #bytes: Buffer = Buffer.alloc(0);
  #kept = 0;
  length = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** Valid until the next `add` or `clear`. */
  get kept(): Buffer {
    return this.#bytes.subarray(0, this.#kept);
  }

  add(bytes: Buffer): void {
    this.length += bytes.length;
    const more = bytes.subarray(0, this.#max - this.#kept);
    if (this.#kept + more.length > this.#bytes.length) {
      // Doubling: what grows piece by piece is not copied for each piece.
      const larger = Buffer.alloc(Math.min(this.#max, Math.max(64, 2 * (this.#kept + more.length))));
      this.#bytes.copy(larger, 0, 0, this.#kept);
      this.#bytes = larger;
    }
    more.copy(this.#bytes, this.#kept);
    this.#kept += more.length;
  }

  clear(): void {
    this.length = 0;
    this.#kept = 0;
  }
}
