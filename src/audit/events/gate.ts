import type { EventOf } from "../event.ts";

/** The gate itself and its keeping. */
export type GateEvent =
  | EventOf<"gate.started", { version: string; durability: "process" | "power"; recovered: number }>
  | EventOf<"gate.stopped", { reason: string }>
  | EventOf<"gate.clock-behind", { behindMs: number }>
  | EventOf<"lock.created", { lock: string; subject: string; reason: string; until?: number }>
  | EventOf<"lock.lifted", { lock: string; subject: string; reason: string }>
  | EventOf<"backup.made", { size: number; root: string }>
  | EventOf<"backup.restored", { size: number; root: string; gap: string }>
  | EventOf<"anchor.failed", { anchor: string; detail: string }>
  | EventOf<"anchor.mismatch", { anchor: string; detail: string }>
  | EventOf<"notify.failed", { channel: string; detail: string }>
  | EventOf<"host.scanned", { address: string; keys: readonly string[] }>
  | EventOf<"host.checked", { address: string; ok: boolean; findings: readonly string[] }>
  /** Samples of its tables were read, to see what should be masked. */
  | EventOf<"columns.scanned", { database: string; account: string; columns: number; code?: string }>
  | EventOf<"audit.exported", { format: string; query: string; count: number }>
  | EventOf<"audit.erased", { seq: number; reason: string }>;
