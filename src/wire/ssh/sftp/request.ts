/**
 * What an SFTP client asks (draft-ietf-secsh-filexfer-02 §4, §6; OpenSSH's PROTOCOL §4 for the extensions).
 *
 * Untrusted: parsing throws GateError("protocol-error") for what is malformed; a type or extension nobody here knows is
 * parsed as `unknown`, to be refused, for nobody can say what it would do.
 */
import { GateError } from "../../../kernel/errors.ts";
import { Reader } from "../io/reader.ts";
import { Writer } from "../io/writer.ts";
import * as fxp from "./messages.ts";
import { bodyOf, readAttributes, readHandle, readPath, writeAttributes, type Attributes } from "./messages.ts";

/** Requests about one path and nothing else, by packet type. */
const PATH_OPERATIONS = {
  [fxp.SSH_FXP_LSTAT]: "lstat",
  [fxp.SSH_FXP_STAT]: "stat",
  [fxp.SSH_FXP_OPENDIR]: "opendir",
  [fxp.SSH_FXP_REMOVE]: "remove",
  [fxp.SSH_FXP_RMDIR]: "rmdir",
  [fxp.SSH_FXP_REALPATH]: "realpath",
  [fxp.SSH_FXP_READLINK]: "readlink",
} as const;
const HANDLE_OPERATIONS = {
  [fxp.SSH_FXP_CLOSE]: "close",
  [fxp.SSH_FXP_FSTAT]: "fstat",
  [fxp.SSH_FXP_READDIR]: "readdir",
} as const;

export type PathOperation = (typeof PATH_OPERATIONS)[keyof typeof PATH_OPERATIONS] | "statvfs" | "expand-path";
export type HandleOperation = (typeof HANDLE_OPERATIONS)[keyof typeof HANDLE_OPERATIONS] | "fstatvfs" | "fsync";

type Operation =
  | { readonly op: PathOperation; readonly path: Buffer }
  | { readonly op: HandleOperation; readonly handle: Buffer }
  | { readonly op: "open"; readonly path: Buffer; readonly flags: number; readonly attributes: Attributes }
  | { readonly op: "read"; readonly handle: Buffer; readonly offset: bigint; readonly length: number }
  /** `length` bytes follow; they are not part of the request as it is parsed. */
  | { readonly op: "write"; readonly handle: Buffer; readonly offset: bigint; readonly length: number }
  | { readonly op: "setstat" | "lsetstat" | "mkdir"; readonly path: Buffer; readonly attributes: Attributes }
  | { readonly op: "fsetstat"; readonly handle: Buffer; readonly attributes: Attributes }
  /** `from` exists, `to` is made. `posix-rename` replaces what is at `to`. */
  | { readonly op: "rename" | "posix-rename" | "hardlink"; readonly from: Buffer; readonly to: Buffer }
  /** In the order that OpenSSH sends: what the link says, then where it is made. The draft has it the other way round, so policy must judge both. */
  | { readonly op: "symlink"; readonly target: Buffer; readonly link: Buffer }
  /** Copies within the server; `length` 0n means to the end. */
  | {
      readonly op: "copy-data";
      readonly handle: Buffer;
      readonly offset: bigint;
      readonly length: bigint;
      readonly toHandle: Buffer;
      readonly toOffset: bigint;
    }
  | { readonly op: "limits" | "users-groups-by-id" }
  | { readonly op: "home-directory"; readonly user: Buffer }
  /** `name`: of the extension, or the number of the packet's type. */
  | { readonly op: "unknown"; readonly name: string };

export type SftpRequest = { readonly id: number } & Operation;

/** A whole packet, or for WRITE its head up to the data. INIT is not a request: see `parseInit`. */
export function parseRequest(packet: Buffer): SftpRequest {
  if (packet[4] === fxp.SSH_FXP_WRITE) return parseWriteHead(packet);
  const { type, reader } = bodyOf(packet);
  const id = reader.readUint32();
  const operation = type === fxp.SSH_FXP_EXTENDED ? readExtended(reader) : readOperation(type, reader);
  reader.end();
  return { id, ...operation };
}

/** byte 6, uint32 id, string handle, uint64 offset, uint32 length | data */
function parseWriteHead(head: Buffer): SftpRequest {
  const reader = new Reader(head.subarray(5));
  const id = reader.readUint32();
  const handle = readHandle(reader);
  const [offset, length] = [reader.readUint64(), reader.readUint32()];
  const dataStart = head.length - reader.remaining;
  if (head.readUInt32BE(0) + 4 !== dataStart + length) {
    throw new GateError("protocol-error", "an SFTP WRITE does not hold the data that it says");
  }
  return { id, op: "write", handle, offset, length };
}

function readOperation(type: number, reader: Reader): Operation {
  if (Object.hasOwn(PATH_OPERATIONS, type)) {
    return { op: PATH_OPERATIONS[type as keyof typeof PATH_OPERATIONS], path: readPath(reader) };
  }
  if (Object.hasOwn(HANDLE_OPERATIONS, type)) {
    return { op: HANDLE_OPERATIONS[type as keyof typeof HANDLE_OPERATIONS], handle: readHandle(reader) };
  }
  switch (type) {
    case fxp.SSH_FXP_OPEN:
      return { op: "open", path: readPath(reader), flags: reader.readUint32(), attributes: readAttributes(reader) };
    case fxp.SSH_FXP_READ:
      return { op: "read", handle: readHandle(reader), offset: reader.readUint64(), length: reader.readUint32() };
    case fxp.SSH_FXP_SETSTAT:
      return { op: "setstat", path: readPath(reader), attributes: readAttributes(reader) };
    case fxp.SSH_FXP_MKDIR:
      return { op: "mkdir", path: readPath(reader), attributes: readAttributes(reader) };
    case fxp.SSH_FXP_FSETSTAT:
      return { op: "fsetstat", handle: readHandle(reader), attributes: readAttributes(reader) };
    case fxp.SSH_FXP_RENAME:
      return { op: "rename", from: readPath(reader), to: readPath(reader) };
    case fxp.SSH_FXP_SYMLINK:
      return { op: "symlink", target: readPath(reader), link: readPath(reader) };
    default:
      reader.rest();
      return { op: "unknown", name: String(type) };
  }
}

