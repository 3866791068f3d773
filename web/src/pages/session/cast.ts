/** A recording of one channel, as the replay takes it: read as it comes, up to a bound, with its long pauses made short. */
import { callLines } from "../../api/client.ts";

/** Of what was shown. More would make the page slow; the whole of it is in the download. */
export const CAST_MAX_CHARACTERS = 16_000_000;
/** With pauses skipped, none is longer than this. */
const PAUSE_US = 2_000_000;
/** So often others get their turn while it is read. */
const TURN_MS = 12;

export interface CastEvent {
  readonly atUs: number;
  readonly code: "o" | "r";
  readonly data: string;
}

export interface Cast {
  readonly cols: number;
  readonly rows: number;
  /** What was shown went to a terminal. */
  readonly terminal: boolean;
  readonly channel: number;
  /** Since the recording's start, as `atUs` of the events. */
  readonly beginUs: number;
  readonly endUs: number;
  readonly events: readonly CastEvent[];
  readonly exit?: string;
  /** There is more than is here. */
  readonly cutShort: boolean;
}

interface Header {
  readonly term?: { readonly cols?: number; readonly rows?: number; readonly type?: string };
  readonly sallyport?: { readonly channel?: number; readonly atUs?: number };
}

/** `undefined`: the channel showed nothing, nor had a terminal. */
export async function loadCast(
  session: string,
  channel: number | undefined,
  signal: AbortSignal,
  onProgress: (characters: number) => void,
): Promise<Cast | undefined> {
  const input = { params: { id: session }, query: { ...(channel !== undefined && { channel }) } };
  const events: CastEvent[] = [];
  let header: Header | undefined;
  let [atUs, characters, turn] = [0, 0, performance.now()];
  let exit: string | undefined;
  let cutShort = false;
  for await (const line of callLines("sessions.asciicast", input, signal)) {
    if (!Array.isArray(line)) {
      header = line as Header;
      atUs = header.sallyport?.atUs ?? 0;
      continue;
    }
    const [interval, code, data] = line as [number, string, string];
    atUs += Math.round(interval * 1e6);
    if (code === "x") exit = data;
    if (code !== "o" && code !== "r") continue;
    characters += data.length;
    if (characters > CAST_MAX_CHARACTERS) {
      cutShort = true;
      break;
    }
    events.push({ atUs, code, data });
    if (performance.now() - turn > TURN_MS) {
      onProgress(characters);
      await nextTurn();
      turn = performance.now();
    }
  }
  if (!header) return undefined;
  const { term = {}, sallyport = {} } = header;
  const beginUs = sallyport.atUs ?? 0;
  return {
    cols: within(term.cols, 80),
    rows: within(term.rows, 24),
    terminal: term.type !== undefined,
    channel: sallyport.channel ?? channel ?? 0,
    beginUs,
    endUs: Math.max(beginUs, atUs),
    events,
    cutShort,
    ...(exit !== undefined && { exit }),
  };
}

/** A task of its own: before it the page is drawn and hears its person, which no promise alone would let it. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

/** Untrusted: a client named the size of its terminal. */
function within(cells: number | undefined, usual: number): number {
  return Math.min(500, Math.max(1, Math.floor(cells ?? usual) || usual));
}

/** When in the replay something is, and back: with pauses skipped, the replay is shorter than what it shows. */
export interface Playing {
  readonly seconds: number;
  toSeconds(atUs: number): number;
  toUs(seconds: number): number;
}

export function playingOf({ events, beginUs, endUs }: Cast, keepPauses: boolean): Playing {
  // Each step: from here on, so much has been left out.
  const steps: { atUs: number; out: number }[] = [{ atUs: beginUs, out: 0 }];
  let [last, out] = [beginUs, 0];
  for (const { atUs } of [...events, { atUs: endUs }]) {
    const pause = atUs - last;
    if (!keepPauses && pause > PAUSE_US) {
      out += pause - PAUSE_US;
      steps.push({ atUs, out });
    }
    last = atUs;
  }
  const stepBefore = (reached: (step: { atUs: number; out: number }) => boolean): { atUs: number; out: number } =>
    steps[Math.max(0, firstNot(steps, reached) - 1)] ?? { atUs: beginUs, out: 0 };
  const toSeconds = (atUs: number): number => {
    const wanted = Math.min(endUs, Math.max(beginUs, atUs));
    const step = stepBefore((each) => each.atUs <= wanted);
    const next = steps[steps.indexOf(step) + 1];
    // Within a pause that is skipped: as far as it is shown.
    const shown = Math.min(wanted - step.out, next ? next.atUs - next.out : Infinity);
    return (shown - beginUs) / 1e6;
  };
  return {
    seconds: (endUs - beginUs - out) / 1e6,
    toSeconds,
    toUs: (seconds) => {
      const shown = beginUs + seconds * 1e6;
      return Math.round(shown + stepBefore((each) => each.atUs - each.out <= shown).out);
    },
  };
}

/** The index of the first that is not; they are in order. */
function firstNot<T>(list: readonly T[], is: (item: T) => boolean): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (is(list[middle] as T)) low = middle + 1;
    else high = middle;
  }
  return low;
}
