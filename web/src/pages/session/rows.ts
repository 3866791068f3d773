/**
 * What a database returned, from the `rows` frames of one statement (docs/formats/recording.md, "Rows"): messages of the
 * PostgreSQL protocol (§53.7), wherever frames cut them.
 *
 * Untrusted: a target made these bytes. What is malformed ends the reading; memory is bounded by what is shown.
 */
import { toHex } from "../../api/bytes.ts";

export const ROWS_MAX = 500;
const BYTES_MAX = 4_000_000;
const HEADER_BYTES = 5;
const VALUE_MAX = 10_000;

export interface Rows {
  readonly columns: readonly string[];
  /** `null`: NULL. */
  readonly rows: readonly (readonly (string | null)[])[];
  /** There is more than is here. */
  readonly cutShort: boolean;
}

interface Column {
  readonly name: string;
  readonly binary: boolean;
}

export class RowsReader {
  #rest = new Uint8Array();
  #columns: Column[] = [];
  readonly #rows: (string | null)[][] = [];
  #bytes = 0;
  #full = false;

  get full(): boolean {
    return this.#full;
  }

  push(bytes: Uint8Array): void {
    this.#bytes += bytes.length;
    if (this.#bytes > BYTES_MAX) this.#full = true;
    if (this.#full) return;
    const all = new Uint8Array(this.#rest.length + bytes.length);
    all.set(this.#rest);
    all.set(bytes, this.#rest.length);
    let at = 0;
    while (all.length - at >= HEADER_BYTES && !this.#full) {
      const length = 1 + new DataView(all.buffer, at + 1, 4).getUint32(0);
      if (length < HEADER_BYTES) this.#full = true;
      if (all.length - at < length) break;
      this.#message(String.fromCharCode(all[at] ?? 0), all.subarray(at + HEADER_BYTES, at + length));
      at += length;
    }
    this.#rest = all.slice(at);
  }

  result(): Rows {
    return { columns: this.#columns.map(({ name }) => name), rows: this.#rows, cutShort: this.#full };
  }

  #message(type: string, body: Uint8Array): void {
    try {
      if (type === "T") this.#columns = columnsOf(new Cursor(body));
      else if (type === "D") this.#rows.push(valuesOf(new Cursor(body), this.#columns));
      else if (type === "d") this.#rows.push([shown(body, false)]);
    } catch (thrown) {
      if (!(thrown instanceof RangeError)) throw thrown;
      this.#full = true;
    }
    if (this.#rows.length >= ROWS_MAX) this.#full = true;
  }
}

class Cursor {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  int16(): number {
    this.#at += 2;
    return this.#view.getUint16(this.#at - 2);
  }

  int32(): number {
    this.#at += 4;
    return this.#view.getInt32(this.#at - 4);
  }

  take(length: number): Uint8Array {
    if (this.#at + length > this.#bytes.length) throw new RangeError("A value does not end");
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  string(): string {
    const end = this.#bytes.indexOf(0, this.#at);
    if (end < 0) throw new RangeError("A name does not end");
    const text = new TextDecoder().decode(this.#bytes.subarray(this.#at, end));
    this.#at = end + 1;
    return text;
  }
}

/** Int16 n, n × (String name, Int32 table, Int16 column, Int32 type, Int16 size, Int32 modifier, Int16 format). */
function columnsOf(body: Cursor): Column[] {
  return Array.from({ length: body.int16() }, () => {
    const name = body.string();
    body.take(16);
    return { name, binary: body.int16() === 1 };
  });
}

/** Int16 n, n × (Int32 length or -1, bytes). */
function valuesOf(body: Cursor, columns: readonly Column[]): (string | null)[] {
  return Array.from({ length: body.int16() }, (_, index) => {
    const length = body.int32();
    return length < 0 ? null : shown(body.take(length), columns[index]?.binary === true);
  });
}

function shown(bytes: Uint8Array, binary: boolean): string {
  if (binary) return `\\x${toHex(bytes.subarray(0, 64))}${bytes.length > 64 ? "…" : ""}`;
  const text = new TextDecoder().decode(bytes.subarray(0, VALUE_MAX));
  return bytes.length > VALUE_MAX ? `${text}…` : text;
}
