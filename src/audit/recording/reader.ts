/**
 * Reads recordings: every segment's tag, and where chunks are given every chunk's hash, is checked before its frames are given out.
 *
 * Untrusted: the file. Nothing is given out that its recorder did not seal, in its order; where that ends, reading ends and `end` says why.
 */
import { createHash, createSecretKey } from "node:crypto";
import { open, type FileHandle } from "node:fs/promises";
import { GateError } from "../../kernel/errors.ts";
import { parseFrames, type Frame } from "./frame.ts";
import type { KeyWrap } from "./key-wrap.ts";
import type { Mark } from "./recent.ts";
import type { Chunk } from "./recorder.ts";
import { HEADER_READ_BYTES, keyContext, LENGTH_BYTES, parseHeader, SEGMENT_MAX_BYTES, SegmentCiphers, TAG_BYTES } from "./segment.ts";

const BLOCK_BYTES = 256 * 1024;

export interface RecordingEnd {
  /** Length of the file up to its last authentic segment. */
  readonly validLength: number;
  readonly frames: number;
  /** Bytes follow that are no whole, authentic segment. */
  readonly torn: boolean;
  /** The last frame is `close`; otherwise the recording goes on or was interrupted. */
  readonly closed: boolean;
}

export type ChunkRange = Pick<Chunk, "offset" | "length" | "hash">;

export interface RecordingReader extends AsyncDisposable {
  readonly recording: string;
  readonly keyId: string;
  /**
   * The frames, once. With `chunks` (from the log, in order) a chunk whose hash is wrong throws `wrong-state` before any of its frames.
   * `more` is asked where the file ends: true, and reading goes on there, for what was recorded meanwhile.
   */
  frames(chunks?: readonly ChunkRange[], more?: () => Promise<boolean>): AsyncGenerator<Frame, void, void>;
  /** The frames from a mark of its recorder on, `count` of them at most; without those before, and without `end`. */
  framesFrom(mark: Mark, count: number): AsyncGenerator<Frame, void, void>;
  /** Known when `frames` has come to its end. */
  readonly end: RecordingEnd | undefined;
}

/**
 * `keys`: the present wrapping key and, after a rotation, older ones; the header names which. Throws `wrong-state` when the file is
 * no recording or its key cannot be unwrapped, `not-found` when there is no file.
 */
export async function openReader(path: string, keys: readonly KeyWrap[]): Promise<RecordingReader> {
  const file = await open(path, "r").catch((cause: unknown) => {
    throw new GateError("not-found", undefined, { cause });
  });
  try {
    const parsed = parseHeader(await readAt(file, 0, HEADER_READ_BYTES));
    if (!parsed) throw new GateError("wrong-state", "the file does not begin like a recording");
    const { recording, keyId, wrapped } = parsed.header;
    const keyWrap = keys.find((candidate) => candidate.keyId === keyId);
    if (!keyWrap) throw new GateError("wrong-state", `the recording's key is wrapped by "${keyId}", which is not here`);
    const key = await keyWrap.unwrap(wrapped, keyContext(recording));
    const ciphers = new SegmentCiphers(createSecretKey(key), recording);
    key.fill(0);
    const reader = {
      recording,
      keyId,
      end: undefined as RecordingEnd | undefined,
      async *frames(chunks: readonly ChunkRange[] = [], more = never) {
        reader.end = yield* readFrames(file, parsed.length, ciphers, chunks, more);
      },
      async *framesFrom({ offset, index }: Mark, count: number) {
        ciphers.skipTo(index);
        let left = count;
        for await (const frame of readFrames(file, offset, ciphers, [], never)) {
          if (left <= 0) return;
          left -= 1;
          yield frame;
        }
      },
      [Symbol.asyncDispose]: () => file.close(),
    };
    return reader;
  } catch (thrown) {
    await file.close();
    throw thrown;
  }
}

const never = (): Promise<boolean> => Promise.resolve(false);

async function* readFrames(
  file: FileHandle,
  start: number,
  ciphers: SegmentCiphers,
  chunks: readonly ChunkRange[],
  more: () => Promise<boolean>,
): AsyncGenerator<Frame, RecordingEnd, void> {
  const pending = [...chunks];
  let [at, frames, closed] = [start, 0, false];
  let block: Buffer = Buffer.alloc(0);
  for (;;) {
    while (pending[0] && pending[0].offset <= at) await requireChunk(file, pending.shift() as ChunkRange);
    if (!isWhole(block)) block = await readSegments(file, at);
    const length = lengthIn(block);
    const end = LENGTH_BYTES + length + TAG_BYTES;
    const whole = isWhole(block);
    if (!whole && length <= SEGMENT_MAX_BYTES && (await more())) {
      block = Buffer.alloc(0);
      continue;
    }
    const plain = whole ? ciphers.open(block.subarray(LENGTH_BYTES, end)) : undefined;
    const inside = plain && parseFrames(plain);
    if (!inside) return { validLength: at, frames, torn: block.length > 0, closed };
    block = block.subarray(end);
    at += end;
    frames += inside.length;
    closed = inside.at(-1)?.type === "close";
    yield* inside;
  }
}

/** Of the segment that a block begins with; 0: its length is not there. */
function lengthIn(block: Buffer): number {
  return block.length < LENGTH_BYTES ? 0 : block.readUInt32BE(0);
}

function isWhole(block: Buffer): boolean {
  const length = lengthIn(block);
  return length > 0 && length <= SEGMENT_MAX_BYTES && LENGTH_BYTES + length + TAG_BYTES <= block.length;
}

/** What is there from `at` on, at least one whole segment unless the file ends: a recording that goes on is not run after. */
async function readSegments(file: FileHandle, at: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(BLOCK_BYTES);
  let done = 0;
  while (done < BLOCK_BYTES && !isWhole(bytes.subarray(0, done))) {
    const { bytesRead } = await file.read(bytes, done, BLOCK_BYTES - done, at + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return bytes.subarray(0, done);
}

/** Up to `length` bytes from `offset`; fewer only at the end of the file. */
export async function readAt(file: FileHandle, offset: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await file.read(bytes, done, length - done, offset + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return bytes.subarray(0, done);
}

/** Hex SHA-256 of a range; `undefined` when the file ends inside it. */
export async function hashRange(
  read: (offset: number, length: number) => Promise<Buffer>,
  offset: number,
  length: number,
): Promise<string | undefined> {
  const hash = createHash("sha256");
  for (let at = offset; at < offset + length;) {
    const bytes = await read(at, Math.min(BLOCK_BYTES, offset + length - at));
    if (bytes.length === 0) return undefined;
    hash.update(bytes);
    at += bytes.length;
  }
  return hash.digest("hex");
}

async function requireChunk(file: FileHandle, { offset, length, hash }: ChunkRange): Promise<void> {
  const found = await hashRange((at, count) => readAt(file, at, count), offset, length);
  if (found !== hash) throw new GateError("wrong-state", `the recording's bytes ${offset}…${offset + length} are not those in the log`);
}
