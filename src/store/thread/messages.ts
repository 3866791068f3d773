import type { Durability } from "../../audit/durability.ts";
import type { ErrorCode } from "../../kernel/errors.ts";
import type { Batch } from "../write.ts";

/** What the main thread and the writer's thread say to each other. */
export interface WriterSettings {
  readonly path: string;
  readonly dataDir: string;
  readonly node: string;
  readonly durability: Durability;
  readonly diskReserveBytes: number;
  readonly head: LogHead;
  /** Number of the last record of the journal that is in the log. */
  readonly journaled: number;
  readonly sql: LogSql;
}

/** Where the log stands: `tile` are the frontier roots of the unfinished tile, `size % 256` leaves. */
export interface LogHead {
  readonly size: number;
  readonly lastTime: number;
  readonly tile: readonly Uint8Array[];
}

/** Statements of the log itself, compiled by the main thread so that the writer needs no query builder. */
export interface LogSql {
  /** Parameters in the order of LogTable. */
  readonly insertEntry: string;
  /** number, root */
  readonly insertTile: string;
  /** seq, text */
  readonly insertWords: string;
  /** JOURNALED, number as text */
  readonly putJournaled: string;
}

export interface NumberedBatch extends Batch {
  readonly id: number;
  /** Wall clock when it was submitted, ms. */
  readonly now: number;
  /** Its number in the journal: it is taken after the one before it, or refused. */
  readonly journaled?: number;
}

/** A record of the journal, as it stands there. */
export interface SentRecord {
  readonly id: number;
  readonly record: string;
}

/** What a record says. */
export interface JournalRecord {
  readonly number: number;
  readonly now: number;
  readonly events: Batch["events"];
}

export type ToWriter = { readonly kind: "batches"; readonly batches: readonly (NumberedBatch | SentRecord)[] } | { readonly kind: "close" };

/** Events of a batch stand at `seq`, `seq + 1`… all with the same time. */
export type Answer =
  | { readonly id: number; readonly ok: true; readonly seq: number; readonly time: number }
  | { readonly id: number; readonly ok: false; readonly code: ErrorCode; readonly detail: string | undefined; readonly cause?: string };

export type FromWriter = { readonly kind: "ready" } | { readonly kind: "answers"; readonly answers: readonly Answer[] };
