/**
 * Writes one recording (docs/formats/recording.md).
 *
 * Owns: the data key while the session lasts, the file, the chunks. Never does: deciding what is recorded, the log — chunks
 * go to `onChunk`, whose owner makes them events. Never records input.
 * Invariants: when `output` returns, the bytes are sealed and in the file (they survive the death of the process); no nonce is used
 * twice; after any failure nothing more is accepted and `recording-unavailable` is thrown, so nothing unrecorded is shown.
 */
import { createHash, createSecretKey, type Hash } from "node:crypto";
import type { Clock } from "../../kernel/clock.ts";
import { GateError } from "../../kernel/errors.ts";
import { freeMemory } from "../../kernel/free-memory.ts";
import type { Random } from "../../kernel/random.ts";
import type { Ticks } from "../../kernel/ticks.ts";
import type { Durability } from "../durability.ts";
import type { Later, Timers } from "../timers.ts";
import {
  encodeNote,
  FRAME_HEAD_BYTES,
  isByteStream,
  writeFrameHead,
  type ByteStream,
  type Frame,
  type FrameBodies,
  type FrameType,
  type NoteType,
} from "./frame.ts";
import type { KeyWrap } from "./key-wrap.ts";
import { Recent } from "./recent.ts";
import { createRecordingFile, type RecordingFile } from "./recording-file.ts";
import { encodeHeader, keyContext, LENGTH_BYTES, SegmentCiphers, TAG_BYTES } from "./segment.ts";
import { SyncPacer } from "./sync-pacer.ts";

export const CHUNK_MAX_BYTES = 256 * 1024;
const CHUNK_MAX_AGE_MS = 1000;
const PAYLOAD_MAX_BYTES = 64 * 1024;

/** A range of the file, bound into the log by its hash (hex SHA-256): the body of `recording.chunk`. */
export interface Chunk {
  readonly recording: string;
  readonly index: number;
  readonly offset: number;
  readonly length: number;
  readonly hash: string;
}

export interface RecorderOptions {
  readonly path: string;
  readonly recording: string;
  readonly session: string;
  readonly target: string;
  readonly principal: string;
  readonly durability: Durability;
  readonly keyWrap: KeyWrap;
  readonly clock: Clock;
  readonly ticks: Ticks;
  readonly timers: Timers;
  readonly random: Random;
  /** Called with each chunk once its bytes are written, in order; must not throw. */
  readonly onChunk: (chunk: Chunk) => void;
  /** The recording ended by itself, not by `close`: the session must end. Called once; must not throw. */
  readonly onFailure: (error: GateError) => void;
  /** Mode `power`: output is not on the disk after 100 ms, the session must pause… */
  readonly onLate?: (lagMs: number) => void;
  /** …until this. */
  readonly onCaughtUp?: () => void;
  readonly createFile?: (path: string, durability: Durability) => RecordingFile;
}

/** Creates the file and its first frame; in mode `power` both are on the disk when it resolves. Throws `recording-unavailable`. */
export async function openRecorder(options: RecorderOptions): Promise<Recorder> {
  const { recording, session, target, principal, keyWrap, random, clock } = options;
  const key = random.bytes(32);
  try {
    const header = encodeHeader({ recording, keyId: keyWrap.keyId, wrapped: await keyWrap.wrap(key, keyContext(recording)) });
    const file = (options.createFile ?? createRecordingFile)(options.path, options.durability);
    let opened = false;
    const onFailure = (error: GateError): void => (opened ? options.onFailure(error) : undefined);
    const recorder = new Recorder({ ...options, onFailure }, file, new SegmentCiphers(createSecretKey(key), recording), header);
    recorder.note("open", 0, { recording, session, target, principal, started: clock.now() });
    if (options.durability === "power") await file.sync();
    opened = true;
    return recorder;
  } catch (thrown) {
    throw thrown instanceof GateError ? thrown : new GateError("recording-unavailable", undefined, { cause: thrown });
  } finally {
    key.fill(0);
  }
}

/** One segment as it goes to the file, used for all of every recording: sealing and writing are one step, with nothing between. */
const OUT = Buffer.allocUnsafeSlow(LENGTH_BYTES + FRAME_HEAD_BYTES + PAYLOAD_MAX_BYTES + TAG_BYTES);
const HEAD = Buffer.alloc(FRAME_HEAD_BYTES);

export class Recorder {
  readonly #options: RecorderOptions;
  readonly #file: RecordingFile;
  readonly #ciphers: SegmentCiphers;
  readonly #pacer: SyncPacer | undefined;
  readonly #start: number;
  #state: "open" | "closed" | GateError = "open";
  #length = 0;
  #hash: Hash = createHash("sha256");
  #chunkIndex = 0;
  #chunkOffset = 0;
  #chunkTimer: Later | undefined;
  #segments = 0;
  /** For those who look on while it is made. */
  readonly recent = new Recent();

