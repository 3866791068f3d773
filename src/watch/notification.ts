import type { AuditEvent, LoggedEvent } from "../audit/event.ts";

/** Kinds of events somebody must learn of at once. */
export const NOTIFIED = [
  "request.created",
  "action.held",
  "break-glass.opened",
  "break-glass.escalated",
  "break-glass.reviewed",
  "lock.created",
  "anchor.mismatch",
] as const satisfies readonly AuditEvent["kind"][];

/**
 * What is sent, as JSON; docs/notifications.md describes it for receivers. Fields are only ever added.
 * Carries what the event carries, which never is a secret, but may be confidential.
 */
export interface Notification {
  readonly version: 1;
  /** `<gate>/<seq>`: the same on every attempt, so that a receiver can tell a repetition. */
  readonly id: string;
  readonly gate: string;
  /** Milliseconds since the Unix epoch. */
  readonly time: number;
  readonly kind: LoggedEvent["kind"];
  readonly principal?: string;
  readonly request?: string;
  readonly grant?: string;
  readonly session?: string;
  readonly target?: string;
  readonly body: LoggedEvent["body"];
  /** Where to look; absent where there is nothing to open. */
  readonly url?: string;
}

/** A way out. `deliver` settles within its own deadline and rejects when the notification did not arrive. */
export interface Channel {
  readonly name: string;
  deliver(notification: Notification, signal: AbortSignal): Promise<void>;
}

/** `undefined` for kinds nobody is told of. `gate`: name and node; `publicUrl`: of the gate's API, without a slash at its end. */
export function notificationOf(event: LoggedEvent, gate: string, publicUrl: string): Notification | undefined {
  const { seq, time, kind, principal, request, grant, session, target, body } = event;
  if (!(NOTIFIED as readonly string[]).includes(kind)) return undefined;
  return {
    version: 1,
    id: `${gate}/${seq}`,
    gate,
    time,
    kind,
    ...(principal !== undefined && { principal }),
    ...(request !== undefined && { request }),
    ...(grant !== undefined && { grant }),
    ...(session !== undefined && { session }),
    ...(target !== undefined && { target }),
    body,
    ...(request !== undefined && { url: `${publicUrl}/v1/requests/${encodeURIComponent(request)}` }),
  };
}
