/** RFC 4253 §7.2: six keys from the shared secret and the exchange hash. */
import { createHash } from "node:crypto";
import type { KeyExchangeMethod } from "./key-exchange.ts";

export interface KeySource {
  readonly hash: KeyExchangeMethod["hash"];
  /** K as it is encoded in the exchange hash: with its length. */
  readonly encodedSecret: Buffer;
  readonly exchangeHash: Buffer;
  readonly sessionId: Buffer;
}

/** A, C, E: client to server (IV, encryption, integrity); B, D, F: server to client. */
export type KeyLetter = "A" | "B" | "C" | "D" | "E" | "F";

/**
 *   K1 = HASH(K || H || letter || session_id),  Kn = HASH(K || H || K1 || … || Kn-1),  key = K1 || K2 || …
 */
export function deriveKey(source: KeySource, letter: KeyLetter, bytes: number): Buffer {
  const start = (): ReturnType<typeof createHash> => createHash(source.hash).update(source.encodedSecret).update(source.exchangeHash);
  let key = start().update(letter, "latin1").update(source.sessionId).digest();
  while (key.length < bytes) key = Buffer.concat([key, start().update(key).digest()]);
  return key.subarray(0, bytes);
}
