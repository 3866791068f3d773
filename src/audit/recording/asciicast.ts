import { TextDecoder } from "node:util";
import { isOutput, type Frame, type FrameBodies } from "./frame.ts";
import { TerminalFilter } from "./terminal-filter.ts";

export interface AsciicastOptions {
  /** The channel to export; without it the first shell or command, or the first that has output. */
  readonly channel?: number;
  /** Keep the escapes that act on the terminal of whoever plays the file. Default: filtered. */
  readonly raw?: boolean;
}

type Begin = Partial<FrameBodies["begin"]>;

/**
 * One channel as asciicast v3 (https://docs.asciinema.org/manual/asciicast/v3/), line by line without line ends: a header object, then
 * `[interval, code, data]` with seconds since the line before. Characters split between frames are put together. The header also
 * says which channel it is and when it begins, in microseconds since the recording's start: `sallyport: { channel, atUs }`.
 */
export async function* asciicast(frames: AsyncIterable<Frame> | Iterable<Frame>, options: AsciicastOptions = {}): AsyncGenerator<string> {
  let { channel } = options;
  let opened: FrameBodies["open"] | undefined;
  /** Time of the last line; `undefined` before the header. */
  let lastUs: number | undefined;
  const decoder = new TextDecoder("utf-8");
  const filter = options.raw === true ? undefined : new TerminalFilter();

  for await (const frame of frames) {
    if (frame.type === "open") opened = frame.body;
    const begins = frame.type === "begin" && frame.body.kind !== "subsystem";
    if (begins || isOutput(frame)) channel ??= frame.channel;
    if (frame.channel !== channel && frame.type !== "marker") continue;
    if (lastUs === undefined && (begins || isOutput(frame))) {
      lastUs = frame.timeUs;
      yield header(opened, frame, frame.type === "begin" ? frame.body : {});
    }
    if (lastUs === undefined) continue;
    for (const [code, data] of eventsOf(frame, decoder, filter)) {
      yield JSON.stringify([(frame.timeUs - lastUs) / 1e6, code, data]);
      lastUs = frame.timeUs;
    }
    if (frame.type === "end") return;
  }
}

function header(
  opened: FrameBodies["open"] | undefined,
  { timeUs, channel }: Frame,
  { cols = 80, rows = 24, term, command }: Begin,
): string {
  return JSON.stringify({
    version: 3,
    term: { cols, rows, ...(term === undefined ? {} : { type: term }) },
    timestamp: Math.floor(((opened?.started ?? 0) + timeUs / 1000) / 1000),
    ...(opened ? { title: `${opened.principal} on ${opened.target}` } : {}),
    ...(command === undefined ? {} : { command }),
    sallyport: { channel, atUs: timeUs },
  });
}

function eventsOf(frame: Frame, decoder: TextDecoder, filter: TerminalFilter | undefined): (readonly [code: string, data: string])[] {
  if (isOutput(frame)) {
    const text = decoder.decode(filter ? filter.push(frame.data) : frame.data, { stream: true });
    return text === "" ? [] : [["o", text]];
  }
  if (frame.type === "resize") return [["r", `${frame.body.cols}x${frame.body.rows}`]];
  if (frame.type === "marker") return [["m", frame.body.text]];
  if (frame.type !== "end") return [];
  // What is left of a character that never ended.
  const rest = decoder.decode();
  const { status } = frame.body;
  return [...(rest === "" ? [] : [["o", rest] as const]), ...(status === undefined ? [] : [["x", String(status)] as const])];
}
