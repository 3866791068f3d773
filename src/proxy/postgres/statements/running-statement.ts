/** What runs at the target, from when it was sent to what became of it, which is what the log has of its end. */
import type { AuditEvent } from "../../../audit/event.ts";
import type { Parameters } from "../../../session/statement-record.ts";
import type { ErrorFields } from "../../../wire/postgres/backend.ts";
import type { Portal, Text } from "./connection-names.ts";
import type { Ending } from "../relay/pipeline.ts";
import type { ResultRecord } from "../relay/postgres-results.ts";
import type { ResultMasks } from "../masking/result-masks.ts";

/** What makes the target run something. */
export type Runs = "query" | "execute" | "function";

/** A text that runs by itself, or a portal. */
export type Ran = Text & Partial<Portal>;

/** Of a cursor of SQL's own. */
const NO_PARAMETERS: Parameters = { shown: [], leftOut: 0, how: "keep", bytes: 0 };

/** As they go into the record; `undefined`: what runs so has none. */
export function parametersOfRun(asked: Runs, { parameters }: Ran): Parameters | undefined {
  return asked === "execute" ? (parameters ?? NO_PARAMETERS) : undefined;
}

/** A statement at the target, and what becomes of it. */
export class Running {
  readonly number: number;
  /** In a session that masks. */
  readonly masks: ResultMasks | undefined;
  /** Where what it gives back is recorded. */
  readonly results: ResultRecord | undefined;
  /** The LIMIT that the gate gave it: a result of as many rows may be cut. */
  readonly isCutAt: number | undefined;
  readonly #transaction: string | undefined;
  readonly #keepsError: boolean;
  readonly #startedAt = performance.now();
  bytes = 0;
  #rows = 0;
  #tag: string | undefined;
  #error: ErrorFields | undefined;

  /** `keepsError`: the words of an error may be recorded. */
  constructor(
    number: number,
    options: {
      readonly keepsError: boolean;
      readonly masks: ResultMasks | undefined;
      readonly results: ResultRecord | undefined;
      readonly isCutAt: number | undefined;
      readonly transaction?: string | undefined;
    },
  ) {
    this.number = number;
    this.#keepsError = options.keepsError;
    this.masks = options.masks;
    this.results = options.results;
    this.isCutAt = options.isCutAt;
    this.#transaction = options.transaction;
  }

  completed({ tag, rows }: { readonly tag: string; readonly rows: number }): void {
    this.masks?.completed();
    this.#tag = tag;
    this.#rows += rows;
  }

  failed(fields: ErrorFields): void {
    this.#error = fields;
  }

  outcome(how: Ending): AuditEvent {
    return {
      kind: "sql.outcome",
      body: {
        number: this.number,
        ...(how === "skipped" && { skipped: true as const }),
        ...(this.#tag !== undefined && { tag: this.#tag }),
        rows: this.#rows,
        bytes: this.bytes,
        ...(this.masks?.used && { masked: this.masks.used }),
        durationMs: Math.round((performance.now() - this.#startedAt) * 1000) / 1000,
        ...(this.#transaction !== undefined && { transaction: this.#transaction }),
        ...(this.#error && { sqlstate: this.#error.code }),
        ...(this.#error && this.#keepsError && { message: this.#error.message.slice(0, 1000) }),
      },
    };
  }
}
