/**
 * The SSH File Transfer Protocol, version 3 (draft-ietf-secsh-filexfer-02), as OpenSSH speaks it (PROTOCOL §4): numbers,
 * attributes and paths. Requests are in `request.ts`, responses in `response.ts`.
 *
 *   uint32 length of what follows, byte type, uint32 request id (INIT and VERSION: the version), …
 *
 * Paths are bytes: what policy judges must be what the server opens. Text is made of them for display only.
 */
import { GateError } from "../../../kernel/errors.ts";
import { Reader } from "../io/reader.ts";
import type { Writer } from "../io/writer.ts";

export const SFTP_VERSION = 3;

export const SSH_FXP_INIT = 1;
export const SSH_FXP_VERSION = 2;
export const SSH_FXP_OPEN = 3;
export const SSH_FXP_CLOSE = 4;
export const SSH_FXP_READ = 5;
export const SSH_FXP_WRITE = 6;
export const SSH_FXP_LSTAT = 7;
export const SSH_FXP_FSTAT = 8;
export const SSH_FXP_SETSTAT = 9;
export const SSH_FXP_FSETSTAT = 10;
export const SSH_FXP_OPENDIR = 11;
export const SSH_FXP_READDIR = 12;
export const SSH_FXP_REMOVE = 13;
export const SSH_FXP_MKDIR = 14;
export const SSH_FXP_RMDIR = 15;
export const SSH_FXP_REALPATH = 16;
export const SSH_FXP_STAT = 17;
export const SSH_FXP_RENAME = 18;
export const SSH_FXP_READLINK = 19;
export const SSH_FXP_SYMLINK = 20;
export const SSH_FXP_STATUS = 101;
export const SSH_FXP_HANDLE = 102;
export const SSH_FXP_DATA = 103;
export const SSH_FXP_NAME = 104;
export const SSH_FXP_ATTRS = 105;
export const SSH_FXP_EXTENDED = 200;
export const SSH_FXP_EXTENDED_REPLY = 201;

export const SSH_FX_OK = 0;
export const SSH_FX_EOF = 1;
export const SSH_FX_NO_SUCH_FILE = 2;
export const SSH_FX_PERMISSION_DENIED = 3;
export const SSH_FX_FAILURE = 4;
export const SSH_FX_BAD_MESSAGE = 5;
export const SSH_FX_NO_CONNECTION = 6;
export const SSH_FX_CONNECTION_LOST = 7;
export const SSH_FX_OP_UNSUPPORTED = 8;

export const SSH_FXF_READ = 0x01;
export const SSH_FXF_WRITE = 0x02;
export const SSH_FXF_APPEND = 0x04;
export const SSH_FXF_CREAT = 0x08;
export const SSH_FXF_TRUNC = 0x10;
export const SSH_FXF_EXCL = 0x20;
export const KNOWN_OPEN_FLAGS = 0x3f;

const SSH_FILEXFER_ATTR_SIZE = 0x01;
const SSH_FILEXFER_ATTR_UIDGID = 0x02;
const SSH_FILEXFER_ATTR_PERMISSIONS = 0x04;
const SSH_FILEXFER_ATTR_ACMODTIME = 0x08;
const SSH_FILEXFER_ATTR_EXTENDED = 0x8000_0000;
const KNOWN_FLAGS = 0x8000_000f;

/** Draft §6.3: a handle is at most 256 bytes. */
export const MAX_HANDLE_BYTES = 256;
/** Linux's PATH_MAX; no system that matters takes longer ones. Bounds what outstanding requests hold. */
const MAX_PATH_BYTES = 4096;

/** Draft §5; times in seconds since the Unix epoch. A field that is not there is not meant. */
export interface Attributes {
  readonly size?: bigint;
  readonly uid?: number;
  readonly gid?: number;
  /** Mode bits as in st_mode, the file's type among them. */
  readonly permissions?: number;
  readonly atime?: number;
  readonly mtime?: number;
}

/** uint32 flags, [uint64 size], [uint32 uid, gid], [uint32 permissions], [uint32 atime, mtime], [uint32 count, string pairs] */
export function readAttributes(reader: Reader): Attributes {
  const flags = reader.readUint32();
  // An unknown flag means fields of unknown length.
  if ((flags & ~KNOWN_FLAGS) !== 0) throw new GateError("protocol-error", "SFTP attributes have unknown flags");
  const size = flags & SSH_FILEXFER_ATTR_SIZE ? { size: reader.readUint64() } : {};
  const owner = flags & SSH_FILEXFER_ATTR_UIDGID ? { uid: reader.readUint32(), gid: reader.readUint32() } : {};
  const mode = flags & SSH_FILEXFER_ATTR_PERMISSIONS ? { permissions: reader.readUint32() } : {};
  const times = flags & SSH_FILEXFER_ATTR_ACMODTIME ? { atime: reader.readUint32(), mtime: reader.readUint32() } : {};
  if (flags & SSH_FILEXFER_ATTR_EXTENDED) {
    for (let count = reader.readUint32(); count > 0; count -= 1) {
      reader.readString();
      reader.readString();
    }
  }
  return { ...size, ...owner, ...mode, ...times };
}

export function writeAttributes(writer: Writer, { size, uid, gid, permissions, atime, mtime }: Attributes): Writer {
  const hasOwner = uid !== undefined && gid !== undefined;
  const hasTimes = atime !== undefined && mtime !== undefined;
  let flags = size === undefined ? 0 : SSH_FILEXFER_ATTR_SIZE;
  if (hasOwner) flags |= SSH_FILEXFER_ATTR_UIDGID;
  if (permissions !== undefined) flags |= SSH_FILEXFER_ATTR_PERMISSIONS;
  if (hasTimes) flags |= SSH_FILEXFER_ATTR_ACMODTIME;
  writer.uint32(flags);
  if (size !== undefined) writer.uint64(size);
  if (hasOwner) writer.uint32(uid).uint32(gid);
  if (permissions !== undefined) writer.uint32(permissions);
  if (hasTimes) writer.uint32(atime).uint32(mtime);
  return writer;
}

/** A path as bytes. One with a NUL in it would be another path for the server's system. */
export function readPath(reader: Reader): Buffer {
  const path = reader.readString();
  if (path.length > MAX_PATH_BYTES) throw new GateError("protocol-error", "an SFTP path is too long");
  if (path.includes(0)) throw new GateError("protocol-error", "an SFTP path holds a NUL");
  return path;
}

export function readHandle(reader: Reader): Buffer {
  const handle = reader.readString();
  if (handle.length > MAX_HANDLE_BYTES) throw new GateError("protocol-error", "an SFTP handle is too long");
  return handle;
}

/** For people and events: bytes that are no UTF-8 become U+FFFD, control characters become \xNN. Never for deciding. */
export function displayPath(path: Uint8Array): string {
  const escape = (character: string): string => `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
  return Buffer.from(path.buffer, path.byteOffset, path.length)
    .toString("utf8")
    .replaceAll(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, escape);
}

/** The body of a whole packet behind length and type, after checking the length. */
export function bodyOf(packet: Buffer): { type: number; reader: Reader } {
  if (packet.length < 5 || packet.readUInt32BE(0) !== packet.length - 4) {
    throw new GateError("protocol-error", "an SFTP packet does not have its own length");
  }
  return { type: packet[4] ?? 0, reader: new Reader(packet.subarray(5)) };
}
