import type { EventOf } from "../event.ts";

/** What is done inside an SSH session. Requests are logged before they are forwarded, outcomes after. */
export type SshEvent =
  | EventOf<"ssh.shell", StartBody & { columns?: number; rows?: number }>
  | EventOf<"ssh.exec", StartBody & { command: string; /** where the command is not valid UTF-8 */ commandBase64?: string }>
  | EventOf<"ssh.subsystem", StartBody & { name: string }>
  | EventOf<"ssh.signal", { channel: number; signal: string }>
  | EventOf<"ssh.exit", ExitBody>
  | EventOf<"ssh.refused", { channel?: number; request: string; code: string; detail: string; /** of a file operation */ path?: string }>
  | EventOf<"ssh.cleanup", { outcome: "none" | "ended" | "left"; processes: readonly string[]; detail?: string }>
  | EventOf<
      "file.open",
      ExactPath & { channel: number; mode: "read" | "write" | "read-write"; create: boolean; truncate: boolean; append: boolean }
    >
  | EventOf<"file.close", FileCloseBody>
  | EventOf<"file.list", ExactPath & { channel: number }>
  | EventOf<"file.change", ExactPath & { channel: number; operation: string; to?: string; /** that it sets */ attributes?: FileAttributes }>
  | EventOf<"file.outcome", ExactPath & { channel: number; operation: string; status: number; message: string }>;

export interface FileAttributes {
  size?: number;
  uid?: number;
  gid?: number;
  /** Octal, as `chmod` takes it. */
  permissions?: string;
  /** Seconds since the Unix epoch. */
  mtime?: number;
}

/** A path as bytes, as the client sent it. */
export interface ExactPath {
  /** Control characters written as \\xNN, what is no UTF-8 as U+FFFD. */
  path: string;
  /** Where `path` is not exactly the bytes. */
  pathBase64?: string;
}

export interface FileCloseBody extends ExactPath {
  channel: number;
  bytesRead: number;
  bytesWritten: number;
  /** `complete`: closed by the client with success; `partial`: the session ended or a read or write failed before. */
  outcome: "complete" | "partial";
  /** SHA-256 (hex) where the content passed once, in order, from offset 0. */
  sha256?: string;
}

export interface ExitBody {
  channel: number;
  /** Neither: the channel closed without saying how it ended. */
  status?: number;
  signal?: string;
  bytesIn: number;
  bytesOut: number;
  bytesError: number;
  /** SHA-256 (hex) of what passed each way, where the content itself is not recorded. */
  hashIn?: string;
  hashOut?: string;
  hashError?: string;
}

/** What every start on a channel has: its terminal, if any, and the variables that went with it. */
export interface StartBody {
  channel: number;
  /** Present with a terminal: its type. */
  term?: string;
  environment: Readonly<Record<string, string>>;
  /** Variables the role did not let through. */
  withheld: readonly string[];
}
