/**
 * Server-sent events, read as the HTML standard says (§ 9.2.6 "Interpreting an event stream"), and taken up again after the
 * last id when the connection breaks. Event types: none (data), `problem` (the gate ends the stream and says why: thrown),
 * `end` (nothing more will come). Comments are heartbeats.
 */
import { setTimeout as wait } from "node:timers/promises";
import { GateError, type ErrorCode } from "../kernel/errors.ts";
import { parseJson, textLines } from "./lines.ts";
import { parseProblem } from "./problem.ts";

const WORTH_RETRYING: ReadonlySet<string> = new Set<ErrorCode>(["gate-unreachable", "gate-stopping", "timeout", "too-slow"]);

export interface ServerSentEvent {
  readonly type: string;
  readonly data: string;
  /** Of the last event that carried one. */
  readonly id: string | undefined;
}

export async function* parseEvents(lines: AsyncIterable<string>): AsyncGenerator<ServerSentEvent, void, undefined> {
  let type = "message";
  let data: string[] = [];
  let id: string | undefined;
  for await (const line of lines) {
    if (line === "") {
      if (data.length > 0) yield { type, data: data.join("\n"), id };
      type = "message";
      data = [];
      continue;
    }
    const colon = line.indexOf(":");
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "data") data.push(value);
    else if (field === "event") type = value;
    else if (field === "id" && !value.includes("\0")) id = value;
  }
}

/** `ask` opens the stream again after an id. A refusal (anything with a code of its own) is thrown, a broken connection is not. */
export async function* readEvents<T>(
  first: Response,
  ask: (lastEventId?: string) => Promise<Response>,
  parse: (value: unknown) => T,
  reconnectMs: number,
  signal?: AbortSignal,
): AsyncGenerator<T, void, undefined> {
  let response: Response | undefined = first;
  let lastId: string | undefined;
  for (;;) {
    try {
      response ??= await ask(lastId);
      for await (const event of parseEvents(textLines(response))) {
        lastId = event.id ?? lastId;
        if (event.type === "end") return;
        if (event.type === "problem") throw problemOf(event.data);
        if (event.type === "message") yield parse(parseJson(event.data));
      }
    } catch (thrown) {
      if (signal?.aborted) return;
      if (!(thrown instanceof GateError && WORTH_RETRYING.has(thrown.code))) throw thrown;
    }
    response = undefined;
    try {
      await wait(reconnectMs, undefined, signal ? { signal } : {});
    } catch {
      return;
    }
  }
}

function problemOf(data: string): GateError {
  const body = parseJson(data);
  const status = typeof body === "object" && body !== null && "status" in body ? Number(body.status) : 500;
  return parseProblem(status, body);
}
