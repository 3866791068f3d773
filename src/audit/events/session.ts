import type { EventOf } from "../event.ts";

/** Live connections under a grant, of any protocol. */
export type SessionEvent =
  | EventOf<"session.started", { protocol: string; remote: string; client: string; account: string; address: string; recording?: string }>
  | EventOf<"session.refused", { protocol: string; remote: string; code: string; detail: string }>
  | EventOf<"session.ended", SessionEndBody>
  /** A browser takes its terminal up again, which the network had lost. `remote`: where it is now. */
  | EventOf<"session.resumed", { remote: string }>
  /** An action waits for an approver. `digest`: SHA-256 of exactly what would run; `rows`: what it would change. */
  | EventOf<"action.held", { hold: string; digest: string; lapsesAt: number; rows?: number; noPreview?: string }>
  /** `principal` is who approved; `complete`: nobody else needs to, and it runs. */
  | EventOf<"action.approved", { hold: string; digest: string; groups: readonly string[]; complete: boolean }>
  | EventOf<"action.denied", { hold: string; reason: string }>
  /** Nobody decided in time, or who asked for it did not wait. */
  | EventOf<"action.lapsed", { hold: string; reason: string }>
  | EventOf<"session.kill-asked", { reason: string; by: string }>
  /** Nothing passes until it is thawed. `principal` is whose session it is, `by` who said so. */
  | EventOf<"session.frozen", { reason: string; by: string }>
  | EventOf<"session.thawed", { reason: string; by: string }>
  /** Somebody is present at a session that needs a moderator, and then is not any more. */
  | EventOf<"session.moderator-joined", { by: string }>
  | EventOf<"session.moderator-left", { by: string }>
  /** A line for who sits at the client. */
  | EventOf<"session.messaged", { text: string; by: string }>
  /** An errand of the gate itself, before it opens a connection; `by` is the person on whose word, or `gate`. */
  | EventOf<"errand.started", { errand: string; address: string; by: string }>;

export interface SessionEndBody {
  /** `closed`: by the client or the target; `cut`: by the gate (see `code`); `lost`: the gate itself went down. */
  how: "closed" | "cut" | "lost";
  code?: string;
  detail?: string;
  durationMs: number;
  bytesIn: number;
  bytesOut: number;
}
