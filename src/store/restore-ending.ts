import type { AccessRequest, Grant } from "../access/model.ts";
import type { AuditEvent } from "../audit/event.ts";
import type { Token, User } from "../identity/model.ts";
import type { Clock } from "../kernel/clock.ts";
import { newId } from "../kernel/ids.ts";
import type { Random } from "../kernel/random.ts";
import type { SessionRow } from "../session/port.ts";
import type { Lock } from "../watch/lock.ts";
import { saveGrant, saveRequest } from "./access-sql.ts";
import { saveToken, saveUser } from "./identity-sql.ts";
import { addLock } from "./lock-sql.ts";
import type { SqlStore } from "./open.ts";
import { lostSession, type LastEvents } from "./recover.ts";
import { write, type Write } from "./write.ts";

const REASON = "restored from a backup";

export interface EndedCounts {
  readonly grants: number;
  readonly requests: number;
  readonly tokens: number;
  readonly sessions: number;
}

export interface EndingOptions {
  readonly forget: readonly string[];
  readonly lastEvents: LastEvents;
  readonly clock: Clock;
  readonly random: Random;
}

/** Ends everything somebody could use, and locks the gate: one commit. */
export async function endEverything(
  store: SqlStore,
  body: { readonly size: number; readonly root: string; readonly gap: string },
  { forget, lastEvents, clock, random }: EndingOptions,
): Promise<EndedCounts> {
  const { db, writer, log } = store;
  const at = Math.max(clock.now(), log.head().lastTime);
  const writes: Write[] = [];
  const events: AuditEvent[] = [{ kind: "backup.restored", principal: "gate", body }];

  const sessions = await db.selectFrom("sessions").select("doc").where("live", "=", 1).execute();
  for (const { doc } of sessions) {
    const row = JSON.parse(doc) as SessionRow;
    const lost = lostSession(db, row, log.head().lastTime, at);
    writes.push(...lost.writes);
    events.push(...(await lastEvents(row)), lost.event);
  }
  const grants = await db.selectFrom("grants").select("doc").where("state", "=", "active").execute();
  for (const { doc } of grants) {
    const grant = JSON.parse(doc) as Grant;
    const { id, version, principal, request } = grant;
    writes.push(saveGrant(db, { ...grant, version: version + 1, state: "ended", endedAt: at, endedHow: "restored", endedReason: REASON }));
    events.push({ kind: "grant.ended", principal, grant: id, request, body: { how: "restored", reason: REASON } });
  }
  const requests = await db.selectFrom("requests").select("doc").where("state", "=", "pending").execute();
  for (const { doc } of requests) {
    const request = JSON.parse(doc) as AccessRequest;
    writes.push(saveRequest(db, { ...request, version: request.version + 1, state: "cancelled", closedReason: REASON }));
    events.push({ kind: "request.cancelled", principal: "gate", request: request.id, body: { reason: REASON } });
  }
  const tokens = await db.selectFrom("tokens").select("doc").where("revoked_at", "is", null).execute();
  for (const { doc } of tokens) {
    const token = JSON.parse(doc) as Token;
    writes.push(saveToken(db, { ...token, revokedAt: at }));
    events.push({ kind: "token.revoked", principal: "gate", body: { user: token.user, token: token.id, reason: REASON } });
  }
  for (const { doc } of await db.selectFrom("users").select("doc").execute()) {
    const { reset: _reset, ...user } = JSON.parse(doc) as User;
    // A reset secret of then may have been used since: it must not open the door twice. Nor may a login certificate of then.
    writes.push(saveUser(db, { ...user, version: user.version + 1, certificatesAfter: at }));
  }
  if (forget.length > 0) writes.push(write(db.deleteFrom("secrets").where("name", "in", forget)));
  const lock: Lock = { id: newId("lock", random), subject: { kind: "gate" }, reason: REASON, by: "gate", createdAt: at };
  writes.push(addLock(db, lock));
  events.push({ kind: "lock.created", principal: "gate", body: { lock: lock.id, subject: "gate", reason: REASON } });
  await writer.submit({ writes, events, priority: "reserved" });
  return { grants: grants.length, requests: requests.length, tokens: tokens.length, sessions: sessions.length };
}
