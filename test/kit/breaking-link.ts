/** A TCP link to a server that breaks on command, as networks do: reset, or silent from some byte on. */
import { connect, createServer, type Socket } from "node:net";

export interface BreakingLink extends AsyncDisposable {
  readonly port: number;
  /** Connections through it that are open. */
  readonly open: number;
  /** Of the server's bytes on each connection that is open, only so many more arrive; no end is told either. */
  silenceAfter(bytes: number): void;
  /** Nothing arrives any more on any of them. */
  readonly isSilent: boolean;
  /** RST to whoever connected. */
  reset(): void;
}

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
  left: number;
}

export async function startBreakingLink(to: number): Promise<BreakingLink> {
  const pairs = new Set<Pair>();
  // Half-open: that one side is done is no news to the other until it is told.
  const listener = createServer({ allowHalfOpen: true }, (client) => {
    const server = connect({ port: to, host: "127.0.0.1", allowHalfOpen: true });
    const pair: Pair = { client, server, left: Infinity };
    pairs.add(pair);
    for (const socket of [client, server]) socket.on("error", () => undefined);
    client.pipe(server);
    server.on("data", (chunk: Buffer) => {
      const passed = chunk.subarray(0, Math.min(pair.left, chunk.length));
      pair.left -= passed.length;
      if (passed.length > 0 && !client.write(passed)) {
        server.pause();
        client.once("drain", () => server.resume());
      }
    });
    server.on("end", () => {
      if (pair.left > 0) client.end();
    });
    server.once("close", () => {
      if (pair.left > 0) client.destroySoon();
    });
    client.once("close", () => {
      pairs.delete(pair);
      server.destroy();
    });
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const bound = listener.address();
  return {
    port: typeof bound === "object" && bound !== null ? bound.port : 0,
    get open() {
      return pairs.size;
    },
    get isSilent() {
      return [...pairs].every(({ left }) => left === 0);
    },
    silenceAfter: (bytes) => {
      for (const pair of pairs) pair.left = bytes;
    },
    reset: () => {
      for (const { client } of pairs) client.resetAndDestroy();
    },
    [Symbol.asyncDispose]: async () => {
      for (const { client, server } of pairs) for (const socket of [client, server]) socket.destroy();
      await new Promise((resolve) => listener.close(resolve));
    },
  };
}
