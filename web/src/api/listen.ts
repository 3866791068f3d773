/** Server-sent events of the API. The browser connects again by itself and continues where it stopped (`Last-Event-ID`). */
import type { Problem } from "../../../src/contract/problem.ts";
import type { RouteId } from "../../../src/contract/routes.ts";
import type { Answer, Sent } from "../../../src/contract/types.ts";
import { pathOf } from "./client.ts";
import { ProblemError } from "./problem.ts";

export interface Listening<T> {
  readonly onEvent: (event: T) => void;
  /** The stream was refused or is over; nothing follows. `undefined`: it ended in good order. */
  readonly onEnd?: (problem: ProblemError | undefined) => void;
  /** Connected, or trying to be. */
  readonly onState?: (state: "open" | "waiting") => void;
}

/** The gate broke it off, to be taken up again: the browser does that by itself. */
const AGAIN: ReadonlySet<string> = new Set(["timeout", "too-slow", "gate-stopping"]);

export type EventOf<Id extends RouteId> = Answer<Id> extends AsyncIterable<infer Event> ? Event : never;

/** Until what it returns is called. */
export function listen<Id extends RouteId>(
  id: Id,
  input: Sent<Id> | undefined,
  { onEvent, onEnd, onState }: Listening<EventOf<Id>>,
): () => void {
  const source = new EventSource(pathOf(id, input));
  const end = (problem?: ProblemError): void => {
    source.close();
    onEnd?.(problem);
  };
  source.addEventListener("open", () => onState?.("open"));
  source.addEventListener("message", ({ data }: MessageEvent<string>) => onEvent(JSON.parse(data) as EventOf<Id>));
  source.addEventListener("problem", ({ data }: MessageEvent<string>) => {
    const problem = JSON.parse(data) as Problem;
    if (!AGAIN.has(problem.code)) end(new ProblemError(problem));
  });
  source.addEventListener("end", () => end());
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) end();
    else onState?.("waiting");
  });
  return () => source.close();
}
