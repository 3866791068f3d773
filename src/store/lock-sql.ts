import type { Kysely } from "kysely";
import type { AuditEvent } from "../audit/event.ts";
import type { LockId } from "../kernel/ids.ts";
import type { Lock, LockStore } from "../watch/lock.ts";
import type { Tables } from "./tables.ts";
import { write, type Write, type Writer } from "./write.ts";

/** Locks are written with priority: cutting somebody off must work when the disk is nearly full. */
export class SqlLockStore implements LockStore {
  readonly #db: Kysely<Tables>;
  readonly #writer: Writer;

  constructor(db: Kysely<Tables>, writer: Writer) {
    this.#db = db;
    this.#writer = writer;
  }

  async listLocks(): Promise<readonly Lock[]> {
    const rows = await this.#db.selectFrom("locks").select("doc").orderBy("created_at").orderBy("id").execute();
    return rows.map(({ doc }) => JSON.parse(doc) as Lock);
  }

  /** Throws `already-exists`. */
  async addLock(lock: Lock, events: readonly AuditEvent[]): Promise<void> {
    await this.#writer.submit({ writes: [addLock(this.#db, lock)], events, priority: "reserved" });
  }

  /** Throws `not-found`. */
  async removeLock(id: LockId, events: readonly AuditEvent[]): Promise<void> {
    const remove = this.#db.deleteFrom("locks").where("id", "=", id);
    const writes = [write(remove, { rows: 1, otherwise: "not-found", detail: `lock ${id}` })];
    await this.#writer.submit({ writes, events, priority: "reserved" });
  }
}

export function addLock(db: Kysely<Tables>, lock: Lock): Write {
  const insert = db.insertInto("locks").values({ id: lock.id, created_at: lock.createdAt, doc: JSON.stringify(lock) });
  const add = insert.onConflict((on) => on.doNothing());
  return write(add, { rows: 1, otherwise: "already-exists", detail: `lock ${lock.id}` });
}
