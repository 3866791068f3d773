/**
 * A file of what is promised but not yet in the log: an event that was handed to the kernel here survives the death of
 * the process, and takes its place in the log a moment later, from the writer's thread or at the next start.
 *
 * Owns: the bytes of `<data>/journal` (docs/formats/journal.md). Never does: fsync (mode `process` only), sequencing.
 * Invariants: a record is appended whole or not at all; records are numbered without gaps; what is read back ends before
 * the first record that is not whole; the file says whose log it belongs to, and is read for no other.
 */
import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import { crc32 } from "node:zlib";
import { GateError } from "../../kernel/errors.ts";

/** Length and CRC-32 of what follows. */
const HEADER_BYTES = 8;
/** Longer records take the other way: they are rare, and waiting for their commit costs them little. */
export const RECORD_MAX_BYTES = 64 * 1024;
/** A file that has grown this far is full until it has been emptied. */
const FILE_MAX_BYTES = 64 * 1024 * 1024;

export class Journal {
  readonly #file: number;
  /** The first record of a file: format, and whose. */
  readonly #first: Buffer;
  readonly #buffer: Buffer;
  #size: number;
  /** Behind `#size` there may be the beginning of a record. */
  #isTorn = false;

  private constructor(file: number, size: number, origin: string) {
    this.#file = file;
    this.#size = size;
    const first = firstOf(origin);
    this.#first = Buffer.alloc(HEADER_BYTES + Buffer.byteLength(first));
    encodeRecord(first, this.#first, 0);
    this.#buffer = Buffer.allocUnsafeSlow(this.#first.length + HEADER_BYTES + RECORD_MAX_BYTES);
    this.#first.copy(this.#buffer);
  }

  /** Also: the records that are there. Throws `bad-config` when they belong to another log than that of `origin`. */
  static open(path: string, origin: string): { readonly journal: Journal; readonly records: readonly string[] } {
    const file = openSync(path, "a+", 0o600);
    try {
      const { records, size } = readRecords(readFileSync(file));
      const [first, ...rest] = records;
      if (first !== undefined && first !== firstOf(origin)) throw new GateError("bad-config", `"${path}" belongs to another log`);
      // What is not whole was acknowledged to nobody, and must not stand before what comes.
      ftruncateSync(file, size);
      return { journal: new Journal(file, size, origin), records: rest };
    } catch (error) {
      closeSync(file);
      throw error;
    }
  }

  get size(): number {
    return this.#size;
  }

  /** False: it does not fit, or the disk does not take it; the file is as before. */
  append(record: string): boolean {
    // Three bytes of UTF-8 are the most that one UTF-16 unit takes.
    if (record.length * 3 > RECORD_MAX_BYTES || this.#size >= FILE_MAX_BYTES) return false;
    const at = this.#first.length;
    const end = encodeRecord(record, this.#buffer, at);
    const from = this.#size === 0 ? 0 : at;
    if ((this.#isTorn && !this.#truncate(this.#size)) || !this.#write(from, end)) return false;
    this.#size += end - from;
    return true;
  }

  #write(from: number, end: number): boolean {
    try {
      if (writeSync(this.#file, this.#buffer, from, end - from) === end - from) return true;
    } catch {
      // The disk is full or gone.
    }
    this.#isTorn = true;
    return false;
  }

  /** All of it is in the log. What a disk refuses to forget is known by its numbers, and cleared with the next. */
  clear(): void {
    this.#truncate(0);
  }

  #truncate(size: number): boolean {
    try {
      ftruncateSync(this.#file, size);
    } catch {
      return false;
    }
    this.#size = size;
    this.#isTorn = false;
    return true;
  }

  close(): void {
    closeSync(this.#file);
  }
}

function firstOf(origin: string): string {
  return JSON.stringify({ journal: 1, origin });
}

/** Returns where it ends. */
function encodeRecord(record: string, into: Buffer, at: number): number {
  const start = at + HEADER_BYTES;
  const length = into.write(record, start, "utf8");
  into.writeUInt32LE(length, at);
  into.writeUInt32LE(crc32(into.subarray(start, start + length)), at + 4);
  return start + length;
}

/** The whole records at the beginning of `bytes`, and where they end. */
export function readRecords(bytes: Buffer): { readonly records: readonly string[]; readonly size: number } {
  const records: string[] = [];
  let at = 0;
  while (at + HEADER_BYTES <= bytes.length) {
    const start = at + HEADER_BYTES;
    const end = start + bytes.readUInt32LE(at);
    // No record is empty: zeros are what a file system shows of what it has not got.
    if (end === start || end > bytes.length || crc32(bytes.subarray(start, end)) !== bytes.readUInt32LE(at + 4)) break;
    records.push(bytes.toString("utf8", start, end));
    at = end;
  }
  return { records, size: at };
}
