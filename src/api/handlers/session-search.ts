/**
 * Sessions from the newest on, each with what was found in it. A page ends when it is full, or when looking through
 * recordings has taken its time: then it says where the next one begins.
 *
 * Invariant: whose recording was looked through, by whom, is in the log before anything of it is shown.
 */
import type { AuditEvent, LoggedEvent } from "../../audit/event.ts";
import type { Received, Reply } from "../../contract/types.ts";
import type { SessionId } from "../../kernel/ids.ts";
import type { SessionRow } from "../../session/port.ts";
import { refusePermission } from "../admit.ts";
import type { Caller, Handlers } from "../handler.ts";
import type { GrantService } from "../services/access.ts";
import type { GateFacts } from "../services/gate.ts";
import type { AuditService } from "../services/record.ts";
import type { RecordingService, SessionService } from "../services/sessions.ts";
import { hitOf, SEARCHED_KINDS, type SearchHit } from "../session-hits.ts";
import { snippetOf } from "../snippet.ts";
import { viewSession } from "../views.ts";

interface Needs {
  readonly sessions: Pick<SessionService, "listSessions" | "liveFacts">;
  readonly access: Pick<GrantService, "findGrant">;
  readonly audit: Pick<AuditService, "query" | "append">;
  readonly recordings: Pick<RecordingService, "searchOne">;
  readonly gate: Pick<GateFacts, "now">;
}

type Query = Received<"sessions.search">["query"];
type Found = Reply<"sessions.search">["found"][number];

/** Who may look for words in what others did. */
const READERS = ["recording.view", "audit.read"] as const;
/** Rows read at a time, and in all for one page. */
const BATCH = 100;
const MAX_SCANNED = 1_000;
/** Events of a batch that hold the words; when there are as many, each session is asked for by itself. */
const BATCH_EVENTS = 1_000;
const HITS_OF_SESSION = 20;
/** For looking through what was shown. */
const OUTPUT_MS = 2_000;

export function sessionSearchHandlers(needs: Needs): Handlers<"sessions.search"> {
  return {
    "sessions.search": async ({ caller, query, signal }) => {
      const { all, principal } = query;
      const me = caller.principal.name;
      const beyond = all || (principal !== undefined && principal !== me);
      const needed = query.words === undefined && query.about === undefined ? (["session.read", ...READERS] as const) : READERS;
      if (beyond && !needed.some((each) => caller.permissions.has(each))) return refusePermission(needed[0], caller);
      const whose = principal ?? (all ? undefined : me);
      const search = new Search(needs, caller, { ...query, ...(whose !== undefined && { principal: whose }) }, signal);
      const answer = await search.page();
      const viewed = search.looked.map(({ recording, id, grant, target }): AuditEvent => ({
        kind: "recording.viewed",
        principal: me,
        session: id,
        grant,
        target,
        body: { recording, how: "search" },
      }));
      // Fails closed: what was found is shown only once the log has who looked.
      if (viewed.length > 0) await needs.audit.append(viewed);
      return answer;
    },
  };
}

type Recorded = SessionRow & { readonly recording: string };

class Search {
  readonly #needs: Needs;
  readonly #caller: Caller;
  readonly #query: Query;
  readonly #signal: AbortSignal;
  readonly #words: readonly string[];
  readonly #about: readonly string[];
  readonly #grants = new Map<string, Promise<{ reason: string; ticket?: string } | undefined>>();
  /** Recordings that were looked through. */
  readonly looked: Recorded[] = [];
  readonly #endsAt: number;

  constructor(needs: Needs, caller: Caller, query: Query, signal: AbortSignal) {
    this.#needs = needs;
    this.#caller = caller;
    this.#query = query;
    this.#signal = signal;
    this.#words = wordsOf(query.words);
    this.#about = wordsOf(query.about).map((word) => word.toLowerCase());
    this.#endsAt = needs.gate.now() + OUTPUT_MS;
  }

