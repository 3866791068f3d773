import type { EventOf } from "../event.ts";

/** Recordings are listed from their start event; each chunk's hash binds its sealed bytes into the log. */
export type RecordingEvent =
  | EventOf<"recording.started", { recording: string; file: string; keyId: string }>
  | EventOf<"recording.chunk", { recording: string; index: number; offset: number; length: number; hash: string }>
  | EventOf<"recording.finished", { recording: string; bytes: number; chunks: number }>
  | EventOf<"recording.recovered", { recording: string; offset: number; length: number; hash: string; torn: boolean }>
  | EventOf<"recording.failed", { recording: string; detail: string }>
  | EventOf<"recording.viewed", { recording: string; how: "replay" | "search" | "export" }>;
