import { sql, type Kysely } from "kysely";
import type { Grant } from "../access/model.ts";
import type { AuditEvent } from "../audit/event.ts";
import type { SessionEndBody } from "../audit/events/session.ts";
import type { Priority } from "../audit/port.ts";
import { GateError } from "../kernel/errors.ts";
import type { SessionId } from "../kernel/ids.ts";
import type { SessionRow, SessionStore } from "../session/port.ts";
import type { Tables } from "./tables.ts";
import { write, type Write, type Writer } from "./write.ts";

type Ended = SessionEndBody & { readonly at: number };

export class SqlSessionStore implements SessionStore {
  readonly #db: Kysely<Tables>;
  readonly #writer: Writer;

  constructor(db: Kysely<Tables>, writer: Writer) {
    this.#db = db;
    this.#writer = writer;
  }

  async find(id: SessionId): Promise<SessionRow | undefined> {
    const row = await this.#db.selectFrom("sessions").select("doc").where("id", "=", id).executeTakeFirst();
    return row === undefined ? undefined : parseSession(row);
  }

  /** Newest first. */
  async list(filter: Parameters<SessionStore["list"]>[0]): Promise<readonly SessionRow[]> {
    let rows = this.#db.selectFrom("sessions").select("doc").orderBy("started_at", "desc").orderBy("id").limit(filter.limit);
    if (filter.live !== undefined) rows = rows.where("live", "=", filter.live ? 1 : 0);
    if (filter.principal !== undefined) rows = rows.where("principal", "=", filter.principal);
    if (filter.target !== undefined) rows = rows.where("target", "=", filter.target);
    if (filter.grant !== undefined) rows = rows.where("grant_id", "=", filter.grant);
    if (filter.before !== undefined) rows = rows.where("started_at", "<", filter.before);
    const { following } = filter;
    if (following !== undefined) {
      rows = rows.where((the) =>
        the.or([
          the("started_at", "<", following.startedAt),
          the.and([the("started_at", "=", following.startedAt), the("id", ">", following.id)]),
        ]),
      );
    }
    return (await rows.execute()).map(parseSession);
  }

  /** Under a break-glass grant with priority: that is what the reserve of space is for. Throws `already-exists`. */
  async start(row: SessionRow, events: readonly AuditEvent[]): Promise<void> {
    const { id, principal, target, grant, startedAt } = row;
    const columns = { id, live: 1, principal, target, grant_id: grant, started_at: startedAt, doc: JSON.stringify(row) };
    const insert = this.#db.insertInto("sessions").values(columns);
    const expect = { rows: 1, otherwise: "already-exists", detail: `session ${id}` } as const;
    const writes = [
      write(
        insert.onConflict((on) => on.doNothing()),
        expect,
      ),
    ];
    await this.#writer.submit({ writes, events, priority: await this.#priorityOf(row) });
  }

  async #priorityOf({ grant }: SessionRow): Promise<Priority> {
    const row = await this.#db.selectFrom("grants").select("doc").where("id", "=", grant).executeTakeFirst();
    return row !== undefined && (JSON.parse(row.doc) as Grant).breakGlass !== undefined ? "reserved" : "ordinary";
  }

  /** Throws `not-found`, or `wrong-state` when it has ended already: an end is recorded and charged once. */
  async end(id: SessionId, ended: Ended, events: readonly AuditEvent[], priority: Priority = "ordinary"): Promise<void> {
    const row = await this.find(id);
    if (row === undefined) throw new GateError("not-found", `session ${id}`);
    await this.#writer.submit({ writes: endSession(this.#db, row, ended), events, priority });
  }
}

export function endSession(db: Kysely<Tables>, row: SessionRow, ended: Ended): Write[] {
  const doc = JSON.stringify({ ...row, ended });
  const close = db.updateTable("sessions").set({ live: 0, doc }).where("id", "=", row.id).where("live", "=", 1);
  const charge = db
    .updateTable("grants")
    .set({
      used_bytes: sql<number>`used_bytes + ${ended.bytesIn + ended.bytesOut}`,
      used_ms: sql<number>`used_ms + ${Math.round(ended.durationMs)}`,
    })
    .where("id", "=", row.grant);
  return [write(close, { rows: 1, otherwise: "wrong-state", detail: `session ${row.id} has ended already` }), write(charge)];
}

function parseSession({ doc }: { doc: string }): SessionRow {
  return JSON.parse(doc) as SessionRow;
}