  async page(): Promise<Reply<"sessions.search">> {
    const found: Found[] = [];
    let following = followed(this.#query.cursor);
    const answer = (isAll: boolean): Reply<"sessions.search"> => ({
      found,
      searched: this.looked.length,
      ...(!isAll && following && { next: `${following.startedAt}.${following.id}` }),
    });
    for (let scanned = 0; scanned < MAX_SCANNED; scanned += BATCH) {
      const rows = await this.#rows(following);
      const wanted = await this.#wanted(rows);
      const events = this.#words.length === 0 ? new Map<SessionId, LoggedEvent[]>() : await this.#events(wanted);
      for (const row of rows) {
        if (this.#signal.aborted || found.length >= this.#query.limit) return answer(false);
        if (wanted.includes(row)) {
          const one = await this.#find(row, events.get(row.id) ?? []);
          if (one) found.push(one);
        }
        following = { startedAt: row.startedAt, id: row.id };
        if (this.#isLate) return answer(false);
      }
      if (rows.length < BATCH) return answer(true);
    }
    return answer(false);
  }

  get #isLate(): boolean {
    return this.#words.length > 0 && this.#needs.gate.now() >= this.#endsAt;
  }

  #rows(following: { startedAt: number; id: SessionId } | undefined): Promise<readonly SessionRow[]> {
    const { principal, target, grant, live, until } = this.#query;
    return this.#needs.sessions.listSessions({
      ...(principal !== undefined && { principal }),
      ...(target !== undefined && { target }),
      ...(grant !== undefined && { grant }),
      ...(live !== undefined && { live }),
      ...(until !== undefined && { before: until }),
      ...(following && { following }),
      limit: BATCH,
    });
  }

  async #wanted(rows: readonly SessionRow[]): Promise<readonly SessionRow[]> {
    const { protocol, code, how, since } = this.#query;
    const named = rows.filter(
      (row) =>
        (protocol === undefined || row.protocol === protocol) &&
        (code === undefined || row.ended?.code === code) &&
        (how === undefined || row.ended?.how === how) &&
        (since === undefined || row.ended === undefined || row.ended.at >= since),
    );
    if (this.#about.length === 0) return named;
    const grants = await Promise.all(named.map((row) => this.#grant(row)));
    return named.filter((_, index) => {
      const { reason = "", ticket = "" } = grants[index] ?? {};
      const text = `${reason} ${ticket}`.toLowerCase();
      return this.#about.every((word) => text.includes(word));
    });
  }

  #mayLookThrough({ principal }: SessionRow): boolean {
    return principal === this.#caller.principal.name || this.#caller.permissions.has("recording.view");
  }

  /** With `session.read` alone one sees that there was a session, and no more. */
  #mayKnowWhy({ principal }: SessionRow): boolean {
    return principal === this.#caller.principal.name || READERS.some((each) => this.#caller.permissions.has(each));
  }

  #grant({ grant }: SessionRow): Promise<{ reason: string; ticket?: string } | undefined> {
    const known = this.#grants.get(grant) ?? this.#needs.access.findGrant(grant);
    this.#grants.set(grant, known);
    return known;
  }

  /** Of these sessions, newest first in each. */
  async #events(rows: readonly SessionRow[]): Promise<ReadonlyMap<SessionId, LoggedEvent[]>> {
    const oldest = rows.at(-1);
    const found = new Map<SessionId, LoggedEvent[]>(rows.map(({ id }) => [id, []]));
    if (oldest === undefined) return found;
    const { words = "", principal, target, grant } = this.#query;
    const of = { kinds: SEARCHED_KINDS, words, order: "asc" } as const;
    const common = await this.#needs.audit.query({
      ...of,
      since: oldest.startedAt,
      ...(principal !== undefined && { principal }),
      ...(target !== undefined && { target }),
      ...(grant !== undefined && { grant }),
      limit: BATCH_EVENTS,
    });
    if (common.length < BATCH_EVENTS) {
      for (const event of common) found.get(event.session as SessionId)?.push(event);
      return found;
    }
    for (const { id } of rows) found.set(id, [...(await this.#needs.audit.query({ ...of, session: id, limit: HITS_OF_SESSION + 1 }))]);
    return found;
  }

  async #find(row: SessionRow, events: readonly LoggedEvent[]): Promise<Found | undefined> {
    const hits = events.flatMap((event) => hitOf(event, this.#words, row.startedAt) ?? []);
    let isPart = hits.length > HITS_OF_SESSION;
    if (this.#words.length > 0 && !isPart && isRecorded(row) && this.#mayLookThrough(row)) {
      this.looked.push(row);
      const most = HITS_OF_SESSION + 1 - hits.length;
      const withinMs = Math.max(0, this.#endsAt - this.#needs.gate.now());
      const shown = await this.#needs.recordings.searchOne(
        { recording: row.recording, words: this.#words, limit: most, withinMs },
        this.#signal,
      );
      hits.push(
        ...shown.hits.map(({ atUs, channel, text }): SearchHit => ({
          source: "output",
          atUs,
          channel,
          text: snippetOf(text, this.#words),
        })),
      );
      isPart = hits.length > HITS_OF_SESSION || !shown.isWhole;
    }
    if (this.#words.length > 0 && hits.length === 0 && !isPart) return undefined;
    const { reason, ticket } = (this.#mayKnowWhy(row) ? await this.#grant(row) : undefined) ?? {};
    return {
      session: viewSession(row, this.#needs.sessions.liveFacts(row.id), this.#caller),
      ...(reason !== undefined && { reason: snippetOf(reason, this.#about) }),
      ...(ticket !== undefined && { ticket: snippetOf(ticket, this.#about) }),
      hits: hits.sort((a, b) => a.atUs - b.atUs).slice(0, HITS_OF_SESSION),
      ...(isPart && { more: true as const }),
    };
  }
}

function isRecorded(row: SessionRow): row is SessionRow & { readonly recording: NonNullable<SessionRow["recording"]> } {
  return row.recording !== undefined;
}

function wordsOf(text: string | undefined): string[] {
  return (text ?? "").split(/\s+/).filter((word) => word !== "");
}

function followed(cursor: string | undefined): { startedAt: number; id: SessionId } | undefined {
  if (cursor === undefined) return undefined;
  const at = cursor.indexOf(".");
  return { startedAt: Number(cursor.slice(0, at)), id: cursor.slice(at + 1) as SessionId };
}
