import type { EventOf } from "../event.ts";

/** Requests, approvals and grants: every transition of the state machine in src/access/. */
export type AccessEvent =
  | EventOf<"request.created", RequestBody>
  | EventOf<
      "request.approved",
      { approver: string; groups: readonly string[]; durationMs?: number; targets?: readonly string[]; complete: boolean }
    >
  | EventOf<"request.denied", { approver: string; reason: string }>
  | EventOf<"request.cancelled", { reason: string }>
  | EventOf<"request.lapsed", { pendingMs: number }>
  | EventOf<"request.refused", { role: string; targets: readonly string[]; code: string; detail: string }>
  | EventOf<"grant.started", GrantBody>
  | EventOf<"grant.extended", { until: number; by: "approval" | "self" }>
  | EventOf<"grant.narrowed", { targets: readonly string[]; until: number; by: string; reason: string }>
  | EventOf<"grant.ended", { how: GrantEnd; reason: string; by?: string }>
  | EventOf<"break-glass.opened", GrantBody>
  | EventOf<"break-glass.escalated", { openForMs: number; level: "reminder" | "overdue" }>
  | EventOf<"break-glass.reviewed", { reviewer: string; verdict: "justified" | "unjustified"; note: string }>;

export type GrantEnd = "expired" | "revoked" | "used-up" | "given-back" | "restored" | "requester-gone";

export interface RequestBody {
  reason: string;
  ticket?: string;
  role: string;
  targets: readonly string[];
  durationMs: number;
  type: "ordinary" | "extension" | "break-glass";
  /** The approval expression as it was asked, in words; absent: none is needed. */
  approval?: string;
}

export interface GrantBody {
  reason: string;
  role: string;
  /** SHA-256 (hex) of the role as approved, in canonical JSON. */
  roleHash: string;
  targets: readonly { name: string; address: string; account: string; rule: string }[];
  start: number;
  end: number;
  approvers: readonly string[];
}
