/**
 * Cuts a byte stream into the messages of PostgreSQL's protocol, in one direction: Byte1 type, Int32 length that counts
 * itself, then the rest. The stream may be split anywhere.
 *
 * What must be understood is taken whole and gathered up to a bound. The rest (rows, copied data) passes: it is counted
 * at its header and comes out as views, as many messages in one view as the chunk holds side by side; a field of a
 * gigabyte is never in memory and never copied.
 *
 * Invariants:
 *  - Every byte pushed comes out exactly once and in order, in `onMessage` or `onPass`, unless its message was dropped.
 *  - After `hold` nothing comes out until `resume`, whatever is pushed meanwhile.
 *  - Untrusted: a length is checked before anything is made for it; memory grows with what has come, not with what is
 *    claimed to come. After a throw, by the framer or by a callback, nothing comes out any more.
 */
import { GateError } from "../../kernel/errors.ts";
import { HEADER_BYTES } from "./fields.ts";

/** PostgreSQL allocates no more for any message (MaxAllocSize, 1 GiB - 1), so neither side sends one that is longer. */
const MAX_MESSAGE_BYTES = 0x4000_0000;
const SMALLEST_GATHERED = 64;
const NOTHING = Buffer.alloc(0);

export interface FramerOptions {
  /**
   * What is done with a message of this type and length (header included); asked once for each. `drop`: as `pass`, but it
   * comes out nowhere. Throws for a type that has no place here.
   */
  readonly take: (type: number, length: number) => "whole" | "pass" | "drop";
  /** Largest message that is taken whole, header included. */
  readonly maxWholeBytes: number;
  /** A whole message with its header: a view into the chunk where it can be, else memory of its own. May call `hold`. */
  readonly onMessage: (type: number, message: Buffer) => void;
  /** Bytes of messages that pass: parts of them, or several. Valid as long as the chunk is. */
  readonly onPass: (bytes: Buffer) => void;
  /** A message that passes has begun; its bytes follow in `onPass`. `length` with its header. */
  readonly onPart?: (type: number, length: number) => void;
}

export class Framer {
  readonly #options: FramerOptions;
  /** Start of a header or of a whole message whose end is not there: a copy, because chunks are not kept. */
  #gathered: Buffer = NOTHING;
  #gatheredBytes = 0;
  /** Bytes of the message that is gathered; 0 while its header is not there. */
  #wanted = 0;
  /** Bytes still to come of the message that passes. */
  #passing = 0;
  /** It comes out nowhere. */
  #dropping = false;
  /** What came behind a hold, in order: copies. */
  readonly #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #held = false;
  #reading = false;
  #failed = false;

  constructor(options: FramerOptions) {
    this.#options = options;
  }

  /** Whether the last byte that came out, or was gathered, ended a message. At the end of a stream false means that it was cut. */
  get isAtBoundary(): boolean {
    return (this.#passing === 0 || this.#dropping) && this.#gatheredBytes === 0;
  }

  get isHeld(): boolean {
    return this.#held;
  }

  /** Bytes that wait for `resume`. Nothing here bounds them: whoever holds must stop reading from the peer. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** Called inside of `onMessage`: what follows that message is kept until `resume`. */
  hold(): void {
    this.#held = true;
  }

  /** Goes on with what is kept. May be called inside of the `onMessage` that held. */
  resume(): void {
    this.#requireSound();
    this.#held = false;
    if (!this.#reading) this.#drain();
  }

  /**
   * Returns how many bytes came out or were gathered: fewer than the chunk has when a callback held; the rest is kept.
   * Throws GateError("protocol-error"); the stream cannot go on then.
   */
  push(chunk: Buffer): number {
    this.#requireSound();
    // A callback that pushes would put its bytes in front of the rest of the chunk that is being read.
    if (this.#reading) throw new GateError("internal", "a stream was pushed into from inside of its own message");
    if (this.#held || this.#waitingBytes > 0) {
      this.#keep(chunk);
      return 0;
    }
    const used = this.#read(chunk);
    if (used < chunk.length) this.#keep(chunk.subarray(used));
    return used;
  }

  #keep(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#waiting.push(Buffer.from(bytes));
    this.#waitingBytes += bytes.length;
  }

  #drain(): void {
    while (!this.#held) {
      const [next] = this.#waiting;
      if (next === undefined) return;
      const used = this.#read(next);
      this.#waitingBytes -= used;
      if (used < next.length) this.#waiting[0] = next.subarray(used);
      else this.#waiting.shift();
    }
  }

  /** Reads on from a boundary or the middle of a message, until the end of the chunk or a hold. Returns where it stopped. */
  #read(chunk: Buffer): number {
    this.#reading = true;
    try {
      return this.#cut(chunk);
    } catch (error) {
      this.#failed = true;
      throw error;
    } finally {
      this.#reading = false;
    }
  }

