import { open, stat } from "node:fs/promises";
import { GateError } from "../../kernel/errors.ts";
import { canonicalJson } from "../log/canonical.ts";
import { writeFileDurably } from "../log/durable-file.ts";
import type { Durability } from "../durability.ts";
import type { KeyWrap } from "./key-wrap.ts";
import { hashRange, openReader, readAt, type RecordingEnd } from "./reader.ts";
import { HEADER_READ_BYTES, parseHeader } from "./segment.ts";

/** What a restart found behind the last chunk in the log: the body of `recording.recovered`, and how far the file is good. */
export interface Recovered extends RecordingEnd {
  readonly recording: string;
  readonly offset: number;
  /** Reaches to the end of the file, good or torn. */
  readonly length: number;
  /** Hex SHA-256 of those bytes. */
  readonly hash: string;
}

export interface RecoverOptions {
  readonly path: string;
  readonly recording: string;
  /** Where the last chunk in the log ends; 0 when there is none. */
  readonly loggedLength: number;
  readonly keys: readonly KeyWrap[];
  readonly durability: Durability;
}

/** `<id>.rec` → `<id>.recovered`. */
export function recoveredPath(path: string): string {
  return path.replace(/\.rec$/, "").concat(".recovered");
}

/**
 * Looks at a recording whose session did not end: the file is left as it is, the mark beside it says how far it is good.
 * Throws `wrong-state` when the file is shorter than the log says: that is loss or tampering, not a crash.
 */
export async function recoverRecording({ path, recording, loggedLength, keys, durability }: RecoverOptions): Promise<Recovered> {
  const { size } = await stat(path).catch((cause: unknown) => {
    throw new GateError("not-found", `recording "${recording}" has no file`, { cause });
  });
  if (size < loggedLength) {
    throw new GateError("wrong-state", `recording "${recording}" has ${size} bytes, but ${loggedLength} are in the log`);
  }
  const end = await readToEnd(path, recording, keys);
  await using file = await open(path, "r");
  const length = size - loggedLength;
  const hash = await hashRange((at, count) => readAt(file, at, count), loggedLength, length);
  if (hash === undefined) throw new GateError("wrong-state", `recording "${recording}" shrank while it was read`);
  const { validLength, torn } = end;
  const mark = { recording, offset: loggedLength, length, hash, validLength, torn };
  await writeFileDurably(recoveredPath(path), canonicalJson(mark), durability);
  return { ...mark, ...end };
}

async function readToEnd(path: string, recording: string, keys: readonly KeyWrap[]): Promise<RecordingEnd> {
  const nothing: RecordingEnd = { validLength: 0, frames: 0, torn: true, closed: false };
  // The gate died while the header was being written: nothing was shown under it.
  if (!(await startsWhole(path))) return nothing;
  await using reader = await openReader(path, keys);
  if (reader.recording !== recording) throw new GateError("wrong-state", `the file of recording "${recording}" says "${reader.recording}"`);
  for await (const _ of reader.frames());
  return reader.end ?? nothing;
}

async function startsWhole(path: string): Promise<boolean> {
  await using file = await open(path, "r");
  return parseHeader(await readAt(file, 0, HEADER_READ_BYTES)) !== undefined;
}
