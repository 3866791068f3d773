/**
 * What passed through one open file in one direction: how many bytes, whether without holes, and a SHA-256 when it was
 * one pass from the first byte on.
 *
 * Reads are pipelined and may be answered out of order; blocks that come early wait in bounded memory for the ones
 * before them. Beyond that bound, or when a byte passes twice, there is no hash: none is better than a wrong one.
 */
import { createHash, type Hash } from "node:crypto";

/** A part costs more than its bytes, and what waits is in parts as small as a peer likes. */
const MAX_EARLY_PARTS = 4096;

/** Shared by the files of one connection: bytes of early blocks that may wait at a time, and in how many parts. */
export class ReorderBudget {
  #left: number;
  #partsLeft = MAX_EARLY_PARTS;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  take(bytes: number): boolean {
    if (bytes > this.#left || this.#partsLeft === 0) return false;
    this.#left -= bytes;
    this.#partsLeft -= 1;
    return true;
  }

  release(parts: readonly Buffer[]): void {
    for (const part of parts) this.#left += part.length;
    this.#partsLeft += parts.length;
  }
}

/** Disjoint ranges, merged where they touch. More holes than this are no transfer of a file any more. */
const MAX_RANGES = 64;

class Coverage {
  #ranges: { start: bigint; end: bigint }[] = [];
  /** There were too many holes: `whole` stays undefined. */
  gaveUp = false;

  add(start: bigint, end: bigint): void {
    if (this.gaveUp || start === end) return;
    const apart = this.#ranges.filter((range) => range.end < start || range.start > end);
    const touching = this.#ranges.filter((range) => range.end >= start && range.start <= end);
    const merged = touching.reduce(
      (all, range) => ({ start: range.start < all.start ? range.start : all.start, end: range.end > all.end ? range.end : all.end }),
      { start, end },
    );
    this.#ranges = [...apart, merged];
    if (this.#ranges.length > MAX_RANGES) this.#giveUp();
  }

  /** Bytes from 0 on without a hole; `undefined` when there is a hole. */
  get whole(): bigint | undefined {
    const [first, ...more] = this.#ranges;
    if (this.gaveUp || more.length > 0 || (first !== undefined && first.start !== 0n)) return undefined;
    return first?.end ?? 0n;
  }

  #giveUp(): void {
    this.gaveUp = true;
    this.#ranges = [];
  }
}

export class Transfer {
  readonly #budget: ReorderBudget;
  readonly #coverage = new Coverage();
  #hash: Hash | undefined = createHash("sha256");
  /** Everything before this offset is hashed. */
  #hashed = 0n;
  /** Offset → blocks of one answer that came early. */
  readonly #early = new Map<bigint, Buffer[]>();
  #block: { start: bigint; at: bigint; waits: Buffer[] | undefined } = { start: 0n, at: 0n, waits: undefined };
  /** Bytes that passed, counted as often as they did. */
  bytes = 0;

  constructor(budget: ReorderBudget) {
    this.#budget = budget;
  }

  /** A WRITE or DATA begins, at this offset of the file. Its bytes follow by `push`, its end by `endBlock`. */
  startBlock(offset: bigint): void {
    if (offset < this.#hashed || this.#early.has(offset)) this.dropHash();
    const isNext = offset === this.#hashed;
    this.#block = { start: offset, at: offset, waits: isNext ? undefined : [] };
  }

  /** `bytes` is hashed at once, or copied. */
  push(bytes: Buffer): void {
    this.bytes += bytes.length;
    this.#block.at += BigInt(bytes.length);
    if (this.#hash === undefined) return;
    if (this.#block.waits === undefined) {
      this.#hash.update(bytes);
      this.#hashed += BigInt(bytes.length);
    } else if (this.#budget.take(bytes.length)) {
      this.#block.waits.push(Buffer.from(bytes));
    } else {
      this.dropHash();
    }
  }

  endBlock(): void {
    const { start, at, waits } = this.#block;
    this.#coverage.add(start, at);
    if (this.#hash === undefined) return;
    if (waits !== undefined && start !== at) this.#early.set(start, waits);
    this.#block.waits = undefined;
    // Nobody fills so many holes in one pass, and what waits behind them would be looked at again and again.
    if (this.#coverage.gaveUp) return this.dropHash();
    for (let next = this.#early.get(this.#hashed); next !== undefined; next = this.#early.get(this.#hashed)) {
      this.#early.delete(this.#hashed);
      for (const part of next) {
        this.#hash.update(part);
        this.#hashed += BigInt(part.length);
      }
      this.#budget.release(next);
    }
  }

  /** From now on there is no hash: something happened that it could not tell the truth about. */
  dropHash(): void {
    this.#hash = undefined;
    for (const waits of [...this.#early.values(), this.#block.waits ?? []]) this.#budget.release(waits);
    this.#early.clear();
    this.#block.waits = undefined;
  }

  /** Bytes from 0 on without a hole; `undefined` when there is one. */
  get wholeBytes(): bigint | undefined {
    return this.#coverage.whole;
  }

  /** Ends it and frees what waits. Hex of the SHA-256 of everything from 0 on, when it was one pass without holes: what still waits then overlapped. */
  finish(): string | undefined {
    const digest = this.#early.size === 0 && this.#coverage.whole === this.#hashed ? this.#hash?.digest("hex") : undefined;
    this.dropHash();
    return digest;
  }
}
