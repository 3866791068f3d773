/** What statements returned, as it was recorded, ready to be shown: texts as they are, what is binary by its type. Pure. */
import type { ResultColumn, ResultPart } from "../../audit/recording/rows.ts";
import { RowsReader } from "../../audit/recording/rows.ts";

/** One result: a text of several statements has several. */
export interface Result {
  /** Absent: nobody described them. */
  columns?: readonly ResultColumn[];
  /** The first ones. */
  readonly rows: (readonly (string | null)[])[];
  /** COPY's lines, the first bytes of them. */
  copied: string;
  /** All there were. */
  rowCount: number;
  copiedBytes: number;
  leftOut: number;
}

const COPIED_SHOWN = 4096;

/** By the number of the statement. Keeps `maxRows` rows of each result. */
export class Results {
  readonly #maxRows: number;
  readonly #readers = new Map<number, RowsReader>();
  readonly #found = new Map<number, Result[]>();

  constructor(maxRows: number) {
    this.#maxRows = maxRows;
  }

  /** Of a `rows` frame. */
  push(number: number, bytes: Buffer): void {
    let reader = this.#readers.get(number);
    if (!reader) this.#readers.set(number, (reader = new RowsReader()));
    for (const part of reader.push(bytes)) this.#take(number, part);
  }

  of(number: number | undefined): readonly Result[] {
    return (number === undefined ? undefined : this.#found.get(number))?.filter(isAnything) ?? [];
  }

  #take(number: number, part: ResultPart): void {
    const results = this.#found.get(number) ?? [fresh()];
    this.#found.set(number, results);
    const result = results.at(-1) ?? fresh();
    if (part.kind === "columns") result.columns = part.columns;
    else if (part.kind === "left-out") result.leftOut += 1;
    else if (part.kind === "done") results.push(fresh());
    else if (part.kind === "copied") {
      result.copiedBytes += part.data.length;
      if (result.copied.length < COPIED_SHOWN) result.copied += part.data.toString().slice(0, COPIED_SHOWN - result.copied.length);
    } else {
      result.rowCount += 1;
      if (result.rows.length < this.#maxRows) result.rows.push(part.values.map((value, at) => shown(value, result.columns?.[at])));
    }
  }
}

function fresh(): Result {
  return { rows: [], copied: "", rowCount: 0, copiedBytes: 0, leftOut: 0 };
}

function isAnything({ columns, rowCount, copiedBytes, leftOut }: Result): boolean {
  return columns !== undefined || rowCount > 0 || copiedBytes > 0 || leftOut > 0;
}

function shown(value: Buffer | null, column: ResultColumn | undefined): string | null {
  if (value === null) return null;
  // Without a description nobody knows how to read it; text is what it mostly is.
  return column?.binary === true ? `\\x${value.toString("hex")}` : value.toString();
}

/** Types that are met every day; others by their number. */
const TYPES: Readonly<Record<number, string>> = {
  16: "bool",
  17: "bytea",
  20: "int8",
  21: "int2",
  23: "int4",
  25: "text",
  114: "json",
  700: "float4",
  701: "float8",
  1043: "varchar",
  1082: "date",
  1114: "timestamp",
  1184: "timestamptz",
  1700: "numeric",
  2950: "uuid",
  3802: "jsonb",
};

/** `id`, or for what is binary `id (int4, binary)`. */
export function headOf({ name, type, binary }: ResultColumn): string {
  return binary ? `${name} (${TYPES[type] ?? `type ${type}`}, binary)` : name;
}
