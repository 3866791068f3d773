import type { AuditEvent } from "../audit/event.ts";
import type { LogPosition, Priority } from "../audit/port.ts";
import type { ErrorCode } from "../kernel/errors.ts";

/** One statement of a batch. When `rows` is given and another number changed, the whole batch is refused with `otherwise`. */
export interface Write {
  readonly sql: string;
  readonly parameters: readonly unknown[];
  readonly expect?: { readonly rows: number; readonly otherwise: ErrorCode; readonly detail?: string };
}

/** Writes and events that commit together or not at all. */
export interface Batch {
  readonly writes: readonly Write[];
  readonly events: readonly AuditEvent[];
  readonly priority?: Priority;
  /** After the commit, no copy of overwritten pages stays in the write-ahead log. */
  readonly scrub?: boolean;
}

/** The one way to change anything. Resolves when durable; the positions are those of `events`. */
export interface Writer {
  submit(batch: Batch): Promise<readonly LogPosition[]>;
}

/** A compiled Kysely query as a write. */
export function write(query: { compile(): { sql: string; parameters: readonly unknown[] } }, expect?: Write["expect"]): Write {
  const { sql, parameters } = query.compile();
  return expect === undefined ? { sql, parameters } : { sql, parameters, expect };
}
