import type { AuditEvent } from "../audit/event.ts";
import type { SessionEndBody } from "../audit/events/session.ts";
import type { Priority } from "../audit/port.ts";
import type { GrantId, PrincipalName, RecordingId, SessionId, TargetName } from "../kernel/ids.ts";

/** A session as the store keeps it: live while `ended` is absent. */
export interface SessionRow {
  readonly id: SessionId;
  readonly grant: GrantId;
  readonly principal: PrincipalName;
  readonly target: TargetName;
  readonly protocol: string;
  readonly remote: string;
  readonly startedAt: number;
  readonly recording?: RecordingId;
  readonly ended?: SessionEndBody & { readonly at: number };
}

export interface SessionStore {
  find(id: SessionId): Promise<SessionRow | undefined>;
  list(filter: {
    live?: boolean;
    principal?: PrincipalName;
    target?: TargetName;
    grant?: GrantId;
    /** Starts before this time. */
    before?: number;
    /** Stands behind this one in the order of the list. */
    following?: { readonly startedAt: number; readonly id: SessionId };
    limit: number;
  }): Promise<readonly SessionRow[]>;
  start(row: SessionRow, events: readonly AuditEvent[]): Promise<void>;
  /** Adds `bytes` and `seconds` to the grant's use in the same transaction. */
  end(id: SessionId, ended: SessionEndBody & { readonly at: number }, events: readonly AuditEvent[], priority?: Priority): Promise<void>;
}
