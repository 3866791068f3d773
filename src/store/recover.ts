import type { Kysely } from "kysely";
import type { AuditEvent } from "../audit/event.ts";
import type { SessionEvent } from "../audit/events/session.ts";
import type { Clock } from "../kernel/clock.ts";
import type { SessionRow } from "../session/port.ts";
import { endSession } from "./session-sql.ts";
import type { Tables } from "./tables.ts";
import type { Write, Writer } from "./write.ts";

/** What else the log must hold of a session that was lost, such as the end of its recording. */
export type LastEvents = (row: SessionRow) => Promise<readonly AuditEvent[]>;

/**
 * Ends what was live when the gate went down, each in one commit with its last events: where that is interrupted too, the
 * next start begins again. How long a session lasted is not known: it is charged up to the last event of the log, the last
 * moment the gate is known to have lived. Throws what the log throws; no new session may start then.
 */
export async function endLostSessions(
  db: Kysely<Tables>,
  writer: Writer,
  lastTime: number,
  clock: Clock,
  lastEvents: LastEvents,
): Promise<readonly SessionRow[]> {
  const rows = await db.selectFrom("sessions").select("doc").where("live", "=", 1).orderBy("started_at").execute();
  const ended: SessionRow[] = [];
  for (const { doc } of rows) {
    const row = JSON.parse(doc) as SessionRow;
    const last = await lastEvents(row);
    const lost = lostSession(db, row, lastTime, Math.max(lastTime, clock.now()));
    await writer.submit({ writes: lost.writes, events: [...last, lost.event], priority: "reserved" });
    ended.push(lost.row);
  }
  return ended;
}

export interface LostSession {
  readonly row: SessionRow;
  readonly writes: Write[];
  readonly event: SessionEvent;
}

export function lostSession(db: Kysely<Tables>, row: SessionRow, lastTime: number, at: number): LostSession {
  const durationMs = Math.max(0, lastTime - row.startedAt);
  const body = { how: "lost", detail: "the gate went down", durationMs, bytesIn: 0, bytesOut: 0 } as const;
  const { principal, grant, target, id } = row;
  const ended = { ...body, at };
  return {
    row: { ...row, ended },
    writes: endSession(db, row, ended),
    event: { kind: "session.ended", principal, grant, target, session: id, body },
  };
}
