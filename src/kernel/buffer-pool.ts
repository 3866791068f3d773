import { freeMemory } from "./free-memory.ts";

/** Output buffers that are used again. One pool may serve all connections of a process; it holds no connection's data in use. */
export class BufferPool {
  readonly #bufferBytes: number;
  readonly #maxFree: number;
  readonly #free: Buffer[] = [];

  /** What one read of a socket gives (64 KiB) and a packet more should fit into one buffer. */
  constructor({ bufferBytes = 131_072, maxFree = 16 }: { bufferBytes?: number; maxFree?: number } = {}) {
    this.#bufferBytes = bufferBytes;
    this.#maxFree = maxFree;
  }

  /** A buffer of at least `size` bytes with arbitrary content. */
  take(size: number): Buffer {
    // Not from Node's shared slab: what one connection releases must never be a view into another's bytes.
    if (size > this.#bufferBytes) return Buffer.allocUnsafeSlow(size);
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(this.#bufferBytes);
  }

  /** The caller must not use `buffer` afterwards, nor release it twice. */
  release(buffer: Buffer): void {
    if (buffer.length === this.#bufferBytes && this.#free.length < this.#maxFree) this.#free.push(buffer);
    else freeMemory(buffer);
  }
}
