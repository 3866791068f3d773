/**
 * aes128-gcm@openssh.com and aes256-gcm@openssh.com: RFC 5647 §7 with the naming rule of OpenSSH's PROTOCOL §1.6.
 * The nonce is the derived IV: four fixed bytes and a counter of eight that goes up by one with each packet.
 */
import { createCipheriv, createDecipheriv, createSecretKey, type CipherGCMTypes } from "node:crypto";
import { freeMemory } from "../../../kernel/free-memory.ts";
import type { CipherSpec } from "./ciphers.ts";
import type { DirectionKeys, PacketOpener, PacketSealer } from "./packet-protection.ts";

const TAG_BYTES = 16;
const SHAPE = { blockBytes: 16, tagBytes: TAG_BYTES, alignsLength: false } as const;
const TAG_LENGTH = { authTagLength: TAG_BYTES };

/** Not from the shared slab, of which a few bytes would keep eight kilobytes for as long as the connection lasts. */
function ownCopy(bytes: Buffer): Buffer {
  const copy = Buffer.alloc(bytes.length);
  bytes.copy(copy);
  return copy;
}

/** Adds one to the last eight bytes (RFC 5647 §7.1: the invocation counter wraps within itself). */
function increment(nonce: Buffer): void {
  for (let at = 11; at >= 4; at -= 1) {
    const next = ((nonce[at] ?? 0) + 1) & 0xff;
    nonce[at] = next;
    if (next !== 0) return;
  }
}

export function createGcmSealer(cipher: CipherSpec, keys: DirectionKeys): PacketSealer {
  const name = cipher.openssl as CipherGCMTypes;
  // A KeyObject is set up once; raw bytes would be checked and copied for each packet.
  const key = createSecretKey(keys.key);
  const nonce = ownCopy(keys.iv);
  return {
    ...SHAPE,
    seal: (_sequence, buf, start, end) => {
      const aes = createCipheriv(name, key, nonce, TAG_LENGTH);
      aes.setAAD(buf.subarray(start, start + 4));
      const sealed = aes.update(buf.subarray(start + 4, end));
      buf.set(sealed, start + 4);
      freeMemory(sealed);
      aes.final();
      buf.set(aes.getAuthTag(), end);
      increment(nonce);
    },
  };
}

export function createGcmOpener(cipher: CipherSpec, keys: DirectionKeys): PacketOpener {
  const name = cipher.openssl as CipherGCMTypes;
  const key = createSecretKey(keys.key);
  const nonce = ownCopy(keys.iv);
  return {
    ...SHAPE,
    headerBytes: 4,
    packetLength: (_sequence, header) => header.readUInt32BE(0),
    open: (_sequence, packet) => {
      const end = packet.length - TAG_BYTES;
      const aes = createDecipheriv(name, key, nonce, TAG_LENGTH);
      aes.setAAD(packet.subarray(0, 4));
      aes.setAuthTag(packet.subarray(end));
      const body = aes.update(packet.subarray(4, end));
      try {
        aes.final();
      } catch {
        return undefined;
      }
      increment(nonce);
      return body;
    },
  };
}
