/** Notifications by HTTP POST, signed. Nothing a receiver answers is read beyond the status line and headers. */
import { request as requestHttp, type RequestOptions } from "node:http";
import { request as requestHttps } from "node:https";
import { isIP } from "node:net";
import type { Clock } from "../kernel/clock.ts";
import { GateError } from "../kernel/errors.ts";
import type { Secret } from "../kernel/secret.ts";
import type { Channel } from "./notification.ts";
import { SIGNATURE_HEADER, signWebhook } from "./webhook-signature.ts";

const DEADLINE_MS = 5000;
const MIN_SECRET_CHARACTERS = 16;
const MAX_HEADER_BYTES = 16_384;

export interface WebhookSettings {
  readonly name: string;
  readonly url: string;
  readonly secret: Secret;
  readonly clock: Clock;
  readonly deadlineMs?: number;
  /** PEM of the authorities to trust instead of the system's. */
  readonly ca?: string;
}

/** Throws GateError("bad-config") for a URL that would send notifications in the clear, or a secret that could be guessed. */
export function openWebhook({ name, url, secret, clock, deadlineMs = DEADLINE_MS, ca }: WebhookSettings): Channel {
  const target = parseWebhookUrl(name, url);
  if (secret.reveal().length < MIN_SECRET_CHARACTERS) {
    throw new GateError("bad-config", `the secret of webhook "${name}" needs at least ${MIN_SECRET_CHARACTERS} characters`);
  }
  return {
    name,
    deliver: async (notification, signal) => {
      const body = JSON.stringify(notification);
      const headers = {
        "Content-Type": "application/json",
        "Content-Length": String(Buffer.byteLength(body)),
        "User-Agent": "sallyport",
        "Sallyport-Delivery": notification.id,
        // Signed anew at each try: the receiver compares the time with its own.
        [SIGNATURE_HEADER]: signWebhook(secret, body, Math.floor(clock.now() / 1000)),
      };
      const deadline = AbortSignal.timeout(deadlineMs);
      const status = await post(target, { headers, signal: AbortSignal.any([signal, deadline]), ca }, body).catch((error: unknown) => {
        const why = deadline.aborted ? `no answer within ${deadlineMs} ms` : `it cannot be reached (${codeOf(error)})`;
        throw new GateError("timeout", why, { cause: error });
      });
      // Redirects are failures: following one would carry the notification to somebody the configuration does not name.
      if (status < 200 || status > 299) throw new GateError("protocol-error", `it answered ${status}`);
    },
  };
}

function post(url: URL, options: Pick<RequestOptions, "headers" | "signal"> & { ca: string | undefined }, body: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const send = url.protocol === "https:" ? requestHttps : requestHttp;
    const { ca, ...common } = options;
    const all = { ...common, method: "POST", agent: false, maxHeaderSize: MAX_HEADER_BYTES, ...(ca !== undefined && { ca }) };
    const outgoing = send(url, all, (response) => {
      response.on("error", () => undefined);
      response.destroy();
      resolve(response.statusCode ?? 0);
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

function parseWebhookUrl(name: string, text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !["http:", "https:"].includes(url.protocol)) {
    throw new GateError("bad-config", `the URL of webhook "${name}" is neither http nor https`);
  }
  if (url.username !== "" || url.password !== "") throw new GateError("bad-config", `the URL of webhook "${name}" carries a password`);
  if (url.protocol === "http:" && !isLoopback(url.hostname)) {
    throw new GateError("bad-config", `the URL of webhook "${name}" needs https: it is not on this machine`);
  }
  return url;
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || (isIP(hostname) === 4 && hostname.startsWith("127."));
}

/** `ECONNREFUSED` and its like; never a message, which could quote the URL. */
function codeOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" && /^[A-Z0-9_]{1,64}$/.test(code) ? code : "connection failed";
}
