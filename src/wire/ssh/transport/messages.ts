/** Message numbers (RFC 4250 §4.1, RFC 8308, PROTOCOL) and the transport's small messages. */
import { Reader } from "../io/reader.ts";
import { Writer } from "../io/writer.ts";

export const SSH_MSG_DISCONNECT = 1;
export const SSH_MSG_IGNORE = 2;
export const SSH_MSG_UNIMPLEMENTED = 3;
export const SSH_MSG_DEBUG = 4;
export const SSH_MSG_SERVICE_REQUEST = 5;
export const SSH_MSG_SERVICE_ACCEPT = 6;
export const SSH_MSG_EXT_INFO = 7;
export const SSH_MSG_KEXINIT = 20;
export const SSH_MSG_NEWKEYS = 21;
/** Called INIT or REPLY after the method: KEXDH (RFC 4253 §8), KEX_ECDH (RFC 5656 §4), KEX_HYBRID. The numbers are the same. */
export const SSH_MSG_KEX_INIT_VALUE = 30;
export const SSH_MSG_KEX_REPLY_VALUE = 31;
export const SSH_MSG_PING = 192;
export const SSH_MSG_PONG = 193;

/** RFC 4253 §11.1. */
export const DISCONNECT = {
  HOST_NOT_ALLOWED_TO_CONNECT: 1,
  PROTOCOL_ERROR: 2,
  KEY_EXCHANGE_FAILED: 3,
  MAC_ERROR: 5,
  SERVICE_NOT_AVAILABLE: 7,
  PROTOCOL_VERSION_NOT_SUPPORTED: 8,
  HOST_KEY_NOT_VERIFIABLE: 9,
  CONNECTION_LOST: 10,
  BY_APPLICATION: 11,
  TOO_MANY_CONNECTIONS: 12,
  AUTH_CANCELLED_BY_USER: 13,
  NO_MORE_AUTH_METHODS_AVAILABLE: 14,
} as const;

/** A peer's description is shown to people: longer ones are cut. */
const MAX_DESCRIPTION = 1024;

/** `byte 1, uint32 reason, string description, string language` (RFC 4253 §11.1) */
export function encodeDisconnect(reason: number, description: string): Buffer {
  return new Writer(64).byte(SSH_MSG_DISCONNECT).uint32(reason).string(description).string("").toBuffer();
}

/** Some peers leave the texts out; the reason is all that is needed. */
export function parseDisconnect(payload: Buffer): { reason: number; description: string } {
  const reader = new Reader(payload.subarray(1));
  const reason = reader.readUint32();
  const description = reader.remaining > 0 ? reader.readString().subarray(0, MAX_DESCRIPTION).toString("utf8") : "";
  return { reason, description };
}

/** `byte 2, string data` */
export function encodeIgnore(data: Uint8Array): Buffer {
  return new Writer(data.length + 5).byte(SSH_MSG_IGNORE).string(data).toBuffer();
}

/** `byte 3, uint32 sequence number of the message not understood` */
export function encodeUnimplemented(sequence: number): Buffer {
  return new Writer(5).byte(SSH_MSG_UNIMPLEMENTED).uint32(sequence).toBuffer();
}

export function parseUnimplemented(payload: Buffer): number {
  return new Reader(payload.subarray(1)).readUint32();
}

/** `byte 4, boolean always_display, string message, string language` */
export function parseDebug(payload: Buffer): { alwaysDisplay: boolean; message: string } {
  const reader = new Reader(payload.subarray(1));
  const alwaysDisplay = reader.readBoolean();
  const message = reader.readString().subarray(0, MAX_DESCRIPTION).toString("utf8");
  return { alwaysDisplay, message };
}

/** `byte 192 or 193, string data`: the answer carries the same data (PROTOCOL §1.11, "ping@openssh.com"). */
export function encodePing(type: typeof SSH_MSG_PING | typeof SSH_MSG_PONG, data: Uint8Array): Buffer {
  return new Writer(data.length + 5).byte(type).string(data).toBuffer();
}

/** A view of the data. */
export function parsePing(payload: Buffer): Buffer {
  const reader = new Reader(payload.subarray(1));
  const data = reader.readString();
  reader.end();
  return data;
}
