import { isOutput, type Frame, type Stream } from "./frame.ts";
import { TerminalText, type TextLine } from "./text.ts";

export interface SearchMatch {
  readonly channel: number;
  /** Microseconds since the recording's start. */
  readonly timeUs: number;
  readonly line: string;
  /** The line before, where there is one. */
  readonly before?: string;
}

export interface SearchOptions {
  /** Default 100. The search ends with the last one. */
  readonly limit?: number;
}

const TEXTS_MAX = 64;

interface Searched {
  readonly channel: number;
  readonly text: TerminalText;
  before: string | undefined;
}

/**
 * Lines of output that hold every one of `words`, ignoring case, as somebody in front of the terminal read them. Commands typed
 * into a shell are found as the shell showed them. Memory: one emulated terminal for each open channel, at most 64.
 */
export async function* searchRecording(
  frames: AsyncIterable<Frame> | Iterable<Frame>,
  words: readonly string[],
  { limit = 100 }: SearchOptions = {},
): AsyncGenerator<SearchMatch> {
  const wanted = words.map((word) => word.toLowerCase()).filter((word) => word !== "");
  if (wanted.length === 0) return;
  const texts = new Map<string, Searched>();
  const sizes = new Map<number, { cols: number; rows: number }>();
  let left = limit;

  const matches = function* (searched: Searched, lines: readonly TextLine[]): Generator<SearchMatch> {
    for (const { timeUs, text } of lines) {
      const lower = text.toLowerCase();
      if (left > 0 && wanted.every((word) => lower.includes(word))) {
        left -= 1;
        yield { channel: searched.channel, timeUs, line: text, ...(searched.before === undefined ? {} : { before: searched.before }) };
      }
      searched.before = text;
    }
  };
  const finish = async function* (channel?: number): AsyncGenerator<SearchMatch> {
    for (const [name, searched] of texts) {
      if (channel !== undefined && searched.channel !== channel) continue;
      texts.delete(name);
      yield* matches(searched, await searched.text.end());
    }
  };
  const textOf = (channel: number, stream: Stream): Searched | undefined => {
    const name = `${channel} ${stream}`;
    const known = texts.get(name);
    if (known || texts.size >= TEXTS_MAX) return known;
    const size = sizes.get(channel);
    const fresh = { channel, text: new TerminalText(size ?? { cols: 500, rows: 24 }, size === undefined), before: undefined };
    texts.set(name, fresh);
    return fresh;
  };

  for await (const frame of frames) {
    if (left === 0) break;
    if (frame.type === "begin" && frame.body.cols !== undefined && frame.body.rows !== undefined) {
      sizes.set(frame.channel, { cols: frame.body.cols, rows: frame.body.rows });
    } else if (frame.type === "resize") {
      sizes.set(frame.channel, frame.body);
      await texts.get(`${frame.channel} stdout`)?.text.resize(frame.body);
    } else if (frame.type === "end") yield* finish(frame.channel);
    else if (isOutput(frame)) {
      const searched = textOf(frame.channel, frame.type);
      if (!searched) continue;
      await searched.text.push(frame);
      yield* matches(searched, searched.text.take());
    }
  }
  yield* finish();
}
