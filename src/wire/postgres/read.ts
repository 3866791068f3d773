/**
 * Questions and answers of a startup (§53.2.1): exactly as much is read as the next step needs, and what follows stays
 * in the stream, for whoever reads it afterwards (TLS, a framer, another stream).
 */
import type { Readable } from "node:stream";
import { GateError } from "../../kernel/errors.ts";
import { HEADER_BYTES } from "./fields.ts";

/**
 * Exactly `count` bytes. Throws `protocol-error` when the peer closes before. Nobody else reads from the stream
 * meanwhile. The wait has no end of its own: the handshake's deadline destroys the stream.
 */
export async function readBytes(stream: Readable, count: number): Promise<Buffer> {
  const ready = taken(stream, count);
  if (ready) return ready;
  // The listeners stay until all is there: a new one would hear at once of what has come already, and starve what is to come.
  let wake = (): void => undefined;
  const happened = (): void => wake();
  for (const event of EVENTS) stream.on(event, happened);
  try {
    for (;;) {
      const bytes = taken(stream, count);
      if (bytes) return bytes;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  } finally {
    for (const event of EVENTS) stream.off(event, happened);
  }
}

const EVENTS = ["readable", "end", "error", "close"] as const;

function taken(stream: Readable, count: number): Buffer | undefined {
  const bytes = stream.read(count) as Buffer | null;
  if (bytes?.length === count) return bytes;
  if (bytes !== null || stream.destroyed || stream.readableEnded)
    throw new GateError("protocol-error", "the peer closed during the handshake");
  return undefined;
}

/** One whole message of a handshake with its header. Untrusted: `maxBytes` is compared before anything waits for more. */
export async function readMessage(stream: Readable, maxBytes: number): Promise<Buffer> {
  const header = await readBytes(stream, HEADER_BYTES);
  const length = header.readInt32BE(1);
  if (length < 4 || length + 1 > maxBytes) throw new GateError("protocol-error", "a message of the handshake is too long");
  return length === 4 ? header : Buffer.concat([header, await readBytes(stream, length - 4)]);
}

/**
 * Calls `onEnd` when the peer closes while nobody reads from the stream, because it is the other side's turn: an end is
 * noticed only by who reads. What the peer says meanwhile stays in the stream, and ends the noticing.
 */
export function noticeEnd(stream: Readable, onEnd: () => void): Disposable {
  const look = (): void => {
    if (stream.readableLength === 0) stream.read();
  };
  stream.on("readable", look).on("end", onEnd).on("close", onEnd);
  if (stream.destroyed || stream.readableEnded) onEnd();
  return { [Symbol.dispose]: () => void stream.off("readable", look).off("end", onEnd).off("close", onEnd) };
}
