/** Messages that wait for the end of a key exchange. Bounded: first the sender is asked to hold back, then it is over. */
const FULL_BYTES = 1_048_576;
const MAX_BYTES = 16_777_216;
const MAX_MESSAGES = 65_536;

export class SendQueue {
  #payloads: Buffer[] = [];
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  /** The sender should hold back. */
  get isFull(): boolean {
    return this.#bytes >= FULL_BYTES;
  }

  /** Copies `payload`. False when there is no room: the sender did not hold back. */
  push(payload: Uint8Array): boolean {
    if (this.#bytes + payload.length > MAX_BYTES || this.#payloads.length >= MAX_MESSAGES) return false;
    this.#payloads.push(Buffer.from(payload));
    this.#bytes += payload.length;
    return true;
  }

  drain(write: (payload: Buffer) => void): void {
    const payloads = this.#payloads;
    this.clear();
    for (const payload of payloads) write(payload);
  }

  clear(): void {
    this.#payloads = [];
    this.#bytes = 0;
  }
}
