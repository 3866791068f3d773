/**
 * What was withheld from the log, so that it can be recognised and proven, and not guessed: HMAC-SHA-256 under a key of
 * the gate's own (docs/formats/log.md). A plain hash of `ALTER ROLE … PASSWORD '…'` would give the password to whoever
 * tries enough of them.
 */
import { createHmac } from "node:crypto";
import type { Secret } from "../kernel/secret.ts";

/** In hex. The same value of the same kind has the same digest wherever this gate logs it. */
export type KeyedDigest = (kind: "statement" | "parameter", value: string | Uint8Array) => string;

export function keyedDigest(key: Secret<Buffer>): KeyedDigest {
  return (kind, value) => createHmac("sha256", key.reveal()).update(`${kind}\0`).update(value).digest("hex");
}
