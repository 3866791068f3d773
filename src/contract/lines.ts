/** Lines of a streamed answer, without ever holding more than one of bounded length. */
import { GateError } from "../kernel/errors.ts";

/** A recording's frame of 128 KiB as base64 inside JSON, with room to spare. */
const LONGEST_LINE = 4 * 1024 * 1024;

/** Each line without its end. Leaving the loop ends the connection. An answer that breaks off is an error, never a short answer. */
export async function* textLines(response: Response): AsyncGenerator<string, void, undefined> {
  if (!response.body) return;
  let rest = "";
  for await (const text of received(response.body.pipeThrough(new TextDecoderStream()))) {
    const parts = (rest + text).split("\n");
    rest = parts.pop() ?? "";
    if (rest.length > LONGEST_LINE) throw new GateError("protocol-error", "a line of the answer is too long");
    for (const line of parts) yield line.endsWith("\r") ? line.slice(0, -1) : line;
  }
  if (rest !== "") yield rest;
}

export async function* readLines<T>(response: Response, parse: (value: unknown) => T): AsyncGenerator<T, void, undefined> {
  for await (const line of textLines(response)) {
    if (line === "") continue;
    yield parse(parseJson(line));
  }
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new GateError("protocol-error", "a line of the answer is not JSON", { cause });
  }
}

/** The chunks of an answer as they come. */
export async function* received<T>(body: ReadableStream<T>): AsyncGenerator<T, void, undefined> {
  const reader = body.getReader();
  let finished = false;
  try {
    for (;;) {
      const chunk = await read(reader);
      if (chunk.done) break;
      yield chunk.value;
    }
    finished = true;
  } finally {
    if (!finished) await reader.cancel().catch(() => {});
  }
}

async function read<T>(reader: ReadableStreamDefaultReader<T>): Promise<{ done: false; value: T } | { done: true }> {
  try {
    const { done, value } = await reader.read();
    return done ? { done } : { done, value };
  } catch (cause) {
    throw new GateError("gate-unreachable", "the answer broke off", { cause });
  }
}
