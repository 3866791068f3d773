/**
 * Encryption and authentication of one packet, in one direction (RFC 4253 §6):
 *
 *   uint32 packet_length │ byte padding_length │ payload │ padding │ tag
 *
 * | | length field | tag covers | padding aligns |
 * | --- | --- | --- | --- |
 * | none (before the first NEWKEYS) | clear | – | from the length field |
 * | aes-gcm (RFC 5647 as in PROTOCOL) | clear, authenticated | length, ciphertext | after the length field |
 * | aes-ctr, hmac…-etm | clear, authenticated | sequence, length, ciphertext | after the length field |
 * | aes-ctr, hmac | encrypted | sequence, plaintext | from the length field |
 *
 * Fails closed: `open` gives nothing of a packet whose tag is wrong.
 */
import type { CipherSpec, MacSpec } from "./ciphers.ts";
import { createCtrOpener, createCtrSealer } from "./protection-ctr.ts";
import { createGcmOpener, createGcmSealer } from "./protection-gcm.ts";

interface PacketShape {
  readonly blockBytes: number;
  readonly tagBytes: number;
  /** Whether the length field counts towards the multiple of `blockBytes`. */
  readonly alignsLength: boolean;
}

export interface PacketSealer extends PacketShape {
  /** `buf[start, end)` is the whole plaintext packet; encrypts it in place and writes the tag at `end`, where there is room for it. */
  seal(sequence: number, buf: Buffer, start: number, end: number): void;
}

export interface PacketOpener extends PacketShape {
  /** Bytes that `packetLength` needs. */
  readonly headerBytes: number;
  /** The value of the length field, unchecked. Called once for each packet, before `open`. */
  packetLength(sequence: number, header: Buffer): number;
  /** The packet after its length field and without the tag; `undefined` when the tag is wrong. */
  open(sequence: number, packet: Buffer): Buffer | undefined;
}

export interface DirectionKeys {
  readonly iv: Buffer;
  readonly key: Buffer;
  readonly macKey: Buffer;
}

/** `mac` is undefined exactly when the cipher has a tag of its own. */
export function createSealer(cipher: CipherSpec, mac: MacSpec | undefined, keys: DirectionKeys): PacketSealer {
  return mac === undefined ? createGcmSealer(cipher, keys) : createCtrSealer(cipher, mac, keys);
}

export function createOpener(cipher: CipherSpec, mac: MacSpec | undefined, keys: DirectionKeys): PacketOpener {
  return mac === undefined ? createGcmOpener(cipher, keys) : createCtrOpener(cipher, mac, keys);
}

/** Before the first NEWKEYS (RFC 4253 §6: "none"). */
export const PLAIN: PacketSealer & PacketOpener = {
  blockBytes: 8,
  tagBytes: 0,
  alignsLength: true,
  headerBytes: 4,
  seal: () => {},
  packetLength: (_sequence, header) => header.readUInt32BE(0),
  open: (_sequence, packet) => packet.subarray(4),
};
