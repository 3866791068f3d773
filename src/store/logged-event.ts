import type { LoggedEvent } from "../audit/event.ts";
import type { Envelope } from "../audit/log/envelope.ts";

/** A stored entry as an event; its bytes were canonical when they were sealed, and `audit verify` says whether they still are. */
export function parseLogged(envelope: Uint8Array, body: Uint8Array | null): LoggedEvent {
  const { v: _, node: __, bodyHash: ___, ...rest } = JSON.parse(Buffer.from(envelope).toString("utf8")) as Envelope;
  const event = rest as LoggedEvent;
  return body === null ? event : { ...event, body: JSON.parse(Buffer.from(body).toString("utf8")) as NonNullable<LoggedEvent["body"]> };
}
