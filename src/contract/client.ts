/**
 * A typed client of the API: `await client.call("requests.create", { body })`. Every refusal and failure is a thrown
 * ProblemError with the gate's own code; the network's are GateErrors: `gate-unreachable`, `timeout`, `protocol-error`.
 * Never here: where tokens are kept, what is printed.
 */
import type { z } from "zod";
import { GateError } from "../kernel/errors.ts";
import type { Secret } from "../kernel/secret.ts";
import { readLines, received } from "./lines.ts";
import { parseProblem } from "./problem.ts";
import { readEvents } from "./server-sent-events.ts";
import type { Route } from "./route.ts";
import { ROUTES, type RouteId } from "./routes.ts";
import type { Answer, Sent } from "./types.ts";

export interface ClientOptions {
  /** `https://gate.example:7700` */
  readonly url: string;
  /** A function is asked by the first call that needs to be somebody's, and may fail as calls do. */
  readonly token?: Secret | (() => Promise<Secret>);
  /** For an answer to begin; streams then go on as long as they last. */
  readonly timeoutMs?: number;
  readonly fetch?: typeof fetch;
  /** Between two attempts to take up a stream again. */
  readonly reconnectMs?: number;
}

interface Input {
  readonly params?: object;
  readonly query?: object;
  readonly body?: object;
  readonly content?: Uint8Array | AsyncIterable<Uint8Array>;
}
/** The input may be left out where nothing in it is required. */
type Args<Id extends RouteId> = object extends Sent<Id> ? [input?: Sent<Id>, more?: More] : [input: Sent<Id>, more?: More];
type More = { readonly signal?: AbortSignal };

export interface Client {
  call<Id extends RouteId>(id: Id, ...args: Args<Id>): Promise<Answer<Id>>;
}

export function openClient(options: ClientOptions): Client {
  return {
    async call<Id extends RouteId>(id: Id, ...[input, more]: Args<Id>): Promise<Answer<Id>> {
      const route: Route = ROUTES[id];
      const ask = async (lastEventId?: string): Promise<Response> => await send(options, route, input ?? {}, more?.signal, lastEventId);
      if (route.response.kind === "events") {
        const { schema } = route.response;
        const first = await ask();
        return readEvents(first, ask, (data) => parseAnswer(schema, data), options.reconnectMs ?? 1_000, more?.signal) as Answer<Id>;
      }
      return (await readAnswer(route, await ask())) as Answer<Id>;
    },
  };
}

async function readAnswer(route: Route, response: Response): Promise<unknown> {
  const expected = route.response;
  switch (expected.kind) {
    case "json":
      return parseAnswer(expected.schema, await readJson(response));
    case "lines":
      return readLines(response, (value) => parseAnswer(expected.schema, value));
    case "bytes":
      return Buffer.from(await response.arrayBuffer());
    case "download":
    case "file":
      return bytesOf(response);
    case "empty":
    case "redirect":
    case "events":
    case "socket":
      await response.body?.cancel();
  }
  return undefined;
}

/** Holds on to the response: once nobody does, the platform cancels a body that was not begun, and it looks like an empty one. */
async function* bytesOf(response: Response): AsyncGenerator<Uint8Array, void, undefined> {
  if (response.body) yield* received(response.body);
}

async function send(
  { url, token, timeoutMs = 30_000, fetch: doFetch = fetch }: ClientOptions,
  route: Route,
  input: Input,
  signal: AbortSignal | undefined,
  lastEventId: string | undefined,
): Promise<Response> {
  // Public routes need none: where it has to be fetched, they go without.
  const bearer = typeof token !== "function" ? token : route.permission === "public" ? undefined : await token();
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(new GateError("timeout", `no answer from "${url}" within ${timeoutMs} ms`)), timeoutMs);
  try {
    const response = await doFetch(new URL(pathOf(route, input), url), {
      method: route.method,
      redirect: "error",
      signal: signal ? AbortSignal.any([signal, late.signal]) : late.signal,
      headers: {
        ...(bearer && { authorization: `Bearer ${bearer.reveal()}` }),
        ...(route.body && { "content-type": "application/json" }),
        ...(route.upload && { "content-type": "application/octet-stream" }),
        ...(lastEventId !== undefined && { "last-event-id": lastEventId }),
      },
      ...(route.body && { body: JSON.stringify(input.body ?? {}) }),
      ...(route.upload && { body: input.content as NonNullable<RequestInit["body"]>, duplex: "half" as const }),
    });
    if (response.ok) return response;
    throw parseProblem(response.status, await readJson(response).catch(() => undefined));
  } catch (thrown) {
    if (thrown instanceof GateError || signal?.aborted) throw thrown;
    throw new GateError("gate-unreachable", `"${url}": ${reasonOf(thrown)}`, { cause: thrown });
  } finally {
    clearTimeout(timer);
  }
}

function pathOf(route: Route, { params = {}, query = {} }: Input): string {
  const values = params as Record<string, string>;
  const path = route.path
    .replace(/:([a-z]+)/gi, (_, key: string) => encodeURIComponent(values[key] ?? ""))
    .replace(/\*$/, () => (values["*"] ?? "").split("/").map(encodeURIComponent).join("/"));
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined) search.set(key, Array.isArray(value) ? value.join(",") : String(value));
  }
  return search.size > 0 ? `${path}?${search.toString()}` : path;
}

async function readJson(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new GateError("protocol-error", "the answer is not JSON; is this the gate's address?", { cause });
  }
}

/** Untrusted: the answer. What is not as the contract says is not passed on. */
function parseAnswer(schema: z.ZodType, value: unknown): unknown {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new GateError("protocol-error", `the answer differs from the contract at "${issue?.path.join(".")}": ${issue?.message}`);
}

const UNKNOWN_AUTHORITY: ReadonlySet<string> = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

/** `fetch failed` says nothing: the cause does (ECONNREFUSED, a certificate's fault). */
function reasonOf(thrown: unknown): string {
  const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown;
  if (!(cause instanceof Error)) return String(cause);
  // OpenSSL's own message is a line of addresses in its source.
  if ("reason" in cause && typeof cause.reason === "string") return `TLS failed: ${cause.reason}`;
  if ("code" in cause && UNKNOWN_AUTHORITY.has(String(cause.code))) {
    // Node's own advice after the semicolon is about Node.
    return `${cause.message.split(";")[0]}: name the PEM file of its authority with \`sallyport login --ca\``;
  }
  return cause.message !== "" ? cause.message : "code" in cause && typeof cause.code === "string" ? cause.code : cause.name;
}