function readExtended(reader: Reader): Operation {
  const name = reader.readString().toString("latin1");
  switch (name) {
    case "posix-rename@openssh.com":
      return { op: "posix-rename", from: readPath(reader), to: readPath(reader) };
    case "hardlink@openssh.com":
      return { op: "hardlink", from: readPath(reader), to: readPath(reader) };
    case "statvfs@openssh.com":
      return { op: "statvfs", path: readPath(reader) };
    case "expand-path@openssh.com":
      return { op: "expand-path", path: readPath(reader) };
    case "fstatvfs@openssh.com":
      return { op: "fstatvfs", handle: readHandle(reader) };
    case "fsync@openssh.com":
      return { op: "fsync", handle: readHandle(reader) };
    case "lsetstat@openssh.com":
      return { op: "lsetstat", path: readPath(reader), attributes: readAttributes(reader) };
    case "copy-data":
      return {
        op: "copy-data",
        handle: readHandle(reader),
        offset: reader.readUint64(),
        length: reader.readUint64(),
        toHandle: readHandle(reader),
        toOffset: reader.readUint64(),
      };
    case "limits@openssh.com":
      return { op: "limits" };
    case "home-directory":
      return { op: "home-directory", user: reader.readString() };
    case "users-groups-by-id@openssh.com":
      // string uids, string gids: only names of ids, nothing to decide.
      reader.readString();
      reader.readString();
      return { op: "users-groups-by-id" };
    default:
      reader.rest();
      return { op: "unknown", name };
  }
}

/** uint32 length, byte 1, uint32 version, … Returns the client's version. */
export function parseInit(packet: Buffer): number {
  const { type, reader } = bodyOf(packet);
  if (type !== fxp.SSH_FXP_INIT) throw new GateError("protocol-error", "an SFTP client did not start with INIT");
  return reader.readUint32();
}

export function encodeInit(version: number = fxp.SFTP_VERSION): Buffer {
  return new Writer(9).uint32(5).byte(fxp.SSH_FXP_INIT).uint32(version).toBuffer();
}

const EXTENSION_NAMES = {
  statvfs: "statvfs@openssh.com",
  "expand-path": "expand-path@openssh.com",
  fstatvfs: "fstatvfs@openssh.com",
  fsync: "fsync@openssh.com",
  lsetstat: "lsetstat@openssh.com",
  "posix-rename": "posix-rename@openssh.com",
  hardlink: "hardlink@openssh.com",
  "copy-data": "copy-data",
  limits: "limits@openssh.com",
  "home-directory": "home-directory",
} as const;

const TYPE_OF: Record<string, number> = {
  ...Object.fromEntries(Object.entries({ ...PATH_OPERATIONS, ...HANDLE_OPERATIONS }).map(([type, op]) => [op, Number(type)])),
  open: fxp.SSH_FXP_OPEN,
  read: fxp.SSH_FXP_READ,
  write: fxp.SSH_FXP_WRITE,
  setstat: fxp.SSH_FXP_SETSTAT,
  mkdir: fxp.SSH_FXP_MKDIR,
  fsetstat: fxp.SSH_FXP_FSETSTAT,
  rename: fxp.SSH_FXP_RENAME,
  symlink: fxp.SSH_FXP_SYMLINK,
};

/** A whole packet; `data` is what WRITE carries. Throws GateError("internal") for what this gate never asks itself. */
export function encodeRequest(request: SftpRequest, data: Uint8Array = Buffer.alloc(0)): Buffer {
  const extension = (EXTENSION_NAMES as Record<string, string>)[request.op];
  const type = extension === undefined ? TYPE_OF[request.op] : fxp.SSH_FXP_EXTENDED;
  if (type === undefined) throw new GateError("internal", `an SFTP request "${request.op}" is never sent`);
  const writer = new Writer(64 + data.length).uint32(0).byte(type).uint32(request.id);
  if (extension !== undefined) writer.string(extension);
  writeOperation(writer, request, data);
  const packet = writer.toBuffer();
  packet.writeUInt32BE(packet.length - 4, 0);
  return packet;
}

function writeOperation(writer: Writer, request: SftpRequest, data: Uint8Array): void {
  switch (request.op) {
    case "open":
      writeAttributes(writer.string(request.path).uint32(request.flags), request.attributes);
      return;
    case "read":
      writer.string(request.handle).uint64(request.offset).uint32(request.length);
      return;
    case "write":
      writer.string(request.handle).uint64(request.offset).string(data);
      return;
    case "setstat":
    case "lsetstat":
    case "mkdir":
      writeAttributes(writer.string(request.path), request.attributes);
      return;
    case "fsetstat":
      writeAttributes(writer.string(request.handle), request.attributes);
      return;
    case "rename":
    case "posix-rename":
    case "hardlink":
      writer.string(request.from).string(request.to);
      return;
    case "symlink":
      writer.string(request.target).string(request.link);
      return;
    case "copy-data":
      writer.string(request.handle).uint64(request.offset).uint64(request.length).string(request.toHandle).uint64(request.toOffset);
      return;
    case "home-directory":
      writer.string(request.user);
      return;
    case "limits":
    case "users-groups-by-id":
    case "unknown":
      return;
    default:
      writer.string("path" in request ? request.path : request.handle);
  }
}
