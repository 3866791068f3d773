/** Frames of a recording and their bytes: docs/formats/recording.md, "Frame". */
import type { JsonObject } from "../../kernel/json.ts";
import { canonicalJson } from "../log/canonical.ts";

const TYPES = {
  open: 1,
  stdout: 2,
  stderr: 3,
  resize: 4,
  marker: 5,
  "input-omitted": 6,
  begin: 7,
  end: 8,
  file: 9,
  close: 10,
  rows: 11,
} as const;
export type FrameType = keyof typeof TYPES;
const NAMES = new Map<number, FrameType>(Object.entries(TYPES).map(([name, code]) => [code, name as FrameType]));

/** uint8 type, uint32 channel, uint48 time, uint32 length. */
export const FRAME_HEAD_BYTES = 15;

/** What the JSON frames say. `channel` 0 is the session itself. */
export interface FrameBodies {
  open: { recording: string; session: string; target: string; principal: string; /** wall clock, ms */ started: number };
  resize: { cols: number; rows: number };
  marker: { text: string };
  "input-omitted": Record<string, never>;
  begin: { kind: "shell" | "exec" | "subsystem"; command?: string; cols?: number; rows?: number; term?: string };
  end: { status?: number; signal?: string };
  file: { path: string; direction: "up" | "down"; bytes: number; sha256?: string; complete: boolean };
  close: { reason: string };
}
export type NoteType = keyof FrameBodies;
/** What a terminal or a pipe showed. */
export type Stream = "stdout" | "stderr";
/** What is recorded byte for byte. `rows`: what a database returned; `channel` is the number of the statement. */
export type ByteStream = Stream | "rows";

interface FrameBase {
  readonly channel: number;
  /** Microseconds since the recording's start. */
  readonly timeUs: number;
}
export type OutputFrame = FrameBase & { readonly type: Stream; readonly data: Buffer };
export type RowsFrame = FrameBase & { readonly type: "rows"; readonly data: Buffer };
export type NoteFrame = { [T in NoteType]: FrameBase & { readonly type: T; readonly body: FrameBodies[T] } }[NoteType];
export type Frame = OutputFrame | RowsFrame | NoteFrame;

export function isByteStream(type: FrameType): type is ByteStream {
  return type === "stdout" || type === "stderr" || type === "rows";
}

export function isOutput(frame: Frame): frame is OutputFrame {
  return frame.type === "stdout" || frame.type === "stderr";
}

export function writeFrameHead(into: Buffer, type: FrameType, channel: number, timeUs: number, length: number): void {
  into[0] = TYPES[type];
  into.writeUInt32BE(channel, 1);
  into.writeUIntBE(timeUs, 5, 6);
  into.writeUInt32BE(length, 11);
}

export function encodeNote(body: FrameBodies[NoteType]): Buffer {
  return canonicalJson(body);
}

/** The frames in one segment's plaintext; `undefined` when it does not end with a frame's end. Unknown types are skipped. */
export function parseFrames(plain: Buffer): Frame[] | undefined {
  const frames: Frame[] = [];
  for (let at = 0; at < plain.length;) {
    if (at + FRAME_HEAD_BYTES > plain.length) return undefined;
    const end = at + FRAME_HEAD_BYTES + plain.readUInt32BE(at + 11);
    if (end > plain.length) return undefined;
    const type = NAMES.get(plain[at] ?? 0);
    const base = { channel: plain.readUInt32BE(at + 1), timeUs: plain.readUIntBE(at + 5, 6) };
    const payload = plain.subarray(at + FRAME_HEAD_BYTES, end);
    at = end;
    if (type === undefined) continue;
    if (type === "stdout" || type === "stderr" || type === "rows") frames.push({ ...base, type, data: payload });
    else {
      const body = parseJson(payload);
      if (!body) return undefined;
      // Authenticated: only the recorder, which takes typed bodies, can have sealed it.
      frames.push({ ...base, type, body } as unknown as NoteFrame);
    }
  }
  return frames;
}

function parseJson(bytes: Buffer): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString("utf8"));
    return typeof value === "object" && value !== null ? (value as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}
