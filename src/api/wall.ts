/**
 * Live sessions side by side in one stream. Sessions come onto the wall as they begin, and leave it as they end.
 *
 * Invariants: who looks is in the log before anything of a session is shown; what waits for a slow listener is bounded, at one
 * glance and STATEMENTS_KEPT statements for each session, and what it missed is left out.
 */
import type { AuditEvent, LoggedEvent } from "../audit/event.ts";
import type { Glance } from "../audit/recording/glance.ts";
import type { Reply } from "../contract/types.ts";
import type { Caller } from "./handler.ts";
import type { RecordingId, SessionId } from "../kernel/ids.ts";
import type { SessionRow } from "../session/port.ts";
import type { AuditService, RecordingService, SessionService } from "./services.ts";
import { snippetOf } from "./snippet.ts";
import { viewSession } from "./views.ts";

export type WallEvent = Reply<"sessions.wall"> extends AsyncIterable<{ readonly data: infer Event }> ? Event : never;

export interface WallNeeds {
  readonly sessions: Pick<SessionService, "listSessions" | "liveFacts">;
  readonly recordings: Pick<RecordingService, "glance">;
  readonly audit: Pick<AuditService, "query" | "append">;
}

export interface WallQuery {
  readonly caller: Caller;
  readonly filter: Omit<Parameters<SessionService["listSessions"]>[0], "limit" | "live">;
  readonly limit: number;
}

/** How often it is looked for sessions that began or ended, and for statements. */
export const WALL_TICK_MS = 1_000;
/** Live sessions looked at, to say how many there are. */
const COUNTED = 1_000;
const STATEMENTS_KEPT = 20;
const STATEMENT_KINDS = ["sql.statement", "sql.refused"] as const;
/** A screen that was not taken yet grows to this, and then starts anew. */
const WAITING_BYTES = 64 * 1024;

interface Tile {
  shown: string;
  readonly leave: AbortController;
  screen: Glance | undefined;
  statements: LoggedEvent[];
  nextStatement: number | undefined;
}

export class Wall {
  readonly #needs: WallNeeds;
  readonly #query: WallQuery;
  readonly #tiles = new Map<SessionId, Tile>();
  readonly #events: WallEvent[] = [];
  #count = -1;
  #wake: () => void = () => {};

  constructor(needs: WallNeeds, query: WallQuery) {
    this.#needs = needs;
    this.#query = query;
  }

  /** Until `signal` aborts. `wait` resolves after so many milliseconds, or sooner when the signal aborts. */
  async *follow(signal: AbortSignal, wait: (ms: number, signal: AbortSignal) => Promise<void>): AsyncGenerator<WallEvent, void, void> {
    const leaveAll = (): void => {
      for (const { leave } of this.#tiles.values()) leave.abort();
      this.#wake();
    };
    signal.addEventListener("abort", leaveAll, { once: true });
    let failure: { readonly thrown: unknown } | undefined;
    const looking = this.#look(signal, wait).catch((thrown: unknown) => {
      failure = { thrown };
      this.#wake();
    });
    try {
      while (!signal.aborted) {
        if (failure) throw failure.thrown;
        const event = this.#next();
        if (event) yield event;
        else await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      signal.removeEventListener("abort", leaveAll);
      leaveAll();
      void looking;
    }
  }

