import { BODY_MAX_BYTES, SALT_BYTES } from "./envelope.ts";
import { encodeTileIndex } from "./tiles.ts";

const ERASED = 0xffffffff;

/** What an envelope's `bodyHash` is the hash of; `erased` when both were. */
export type StoredBody = { readonly salt: Buffer; readonly body: Buffer } | "erased";

/** File of the bodies of entry bundle `index`. */
export function bodiesPath(index: number): string {
  return `bodies/${encodeTileIndex(index)}`;
}

/** docs/formats/log.md: uint32 length, 32 bytes of salt, body; or the length 0xFFFFFFFF alone. */
export function encodeBodies(bodies: readonly StoredBody[]): Buffer {
  const parts: Buffer[] = [];
  for (const stored of bodies) {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(stored === "erased" ? ERASED : stored.body.length);
    parts.push(length);
    if (stored !== "erased") parts.push(stored.salt, stored.body);
  }
  return Buffer.concat(parts);
}

/** Untrusted: the bodies, as far as the bytes hold whole ones. */
export function parseBodies(bytes: Buffer): StoredBody[] {
  const bodies: StoredBody[] = [];
  let at = 0;
  while (at + 4 <= bytes.length) {
    const length = bytes.readUInt32BE(at);
    at += 4;
    if (length === ERASED) {
      bodies.push("erased");
      continue;
    }
    const end = at + SALT_BYTES + length;
    if (length > BODY_MAX_BYTES || end > bytes.length) break;
    bodies.push({ salt: bytes.subarray(at, at + SALT_BYTES), body: bytes.subarray(at + SALT_BYTES, end) });
    at = end;
  }
  return bodies;
}
