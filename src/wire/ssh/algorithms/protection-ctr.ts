/**
 * aes*-ctr (RFC 4344 §4) with hmac-sha2-* (RFC 6668), over the plaintext or, as -etm@openssh.com, over what is sent.
 * The key stream runs on from packet to packet.
 */
import { createCipheriv, createDecipheriv, createHmac, createSecretKey, timingSafeEqual } from "node:crypto";
import { freeMemory } from "../../../kernel/free-memory.ts";
import type { CipherSpec, MacSpec } from "./ciphers.ts";
import type { DirectionKeys, PacketOpener, PacketSealer } from "./packet-protection.ts";

const BLOCK_BYTES = 16;

/** RFC 4253 §6.4: MAC(key, sequence_number || data). */
function createTagger(mac: MacSpec, macKey: Buffer): (sequence: number, ...data: Uint8Array[]) => Buffer {
  const key = createSecretKey(macKey);
  const prefix = Buffer.alloc(4);
  return (sequence, ...data) => {
    prefix.writeUInt32BE(sequence);
    const hmac = createHmac(mac.hash, key).update(prefix);
    for (const part of data) hmac.update(part);
    return hmac.digest();
  };
}

export function createCtrSealer(cipher: CipherSpec, mac: MacSpec, keys: DirectionKeys): PacketSealer {
  const aes = createCipheriv(cipher.openssl, keys.key, keys.iv);
  const tag = createTagger(mac, keys.macKey);
  const encrypt = (buf: Buffer, start: number, end: number): void => {
    const sealed = aes.update(buf.subarray(start, end));
    buf.set(sealed, start);
    freeMemory(sealed);
  };
  const shape = { blockBytes: BLOCK_BYTES, tagBytes: mac.bytes, alignsLength: !mac.overCiphertext };
  if (mac.overCiphertext) {
    return {
      ...shape,
      seal: (sequence, buf, start, end) => {
        encrypt(buf, start + 4, end);
        buf.set(tag(sequence, buf.subarray(start, end)), end);
      },
    };
  }
  return {
    ...shape,
    seal: (sequence, buf, start, end) => {
      buf.set(tag(sequence, buf.subarray(start, end)), end);
      encrypt(buf, start, end);
    },
  };
}

export function createCtrOpener(cipher: CipherSpec, mac: MacSpec, keys: DirectionKeys): PacketOpener {
  const aes = createDecipheriv(cipher.openssl, keys.key, keys.iv);
  const tag = createTagger(mac, keys.macKey);
  const shape = { blockBytes: BLOCK_BYTES, tagBytes: mac.bytes, alignsLength: !mac.overCiphertext };
  if (mac.overCiphertext) {
    return {
      ...shape,
      headerBytes: 4,
      packetLength: (_sequence, header) => header.readUInt32BE(0),
      open: (sequence, packet) => {
        const end = packet.length - mac.bytes;
        if (!timingSafeEqual(tag(sequence, packet.subarray(0, end)), packet.subarray(end))) return undefined;
        return aes.update(packet.subarray(4, end));
      },
    };
  }
  // The first block, decrypted to learn the length; the rest of the packet is decrypted when it is there.
  let head = Buffer.alloc(0);
  return {
    ...shape,
    headerBytes: BLOCK_BYTES,
    packetLength: (_sequence, header) => {
      head = aes.update(header);
      return head.readUInt32BE(0);
    },
    open: (sequence, packet) => {
      const end = packet.length - mac.bytes;
      const tail = aes.update(packet.subarray(BLOCK_BYTES, end));
      if (!timingSafeEqual(tag(sequence, head, tail), packet.subarray(end))) return undefined;
      const body = Buffer.allocUnsafe(end - 4);
      head.copy(body, 0, 4);
      tail.copy(body, BLOCK_BYTES - 4);
      freeMemory(tail);
      return body;
    },
  };
}
