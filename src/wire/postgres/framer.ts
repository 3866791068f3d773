/**
 * Messages out of a stream that may be split anywhere: Byte1 type, Int32 length that counts itself, then the rest (§53.7).
 *
 * What is taken whole is gathered up to a bound. Everything else passes as it comes, in as large pieces as it came:
 * nothing is copied, and a field of a gigabyte is never in memory. Consecutive messages that pass are one piece.
 *
 * Untrusted: a length is checked before anything is allocated for it.
 */
import { GateError } from "../../kernel/errors.ts";
import { malformed } from "./fields.ts";

export const HEADER_BYTES = 5;

export interface FramerOptions {
  /** Largest message taken whole, header included. */
  readonly maxWholeBytes: number;
  /** Whether messages of this type are taken whole. Throws for a type that has no place here. */
  readonly takesWhole: (type: number) => boolean;
  /** A whole message with its header, valid during the call. */
  readonly onMessage: (message: Buffer) => void;
  /** Bytes that pass, valid during the call. */
  readonly onPass: (bytes: Buffer) => void;
  /** A message that passes has begun. `length`: bytes with its header. */
  readonly onHeader?: (type: number, length: number) => void;
}

export class Framer {
  readonly #options: FramerOptions;
  /** Of the message that is being gathered, or of a header that is not complete yet. */
  #gathered: Buffer[] = [];
  #gatheredBytes = 0;
  /** Bytes of the message being gathered; 0 while its header is not complete. */
  #wanted = 0;
  /** Bytes still to come of the message that is passing. */
  #passing = 0;
  #held = false;
  #waiting: Buffer[] = [];

  constructor(options: FramerOptions) {
    this.#options = options;
  }

  /** Between two messages: what is written now stands in nobody's way. */
  get isAtBoundary(): boolean {
    return this.#passing === 0 && this.#gatheredBytes === 0;
  }

  /** Called inside of `onMessage`: what follows waits until `release`. */
  hold(): void {
    this.#held = true;
  }

  /** Goes on with what waits. */
  release(): void {
    this.#held = false;
    while (!this.#held) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#read(next);
    }
  }

  push(chunk: Buffer): void {
    if (chunk.length === 0) return;
    if (this.#held || this.#waiting.length > 0) this.#waiting.push(chunk);
    else this.#read(chunk);
  }

  #read(chunk: Buffer): void {
    const { onMessage, onPass, onHeader, takesWhole, maxWholeBytes } = this.#options;
    let at = 0;
    /** From here to `at` everything passes. */
    let passFrom = 0;
    const pass = (): void => {
      if (at > passFrom) onPass(chunk.subarray(passFrom, at));
    };
    while (at < chunk.length) {
      if (this.#passing > 0) {
        const part = Math.min(this.#passing, chunk.length - at);
        this.#passing -= part;
        at += part;
        continue;
      }
      if (this.#gatheredBytes > 0) {
        const whole = this.#gather(chunk, at);
        at += whole.used;
        passFrom = at;
        if (whole.message !== undefined) onMessage(whole.message);
      } else {
        const left = chunk.length - at;
        const length = left >= HEADER_BYTES ? this.#lengthOf(chunk, at) : 0;
        const isPass = length > 0 && !takesWhole(chunk[at] ?? 0);
        if (isPass) {
          onHeader?.(chunk[at] ?? 0, length);
          this.#passing = length;
          continue;
        }
        pass();
        if (length > maxWholeBytes) throw tooLong();
        if (length > 0 && length <= left) {
          at += length;
          passFrom = at;
          onMessage(chunk.subarray(at - length, at));
        } else {
          // The chunk belongs to the socket: what is kept of it is copied.
          this.#gathered = [Buffer.from(chunk.subarray(at))];
          this.#gatheredBytes = left;
          this.#wanted = length;
          at = chunk.length;
          passFrom = at;
        }
      }
      if (this.#held) {
        if (at < chunk.length) this.#waiting.unshift(chunk.subarray(at));
        return;
      }
    }
    pass();
  }

  /** Takes what is missing from `chunk`; a header that turns out to be of a message that passes is passed on. */
  #gather(chunk: Buffer, from: number): { used: number; message?: Buffer } {
    const { onPass, onHeader, takesWhole, maxWholeBytes } = this.#options;
    const wanted = this.#wanted === 0 ? HEADER_BYTES : this.#wanted;
    const used = Math.min(wanted - this.#gatheredBytes, chunk.length - from);
    this.#gathered.push(Buffer.from(chunk.subarray(from, from + used)));
    this.#gatheredBytes += used;
    if (this.#gatheredBytes < wanted) return { used };
    const bytes = Buffer.concat(this.#gathered);
    if (this.#wanted === 0) {
      const length = this.#lengthOf(bytes, 0);
      const type = bytes[0] ?? 0;
      if (!takesWhole(type)) {
        this.#reset();
        onHeader?.(type, length);
        this.#passing = length - HEADER_BYTES;
        onPass(bytes);
        return { used };
      }
      if (length > maxWholeBytes) throw tooLong();
      this.#wanted = length;
      this.#gathered = [bytes];
      if (length > HEADER_BYTES) return { used };
    }
    this.#reset();
    return { used, message: bytes };
  }

  #lengthOf(bytes: Buffer, at: number): number {
    const length = bytes.readInt32BE(at + 1);
    if (length < 4) throw malformed();
    return length + 1;
  }

  #reset(): void {
    this.#gathered = [];
    this.#gatheredBytes = 0;
    this.#wanted = 0;
  }
}

function tooLong(): GateError {
  return new GateError("too-large", "a message of the database protocol");
}
