import type { AuditEvent } from "../../src/audit/event.ts";
import { GateError } from "../../src/kernel/errors.ts";
import type { LockId } from "../../src/kernel/ids.ts";
import type { Lock, LockStore } from "../../src/watch/lock.ts";

export class MemoryLockStore implements LockStore {
  readonly events: AuditEvent[] = [];
  readonly #locks = new Map<LockId, Lock>();
  failing = false;

  listLocks(): Promise<readonly Lock[]> {
    return Promise.resolve([...this.#locks.values()]);
  }

  async addLock(lock: Lock, events: readonly AuditEvent[]): Promise<void> {
    await Promise.resolve();
    if (this.failing) throw new GateError("log-unavailable");
    this.#locks.set(lock.id, lock);
    this.events.push(...events);
  }

  async removeLock(id: LockId, events: readonly AuditEvent[]): Promise<void> {
    await Promise.resolve();
    if (this.failing) throw new GateError("log-unavailable");
    if (!this.#locks.delete(id)) throw new GateError("not-found");
    this.events.push(...events);
  }
}
