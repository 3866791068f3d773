/** Waits until somebody decided about a request. */
import type { Client } from "../contract/client.ts";
import type { RequestId } from "../kernel/ids.ts";
import type { RequestView } from "./views.ts";

/** The request once it is no longer pending. Looks again once it has subscribed, so that no decision falls in between. */
export async function awaitDecision(client: Client, id: RequestId, signal?: AbortSignal): Promise<RequestView> {
  const before = await client.call("requests.show", { params: { id } });
  if (before.state !== "pending") return before;
  const own = new AbortController();
  const stream = await client.call("requests.stream", {}, { signal: signal ? AbortSignal.any([signal, own.signal]) : own.signal });
  try {
    const now = await client.call("requests.show", { params: { id } });
    if (now.state !== "pending") return now;
    for await (const { request } of stream) {
      if (request.id === id && request.state !== "pending") return request;
    }
    signal?.throwIfAborted();
    return await client.call("requests.show", { params: { id } });
  } finally {
    own.abort();
  }
}
