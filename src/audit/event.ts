import type { AccessEvent } from "./events/access.ts";
import type { ConfigEvent } from "./events/config.ts";
import type { GateEvent } from "./events/gate.ts";
import type { IdentityEvent } from "./events/identity.ts";
import type { RecordingEvent } from "./events/recording.ts";
import type { SessionEvent } from "./events/session.ts";
import type { SqlEvent } from "./events/sql.ts";
import type { SshEvent } from "./events/ssh.ts";

/** Whom and what an event is about: the envelope's fields, which stay when a body is erased. */
export interface Subjects {
  readonly principal?: string;
  readonly grant?: string;
  readonly session?: string;
  readonly target?: string;
  readonly request?: string;
}

/** How an action was decided, by which entry of which rule or role. */
export interface Decided {
  readonly decision?: "allow" | "deny" | "hold";
  readonly rule?: string;
}

/** One kind of event: its name and the shape of its body. A family is a union of these; see events/<family>.ts. */
export interface EventOf<Kind extends string, Body> extends Subjects, Decided {
  readonly kind: Kind;
  readonly body: Body;
}

/** Every event of the product: a closed union of the families. Nothing else enters the log. */
export type AuditEvent = IdentityEvent | AccessEvent | SessionEvent | SshEvent | SqlEvent | RecordingEvent | ConfigEvent | GateEvent;
export type EventKind = AuditEvent["kind"];

/** An event as it stands in the log. `body` is absent when it was erased. */
export interface LoggedEvent extends Subjects, Decided {
  readonly seq: number;
  /** Milliseconds since the Unix epoch, by the gate's clock when the event was sequenced. */
  readonly time: number;
  readonly kind: EventKind;
  readonly body?: AuditEvent["body"];
}
