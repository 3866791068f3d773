/**
 * The messages of the connection protocol (RFC 4254), numbers 80–100. Channel requests are in `channel-request.ts`,
 * global requests in `global-request.ts`.
 *
 * Parsing never copies: what it returns are views into the payload. A payload is one whole message, its number first.
 * Untrusted: every parser throws GateError("protocol-error") for a message cut short or followed by anything.
 */
import { GateError } from "../../../kernel/errors.ts";
import { Reader } from "../io/reader.ts";
import { Writer } from "../io/writer.ts";

export const SSH_MSG_GLOBAL_REQUEST = 80;
export const SSH_MSG_REQUEST_SUCCESS = 81;
export const SSH_MSG_REQUEST_FAILURE = 82;
export const SSH_MSG_CHANNEL_OPEN = 90;
export const SSH_MSG_CHANNEL_OPEN_CONFIRMATION = 91;
export const SSH_MSG_CHANNEL_OPEN_FAILURE = 92;
export const SSH_MSG_CHANNEL_WINDOW_ADJUST = 93;
export const SSH_MSG_CHANNEL_DATA = 94;
export const SSH_MSG_CHANNEL_EXTENDED_DATA = 95;
export const SSH_MSG_CHANNEL_EOF = 96;
export const SSH_MSG_CHANNEL_CLOSE = 97;
export const SSH_MSG_CHANNEL_REQUEST = 98;
export const SSH_MSG_CHANNEL_SUCCESS = 99;
export const SSH_MSG_CHANNEL_FAILURE = 100;

export const SSH_OPEN_ADMINISTRATIVELY_PROHIBITED = 1;
export const SSH_OPEN_CONNECT_FAILED = 2;
export const SSH_OPEN_UNKNOWN_CHANNEL_TYPE = 3;
export const SSH_OPEN_RESOURCE_SHORTAGE = 4;

export const SSH_EXTENDED_DATA_STDERR = 1;

// ── Hot path: every data packet passes here, nothing is allocated but one view ──────────────────────────────────────

/** True for CHANNEL_DATA and CHANNEL_EXTENDED_DATA. */
export function isData(payload: Buffer): boolean {
  return payload[0] === SSH_MSG_CHANNEL_DATA || payload[0] === SSH_MSG_CHANNEL_EXTENDED_DATA;
}

/** The recipient's channel number of messages 91–100, all of which have it right behind the message number. */
export function channelOf(payload: Buffer): number {
  if (payload.length < 5) throw new GateError("protocol-error", "a channel message ends before its channel number");
  return payload.readUInt32BE(1);
}

/** 0 for CHANNEL_DATA, else the data type code of CHANNEL_EXTENDED_DATA (1 = stderr). */
export function dataTypeOf(payload: Buffer): number {
  if (payload[0] === SSH_MSG_CHANNEL_DATA) return 0;
  if (payload.length < 9) throw new GateError("protocol-error", "extended data ends before its type");
  return payload.readUInt32BE(5);
}

/** The bytes that CHANNEL_DATA or CHANNEL_EXTENDED_DATA carries, as a view. */
export function dataOf(payload: Buffer): Buffer {
  // byte 94, uint32 channel, string data | byte 95, uint32 channel, uint32 type, string data
  const start = payload[0] === SSH_MSG_CHANNEL_DATA ? 9 : 13;
  if (payload.length < start || payload.readUInt32BE(start - 4) !== payload.length - start) {
    throw new GateError("protocol-error", "the length of channel data is not what its packet holds");
  }
  return payload.subarray(start);
}

// ── Opening (RFC 4254 §5.1) ─────────────────────────────────────────────────────────────────────────────────────────

export interface ChannelOpen {
  readonly channelType: string;
  readonly senderChannel: number;
  readonly initialWindow: number;
  readonly maximumPacket: number;
  /** What the channel type adds. */
  readonly specific: Buffer;
}

/** byte 90, string type, uint32 sender channel, uint32 initial window, uint32 maximum packet, … */
export function parseChannelOpen(payload: Buffer): ChannelOpen {
  const reader = readerOf(payload, SSH_MSG_CHANNEL_OPEN);
  return {
    channelType: reader.readString().toString("latin1"),
    senderChannel: reader.readUint32(),
    initialWindow: reader.readUint32(),
    maximumPacket: reader.readUint32(),
    specific: reader.rest(),
  };
}

export function encodeChannelOpen(open: ChannelOpen): Buffer {
  return new Writer(64 + open.specific.length)
    .byte(SSH_MSG_CHANNEL_OPEN)
    .string(open.channelType)
    .uint32(open.senderChannel)
    .uint32(open.initialWindow)
    .uint32(open.maximumPacket)
    .raw(open.specific)
    .toBuffer();
}

export interface ChannelOpenConfirmation {
  readonly recipientChannel: number;
  readonly senderChannel: number;
  readonly initialWindow: number;
  readonly maximumPacket: number;
  readonly specific: Buffer;
}

