import { GateError } from "../../kernel/errors.ts";

/** Of one request to a provider, its answer's body included. */
const DEADLINE_MS = 10_000;
/** Of one answer: keys and claims of a large organisation are a tenth of it. */
const MAX_BYTES = 256 * 1024;

/**
 * `fetch` for talking to a provider: a deadline, a bound on what is read, and no redirects, so that an answer is the
 * provider's own and nobody is sent elsewhere with a secret.
 */
export function boundedFetch(deadlineMs = DEADLINE_MS): (url: string | URL, init?: RequestInit) => Promise<Response> {
  return async (url, init) => {
    const deadline = AbortSignal.timeout(deadlineMs);
    const signal = init?.signal ? AbortSignal.any([init.signal, deadline]) : deadline;
    const response = await fetch(url, { ...init, redirect: "manual", signal });
    if (response.status >= 300 && response.status < 400) {
      await response.body?.cancel();
      throw new GateError("provider-unreachable", "it redirects instead of answering");
    }
    const body = await readBounded(response);
    const { status, statusText, headers } = response;
    return new Response(status === 204 || status === 304 ? null : body, { status, statusText, headers });
  };
}

async function readBounded(response: Response): Promise<Buffer<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop cancels the rest.
  for await (const part of response.body ?? []) {
    size += part.byteLength;
    if (size > MAX_BYTES) throw new GateError("provider-unreachable", `its answer is larger than ${MAX_BYTES / 1024} KiB`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}
