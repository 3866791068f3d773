import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { GateError } from "../../kernel/errors.ts";

/** A connection before its messages flow by themselves: in clear, or with TLS on it. Not being read. */
export type Wire = Socket | TLSSocket;

/** Message type and length (protocol §54.7). */
const HEADER_BYTES = 5;

/**
 * Exactly `count` bytes, for the questions and answers of a handshake. Throws `protocol-error` when the peer closes
 * before. Nobody else reads from the socket meanwhile; what follows stays in it. The wait has no end of its own: the
 * handshake's deadline destroys the socket.
 */
export async function readBytes(socket: Wire, count: number): Promise<Buffer> {
  const ready = taken(socket, count);
  if (ready) return ready;
  // The listeners stay until all is there: a new one would hear at once of what has come already, and starve what is to come.
  let wake = (): void => undefined;
  const happened = (): void => wake();
  for (const event of EVENTS) socket.on(event, happened);
  try {
    for (;;) {
      const bytes = taken(socket, count);
      if (bytes) return bytes;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  } finally {
    for (const event of EVENTS) socket.off(event, happened);
  }
}

const EVENTS = ["readable", "end", "error", "close"] as const;

function taken(socket: Wire, count: number): Buffer | undefined {
  const bytes = socket.read(count) as Buffer | null;
  if (bytes?.length === count) return bytes;
  if (bytes !== null || socket.destroyed || socket.readableEnded)
    throw new GateError("protocol-error", "the peer closed during the handshake");
  return undefined;
}

/** One whole message of a handshake with its header. Untrusted: `maxBytes` is compared before anything waits for more. */
export async function readMessage(socket: Wire, maxBytes: number): Promise<Buffer> {
  const header = await readBytes(socket, HEADER_BYTES);
  const length = header.readInt32BE(1);
  if (length < 4 || length + 1 > maxBytes) throw new GateError("protocol-error", "a message of the handshake is too long");
  return length === 4 ? header : Buffer.concat([header, await readBytes(socket, length - 4)]);
}
