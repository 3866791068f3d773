/** What an SFTP conversation amounts to, for policy (before) and for the record (before and after). Paths are bytes as sent. */
import { SSH_FXF_APPEND, SSH_FXF_CREAT, SSH_FXF_EXCL, SSH_FXF_READ, SSH_FXF_TRUNC, SSH_FXF_WRITE, type Attributes } from "./messages.ts";
import type { SftpRequest } from "./request.ts";

export interface OpenMode {
  readonly read: boolean;
  readonly write: boolean;
  readonly append: boolean;
  readonly create: boolean;
  readonly truncate: boolean;
  readonly exclusive: boolean;
}

export type FileChange = "remove" | "rename" | "mkdir" | "rmdir" | "setstat" | "symlink" | "hardlink" | "copy";

/** What a request would do; to be decided and recorded before it is forwarded. */
export type SftpIntent =
  /** `file` numbers the open file for the facts that follow. */
  | { readonly kind: "open"; readonly file: number; readonly path: Buffer; readonly mode: OpenMode }
  | { readonly kind: "list"; readonly path: Buffer }
  /** `path` → `to`: old → new name, existing file → new link, source → destination. Both must be allowed. */
  | {
      readonly kind: "change";
      readonly operation: FileChange;
      readonly path: Buffer;
      readonly to?: Buffer;
      readonly attributes?: Attributes;
    }
  /** Changes nothing and shows no contents: stat, lstat, realpath, readlink, statvfs, expand-path. */
  | { readonly kind: "look"; readonly operation: string; readonly path: Buffer };

/** What came of it. */
export type SftpFact =
  | { readonly kind: "opened"; readonly file: number; readonly path: Buffer; readonly mode: OpenMode }
  | ClosedFact
  /** The server's answer to an intent. `status`: SSH_FX_…, 0 = done. Of an open that succeeded there is `opened` instead. */
  | { readonly kind: "outcome"; readonly intent: SftpIntent; readonly status: number; readonly message: string };

export interface ClosedFact {
  readonly kind: "closed";
  readonly file: number;
  readonly path: Buffer;
  readonly mode: OpenMode;
  readonly bytesRead: number;
  readonly bytesWritten: number;
  /**
   * `complete`: closed with success, nothing failed, and what passed has no hole: for reading up to the end of the file,
   * for writing from the start to the last byte written. Whether the client meant to write more nobody can know.
   */
  readonly outcome: "complete" | "partial";
  /** Hex; where the contents passed once, from offset 0, in one direction. Of a partial transfer: of the part. */
  readonly sha256: string | undefined;
}

export function openMode(flags: number): OpenMode {
  return {
    read: (flags & SSH_FXF_READ) !== 0,
    write: (flags & (SSH_FXF_WRITE | SSH_FXF_APPEND)) !== 0,
    append: (flags & SSH_FXF_APPEND) !== 0,
    create: (flags & SSH_FXF_CREAT) !== 0,
    truncate: (flags & SSH_FXF_TRUNC) !== 0,
    exclusive: (flags & SSH_FXF_EXCL) !== 0,
  };
}

/** What a request on paths would do. Requests on handles need the tracker: `undefined` here. */
export function intentOf(request: SftpRequest): SftpIntent | undefined {
  switch (request.op) {
    case "opendir":
      return { kind: "list", path: request.path };
    case "remove":
    case "rmdir":
      return { kind: "change", operation: request.op, path: request.path };
    case "mkdir":
      return { kind: "change", operation: "mkdir", path: request.path, attributes: request.attributes };
    case "setstat":
    case "lsetstat":
      return { kind: "change", operation: "setstat", path: request.path, attributes: request.attributes };
    case "rename":
    case "posix-rename":
      return { kind: "change", operation: "rename", path: request.from, to: request.to };
    case "hardlink":
      return { kind: "change", operation: "hardlink", path: request.from, to: request.to };
    case "symlink":
      return { kind: "change", operation: "symlink", path: request.target, to: request.link };
    case "stat":
    case "lstat":
    case "realpath":
    case "readlink":
    case "statvfs":
    case "expand-path":
      return { kind: "look", operation: request.op, path: request.path };
    default:
      return undefined;
  }
}
