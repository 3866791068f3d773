/** A masked value in place of the real one. Pure; the hot path of masked rows. */
import { createHmac } from "node:crypto";
import type { Mask } from "./masks.ts";

const HIDDEN = Buffer.from("****");
/** Shorter ones would be shown whole, or nearly. */
const SHORTEST_WITH_END = 8;
const SHOWN_AT_END = 4;
/** 96 bits: nobody finds another value for it, and it fits a column on a screen. */
const HASH_CHARACTERS = 16;

/** `value`: UTF-8. `undefined`: NULL. `key`: of the grant, so that what is equal is seen to be under one grant alone. */
export function maskValue(mask: Mask, value: Buffer, key: Buffer): Buffer | undefined {
  switch (mask) {
    case "null":
      return undefined;
    case "full":
      return HIDDEN;
    case "last4": {
      // char(n) comes with spaces up to its length.
      const characters = Array.from(value.toString("utf8").trimEnd());
      if (characters.length < SHORTEST_WITH_END) return HIDDEN;
      return Buffer.from(`****${characters.slice(-SHOWN_AT_END).join("")}`);
    }
    case "domain": {
      const at = value.lastIndexOf("@");
      return at < 0 ? HIDDEN : Buffer.concat([HIDDEN, value.subarray(at)]);
    }
    case "hash":
      return Buffer.from(createHmac("sha256", key).update(value).digest("base64url").slice(0, HASH_CHARACTERS));
    default:
      return nothing(mask);
  }
}

/** Fails closed: a mask that came past the type checker. */
function nothing(_mask: never): undefined {
  return undefined;
}
