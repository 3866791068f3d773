/**
 * The sockets of a protocol that people come through: accepts connections and keeps their number bounded (places.ts). One that has not said who it is within the deadline is
 * closed; it holds some ten kilobytes until then.
 */
import { createServer, type Server, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { GateError } from "../kernel/errors.ts";
import { formatAddress } from "./dial.ts";
import { Places, type PlaceLimits } from "./places.ts";

export interface ListenerLimits extends PlaceLimits {
  readonly handshakeMs: number;
}

export interface Accepted<S extends Duplex = Socket> {
  readonly socket: S;
  /** `ip:port` */
  readonly remote: string;
  /** Who it is is known: the place is its own, and the deadline of the handshake is over. */
  known(): void;
  /** It is the client's turn again, before it is through: the deadline starts anew. */
  expectAnswer(): void;
}

export interface ListenerOptions {
  /** For messages: `SSH`, `PostgreSQL`. */
  readonly protocol: string;
  readonly host: string;
  readonly port: number;
  readonly limits: () => ListenerLimits;
  readonly onConnection: (accepted: Accepted) => void;
  /** What went wrong with accepting, as when the process has no file descriptors left; it goes on. */
  readonly onFault: (error: unknown) => void;
}

export interface Listener extends AsyncDisposable {
  readonly port: number;
}

export interface From {
  readonly address: string;
  readonly port: number;
  /** Whose places it takes, where that is no address: many people may come from one. */
  readonly holder?: string;
}

export interface AdmittingListener extends Listener {
  /** A connection that is no socket, for a person at `from`: it takes a place like every other, of those of `holder`. False: there is none left. */
  admit<S extends Duplex>(socket: S, from: From, onConnection: (accepted: Accepted<S>) => void): boolean;
}

export async function startListener({ protocol, host, port, limits, onConnection, onFault }: ListenerOptions): Promise<AdmittingListener> {
  const places = new Places();
  const open = new Set<Duplex>();

  const admit: AdmittingListener["admit"] = (socket, { address, port: remotePort, holder }, serve) => {
    const { handshakeMs } = limits();
    // Without a word: no protocol has one, before its first exchange, that every client would show.
    const place = places.take(address, limits(), () => socket.destroy(), holder);
    if (place === undefined || socket.destroyed) {
      place?.leave();
      socket.destroy();
      return false;
    }
    open.add(socket);
    const startDeadline = (): NodeJS.Timeout => setTimeout(() => socket.destroy(), handshakeMs);
    let deadline = startDeadline();
    socket.once("close", () => {
      clearTimeout(deadline);
      open.delete(socket);
      place.leave();
    });
    serve({
      socket,
      remote: formatAddress(address.replace(/^::ffff:/, ""), remotePort),
      known: () => {
        place.known();
        clearTimeout(deadline);
      },
      expectAnswer: () => {
        clearTimeout(deadline);
        if (!socket.destroyed) deadline = startDeadline();
      },
    });
    return true;
  };

  const server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000, pauseOnConnect: true }, (socket) => {
    // A peer that is gone already has no address; a reset before anybody listens for it is nobody's fault.
    socket.on("error", () => undefined);
    const { remoteAddress: address, remotePort: from = 0 } = socket;
    if (address === undefined) socket.destroy();
    else admit(socket, { address, port: from }, onConnection);
  });

  await listen(server, protocol, host, port);
  server.on("error", onFault);
  const bound = server.address();
  return {
    port: typeof bound === "object" && bound !== null ? bound.port : port,
    admit,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}

function listen(server: Server, protocol: string, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException): void => {
      reject(new GateError("cannot-listen", `${protocol} on "${formatAddress(host, port)}" (${error.code ?? error.message})`));
    };
    server.once("error", fail);
    server.listen(port, host, () => {
      server.off("error", fail);
      resolve();
    });
  });
}
