import type { AuditEvent } from "../audit/event.ts";
import type { LockId, PrincipalName } from "../kernel/ids.ts";

/** Cuts a principal, a group, a target or the whole gate off at once; live sessions included. */
export interface Lock {
  readonly id: LockId;
  readonly subject: LockSubject;
  readonly reason: string;
  readonly by: PrincipalName | "gate";
  readonly createdAt: number;
  readonly until?: number;
}

export type LockSubject =
  | { readonly kind: "principal" | "group" | "target"; readonly name: string }
  /** The whole gate: only owners may act, and no session opens. A restored gate starts like this. */
  | { readonly kind: "gate" };

export interface LockStore {
  listLocks(): Promise<readonly Lock[]>;
  addLock(lock: Lock, events: readonly AuditEvent[]): Promise<void>;
  removeLock(id: LockId, events: readonly AuditEvent[]): Promise<void>;
}
