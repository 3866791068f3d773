/**
 * Who looks on at a live session. The person is told of each, once, unless the role says otherwise, and when nobody is
 * there any more.
 *
 * Never: who may look, nor the log, which has it before the first frame leaves (`recording.viewed`).
 * Invariant: silent only where the role as it was approved and today's role both say so.
 */
import type { Timers } from "../audit/timers.ts";
import type { Clock } from "../kernel/clock.ts";
import type { SessionId } from "../kernel/ids.ts";
import type { LiveSession } from "./live-session.ts";

export interface Watcher {
  readonly who: string;
  readonly since: number;
}

export interface WatcherDeps {
  readonly timers: Timers;
  readonly clock: Pick<Clock, "now">;
  readonly changed: (session: LiveSession) => void;
}

/** A stream that was broken off is taken up again within this: nobody left. */
const AWAY_MS = 5_000;

interface Watching extends Watcher {
  streams: number;
  /** Counts the times they were away: a timer of another time says nothing. */
  times: number;
}

export class Watchers {
  readonly #deps: WatcherDeps;
  readonly #of = new Map<SessionId, Map<string, Watching>>();

  constructor(deps: WatcherDeps) {
    this.#deps = deps;
  }

  of(id: SessionId): readonly Watcher[] {
    return [...(this.#of.get(id)?.values() ?? [])].map(({ who, since }) => ({ who, since }));
  }

  /** From now until it is disposed of. Looking at one's own session is not watching. */
  join(session: LiveSession, who: string): Disposable {
    if (session.ended || session.permit.authenticated.principal.name === who) return { [Symbol.dispose]: () => undefined };
    const all = this.#of.get(session.id) ?? new Map<string, Watching>();
    this.#of.set(session.id, all);
    const known = all.get(who);
    const watching = known ?? { who, since: this.#deps.clock.now(), streams: 0, times: 0 };
    watching.streams += 1;
    if (!known) {
      all.set(who, watching);
      this.#told(session, `sallyport: ${who} watches this session`);
    }
    let isOver = false;
    return {
      [Symbol.dispose]: () => {
        if (isOver) return;
        isOver = true;
        watching.streams -= 1;
        watching.times += 1;
        const { times } = watching;
        this.#deps.timers.after(AWAY_MS, () => {
          if (watching.streams === 0 && watching.times === times) this.#left(session, watching);
        });
      },
    };
  }

  /** The session is over. */
  ended(id: SessionId): void {
    this.#of.delete(id);
  }

  #left(session: LiveSession, { who }: Watching): void {
    const all = this.#of.get(session.id);
    if (!all?.delete(who)) return;
    if (all.size === 0) this.#of.delete(session.id);
    this.#told(session, `sallyport: ${who} no longer watches`);
  }

  #told(session: LiveSession, line: string): void {
    if (!isSilent(session)) session.announce(line);
    this.#deps.changed(session);
  }
}

/** The person is not to know who looks on. */
export function isSilent({ grant, roleNow }: Pick<LiveSession, "grant" | "roleNow">): boolean {
  return grant.role.watch === "silent" && roleNow?.watch === "silent";
}
