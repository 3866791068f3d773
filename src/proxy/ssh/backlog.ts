import { GateError } from "../../kernel/errors.ts";

/** What `take` gives at most: as much as one message of a channel usually carries. */
export const BLOCK_BYTES = 32_768;
/** Twice the window that OpenSSH's server gives; no client that keeps to a window of that size gets here. */
const MAX_BYTES = 4 * 1024 * 1024;

/** A stream's bytes that wait, copied into blocks: many small messages cost no more than their bytes. */
export class Backlog {
  readonly #blocks: Buffer[] = [];
  /** Bytes used of the last block. */
  #used = BLOCK_BYTES;
  bytes = 0;

  /** Throws GateError("protocol-error") when too much waits. */
  push(data: Buffer): void {
    this.bytes += data.length;
    if (this.bytes > MAX_BYTES) throw new GateError("protocol-error", "too much was sent ahead of the answers");
    for (let rest = data; rest.length > 0;) {
      if (this.#used === BLOCK_BYTES) {
        this.#blocks.push(Buffer.allocUnsafeSlow(BLOCK_BYTES));
        this.#used = 0;
      }
      const copied = rest.copy(this.#blocks.at(-1) ?? rest, this.#used);
      this.#used += copied;
      rest = rest.subarray(copied);
    }
  }

  /** The bytes that came first; the caller's from now on. */
  take(): Buffer | undefined {
    const block = this.#blocks.shift();
    if (block === undefined) return undefined;
    const taken = this.#blocks.length > 0 ? block : block.subarray(0, this.#used);
    if (this.#blocks.length === 0) this.#used = BLOCK_BYTES;
    this.bytes -= taken.length;
    return taken;
  }

  clear(): void {
    this.#blocks.length = 0;
    this.#used = BLOCK_BYTES;
    this.bytes = 0;
  }
}
