/** Plays on the person's terminal, and puts the terminal back however it ends. Not in an alternate screen: recordings use that themselves. */
import type { Surroundings } from "../cli.ts";
import { formatDuration } from "../duration.ts";
import { safeLine } from "../safe-text.ts";
import { editSearch, KEYS_HELP, parseKey, splitKeys, type Key } from "./keyboard.ts";
import { Player } from "./player.ts";
import { playTimeOf, type Timeline } from "./timeline.ts";

const STEP_US = 5_000_000;
/** A terminal as it was: out of any mode the recording left, with its cursor, on the last line in place of the status. */
const PUT_BACK = "\u001b[?1049l\u001b[!p\u001b[r\u001b[0m\u001b[?25h\u001b[9999;1H\u001b[K";

export interface PlayOptions {
  readonly speed: number;
  /** Microseconds of the recording to start at. */
  readonly fromUs: number;
  readonly search?: string;
}

export async function play(at: Surroundings, timeline: Timeline, options: PlayOptions): Promise<void> {
  const { stdin, stdout } = at;
  const player = new Player(timeline, options.speed);
  const write = (parts: readonly Buffer[] | undefined): void => {
    for (const part of parts ?? []) stdout.write(part);
  };
  let typing: string | undefined;
  let sought = options.search ?? "";
  let finish: () => void = () => undefined;
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });

  const status = (text: string): void => {
    // Kept out of the recording's way: the last line, with the cursor where it was, and never so long that it scrolls.
    const shown = safeLine(text).slice(0, (stdout.columns ?? 80) - 1);
    stdout.write(`\u001b7\u001b[${stdout.rows ?? 24};1H\u001b[7m${shown}\u001b[0m\u001b[K\u001b8`);
  };
  const place = (): string =>
    `${formatDuration(player.playUs / 1000)} of ${formatDuration(timeline.lengthUs / 1000)} · ×${player.speed}${player.ended ? " · end" : ""} · ${KEYS_HELP}`;

  let timer: NodeJS.Timeout | undefined;
  let since = at.now();
  const tick = (): void => {
    const now = at.now();
    write(player.advance(now - since));
    since = now;
    schedule();
  };
  const schedule = (): void => {
    clearTimeout(timer);
    const waitMs = player.waitMs;
    // At the end, and not because a person stopped it: say so.
    if (waitMs === undefined && !player.paused && typing === undefined) status(place());
    if (waitMs !== undefined) timer = setTimeout(tick, Math.min(1000, Math.max(1, waitMs)));
  };
  const search = (): void => {
    const found = player.search(sought);
    write(found);
    player.paused = true;
    status(found ? `"${sought}" at ${place()}` : `"${sought}" does not appear`);
  };
  const act: Record<Key, () => void> = {
    pause: () => {
      player.paused = !player.paused;
      if (player.paused) status(place());
      else write(player.redraw());
    },
    back: () => write(player.seek(player.playUs - STEP_US)),
    forward: () => write(player.seek(player.playUs + STEP_US)),
    start: () => write(player.seek(0)),
    faster: () => player.faster(),
    slower: () => player.slower(),
    again: search,
    search: () => {
      player.paused = true;
      typing = "";
      status("/");
    },
    quit: () => finish(),
  };
  const onKey = (typed: string): void => {
    if (typing === undefined) {
      const key = parseKey(typed);
      if (key) act[key]();
      return;
    }
    const edited = editSearch(typing, typed);
    typing = edited?.done === false ? edited.words : undefined;
    if (edited?.done) {
      sought = edited.words || sought;
      search();
    } else status(edited ? `/${edited.words}` : place());
  };
  const onData = (chunk: Buffer): void => {
    write(player.advance(at.now() - since));
    since = at.now();
    for (const typed of splitKeys(chunk.toString("utf8"))) onKey(typed);
    schedule();
  };

  stdout.write("\u001b[2J\u001b[H");
  stdin.setRawMode?.(true);
  stdin.on("data", onData).resume();
  process.once("SIGTERM", finish).once("SIGHUP", finish);
  try {
    write(player.seek(playTimeOf(timeline, options.fromUs)));
    if (options.search !== undefined) search();
    schedule();
    await finished;
  } finally {
    clearTimeout(timer);
    process.off("SIGTERM", finish).off("SIGHUP", finish);
    stdin.off("data", onData).pause();
    stdin.setRawMode?.(false);
    stdout.write(PUT_BACK);
  }
}
