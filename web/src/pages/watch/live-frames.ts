/** The frames of a live session as they are recorded, told apart by channel. */
import { useEffect, useState } from "react";
import { fromBase64 } from "../../api/bytes.ts";
import { listen } from "../../api/listen.ts";
import type { ProblemError } from "../../api/problem.ts";

export type Feed =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "size"; readonly cols: number; readonly rows: number };

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

  hear(channel: number, listener: (feed: Feed) => void): () => void {
    for (const feed of this.#kept.get(channel)?.feeds ?? []) listener(feed);
    const listeners = this.#listeners.get(channel) ?? new Set();
    this.#listeners.set(channel, listeners.add(listener));
    return () => void listeners.delete(listener);
  }
}

export function useFrames(session: string): Following {
  const [feeds] = useState(() => new Feeds());
  const [channels, setChannels] = useState<readonly Channel[]>([]);
  const [state, setState] = useState<Following["state"]>("connecting");
  const [problem, setProblem] = useState<ProblemError>();
  useEffect(
    () =>
      listen(
        "sessions.live",
        { params: { id: session } },
        {
          onState: setState,
          onEnd: (why) => {
            setProblem(why);
            setState("over");
          },
          onEvent: ({ type, channel, data, info = {} }) => {
            if (data !== undefined && (type === "stdout" || type === "stderr")) {
              feeds.add(channel, { kind: "bytes", bytes: fromBase64(data) });
              return;
            }
            const [cols, rows] = [cells(info["cols"]), cells(info["rows"])];
            if ((type === "begin" || type === "resize") && cols !== undefined && rows !== undefined) {
              feeds.add(channel, { kind: "size", cols, rows });
            }
            if (type === "begin" && info["kind"] !== "subsystem") {
              const name = typeof info["command"] === "string" ? info["command"] : "Shell";
              const begun = { channel, name, terminal: info["term"] !== undefined, over: false };
              setChannels((before) => [...before.filter((each) => each.channel !== channel), begun]);
            }
            if (type === "end") setChannels((before) => before.map((each) => (each.channel === channel ? { ...each, over: true } : each)));
          },
        },
      ),
    [session, feeds],
  );
  const [hear] = useState(() => (channel: number, listener: (feed: Feed) => void) => feeds.hear(channel, listener));
  return { channels, state, problem, hear };
}

/** Untrusted: a client named the size of its terminal. */
function cells(value: unknown): number | undefined {
  return typeof value === "number" && Number.isInteger(value) && value > 0 ? Math.min(500, value) : undefined;
}
