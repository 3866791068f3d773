import type { EventOf } from "../event.ts";

/** What is done inside a database session. A statement is logged before it is forwarded, what became of it after. */
export type SqlEvent =
  | EventOf<"sql.statement", StatementBody>
  | EventOf<"sql.outcome", OutcomeBody>
  | EventOf<"sql.refused", { statement?: string; code: string; detail: string }>
  /** Somebody pressed Ctrl-C: the running statement of this session was asked to stop. */
  | EventOf<"sql.cancel-asked", { remote: string }>;

export interface StatementBody {
  /** Counts the statements of a session from 1; its outcome has the same. */
  number: number;
  /** As the client sent it: one text may hold several statements. */
  statement: string;
  /** `simple`: Query; `extended`: Execute of a portal (PostgreSQL protocol §53.2). */
  protocol: "simple" | "extended";
  classes: readonly string[];
  relations: readonly string[];
  functions: readonly string[];
  /** In order; binary ones in base64 as `{ base64 }`, NULL as null; what is long is cut, with its length in bytes. */
  parameters?: readonly SqlParameter[];
  parametersLeftOut?: number;
}

export type SqlParameter = string | null | { readonly base64: string } | { readonly text: string; readonly bytes: number };

export interface OutcomeBody {
  number: number;
  /** `SELECT 3`, as the server said it; of a text with several statements, the last. */
  tag?: string;
  rows: number;
  bytes: number;
  /** Which columns were masked in its rows, and how many values. */
  masked?: { readonly columns: readonly string[]; readonly values: number };
  durationMs: number;
  /** One before it in the same pipeline failed, so that the server did not run it. */
  skipped?: true;
  /** Of an error. */
  sqlstate?: string;
  message?: string;
}
