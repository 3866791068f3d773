/**
 * The masks of what one text gives back, row by row. The columns come from two places that must agree: where the
 * statement's tree says that they come from, and what the server's description says (a table and a column). What either
 * of them takes for masked, is.
 *
 * Fails closed: a row that is not as wide as was traced, or rows where none were expected, throw GateError("masked").
 */
import { GateError } from "../../../kernel/errors.ts";
import type { MaskedColumns } from "../../../policy/sql/masking/masks.ts";
import type { OutputMask, Outputs, Traced } from "../../../policy/sql/masking/trace.ts";
import type { Origin } from "../../../policy/sql/masking/values.ts";
import type { Lenses } from "../../../session/lenses.ts";
import { parseRowDescription } from "../../../wire/postgres/backend.ts";

/** What the server's answer to a Describe said, before the statement ran. */
export interface Provenance {
  found?: Described;
}

export interface Described {
  readonly width: number;
  /** The output columns that the server calls masked ones. */
  readonly masks: ReadonlyMap<number, OutputMask>;
  /** What it calls each; without its number, a column is none. */
  readonly origins: readonly Origin[];
}

/** Where rows are written as they are seen, one over the other: memory of the session. */
export interface MaskedRow {
  bytes: Buffer;
}

export interface ResultMasksOptions {
  /** The text does nothing but read: nothing runs with it that it does not name. */
  readonly readsOnly: boolean;
  readonly lenses: Pick<Lenses, "writeMasked" | "maskedMoreBytes">;
  /** Of the grant. */
  readonly key: Buffer;
  readonly row: MaskedRow;
  readonly masked: MaskedColumns;
  readonly provenance?: Provenance;
}

type Resolved = "clean" | readonly (OutputMask | undefined)[];

/** Byte1 'D', Int32 length, Int16 number of columns. Then each: Int32 length, or -1 for NULL, and as many bytes. */
const HEADER_BYTES = 7;
const LENGTH_BYTES = 4;
const NULL_LENGTH = -1;
/** Memory for longer rows is not kept. */
const KEPT_ROW_BYTES = 64 * 1024;

export class ResultMasks {
  readonly #statements: readonly Traced[];
  readonly #options: ResultMasksOptions;
  #at = 0;
  #resolved: Resolved | undefined;
  readonly #used = new Set<OutputMask>();
  #values = 0;

  constructor(statements: readonly Traced[], options: ResultMasksOptions) {
    this.#statements = statements;
    this.#options = options;
  }

  /** Masked values are in reach of the text: what the server says about it may tell of them. */
  get reaches(): boolean {
    return this.#statements.some((statement) => !statement.ok || statement.reaches);
  }

  get readsOnly(): boolean {
    return this.#options.readsOnly;
  }

  /** Rows have to be looked at. */
  get masksRows(): boolean {
    return this.#current() !== "clean";
  }

