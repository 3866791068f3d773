/** What a live session shows now and from now on, told apart by channel: its thin view, which begins anew where it broke off. */
import { useEffect, useState } from "react";
import type { Result } from "../../api/client.ts";
import { fromBase64 } from "../../api/bytes.ts";
import { listen } from "../../api/listen.ts";
import type { ProblemError } from "../../api/problem.ts";

export type Feed =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "size"; readonly cols: number; readonly rows: number }
  /** What was shown before is to be forgotten. */
  | { readonly kind: "anew" };

export interface Channel {
  readonly channel: number;
  readonly name: string;
  readonly terminal: boolean;
  readonly over: boolean;
}

export interface Following {
  readonly channels: readonly Channel[];
  readonly state: "connecting" | "open" | "waiting" | "over";
  readonly problem: ProblemError | undefined;
  /** What this channel showed so far and shows from now on, until what is returned is called. */
  readonly hear: (channel: number, listener: (feed: Feed) => void) => () => void;
}

/** Of what a channel showed so much is kept for whoever looks at it later; a screen shows the end of it. */
const KEPT_BYTES = 4_000_000;

class Feeds {
  readonly #kept = new Map<number, { feeds: Feed[]; bytes: number }>();
  readonly #listeners = new Map<number, Set<(feed: Feed) => void>>();

  add(channel: number, feed: Feed): void {
    const kept = this.#kept.get(channel) ?? { feeds: [], bytes: 0 };
    this.#kept.set(channel, kept);
    kept.feeds.push(feed);
    kept.bytes += feed.kind === "bytes" ? feed.bytes.length : 0;
    while (kept.bytes > KEPT_BYTES) {
      const oldest = kept.feeds.findIndex(({ kind }) => kind === "bytes");
      const [gone] = kept.feeds.splice(oldest, 1);
      kept.bytes -= gone?.kind === "bytes" ? gone.bytes.length : 0;
    }
    for (const listener of this.#listeners.get(channel) ?? []) listener(feed);
  }

  clear(): void {
    this.#kept.clear();
    for (const listeners of this.#listeners.values()) for (const listener of listeners) listener({ kind: "anew" });
  }

  hear(channel: number, listener: (feed: Feed) => void): () => void {
    for (const feed of this.#kept.get(channel)?.feeds ?? []) listener(feed);
    const listeners = this.#listeners.get(channel) ?? new Set();
    this.#listeners.set(channel, listeners.add(listener));
    return () => void listeners.delete(listener);
  }
}

/** A stream that breaks off is taken up again at once, as a rule: only what lasts is told. */
const TOLD_AFTER_MS = 5_000;

/** As who looks on (`sessions.live`), as a moderator (`sessions.moderate`), or not at all. `onStatement`: there is news of one. `onOver`: nothing follows. */
export function useFrames(
  session: string,
  by: "sessions.live" | "sessions.moderate" | undefined,
  onStatement: () => void,
  onOver: () => void,
): Following {
  const [feeds] = useState(() => new Feeds());
  const [channels, setChannels] = useState<readonly Channel[]>([]);
  const [state, setState] = useState<Following["state"]>("connecting");
  const [problem, setProblem] = useState<ProblemError>();
  useEffect(() => {
    if (by === undefined) return undefined;
    let telling: ReturnType<typeof setTimeout> | undefined;
    setState("connecting");
    setProblem(undefined);
    const onFrame = ({ type, channel, data, info = {} }: Result<"sessions.live">[number]): void => {
      if (type === "statement") return onStatement();
      if (type === "reset") {
        feeds.clear();
        return setChannels((before) => before.filter(({ over }) => !over));
      }
      if (data !== undefined && (type === "stdout" || type === "stderr")) {
        return feeds.add(channel, { kind: "bytes", bytes: fromBase64(data) });
      }
      const [cols, rows] = [cells(info["cols"]), cells(info["rows"])];
      if ((type === "begin" || type === "resize") && cols !== undefined && rows !== undefined)
        feeds.add(channel, { kind: "size", cols, rows });
      if (type === "begin" && info["kind"] !== "subsystem") {
        const name = typeof info["command"] === "string" ? info["command"] : "Shell";
        const begun = { channel, name, terminal: info["term"] !== undefined, over: false };
        setChannels((before) => [...before.filter((each) => each.channel !== channel), begun]);
      }
      if (type === "end") setChannels((before) => before.map((each) => (each.channel === channel ? { ...each, over: true } : each)));
    };
    const leave = listen(
      by,
      { params: { id: session }, query: { thin: true } },
      {
        onState: (now) => {
          clearTimeout(telling);
          if (now === "open") setState(now);
          else telling = setTimeout(() => setState(now), TOLD_AFTER_MS);
        },
        onEnd: (why) => {
          clearTimeout(telling);
          setProblem(why);
          setState("over");
        },
        onEvent: onFrame,
      },
    );
    return () => {
      clearTimeout(telling);
      leave();
    };
  }, [session, by, feeds, onStatement, onOver]);
  const [hear] = useState(() => (channel: number, listener: (feed: Feed) => void) => feeds.hear(channel, listener));
  return { channels, state, problem, hear };
}

/** Untrusted: a client named the size of its terminal. */
function cells(value: unknown): number | undefined {
  return typeof value === "number" && Number.isInteger(value) && value > 0 ? Math.min(500, value) : undefined;
}
