/** The live sessions as they come over one stream; what their screens show goes past React, straight to each screen. */
import { Terminal } from "@xterm/xterm";
import { useEffect, useState } from "react";
import { fromBase64 } from "../../api/bytes.ts";
import type { Result } from "../../api/client.ts";
import { listen } from "../../api/listen.ts";
import type { ProblemError } from "../../api/problem.ts";
import type { Sent } from "../../../../src/contract/types.ts";
import type { Session } from "../sessions/filters.ts";

type WallEvent = Result<"sessions.wall">[number];
export type Happened = Extract<WallEvent, { type: "statement" | "file" }>;

const STATEMENTS_SHOWN = 12;

/** A screen in memory: parsed, never in the page itself. */
export class Tile {
  readonly id: string;
  readonly screen = new Terminal({ cols: 80, rows: 24, scrollback: 0, logLevel: "off" });
  command: string | undefined;
  /** Statements, or what was done to files. */
  happened: readonly Happened[] = [];
  /** A shell or command showed something: a transfer of files shows nothing. */
  hasScreen = false;
  /** There is something to draw. */
  isDirty = true;
  /** Of what is not drawn. */
  onChange: () => void = () => {};

  constructor(id: string) {
    this.id = id;
  }

  show({ cols, rows, anew, plain, command, data }: Extract<WallEvent, { type: "screen" }>): void {
    const { screen } = this;
    if (anew) screen.reset();
    screen.options.convertEol = plain;
    const size = [Math.min(300, Math.max(2, cols)), Math.min(120, Math.max(1, rows))] as const;
    if (screen.cols !== size[0] || screen.rows !== size[1]) screen.resize(...size);
    this.command = command;
    if (!this.hasScreen) {
      this.hasScreen = true;
      this.onChange();
    }
    screen.write(fromBase64(data), () => (this.isDirty = true));
  }

  say(happened: Happened): void {
    this.happened = [...this.happened, happened].slice(-STATEMENTS_SHOWN);
    this.onChange();
  }
}

export interface WallView {
  readonly tiles: readonly { readonly session: Session; readonly tile: Tile }[];
  /** How many run, on the wall and beyond it; `undefined`: not known yet. */
  readonly live: number | undefined;
  readonly state: "connecting" | "open" | "waiting" | "over";
  readonly problem: ProblemError | undefined;
}

const EMPTY: WallView = { tiles: [], live: undefined, state: "connecting", problem: undefined };

export function useWall(query: Sent<"sessions.wall">["query"]): WallView {
  const [view, setView] = useState(EMPTY);
  const asked = JSON.stringify(query);
  useEffect(() => {
    const tiles = new Map<string, { session: Session; tile: Tile }>();
    setView(EMPTY);
    const changed = (more: Partial<WallView> = {}): void => setView((before) => ({ ...before, tiles: [...tiles.values()], ...more }));
    const clear = (): void => {
      for (const { tile } of tiles.values()) tile.screen.dispose();
      tiles.clear();
    };
    const leave = listen(
      "sessions.wall",
      { query: JSON.parse(asked) as NonNullable<typeof query> },
      {
        onState: (state) => {
          // Coming back starts with what is there then.
          if (state === "open") clear();
          changed({ state });
        },
        onEnd: (problem) => changed({ state: "over", problem }),
        onEvent: (event) => {
          if (event.type === "count") changed({ live: event.live });
          else if (event.type === "session") {
            const { session } = event;
            tiles.set(session.id, { session, tile: tiles.get(session.id)?.tile ?? new Tile(session.id) });
            changed();
          } else if (event.type === "gone") {
            tiles.get(event.session)?.tile.screen.dispose();
            tiles.delete(event.session);
            changed();
          } else if (event.type === "screen") tiles.get(event.session)?.tile.show(event);
          else tiles.get(event.session)?.tile.say(event);
        },
      },
    );
    return () => {
      leave();
      clear();
    };
  }, [asked]);
  return view;
}
