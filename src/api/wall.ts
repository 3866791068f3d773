/**
 * Live sessions side by side in one stream. Sessions come onto the wall as they begin, and leave it as they end.
 *
 * Invariants: who looks is in the log before anything of a session is shown, and counts among those who watch it; what
 * waits for a slow listener is bounded, at one glance and STATEMENTS_KEPT statements or file actions for each session, and
 * what it missed is left out; sessions take turns.
 */
import type { AuditEvent, LoggedEvent } from "../audit/event.ts";
import type { Glance } from "../audit/recording/glance.ts";
import type { Reply } from "../contract/types.ts";
import type { Caller } from "./handler.ts";
import type { RecordingId, SessionId } from "../kernel/ids.ts";
import { happeningOf, type Happening } from "./happening.ts";
import type { SessionRow } from "../session/port.ts";
import type { AuditService } from "./services/record.ts";
import type { RecordingService, SessionService } from "./services/sessions.ts";
import { viewSession } from "./views.ts";

export type WallEvent = Reply<"sessions.wall"> extends AsyncIterable<{ readonly data: infer Event }> ? Event : never;

export interface WallNeeds {
  readonly sessions: Pick<SessionService, "listSessions" | "liveFacts" | "watch">;
  readonly recordings: Pick<RecordingService, "glances">;
  readonly audit: Pick<AuditService, "append">;
}

export interface WallQuery {
  readonly caller: Caller;
  readonly filter: Omit<Parameters<SessionService["listSessions"]>[0], "limit" | "live">;
  readonly limit: number;
}

/** How often it is looked for sessions that began, changed or ended. */
export const WALL_TICK_MS = 1_000;
/** Live sessions looked at, to say how many there are. */
const COUNTED = 1_000;
const STATEMENTS_KEPT = 20;
/** A screen that was not taken yet grows to this, and then starts anew. */
const WAITING_BYTES = 64 * 1024;

interface Tile {
  shown: string;
  readonly leave: AbortController;
  screen: Glance | undefined;
  statements: Happened[];
}

interface Happened {
  readonly what: Happening["what"];
  readonly view: Omit<Happening, "what"> & Pick<LoggedEvent, "seq" | "time">;
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
      const next = takeFrom(session, tile);
      if (next === undefined) continue;
      // Behind the others: where the listener is slow, one that never rests must not keep them off the wall.
      this.#tiles.delete(session);
      this.#tiles.set(session, tile);
      return next;
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
      for (const row of recorded) this.#refresh(row);
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
    for (const { id } of rows) {
      const tile: Tile = { shown: "", leave: new AbortController(), screen: undefined, statements: [] };
      this.#tiles.set(id, tile);
      // One session that cannot be shown must not take the others off the wall.
      this.#show(id, tile).catch(() => undefined);
    }
  }

  async #show(id: SessionId, tile: Tile): Promise<void> {
    const { signal } = tile.leave;
    using _ = this.#needs.sessions.watch(id, this.#query.caller.principal.name);
    for await (const { screen, statements } of this.#needs.recordings.glances(id, signal)) {
      if (signal.aborted) return;
      if (screen) tile.screen = together(tile.screen, screen);
      tile.statements = [...tile.statements, ...statements.flatMap(viewHappening)].slice(-STATEMENTS_KEPT);
      this.#wake();
    }
  }

  #refresh(row: SessionRow): void {
    const tile = this.#tiles.get(row.id);
    if (!tile) return;
    const session = viewSession(row, this.#needs.sessions.liveFacts(row.id), this.#query.caller);
    const shown = JSON.stringify(session);
    if (shown !== tile.shown) this.#events.push({ type: "session", session });
    tile.shown = shown;
  }
}

function takeFrom(session: SessionId, tile: Tile): WallEvent | undefined {
  const { screen, statements } = tile;
  if (screen) {
    tile.screen = undefined;
    const { output, ...rest } = screen;
    return { type: "screen", session, ...rest, data: output.toString("base64") };
  }
  const happened = statements.shift();
  return happened && { type: happened.what, session, ...happened.view };
}

function viewHappening(event: LoggedEvent): Happened[] {
  const happening = happeningOf(event);
  if (!happening) return [];
  const { what, ...rest } = happening;
  const { seq, time } = event;
  return [{ what, view: { seq, time, ...rest } }];
}

/** Two looks that nobody took in between. */
function together(before: Glance | undefined, glance: Glance): Glance {
  if (!before || glance.anew) return glance;
  const output = Buffer.concat([before.output, glance.output]);
  if (output.length <= WAITING_BYTES) return { ...glance, anew: before.anew, output };
  return { ...glance, anew: true };
}
