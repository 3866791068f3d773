import type { Kysely } from "kysely";
import type { AccessRequest, Grant } from "../access/model.ts";
import type { AccessChange, AccessStore } from "../access/port.ts";
import type { AuditEvent } from "../audit/event.ts";
import type { Priority } from "../audit/port.ts";
import type { GrantId, RequestId } from "../kernel/ids.ts";
import type { Tables } from "./tables.ts";
import { write, type Write, type Writer } from "./write.ts";

/** Requests and grants. A save is refused (`conflict`) unless it follows on the version the store holds. */
export class SqlAccessStore implements AccessStore {
  readonly #db: Kysely<Tables>;
  readonly #writer: Writer;

  constructor(db: Kysely<Tables>, writer: Writer) {
    this.#db = db;
    this.#writer = writer;
  }

  async findRequest(id: RequestId): Promise<AccessRequest | undefined> {
    const row = await this.#db.selectFrom("requests").select("doc").where("id", "=", id).executeTakeFirst();
    return row === undefined ? undefined : parseRequest(row);
  }

  async findGrant(id: GrantId): Promise<Grant | undefined> {
    const row = await this.#db.selectFrom("grants").select(["doc", "used_bytes", "used_ms"]).where("id", "=", id).executeTakeFirst();
    return row === undefined ? undefined : parseGrant(row);
  }

  /** Newest first. */
  async listRequests(filter: Parameters<AccessStore["listRequests"]>[0]): Promise<readonly AccessRequest[]> {
    let rows = this.#db.selectFrom("requests").select("doc").orderBy("created_at", "desc").orderBy("id").limit(filter.limit);
    if (filter.state !== undefined) rows = rows.where("state", "=", filter.state);
    if (filter.requester !== undefined) rows = rows.where("requester", "=", filter.requester);
    return (await rows.execute()).map(parseRequest);
  }

  /** Newest first. `unreviewed`: break-glass without a review; `false`: all others. */
  async listGrants(filter: Parameters<AccessStore["listGrants"]>[0]): Promise<readonly Grant[]> {
    let rows = this.#db.selectFrom("grants").select(["doc", "used_bytes", "used_ms"]).limit(filter.limit);
    rows = rows.orderBy("start_at", "desc").orderBy("id");
    if (filter.state !== undefined) rows = rows.where("state", "=", filter.state);
    if (filter.principal !== undefined) rows = rows.where("principal", "=", filter.principal);
    if (filter.unreviewed !== undefined) rows = rows.where("unreviewed", "=", filter.unreviewed ? 1 : 0);
    return (await rows.execute()).map(parseGrant);
  }

  async save({ request, grant }: AccessChange, events: readonly AuditEvent[], priority: Priority = "ordinary"): Promise<void> {
    const writes: Write[] = [];
    if (request !== undefined) writes.push(saveRequest(this.#db, request));
    if (grant !== undefined) writes.push(saveGrant(this.#db, grant));
    await this.#writer.submit({ writes, events, priority });
  }
}

/** Version 0 or 1 of a value the store does not hold is a new row; every other must follow on the version before it. */
export function saveRequest(db: Kysely<Tables>, request: AccessRequest): Write {
  const { id, version, state, requester, createdAt } = request;
  const row = { id, version, state, requester, created_at: createdAt, doc: JSON.stringify(request) };
  const expect = { rows: 1, otherwise: "conflict", detail: `request ${id}` } as const;
  if (version > 1)
    return write(
      db
        .updateTable("requests")
        .set(row)
        .where("id", "=", id)
        .where("version", "=", version - 1),
      expect,
    );
  const insert = db.insertInto("requests").values(row);
  const save = insert.onConflict((on) =>
    on
      .column("id")
      .doUpdateSet(row)
      .where("requests.version", "=", version - 1),
  );
  return write(save, expect);
}

export function saveGrant(db: Kysely<Tables>, grant: Grant): Write {
  const { id, version, state, principal, start, breakGlass, used } = grant;
  const unreviewed = breakGlass !== undefined && breakGlass.reviewedAt === undefined ? 1 : 0;
  // What was used is not overwritten: closing sessions add to it without a new version.
  const row = { id, version, state, principal, start_at: start, unreviewed, doc: JSON.stringify(grant) };
  const expect = { rows: 1, otherwise: "conflict", detail: `grant ${id}` } as const;
  if (version > 1)
    return write(
      db
        .updateTable("grants")
        .set(row)
        .where("id", "=", id)
        .where("version", "=", version - 1),
      expect,
    );
  const insert = db.insertInto("grants").values({ ...row, used_bytes: used.bytes, used_ms: Math.round(used.seconds * 1000) });
  const save = insert.onConflict((on) =>
    on
      .column("id")
      .doUpdateSet(row)
      .where("grants.version", "=", version - 1),
  );
  return write(save, expect);
}

function parseRequest({ doc }: { doc: string }): AccessRequest {
  return JSON.parse(doc) as AccessRequest;
}

function parseGrant({ doc, used_bytes: bytes, used_ms: ms }: { doc: string; used_bytes: number; used_ms: number }): Grant {
  return { ...(JSON.parse(doc) as Grant), used: { bytes, seconds: ms / 1000 } };
}