  #next(): WallEvent | undefined {
    const event = this.#events.shift();
    if (event) return event;
    for (const [session, tile] of this.#tiles) {
      const { screen, statements } = tile;
      if (screen) {
        tile.screen = undefined;
        const { output, ...rest } = screen;
        return { type: "screen", session, ...rest, data: output.toString("base64") };
      }
      const statement = statements.shift();
      if (statement) return viewStatement(session, statement);
    }
    return undefined;
  }

  async #look(signal: AbortSignal, wait: (ms: number, signal: AbortSignal) => Promise<void>): Promise<void> {
    const { filter, limit } = this.#query;
    while (!signal.aborted) {
      const live = await this.#needs.sessions.listSessions({ ...filter, live: true, limit: COUNTED });
      const recorded = live
        .toReversed()
        .filter((row): row is SessionRow & { readonly recording: RecordingId } => row.recording !== undefined);
      const ids = new Set(recorded.map(({ id }) => id));
      for (const [id, { leave }] of this.#tiles) {
        if (ids.has(id)) continue;
        leave.abort();
        this.#tiles.delete(id);
        this.#events.push({ type: "gone", session: id });
      }
      // Those that run longest first: the wall does not change for what comes.
      const places = limit - this.#tiles.size;
      const fresh = recorded.filter(({ id }) => !this.#tiles.has(id));
      await this.#admit(fresh.slice(0, places), signal);
      for (const row of recorded) await this.#refresh(row);
      if (live.length !== this.#count) this.#events.push({ type: "count", live: live.length });
      this.#count = live.length;
      this.#wake();
      await wait(WALL_TICK_MS, signal);
    }
  }

  async #admit(rows: readonly (SessionRow & { readonly recording: RecordingId })[], signal: AbortSignal): Promise<void> {
    if (rows.length === 0) return;
    const viewed = rows.map(({ id, grant, target, recording }): AuditEvent => ({
      kind: "recording.viewed",
      principal: this.#query.caller.principal.name,
      session: id,
      grant,
      target,
      body: { recording, how: "replay" },
    }));
    // Fails closed: nothing is shown before the log has who looks.
    await this.#needs.audit.append(viewed);
    if (signal.aborted) return;
    for (const { id, recording } of rows) {
      const tile: Tile = { shown: "", leave: new AbortController(), screen: undefined, statements: [], nextStatement: undefined };
      this.#tiles.set(id, tile);
      const show = (glance: Glance): void => {
        if (tile.leave.signal.aborted) return;
        tile.screen = together(tile.screen, glance);
        this.#wake();
      };
      // One recording that cannot be read must not take the others off the wall.
      this.#needs.recordings.glance(recording, show, tile.leave.signal).catch(() => undefined);
    }
  }

  async #refresh(row: SessionRow): Promise<void> {
    const tile = this.#tiles.get(row.id);
    if (!tile) return;
    const session = viewSession(row, this.#needs.sessions.liveFacts(row.id), this.#query.caller);
    const shown = JSON.stringify(session);
    if (shown !== tile.shown) this.#events.push({ type: "session", session });
    tile.shown = shown;
    if (row.protocol === "ssh") return;
    const of = { session: row.id, kinds: STATEMENT_KINDS, limit: STATEMENTS_KEPT };
    const found =
      tile.nextStatement === undefined
        ? (await this.#needs.audit.query({ ...of, order: "desc" })).toReversed()
        : await this.#needs.audit.query({ ...of, from: tile.nextStatement, order: "asc" });
    tile.nextStatement = (found.at(-1)?.seq ?? (tile.nextStatement ?? 0) - 1) + 1;
    tile.statements = [...tile.statements, ...found].slice(-STATEMENTS_KEPT);
  }
}

function viewStatement(session: SessionId, { seq, time, kind, body }: LoggedEvent): WallEvent {
  const { statement, detail } = (body ?? {}) as { readonly statement?: unknown; readonly detail?: unknown };
  const text = typeof statement === "string" ? statement : typeof detail === "string" ? detail : "";
  return { type: "statement", session, seq, time, text: snippetOf(text, []), ...(kind === "sql.refused" && { refused: true }) };
}

/** Two looks that nobody took in between. */
function together(before: Glance | undefined, glance: Glance): Glance {
  if (!before || glance.anew) return glance;
  const output = Buffer.concat([before.output, glance.output]);
  if (output.length <= WAITING_BYTES) return { ...glance, anew: before.anew, output };
  return { ...glance, anew: true };
}