  constructor(options: RecorderOptions, file: RecordingFile, ciphers: SegmentCiphers, header: Buffer) {
    this.#options = options;
    this.#file = file;
    this.#ciphers = ciphers;
    this.#start = options.ticks();
    if (options.durability === "power") {
      this.#pacer = new SyncPacer({
        sync: () => file.sync(),
        ticks: options.ticks,
        timers: options.timers,
        onLate: (lagMs) => options.onLate?.(lagMs),
        onCaughtUp: () => options.onCaughtUp?.(),
        onFailure: (thrown) => this.#fail(thrown),
      });
    }
    this.#append(header, header.length);
  }

  /** Length of the file, for budgets. */
  get bytes(): number {
    return this.#length;
  }

  /** Mode `power`: age of the oldest output that is not on the disk yet; otherwise 0. */
  lagMs(): number {
    return this.#pacer?.lagMs() ?? 0;
  }

  /** Seals output before it is shown. The buffer may be reused when it returns. Throws `recording-unavailable`: show nothing then. */
  output(channel: number, stream: ByteStream, data: Buffer): void {
    if (data.length <= PAYLOAD_MAX_BYTES) {
      if (data.length > 0) this.#seal(stream, channel, data);
      return;
    }
    for (let at = 0; at < data.length; at += PAYLOAD_MAX_BYTES) this.#seal(stream, channel, data.subarray(at, at + PAYLOAD_MAX_BYTES));
  }

  /** Segments in the file; each holds one frame. */
  get segments(): number {
    return this.#segments;
  }

  /** Any frame that is not output. Texts longer than a frame are refused as `recording-unavailable`: cut them first. */
  note<T extends NoteType>(type: T, channel: number, body: FrameBodies[T]): void {
    const payload = encodeNote(body);
    if (payload.length > PAYLOAD_MAX_BYTES) throw new GateError("recording-unavailable", `a "${type}" frame is longer than 64 KiB`);
    const timeUs = this.#seal(type, channel, payload);
    this.recent.noted({ type, channel, timeUs, body } as Frame);
  }

  /** Ends the recording; in mode `power` all of it is on the disk when it resolves. Does nothing after a failure or a first close. */
  async close(reason: string): Promise<{ bytes: number; chunks: number }> {
    if (this.#state === "open") {
      this.note("close", 0, { reason });
      this.#state = "closed";
      try {
        await this.#pacer?.stop();
        if (this.#pacer) await this.#file.sync();
        this.#file.close();
      } catch (cause) {
        throw new GateError("recording-unavailable", undefined, { cause });
      } finally {
        this.#finishChunk();
      }
    }
    return { bytes: this.#length, chunks: this.#chunkIndex };
  }

  /** Returns the frame's time. */
  #seal(type: FrameType, channel: number, payload: Buffer): number {
    this.#requireOpen();
    const sealed = LENGTH_BYTES + FRAME_HEAD_BYTES + payload.length;
    // Before anything is sealed: whoever is given the chunk may end the recording, and then nothing follows its last frame.
    if (this.#length - this.#chunkOffset + sealed + TAG_BYTES > CHUNK_MAX_BYTES) this.#finishChunk();
    this.#requireOpen();
    this.recent.at(this.#length, this.#segments);
    const timeUs = Math.round((this.#options.ticks() - this.#start) * 1000);
    writeFrameHead(HEAD, type, channel, timeUs, payload.length);
    const cipher = this.#ciphers.next();
    const out = OUT;
    out.writeUInt32BE(FRAME_HEAD_BYTES + payload.length, 0);
    cipher.update(HEAD).copy(out, LENGTH_BYTES);
    const body = cipher.update(payload);
    body.copy(out, LENGTH_BYTES + FRAME_HEAD_BYTES);
    freeMemory(body);
    cipher.final();
    cipher.getAuthTag().copy(out, sealed);
    this.#append(out, sealed + TAG_BYTES);
    this.#segments += 1;
    // The caller has its buffer back when this returns.
    if (this.recent.isWatched && isByteStream(type)) this.recent.tell({ type, channel, timeUs, data: Buffer.from(payload) });
    return timeUs;
  }

  #requireOpen(): void {
    if (this.#state === "open") return;
    throw this.#state === "closed" ? new GateError("recording-unavailable", "it is closed") : this.#state;
  }

  #append(bytes: Buffer, length: number): void {
    try {
      this.#file.append(bytes, length);
    } catch (thrown) {
      throw this.#fail(thrown);
    }
    this.#length += length;
    this.#hash.update(length === bytes.length ? bytes : bytes.subarray(0, length));
    this.#chunkTimer ??= this.#options.timers.after(CHUNK_MAX_AGE_MS, () => this.#finishChunk());
    this.#pacer?.wrote();
  }

  #finishChunk(): void {
    this.#chunkTimer?.[Symbol.dispose]();
    this.#chunkTimer = undefined;
    const length = this.#length - this.#chunkOffset;
    if (length === 0) return;
    const chunk = {
      recording: this.#options.recording,
      index: this.#chunkIndex,
      offset: this.#chunkOffset,
      length,
      hash: this.#hash.digest("hex"),
    };
    this.#chunkIndex += 1;
    this.#chunkOffset = this.#length;
    this.#hash = createHash("sha256");
    this.#options.onChunk(chunk);
  }

  #fail(thrown: unknown): GateError {
    if (this.#state !== "open") return this.#state === "closed" ? new GateError("recording-unavailable") : this.#state;
    const code = (thrown as NodeJS.ErrnoException | null)?.code;
    const error = new GateError("recording-unavailable", code === "ENOSPC" ? "the disk is full" : undefined, { cause: thrown });
    this.#state = error;
    try {
      // The unfinished segment was never shown; without it the file ends where the last chunk does.
      this.#file.truncate(this.#length);
    } catch {
      // What is left behind is found and marked at the next start, like after a crash.
    }
    void (this.#pacer?.stop() ?? Promise.resolve()).then(() => this.#file.close()).catch(() => undefined);
    this.#finishChunk();
    this.#options.onFailure(error);
    return error;
  }
}
