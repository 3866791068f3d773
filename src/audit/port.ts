import type { AuditEvent, EventKind, LoggedEvent } from "./event.ts";

/** Where an event stands in the log of this node. */
export interface LogPosition {
  readonly seq: number;
  readonly time: number;
}

/**
 * `ordinary` writes are refused (`disk-reserve`) while free space is below the reserve; `reserved` ones — owners,
 * break-glass, and the closing of what is already open — may use it.
 */
export type Priority = "ordinary" | "reserved";

/** `from` and `since` are inclusive, `to` and `until` exclusive. */
export interface EventQuery {
  readonly from?: number;
  readonly to?: number;
  readonly since?: number;
  readonly until?: number;
  readonly kinds?: readonly EventKind[];
  readonly principal?: string;
  readonly target?: string;
  readonly session?: string;
  readonly grant?: string;
  readonly request?: string;
  readonly decision?: "allow" | "deny" | "hold";
  /** Every word must occur in the event's body (case-insensitive, whole-text index). */
  readonly words?: string;
  /** Statements that name the table, with or without its schema, or the column, with or without its table. */
  readonly table?: string;
  readonly column?: string;
  /** Newest first with `desc`. */
  readonly order?: "asc" | "desc";
  readonly limit: number;
}

/**
 * The audit log of this node. Appending resolves once the events are durable (promise 2) and rejects with
 * `log-unavailable` or `disk-reserve` when they are not: the caller then refuses the action.
 */
export interface AuditLog {
  append(events: readonly AuditEvent[], priority?: Priority): Promise<readonly LogPosition[]>;
  /**
   * As `append`, for the many small events of which nobody asks where they stand: `undefined` when they are durable at
   * once, and then in the log a moment later; `query` waits for them.
   */
  record(events: readonly AuditEvent[], priority?: Priority): Promise<unknown> | undefined;
  /** Number of entries, and the time of the last one (0 when empty). */
  head(): { readonly size: number; readonly lastTime: number };
  query(query: EventQuery): Promise<readonly LoggedEvent[]>;
  /** Called for every event after it is durable, in order. A listener must not throw. */
  subscribe(listener: (event: LoggedEvent) => void): Disposable;
  /** Replaces the body of an entry by nothing, and logs `audit.erased` in the same transaction. */
  erase(seq: number, event: AuditEvent): Promise<void>;
}
