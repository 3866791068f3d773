/**
 * From what an SFTP conversation amounts to, to what policy decides on and the log keeps. Pure.
 */
import type { AuditEvent } from "../../audit/event.ts";
import type { ExactPath, FileAttributes } from "../../audit/events/ssh.ts";
import type { FrameBodies } from "../../audit/recording/frame.ts";
import type { Denial } from "../../kernel/result.ts";
import type { FileAction } from "../../policy/action.ts";
import type { ClosedFact, OpenMode, SftpFact, SftpIntent } from "../../wire/ssh/sftp/facts.ts";
import { displayPath, type Attributes } from "../../wire/ssh/sftp/messages.ts";

/** Everything that must be allowed for it; none for what only looks. */
export function fileActions(intent: SftpIntent): readonly FileAction[] {
  switch (intent.kind) {
    case "open":
      return [{ kind: "file.open", path: textOf(intent.path), write: changes(intent.mode) }];
    case "list":
      return [{ kind: "file.list", path: textOf(intent.path) }];
    case "change": {
      const { operation, path, to } = intent;
      return [path, ...(to ? [to] : [])].map((each) => ({ kind: "file.change", operation, path: textOf(each) }));
    }
    case "look":
      return [];
  }
}

/** Whatever can alter a file or make one, not only what is called writing. */
function changes(mode: OpenMode): boolean {
  return mode.write || mode.append || mode.create || mode.truncate || mode.exclusive;
}

export function fileEvent(channel: number, intent: SftpIntent): AuditEvent {
  const about = { channel, ...exact(intent.path) };
  switch (intent.kind) {
    case "open": {
      const { read, write, create, truncate, append } = intent.mode;
      const mode = write ? (read ? "read-write" : "write") : "read";
      return { kind: "file.open", body: { ...about, mode, create, truncate, append } };
    }
    case "change": {
      const { operation, to, attributes } = intent;
      const more = { ...(to && { to: displayPath(to) }), ...(attributes && { attributes: attributesOf(attributes) }) };
      return { kind: "file.change", body: { ...about, operation, ...more } };
    }
    default:
      return { kind: "file.list", body: about };
  }
}

export function fileRefusedEvent(channel: number, intent: SftpIntent, { code, detail }: Denial): AuditEvent {
  const operation = intent.kind === "change" || intent.kind === "look" ? intent.operation : intent.kind;
  return {
    kind: "ssh.refused",
    body: { channel, request: `sftp ${operation}`, code, detail: detail ?? "", path: displayPath(intent.path) },
  };
}

/** Of changes what came of them; of the rest only what failed. */
export function outcomeEvent(channel: number, { intent, status, message }: Extract<SftpFact, { kind: "outcome" }>): AuditEvent | undefined {
  if (intent.kind === "look" || (status === 0 && intent.kind !== "change")) return undefined;
  const operation = intent.kind === "change" ? intent.operation : intent.kind;
  // Untrusted: the target wrote the message.
  const said = displayPath(Buffer.from(message.slice(0, 200)));
  return { kind: "file.outcome", body: { channel, ...exact(intent.path), operation, status, message: said } };
}

export function closeEvent(channel: number, fact: ClosedFact): AuditEvent {
  const { path, bytesRead, bytesWritten, outcome, sha256 } = fact;
  return {
    kind: "file.close",
    body: { channel, ...exact(path), bytesRead, bytesWritten, outcome, ...(sha256 !== undefined && { sha256 }) },
  };
}

/** For whoever replays: which way its contents went, mainly. */
export function fileNote({ path, mode, bytesRead, bytesWritten, outcome, sha256 }: ClosedFact): FrameBodies["file"] {
  const isUp = bytesWritten > 0 || (bytesRead === 0 && mode.write);
  return {
    path: displayPath(path),
    direction: isUp ? "up" : "down",
    bytes: isUp ? bytesWritten : bytesRead,
    complete: outcome === "complete",
    ...(sha256 !== undefined && { sha256 }),
  };
}

function attributesOf({ size, uid, gid, permissions, mtime }: Attributes): FileAttributes {
  return {
    ...(size !== undefined && { size: Number(size) }),
    ...(uid !== undefined && { uid }),
    ...(gid !== undefined && { gid }),
    ...(permissions !== undefined && { permissions: (permissions & 0o7777).toString(8) }),
    ...(mtime !== undefined && { mtime }),
  };
}

/** For deciding. Bytes that are no UTF-8 become U+FFFD, which no rule may take for a match. */
function textOf(path: Buffer): string {
  return path.toString("utf8");
}

function exact(path: Buffer): ExactPath {
  const shown = displayPath(path);
  return { path: shown, ...(!Buffer.from(shown, "utf8").equals(path) && { pathBase64: path.toString("base64") }) };
}
