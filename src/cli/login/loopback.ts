/**
 * Where the browser comes back to: a port of 127.0.0.1, open until the gate's answer is there (RFC 8252 §7.3).
 *
 * Untrusted: every program and page on this machine can call it. Only an answer with the state of this login counts, one is
 * enough, and what it brings is worth nothing without the verifier that never leaves this process.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { GateError } from "../../kernel/errors.ts";
import { secretsEqual } from "../../kernel/secret.ts";

/** What the gate sends: a code, or why there is none. */
export type LoopbackAnswer = { readonly code: string } | { readonly error: string };

export interface Loopback extends AsyncDisposable {
  readonly port: number;
  /** Rejects with `timeout`. */
  answer(timeoutMs: number): Promise<LoopbackAnswer>;
}

const MOST_CONNECTIONS = 16;

export async function openLoopback(state: string): Promise<Loopback> {
  const { promise, resolve, reject } = Promise.withResolvers<LoopbackAnswer>();
  // Nobody waits for it yet where the login could not even begin.
  promise.catch(() => undefined);
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 10_000, maxHeaderSize: 16_384 });
  server.maxConnections = MOST_CONNECTIONS;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.on("request", (request, response) => {
    const answer = parseAnswer(request, port, state);
    if (answer === undefined) return say(response, 404, "This is not the answer that is waited for.");
    say(
      response,
      200,
      "code" in answer
        ? "You are logged in. Close this page and go back to the terminal."
        : "You were not logged in. The terminal says why.",
    );
    return resolve(answer);
  });
  return {
    port,
    answer: async (timeoutMs) => {
      const timer = setTimeout(() => reject(new GateError("timeout", "nobody logged in in the browser")), timeoutMs);
      try {
        return await promise;
      } finally {
        clearTimeout(timer);
      }
    },
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      if (server.listening) await once(server, "close");
    },
  };
}

/** `undefined` for whatever is not the gate's answer to this login. */
function parseAnswer({ method, url = "", headers }: IncomingMessage, port: number, state: string): LoopbackAnswer | undefined {
  // Another name for this address is how a page elsewhere would read what is answered.
  if (method !== "GET" || headers.host !== `127.0.0.1:${port}`) return undefined;
  const at = URL.canParse(url, "http://127.0.0.1") ? new URL(url, "http://127.0.0.1") : undefined;
  if (at?.pathname !== "/" || !secretsEqual(at.searchParams.get("state") ?? "", state)) return undefined;
  const [code, error] = [at.searchParams.get("code"), at.searchParams.get("error")];
  if (code !== null && /^[\w-]{20,200}$/.test(code)) return { code };
  return error !== null && /^[a-z-]{1,64}$/.test(error) ? { error } : undefined;
}

function say(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    connection: "close",
  });
  response.end(`<!doctype html><meta charset="utf-8"><title>Sallyport</title><p>${text}</p>`);
}
