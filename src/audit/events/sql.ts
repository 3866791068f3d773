import type { EventOf } from "../event.ts";

/** What is done inside a database session. A statement is logged before it is forwarded, what became of it after. */
export type SqlEvent =
  | EventOf<"sql.statement", StatementBody>
  | EventOf<"sql.outcome", OutcomeBody>
  | EventOf<"sql.refused", RefusedBody>
  /** Somebody pressed Ctrl-C: the running statement of this session was asked to stop. */
  | EventOf<"sql.cancel-asked", { remote: string }>
  /** A login role of one session, before it is made, and once it is gone; `reassigned`: what it owned is the account's now. */
  | EventOf<"database.role-made", { role: string; account: string; database: string }>
  | EventOf<"database.role-dropped", { role: string; reassigned: number; swept: boolean }>
  /** It is still there: it cannot log in after the grant's end, but somebody has to look. */
  | EventOf<"database.role-left", { role: string; detail: string }>
  /** The gate stopped a statement, or withheld the rest of its result, at a limit of the role. `most`: ms, rows, bytes. */
  | EventOf<"sql.limit-reached", { number?: number; limit: "statement" | "rows" | "bytes"; most: number }>;

/** A text, as far as it is recorded: whole, or without what was written into it. */
export interface RecordedText {
  /** As the client sent it: one text may hold several statements. */
  statement: string;
  /** How many literals and comments in it became `?`. */
  withheld?: number;
  /** Of the exact text, where `statement` is not that: docs/formats/log.md. */
  original?: { digest: string; bytes: number };
}

/** What a text names; `relations` that are written to say so. */
export interface NamedInText {
  classes: readonly string[];
  relations: readonly string[];
  columns: readonly string[];
  functions: readonly string[];
}

export interface StatementBody extends RecordedText, NamedInText {
  /** Counts the statements of a session from 1; its outcome has the same. */
  number: number;
  /** It did not run: it was tried out and undone, for who asked what it would change. */
  preview?: true;
  /** It waited for somebody to approve it, under this id: the one of `action.held` and `action.approved`. */
  hold?: string;
  /** The texts behind the names that it runs: EXECUTE of something prepared, FETCH from a cursor. Recorded like `statement`. */
  named?: readonly string[];
  /** `simple`: Query; `extended`: Execute of a portal (PostgreSQL protocol §53.2). */
  protocol: "simple" | "extended";
  /** The LIMIT that SELECTs without one were given, and what was sent with it in place of the client's text. */
  limit?: number;
  sent?: RecordedText;
  /** In order; binary ones in base64 as `{ base64 }`, NULL as null; what is long is cut, with its length in bytes. */
  parameters?: readonly SqlParameter[];
  parametersLeftOut?: number;
}

/** `digest`: recognised where it comes again, not read. `bytes` alone: withheld. */
export type SqlParameter =
  | string
  | null
  | { readonly base64: string }
  | { readonly text: string; readonly bytes: number }
  | { readonly digest: string }
  | { readonly bytes: number };

/** Of a text that could not be read there is its first keyword, and no more where it may hold what must not be recorded. */
export interface RefusedBody extends Partial<RecordedText>, Partial<NamedInText> {
  keyword?: string;
  code: string;
  detail: string;
}

export interface OutcomeBody {
  number: number;
  /** `SELECT 3`, as the server said it; of a text with several statements, the last. */
  tag?: string;
  rows: number;
  bytes: number;
  /** Which columns were masked in its rows, and how many values. */
  masked?: { readonly columns: readonly string[]; readonly values: number };
  /** To the microsecond. */
  durationMs: number;
  /** One before it in the same pipeline failed, so that the server did not run it. */
  skipped?: true;
  /** The database's own number of the transaction that it ran in (pg_xact); of held statements that ran in one of the gate's. */
  transaction?: string;
  /** Of an error. */
  sqlstate?: string;
  /** Where literals are kept: an error may quote them. */
  message?: string;
}
