/**
 * What a database returned, from the `rows` frames of one statement: docs/formats/recording.md, "Rows". Message by
 * message, wherever frames cut them.
 *
 * Untrusted: a target made these messages. One that is malformed is given out as bytes; a value longer than is looked at
 * is left out; memory is bounded by MAX_MESSAGE_BYTES.
 */
import { BoundedBytes } from "./bounded-bytes.ts";

export interface ResultColumn {
  readonly name: string;
  /** OID of the type. */
  readonly type: number;
  readonly binary: boolean;
}

export type ResultPart =
  | { readonly kind: "columns"; readonly columns: readonly ResultColumn[] }
  | { readonly kind: "row"; readonly values: readonly (Buffer | null)[] }
  /** Of COPY. */
  | { readonly kind: "copied"; readonly data: Buffer }
  | { readonly kind: "done"; readonly tag: string }
  /** Longer than anybody looks at, or no message of a result. */
  | { readonly kind: "left-out"; readonly bytes: number };

const MAX_MESSAGE_BYTES = 1024 * 1024;
const HEADER_BYTES = 5;

export class RowsReader {
  readonly #gathered = new BoundedBytes(MAX_MESSAGE_BYTES);

  /** The messages that end in these bytes. */
  push(bytes: Buffer): ResultPart[] {
    const parts: ResultPart[] = [];
    let rest = bytes;
    while (rest.length > 0) {
      // A length is known with its header.
      const header = this.#gathered.length < HEADER_BYTES ? HEADER_BYTES : 1 + lengthOf(this.#gathered.kept);
      const taken = rest.subarray(0, header - this.#gathered.length);
      this.#gathered.add(taken);
      rest = rest.subarray(taken.length);
      if (this.#gathered.length < HEADER_BYTES || this.#gathered.length < 1 + lengthOf(this.#gathered.kept)) continue;
      const { length, kept } = this.#gathered;
      const part = length > MAX_MESSAGE_BYTES ? leftOut(length) : partOf(kept);
      if (part) parts.push(part);
      this.#gathered.clear();
    }
    return parts;
  }
}

/** At least that of a message without a body. */
function lengthOf(message: Buffer): number {
  return Math.max(4, message.readUInt32BE(1));
}

function partOf(message: Buffer): ResultPart | undefined {
  const body = message.subarray(HEADER_BYTES);
  try {
    switch (String.fromCharCode(message[0] ?? 0)) {
      case "T":
        return { kind: "columns", columns: columnsOf(body) };
      case "D":
        return { kind: "row", values: valuesOf(body) };
      case "d":
        return { kind: "copied", data: Buffer.from(body) };
      case "C":
        return { kind: "done", tag: body.subarray(0, -1).toString() };
      case "H":
      case "c":
        return undefined;
      default:
        return leftOut(message.length);
    }
  } catch (error) {
    if (error instanceof RangeError) return leftOut(message.length);
    throw error;
  }
}

/** Int16 n, n × (String name, Int32 table, Int16 column, Int32 type, Int16 size, Int32 modifier, Int16 format). */
function columnsOf(body: Buffer): readonly ResultColumn[] {
  let at = 2;
  return Array.from({ length: body.readUInt16BE(0) }, () => {
    const end = body.indexOf(0, at);
    if (end < 0) throw new RangeError("A name does not end");
    const column = { name: body.subarray(at, end).toString(), type: body.readUInt32BE(end + 7), binary: body.readUInt16BE(end + 17) === 1 };
    at = end + 19;
    return column;
  });
}

/** Int16 n, n × (Int32 length or -1, bytes). */
function valuesOf(body: Buffer): readonly (Buffer | null)[] {
  let at = 2;
  return Array.from({ length: body.readUInt16BE(0) }, () => {
    const length = body.readInt32BE(at);
    at += 4;
    if (length < 0) return null;
    if (at + length > body.length) throw new RangeError("A value does not end");
    const value = Buffer.from(body.subarray(at, at + length));
    at += length;
    return value;
  });
}

function leftOut(bytes: number): ResultPart {
  return { kind: "left-out", bytes };
}
