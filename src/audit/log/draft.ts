import type { Decided, Subjects } from "../event.ts";

/** An event on its way into the log: any `AuditEvent`, or what a test makes up. The body becomes canonical JSON. */
export interface EventDraft extends Subjects, Decided {
  readonly kind: string;
  readonly body: object;
}
