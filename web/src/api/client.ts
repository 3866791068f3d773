/**
 * Calls of the API, typed by the contract: `await call("requests.create", { body })`. The login is in a cookie that no script
 * reads; the header says that a page of the gate's own is calling.
 */
import type { RouteId } from "../../../src/contract/routes.ts";
import type { Answer, Sent } from "../../../src/contract/types.ts";
import { ROUTES } from "./routes.ts";
import { ownProblem, readProblem } from "./problem.ts";

interface Input {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;
  readonly body?: unknown;
}

/** The input may be left out where nothing in it is required. */
export type Args<Id extends RouteId> =
  object extends Sent<Id> ? [input?: Sent<Id>, signal?: AbortSignal] : [input: Sent<Id>, signal?: AbortSignal];

/** Of `lines`: all of them. Bytes come as a Blob. Streams go through `listen`. */
export type Result<Id extends RouteId> =
  Answer<Id> extends AsyncIterable<infer Line>
    ? Line extends Uint8Array
      ? Blob
      : readonly Line[]
    : Answer<Id> extends Uint8Array
      ? Blob
      : Answer<Id>;

export async function call<Id extends RouteId>(id: Id, ...[input, signal]: Args<Id>): Promise<Result<Id>> {
  const { method, kind } = ROUTES[id];
  const { body } = (input ?? {}) as Input;
  const response = await send(pathOf(id, input), {
    method,
    headers: { "sallyport-console": "1", ...(body !== undefined && { "content-type": "application/json" }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(signal && { signal }),
  });
  if (!response.ok) throw await readProblem(response);
  return (await read(kind, response)) as Result<Id>;
}

type LineOf<Id extends RouteId> = Answer<Id> extends AsyncIterable<infer Line> ? (Line extends Uint8Array ? never : Line) : never;

/** Of `lines`: each as it comes, for answers that are too long to be held. Leaving the loop ends the answer. */
export async function* callLines<Id extends RouteId>(id: Id, input: Sent<Id>, signal?: AbortSignal): AsyncGenerator<LineOf<Id>> {
  const leave = new AbortController();
  const response = await send(pathOf(id, input), {
    headers: { "sallyport-console": "1" },
    signal: signal ? AbortSignal.any([signal, leave.signal]) : leave.signal,
  });
  if (!response.ok || !response.body) throw await readProblem(response);
  try {
    let rest = "";
    for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) if (line !== "") yield JSON.parse(line) as LineOf<Id>;
    }
    // An answer that was broken off ends within a line, or throws.
    if (rest !== "") throw ownProblem("gate-unreachable", "The answer broke off", "Try again");
  } finally {
    leave.abort();
  }
}

async function send(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, { ...init, credentials: "same-origin", redirect: "error" });
  } catch (thrown) {
    if (init.signal?.aborted) throw thrown;
    throw ownProblem("gate-unreachable", "The gate could not be reached", "Check your connection, then try again");
  }
}

async function read(kind: (typeof ROUTES)[RouteId]["kind"], response: Response): Promise<unknown> {
  if (kind === "empty") return undefined;
  if (kind === "bytes" || kind === "download") return await response.blob();
  if (kind !== "lines") return await response.json();
  const text = await response.text();
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line): unknown => JSON.parse(line));
}

/** Path and query of a route, for links, streams and downloads. */
export function pathOf<Id extends RouteId>(id: Id, input: Omit<Sent<Id>, "content"> | undefined): string {
  const { params = {}, query = {} } = (input ?? {}) as Input;
  const path = ROUTES[id].path
    .replace(/:([a-z]+)/gi, (_, key: string) => encodeURIComponent(params[key] ?? ""))
    .replace(/\*$/, () => (params["*"] ?? "").split("/").map(encodeURIComponent).join("/"));
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined) search.set(key, String(value));
  }
  return search.size > 0 ? `${path}?${search.toString()}` : path;
}