  /** Fails closed: where a stream stands after it failed is not known. */
  #requireSound(): void {
    if (this.#failed) throw new GateError("protocol-error", "the stream has failed before");
  }

  #cut(chunk: Buffer): number {
    const { take, maxWholeBytes, onMessage, onPart } = this.#options;
    let at = 0;
    /** From here to `at` everything passes and has not been given out. */
    let passFrom = 0;
    while (at < chunk.length && !this.#held) {
      if (this.#passing > 0) {
        const part = Math.min(this.#passing, chunk.length - at);
        this.#passing -= part;
        at += part;
        if (this.#dropping) passFrom = at;
        continue;
      }
      if (this.#gatheredBytes === 0 && chunk.length - at >= HEADER_BYTES) {
        const type = chunk[at] ?? 0;
        const length = lengthAt(chunk, at);
        const taken = take(type, length);
        this.#dropping = taken === "drop";
        if (taken !== "whole") {
          if (this.#dropping) {
            this.#pass(chunk, passFrom, at);
            passFrom = at;
          } else onPart?.(type, length);
          this.#passing = length;
          continue;
        }
        if (length > maxWholeBytes) throw tooLong(length);
        if (length <= chunk.length - at) {
          this.#pass(chunk, passFrom, at);
          const message = chunk.subarray(at, at + length);
          at += length;
          passFrom = at;
          onMessage(type, message);
          continue;
        }
        this.#wanted = length;
      }
      this.#pass(chunk, passFrom, at);
      at = this.#gather(chunk, at);
      passFrom = at;
    }
    this.#pass(chunk, passFrom, at);
    return at;
  }

  #pass(chunk: Buffer, from: number, to: number): void {
    if (to > from) this.#options.onPass(from === 0 && to === chunk.length ? chunk : chunk.subarray(from, to));
  }

  /** Takes what is missing of a header, or of a message whose header is there. Returns where the chunk goes on. */
  #gather(chunk: Buffer, from: number): number {
    const { take, maxWholeBytes, onMessage, onPass, onPart } = this.#options;
    const missing = (this.#wanted === 0 ? HEADER_BYTES : this.#wanted) - this.#gatheredBytes;
    const at = from + this.#append(chunk.subarray(from, from + missing));
    if (this.#gatheredBytes < HEADER_BYTES) return at;
    const type = this.#gathered[0] ?? 0;
    if (this.#wanted === 0) {
      const length = lengthAt(this.#gathered, 0);
      const taken = take(type, length);
      this.#dropping = taken === "drop";
      if (taken !== "whole") {
        const header = this.#takeGathered();
        this.#passing = length - HEADER_BYTES;
        if (this.#dropping) return at;
        onPart?.(type, length);
        onPass(header);
        return at;
      }
      if (length > maxWholeBytes) throw tooLong(length);
      this.#wanted = length;
    }
    if (this.#gatheredBytes === this.#wanted) onMessage(type, this.#takeGathered());
    return at;
  }

  /** Doubles with what has come, so that many small pieces cost no more than their bytes. */
  #append(bytes: Buffer): number {
    const length = this.#gatheredBytes + bytes.length;
    if (length > this.#gathered.length) {
      const most = this.#wanted === 0 ? SMALLEST_GATHERED : this.#wanted;
      const grown = Buffer.allocUnsafeSlow(Math.max(length, Math.min(Math.max(2 * this.#gathered.length, SMALLEST_GATHERED), most)));
      this.#gathered.copy(grown, 0, 0, this.#gatheredBytes);
      this.#gathered = grown;
    }
    bytes.copy(this.#gathered, this.#gatheredBytes);
    this.#gatheredBytes = length;
    return bytes.length;
  }

  /** The gathered bytes go out with their memory: what comes next gets its own. */
  #takeGathered(): Buffer {
    const bytes = this.#gathered.subarray(0, this.#gatheredBytes);
    this.#gathered = NOTHING;
    this.#gatheredBytes = 0;
    this.#wanted = 0;
    return bytes;
  }
}

/** Bytes of the message that starts at `at`, header included. The length on the wire counts itself, not the type. */
function lengthAt(bytes: Buffer, at: number): number {
  const length = bytes.readUInt32BE(at + 1) + 1;
  if (length < HEADER_BYTES) throw new GateError("protocol-error", "a message is shorter than its header");
  if (length > MAX_MESSAGE_BYTES) throw tooLong(length);
  return length;
}

function tooLong(length: number): GateError {
  return new GateError("protocol-error", `a message of ${length} bytes is too long`);
}
