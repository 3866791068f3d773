import type { Kysely, SelectQueryBuilder } from "kysely";
import type { AuditEvent, LoggedEvent } from "../audit/event.ts";
import type { AuditLog, EventQuery, LogPosition, Priority } from "../audit/port.ts";
import type { Clock } from "../kernel/clock.ts";
import { GateError } from "../kernel/errors.ts";
import { bodyText } from "./body-text.ts";
import type { WordIndex } from "./dialect.ts";
import { columnSearch, tableSearch } from "./named-terms.ts";
import { parseLogged } from "./logged-event.ts";
import type { Tables } from "./tables.ts";
import type { JournalFeed } from "./thread/journal-feed.ts";
import type { ThreadWriter } from "./thread/thread-writer.ts";
import { write } from "./write.ts";

/** How far the wall clock may stand behind the last event before it counts as wrong. */
const CLOCK_TOLERANCE_MS = 5000;
const QUERY_MAX = 10_000;

/** The log, and what only its store can tell. */
export interface StoreLog extends AuditLog {
  /** `clockBehindMs`: how far the wall clock stands behind the last event, when by more than 5 s; else 0. New sessions are refused then. */
  head(): { readonly size: number; readonly lastTime: number; readonly clockBehindMs: number };
}

export class SqlLog implements StoreLog {
  readonly #db: Kysely<Tables>;
  readonly #writer: ThreadWriter;
  readonly #feed: JournalFeed;
  readonly #words: WordIndex;
  readonly #clock: Clock;

  constructor(db: Kysely<Tables>, writer: ThreadWriter, feed: JournalFeed, words: WordIndex, clock: Clock) {
    this.#db = db;
    this.#writer = writer;
    this.#feed = feed;
    this.#words = words;
    this.#clock = clock;
  }

  append(events: readonly AuditEvent[], priority: Priority = "ordinary"): Promise<readonly LogPosition[]> {
    return this.#writer.submit({ writes: [], events, priority });
  }

  record(events: readonly AuditEvent[], priority: Priority = "ordinary"): Promise<unknown> | undefined {
    return this.#feed.record(events, priority);
  }

  head(): { readonly size: number; readonly lastTime: number; readonly clockBehindMs: number } {
    const { size, lastTime } = this.#writer.head();
    const behind = lastTime - this.#clock.now();
    return { size, lastTime, clockBehindMs: behind > CLOCK_TOLERANCE_MS ? behind : 0 };
  }

  /** `from` and `since` are inclusive, `to` and `until` exclusive. At most 10,000 events at a time. */
  async query(query: EventQuery): Promise<readonly LoggedEvent[]> {
    await this.#feed.settled();
    const order = query.order ?? "asc";
    const limit = Math.max(0, Math.min(query.limit, QUERY_MAX));
    let rows = this.#db.selectFrom("log").select(["envelope", "body"]).orderBy("seq", order).limit(limit);
    rows = withPlace(rows, query);
    for (const [column, value] of subjectsOf(query)) rows = rows.where(column, "=", value);
    if (query.kinds !== undefined) rows = rows.where("kind", "in", query.kinds.length === 0 ? [""] : query.kinds);
    const words = [
      ...(query.words === undefined ? [] : wordsOf(query.words)),
      ...(query.table === undefined ? [] : [tableSearch(query.table)]),
      ...(query.column === undefined ? [] : [columnSearch(query.column)]),
    ];
    if (words.length > 0) rows = rows.where(this.#words.match(words));
    return (await rows.execute()).map(({ envelope, body }) => parseLogged(envelope, body));
  }

  subscribe(listener: (event: LoggedEvent) => void): Disposable {
    return this.#writer.subscribe(listener);
  }

  /** Throws `not-found` without such an entry, `wrong-state` when its body is gone already or may never go. */
  async erase(seq: number, event: AuditEvent): Promise<void> {
    if (event.kind !== "audit.erased" || event.body.seq !== seq)
      throw new GateError("bad-request", "the event does not name the entry erased");
    await this.#feed.settled();
    const row = await this.#db.selectFrom("log").select(["kind", "body"]).where("seq", "=", seq).executeTakeFirst();
    if (row === undefined) throw new GateError("not-found", `entry ${seq}`);
    if (row.body === null) throw new GateError("wrong-state", `entry ${seq} is erased already`);
    if (row.kind === "audit.erased") throw new GateError("wrong-state", "the record of an erasure is never erased");
    const text = bodyText(JSON.parse(Buffer.from(row.body).toString("utf8")));
    const blank = this.#db.updateTable("log").set({ salt: null, body: null }).where("seq", "=", seq).where("body", "is not", null);
    const writes = [
      write(blank, { rows: 1, otherwise: "wrong-state", detail: `entry ${seq} is erased already` }),
      { sql: this.#words.remove, parameters: [seq, text] },
    ];
    await this.#writer.submit({ writes, events: [event], priority: "reserved", scrub: true });
    await this.#feed.empty();
  }
}

type Rows = SelectQueryBuilder<Tables, "log", { envelope: Uint8Array; body: Uint8Array | null }>;

/** Times become positions first: `time` never decreases, so both orders are one. */
function withPlace(rows: Rows, { from, to, since, until }: EventQuery): Rows {
  let narrowed = rows;
  if (from !== undefined) narrowed = narrowed.where("seq", ">=", from);
  if (to !== undefined) narrowed = narrowed.where("seq", "<", to);
  if (since !== undefined) {
    narrowed = narrowed.where("seq", ">=", (the) =>
      the.selectFrom("log").select("seq").where("time", ">=", since).orderBy("time").orderBy("seq").limit(1),
    );
  }
  if (until !== undefined) {
    narrowed = narrowed.where("seq", "<=", (the) =>
      the.selectFrom("log").select("seq").where("time", "<", until).orderBy("time", "desc").orderBy("seq", "desc").limit(1),
    );
  }
  return narrowed;
}

type SubjectColumn = "principal" | "target" | "session" | "grant_id" | "request" | "decision";

function subjectsOf(query: EventQuery): (readonly [SubjectColumn, string])[] {
  const { principal, target, session, grant, request, decision } = query;
  const all = { principal, target, session, grant_id: grant, request, decision };
  return Object.entries(all).flatMap(([column, value]) => (value === undefined ? [] : [[column as SubjectColumn, value] as const]));
}

/** Untrusted: words as somebody typed them. One without a letter or digit cannot be looked for. */
function wordsOf(text: string): string[] {
  const words = text.split(/[\s\p{Cc}]+/u).filter((word) => /[\p{L}\p{N}]/u.test(word));
  if (words.length === 0) throw new GateError("bad-request", "there is no word to look for");
  return words;
}
