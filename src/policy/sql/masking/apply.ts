/** A masked value in place of the real one. Pure; the hot path of masked rows, so that bytes are written where they are wanted. */
import { createHmac } from "node:crypto";
import type { Mask } from "./masks.ts";

const HIDDEN = Buffer.from("****");
/** Shorter ones would be shown whole, or nearly. */
const SHORTEST_WITH_END = 8;
const SHOWN_AT_END = 4;
/** 96 bits: nobody finds another value for it, and it fits a column on a screen. */
const HASH_CHARACTERS = 16;
const SPACE = 0x20;
const AT_SIGN = 0x40;

/** By how many bytes what stands for a value may be longer than the value. */
export const MASKED_MORE_BYTES = HASH_CHARACTERS;
const NULL = -1;

/** `bytes[from … end)`: a value in UTF-8. `key`: of the grant, so that what is equal is seen to be under one grant alone. */
export interface Unmasked {
  readonly bytes: Buffer;
  readonly from: number;
  readonly end: number;
  readonly key: Buffer;
}

/** Writes what is seen of a value to `out` from `at`. Returns where that ends, negative for NULL. */
export function writeMasked(mask: Mask, { bytes, from, end, key }: Unmasked, out: Buffer, at: number): number {
  switch (mask) {
    case "null":
      return NULL;
    case "full":
      return copyTo(HIDDEN, 0, HIDDEN.length, out, at);
    case "last4": {
      const hidden = copyTo(HIDDEN, 0, HIDDEN.length, out, at);
      // char(n) comes with spaces up to its length.
      let last = end;
      while (last > from && bytes[last - 1] === SPACE) last -= 1;
      if (startOfLast(SHORTEST_WITH_END, bytes, from, last) === undefined) return hidden;
      return copyTo(bytes, startOfLast(SHOWN_AT_END, bytes, from, last) ?? last, last, out, hidden);
    }
    case "domain": {
      const hidden = copyTo(HIDDEN, 0, HIDDEN.length, out, at);
      let sign = end - 1;
      while (sign >= from && bytes[sign] !== AT_SIGN) sign -= 1;
      return sign < from ? hidden : copyTo(bytes, sign, end, out, hidden);
    }
    case "hash":
      return at + out.write(hashOf(bytes.subarray(from, end), key), at, "latin1");
    default:
      return nothing(mask);
  }
}

function hashOf(value: Buffer, key: Buffer): string {
  return createHmac("sha256", key).update(value).digest("base64url").slice(0, HASH_CHARACTERS);
}

/** Where the last `count` characters begin; `undefined`: there are not as many. In UTF-8 a character's first byte alone is not 0b10xxxxxx. */
function startOfLast(count: number, bytes: Buffer, from: number, end: number): number | undefined {
  let found = 0;
  for (let at = end - 1; at >= from; at -= 1) {
    if (((bytes[at] ?? 0) & 0xc0) !== 0x80) found += 1;
    if (found === count) return at;
  }
  return undefined;
}

/** For a few bytes, of which there are millions: a call into the engine for each costs more than they do. */
function copyTo(bytes: Buffer, from: number, end: number, out: Buffer, at: number): number {
  for (let index = from; index < end; index += 1) out[at + index - from] = bytes[index] ?? 0;
  return at + end - from;
}

/** The same by itself; `undefined`: NULL. */
export function maskValue(mask: Mask, value: Buffer, key: Buffer): Buffer | undefined {
  const out = Buffer.alloc(value.length + MASKED_MORE_BYTES);
  const end = writeMasked(mask, { bytes: value, from: 0, end: value.length, key }, out, 0);
  return end < 0 ? undefined : out.subarray(0, end);
}

/** Fails closed: a mask that came past the type checker. */
function nothing(_mask: never): typeof NULL {
  return NULL;
}
