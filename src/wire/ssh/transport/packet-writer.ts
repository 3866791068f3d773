/**
 * Outgoing packets (RFC 4253 §6), gathered into one buffer that goes out as one write.
 *
 * Each packet is composed and encrypted in place in the output buffer, so that nothing is allocated for it but what
 * node:crypto returns. Buffers come from a pool and go back to it when the caller says that they were written.
 */
import type { Random } from "../../../kernel/random.ts";
import { PLAIN, type PacketSealer } from "../algorithms/packet-protection.ts";
import type { BufferPool } from "../../../kernel/buffer-pool.ts";

export interface Output {
  /** `release` may be called once, when `bytes` are not needed any more; they must not be touched after that. */
  write(bytes: Buffer, release: () => void): void;
}

/** Below this, bytes are copied out rather than keeping a whole pooled buffer waiting for a slow peer. */
const COPY_BELOW = 8192;
const RANDOM_BYTES = 1024;
const NOWHERE: Output = { write: (_bytes, release) => release() };

export class PacketWriter {
  #output: Output;
  readonly #pool: BufferPool;
  readonly #random: Random;
  #padding: Buffer = Buffer.alloc(0);
  #paddingAt = 0;
  #sealer: PacketSealer = PLAIN;
  #buf: Buffer | undefined;
  #length = 0;
  #sequence = 0;
  /** Since the last change of keys. */
  bytes = 0;
  packets = 0;

  constructor(output: Output, pool: BufferPool, random: Random) {
    this.#output = output;
    this.#pool = pool;
    this.#random = random;
  }

  /** Bytes gathered and not flushed. */
  get gathered(): number {
    return this.#length;
  }

  /** `payload` is copied. */
  write(payload: Uint8Array): void {
    const { blockBytes, tagBytes, alignsLength } = this.#sealer;
    // RFC 4253 §6: at least four bytes of padding, up to a multiple of the block.
    const unaligned = (alignsLength ? 5 : 1) + payload.length;
    let padding = blockBytes - (unaligned % blockBytes);
    if (padding < 4) padding += blockBytes;
    const size = 5 + payload.length + padding;
    const buf = this.#room(size + tagBytes);
    const start = this.#length;
    const end = start + size;
    buf.writeUInt32BE(size - 4, start);
    buf[start + 4] = padding;
    buf.set(payload, start + 5);
    this.#pad(buf, end - padding, padding);
    this.#sealer.seal(this.#sequence, buf, start, end);
    this.#length = end + tagBytes;
    this.#sequence = (this.#sequence + 1) >>> 0;
    this.bytes += size;
    this.packets += 1;
  }

  /** Bytes outside of any packet: the version line. */
  writeRaw(bytes: Uint8Array): void {
    this.#room(bytes.length).set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** From the next packet on. `resetSequence`: strict key exchange. */
  setSealer(sealer: PacketSealer, resetSequence: boolean): void {
    this.#sealer = sealer;
    if (resetSequence) this.#sequence = 0;
    this.bytes = 0;
    this.packets = 0;
  }

  /** Hands everything gathered to the output, as one write. */
  flush(): void {
    const buf = this.#buf;
    const length = this.#length;
    if (buf === undefined || length === 0) return;
    this.#buf = undefined;
    this.#length = 0;
    if (length >= COPY_BELOW) {
      this.#output.write(buf.subarray(0, length), () => this.#pool.release(buf));
    } else {
      const bytes = Buffer.from(buf.subarray(0, length));
      this.#pool.release(buf);
      this.#output.write(bytes, () => {});
    }
  }

  /** Flushes; whatever is written afterwards goes nowhere. */
  end(): void {
    this.flush();
    this.#output = NOWHERE;
  }

  #room(size: number): Buffer {
    if (this.#buf !== undefined && this.#buf.length - this.#length < size) this.flush();
    this.#buf ??= this.#pool.take(size);
    return this.#buf;
  }

  #pad(buf: Buffer, at: number, count: number): void {
    if (this.#padding.length - this.#paddingAt < count) {
      this.#padding = this.#random.bytes(RANDOM_BYTES);
      this.#paddingAt = 0;
    }
    this.#padding.copy(buf, at, this.#paddingAt, this.#paddingAt + count);
    this.#paddingAt += count;
  }
}
