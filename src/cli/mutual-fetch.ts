/** `fetch` that shows a client certificate in TLS, which the platform's own has no way to. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";
import { GateError } from "../kernel/errors.ts";

export interface ClientCertificate {
  /** PEM files; `cert` with those between it and the authority, if there are any. */
  readonly cert: string;
  readonly key: string;
}

/** The files are read for each call: short-lived certificates are replaced in place. */
export function fetchShowing(files: ClientCertificate): typeof fetch {
  return async (input, init = {}) => {
    const url = new URL(input instanceof Request ? input.url : input);
    // Fails closed: without TLS nothing is shown, and whoever asked for it means it.
    if (url.protocol !== "https:")
      throw new GateError("bad-request", `a client certificate is shown over https:// only, not to "${url.origin}"`);
    const { method = "GET", body, signal } = init;
    const asked = request(url, {
      method,
      headers: Object.fromEntries(new Headers(init.headers)),
      agent: false,
      cert: read(files.cert),
      key: read(files.key),
      ...(signal && { signal }),
    });
    const answered = once(asked, "response") as Promise<[IncomingMessage]>;
    const [[message]] = await Promise.all([answered, send(asked, body)]);
    const status = message.statusCode ?? 0;
    if (status >= 300 && status < 400) {
      message.destroy();
      throw new TypeError("it redirects instead of answering");
    }
    const headers = Object.entries(message.headersDistinct).flatMap(([name, values = []]) =>
      values.map((value): [string, string] => [name, value]),
    );
    if (status === 204) message.resume();
    return new Response(status === 204 ? null : (Readable.toWeb(message) as ReadableStream<Uint8Array>), { status, headers });
  };
}

async function send(asked: ReturnType<typeof request>, body: RequestInit["body"]): Promise<void> {
  if (body === undefined || body === null || typeof body === "string" || body instanceof Uint8Array)
    return void asked.end(body ?? undefined);
  await pipeline(Readable.from(body as unknown as AsyncIterable<Uint8Array>), asked);
}

function read(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch {
    throw new GateError("bad-request", `"${file}" cannot be read: --client-cert and --client-key name PEM files`);
  }
}
