/** What an SFTP server answers (draft-ietf-secsh-filexfer-02 §7). Untrusted too: a target may be compromised. */
import { GateError } from "../../../kernel/errors.ts";
import { Reader } from "../io/reader.ts";
import { Writer } from "../io/writer.ts";
import * as fxp from "./messages.ts";
import { bodyOf, readAttributes, readHandle, type Attributes } from "./messages.ts";

export type SftpResponse = { readonly id: number } & (
  | { readonly kind: "status"; readonly code: number; readonly message: string }
  | { readonly kind: "handle"; readonly handle: Buffer }
  /** `length` bytes follow; they are not part of the response as it is parsed. */
  | { readonly kind: "data"; readonly length: number }
  /** `first` is what REALPATH and READLINK ask for. */
  | { readonly kind: "name"; readonly count: number; readonly first: Buffer | undefined }
  | { readonly kind: "attrs"; readonly attributes: Attributes }
  | { readonly kind: "extended-reply" }
);

/** A whole packet, or for DATA its head up to the data. */
export function parseResponse(packet: Buffer): SftpResponse {
  if (packet[4] === fxp.SSH_FXP_DATA) return parseDataHead(packet);
  const { type, reader } = bodyOf(packet);
  const id = reader.readUint32();
  switch (type) {
    case fxp.SSH_FXP_STATUS: {
      const code = reader.readUint32();
      // Old servers leave message and language out.
      const message = reader.remaining > 0 ? reader.readString().toString("utf8") : "";
      if (reader.remaining > 0) reader.readString();
      reader.end();
      return { id, kind: "status", code, message };
    }
    case fxp.SSH_FXP_HANDLE: {
      const handle = readHandle(reader);
      reader.end();
      return { id, kind: "handle", handle };
    }
    case fxp.SSH_FXP_NAME: {
      // uint32 count, then for each: string filename, string longname, attributes
      const count = reader.readUint32();
      return { id, kind: "name", count, first: count === 0 ? undefined : reader.readString() };
    }
    case fxp.SSH_FXP_ATTRS: {
      const attributes = readAttributes(reader);
      reader.end();
      return { id, kind: "attrs", attributes };
    }
    case fxp.SSH_FXP_EXTENDED_REPLY:
      return { id, kind: "extended-reply" };
    default:
      throw new GateError("protocol-error", `an SFTP server sent a packet of type ${type}`);
  }
}

export interface ListedName {
  readonly name: Buffer;
  readonly attributes: Attributes;
}

/** A whole NAME packet: uint32 id, uint32 count, then for each string filename, string longname, attributes. Names are copied. */
export function parseNames(packet: Buffer): readonly ListedName[] {
  const { type, reader } = bodyOf(packet);
  if (type !== fxp.SSH_FXP_NAME) throw new GateError("protocol-error", "an SFTP answer holds no names");
  reader.readUint32();
  const count = reader.readUint32();
  const names: ListedName[] = [];
  // No count is believed: each name is there or reading throws.
  for (let each = 0; each < count; each += 1) {
    const name = Buffer.from(reader.readString());
    reader.readString();
    names.push({ name, attributes: readAttributes(reader) });
  }
  reader.end();
  return names;
}

/** byte 103, uint32 id, uint32 length | data */
function parseDataHead(head: Buffer): SftpResponse {
  if (head.length < 13) throw new GateError("protocol-error", "an SFTP DATA packet is too short");
  const reader = new Reader(head.subarray(5));
  const [id, length] = [reader.readUint32(), reader.readUint32()];
  if (head.readUInt32BE(0) !== 9 + length) throw new GateError("protocol-error", "an SFTP DATA does not hold the data that it says");
  return { id, kind: "data", length };
}

/** byte 2, uint32 version, pairs of string name and string data. Returns the version. */
export function parseVersion(packet: Buffer): number {
  const { type, reader } = bodyOf(packet);
  if (type !== fxp.SSH_FXP_VERSION) throw new GateError("protocol-error", "an SFTP server did not start with VERSION");
  return reader.readUint32();
}

/** An answer of our own, for a request that is not forwarded. */
export function encodeStatus(id: number, code: number, message: string): Buffer {
  const packet = new Writer(64).uint32(0).byte(fxp.SSH_FXP_STATUS).uint32(id).uint32(code).string(message).string("en").toBuffer();
  packet.writeUInt32BE(packet.length - 4, 0);
  return packet;
}