/** byte 91, uint32 recipient, uint32 sender, uint32 initial window, uint32 maximum packet, … */
export function parseChannelOpenConfirmation(payload: Buffer): ChannelOpenConfirmation {
  const reader = readerOf(payload, SSH_MSG_CHANNEL_OPEN_CONFIRMATION);
  return {
    recipientChannel: reader.readUint32(),
    senderChannel: reader.readUint32(),
    initialWindow: reader.readUint32(),
    maximumPacket: reader.readUint32(),
    specific: reader.rest(),
  };
}

export function encodeChannelOpenConfirmation(confirmation: Omit<ChannelOpenConfirmation, "specific">): Buffer {
  return new Writer(17)
    .byte(SSH_MSG_CHANNEL_OPEN_CONFIRMATION)
    .uint32(confirmation.recipientChannel)
    .uint32(confirmation.senderChannel)
    .uint32(confirmation.initialWindow)
    .uint32(confirmation.maximumPacket)
    .toBuffer();
}

export interface ChannelOpenFailure {
  readonly recipientChannel: number;
  readonly reason: number;
  /** For a person; untrusted text, may hold control characters. */
  readonly description: string;
}

/** byte 92, uint32 recipient, uint32 reason, string description, string language */
export function parseChannelOpenFailure(payload: Buffer): ChannelOpenFailure {
  const reader = readerOf(payload, SSH_MSG_CHANNEL_OPEN_FAILURE);
  const [recipientChannel, reason] = [reader.readUint32(), reader.readUint32()];
  const description = reader.readString().toString("utf8");
  reader.readString();
  reader.end();
  return { recipientChannel, reason, description };
}

export function encodeChannelOpenFailure(recipientChannel: number, reason: number, description: string): Buffer {
  return new Writer(128)
    .byte(SSH_MSG_CHANNEL_OPEN_FAILURE)
    .uint32(recipientChannel)
    .uint32(reason)
    .string(description)
    .string("")
    .toBuffer();
}

// ── Flow (RFC 4254 §5.2, §5.3) ──────────────────────────────────────────────────────────────────────────────────────

/** byte 93, uint32 recipient, uint32 bytes to add */
export function parseChannelWindowAdjust(payload: Buffer): { recipientChannel: number; bytesToAdd: number } {
  const reader = readerOf(payload, SSH_MSG_CHANNEL_WINDOW_ADJUST);
  const [recipientChannel, bytesToAdd] = [reader.readUint32(), reader.readUint32()];
  reader.end();
  return { recipientChannel, bytesToAdd };
}

export function encodeChannelWindowAdjust(recipientChannel: number, bytesToAdd: number): Buffer {
  return new Writer(9).byte(SSH_MSG_CHANNEL_WINDOW_ADJUST).uint32(recipientChannel).uint32(bytesToAdd).toBuffer();
}

export function encodeChannelData(recipientChannel: number, data: Uint8Array): Buffer {
  return new Writer(9 + data.length).byte(SSH_MSG_CHANNEL_DATA).uint32(recipientChannel).string(data).toBuffer();
}

export function encodeChannelExtendedData(recipientChannel: number, type: number, data: Uint8Array): Buffer {
  return new Writer(13 + data.length).byte(SSH_MSG_CHANNEL_EXTENDED_DATA).uint32(recipientChannel).uint32(type).string(data).toBuffer();
}

type Bare = typeof SSH_MSG_CHANNEL_EOF | typeof SSH_MSG_CHANNEL_CLOSE | typeof SSH_MSG_CHANNEL_SUCCESS | typeof SSH_MSG_CHANNEL_FAILURE;

/** EOF, CLOSE, SUCCESS and FAILURE are a number and a channel: byte 96 | 97 | 99 | 100, uint32 recipient. Returns the recipient. */
export function parseBareChannelMessage(payload: Buffer): number {
  if (payload.length !== 5) throw new GateError("protocol-error", "a channel message has the wrong length");
  return payload.readUInt32BE(1);
}

function encodeBare(number: Bare, recipientChannel: number): Buffer {
  return new Writer(5).byte(number).uint32(recipientChannel).toBuffer();
}

export const encodeChannelEof = (recipientChannel: number): Buffer => encodeBare(SSH_MSG_CHANNEL_EOF, recipientChannel);
export const encodeChannelClose = (recipientChannel: number): Buffer => encodeBare(SSH_MSG_CHANNEL_CLOSE, recipientChannel);
export const encodeChannelSuccess = (recipientChannel: number): Buffer => encodeBare(SSH_MSG_CHANNEL_SUCCESS, recipientChannel);
export const encodeChannelFailure = (recipientChannel: number): Buffer => encodeBare(SSH_MSG_CHANNEL_FAILURE, recipientChannel);

/** A reader behind the message number, which must be the expected one. */
export function readerOf(payload: Buffer, number: number): Reader {
  const reader = new Reader(payload);
  if (reader.readByte() !== number) throw new GateError("protocol-error", `message ${number} was expected, ${payload[0]} came`);
  return reader;
}