  /** What was masked: the columns, and how many values of them. */
  get used(): { readonly columns: readonly string[]; readonly values: number } | undefined {
    if (this.#used.size === 0) return undefined;
    return { columns: [...new Set([...this.#used].flatMap(({ columns }) => columns))].sort(), values: this.#values };
  }

  /** A RowDescription, as the beginning of a result. */
  described(message: Buffer): void {
    const current = this.#current();
    const found = maskedIn(message, this.#options.masked);
    if (current !== "clean" && current.length !== found.width) throw mismatch();
    this.#requireSame(found);
    this.#resolved = together(current, found);
  }

  /** A DataRow, with what is masked in it replaced; valid until the next one. */
  row(message: Buffer): Buffer {
    const masks = this.#current();
    if (masks === "clean") return message;
    const width = message.length < HEADER_BYTES ? -1 : message.readUInt16BE(5);
    if (width !== masks.length) throw mismatch();
    return this.#masked(message, masks);
  }

  /** A statement of the text is done: what comes now is the next one's. */
  completed(): void {
    this.#at += 1;
    this.#resolved = undefined;
  }

  #current(): Resolved {
    this.#resolved ??= this.#resolve();
    return this.#resolved;
  }

  #resolve(): Resolved {
    const statement = this.#statements[this.#at];
    const outputs = statement?.ok === true && !isNamed(statement.outputs) ? statement.outputs : undefined;
    // Nothing is expected, or nobody knows what.
    if (outputs === undefined) return [];
    const found = this.#options.provenance?.found;
    if (found === undefined) return outputs;
    this.#requireSame(found);
    return together(outputs, found);
  }

  /** Fails closed: a table whose columns have changed places since its catalogue was read. */
  #requireSame({ origins }: Described): void {
    const statement = this.#statements[this.#at];
    if (statement?.ok !== true) return;
    for (const [index, expected] of statement.origins?.entries() ?? []) {
      const found = origins[index];
      if (expected && found?.table === expected.table && found.column !== expected.column) throw mismatch();
    }
  }

  #masked(message: Buffer, masks: readonly (OutputMask | undefined)[]): Buffer {
    const { lenses, key } = this.#options;
    const row = this.#room(message.length + masks.length * lenses.maskedMoreBytes);
    /** Everything before is in `row`, up to `length`. */
    let copied = 0;
    let length = 0;
    let at = HEADER_BYTES;
    for (const output of masks) {
      if (at + LENGTH_BYTES > message.length) throw mismatch();
      const bytes = message.readInt32BE(at);
      const from = at + LENGTH_BYTES;
      const end = from + Math.max(bytes, 0);
      if (bytes < -1 || end > message.length) throw mismatch();
      if (output !== undefined && bytes >= 0) {
        length += message.copy(row, length, copied, at);
        const start = length + LENGTH_BYTES;
        const ended = lenses.writeMasked(output.mask, { bytes: message, from, end, key }, row, start);
        row.writeInt32BE(ended < 0 ? NULL_LENGTH : ended - start, length);
        length = ended < 0 ? start : ended;
        copied = end;
        this.#values += 1;
        this.#used.add(output);
      }
      at = end;
    }
    if (at !== message.length) throw mismatch();
    if (copied === 0) return message;
    length += message.copy(row, length, copied);
    row.writeInt32BE(length - 1, 1);
    return row.subarray(0, length);
  }

  #room(bytes: number): Buffer {
    const { row } = this.#options;
    if (row.bytes.length >= bytes) return row.bytes;
    const grown = Buffer.allocUnsafeSlow(bytes);
    if (bytes <= KEPT_ROW_BYTES) row.bytes = grown;
    return grown;
  }
}

/** What a RowDescription says of masked columns; for a Describe that comes before the statement runs. */
export function maskedIn(message: Buffer, masked: MaskedColumns): Described {
  const fields = parseRowDescription(message);
  const masks = new Map<number, OutputMask>();
  for (const [index, { table, column }] of fields.entries()) {
    const mask = masked.get(table)?.get(column);
    if (mask) masks.set(index, { mask: mask.text ? mask.mask : "null", columns: [mask.column] });
  }
  return { width: fields.length, masks, origins: fields.map(({ table, column }) => ({ table, column })) };
}

/** The tree's masks go first: it knows what was made of a column; the server's fill what the tree takes for clean. */
function together(outputs: Resolved, { masks, width }: Described): Resolved {
  if (masks.size === 0) return outputs;
  return Array.from(
    { length: outputs === "clean" ? width : outputs.length },
    (_, index) => (outputs === "clean" ? undefined : outputs[index]) ?? masks.get(index),
  );
}

/** Of what a name stands for: connection-names.ts puts it there before it runs. */
export function isNamed(outputs: Outputs): outputs is Exclude<Outputs, Resolved> {
  return typeof outputs === "object" && "of" in outputs;
}

function mismatch(): GateError {
  return new GateError("masked", "the target gave other columns than the statement says");
}
