/**
 * Accepts connections and keeps their number bounded: in all, for one address, and of those not yet known. One that has
 * not said who it is within the deadline is closed; it holds a few kilobytes until then.
 */
import { createServer, type Server, type Socket } from "node:net";
import { GateError } from "../../kernel/errors.ts";
import { formatAddress } from "../../session/dial.ts";

export interface ListenerLimits {
  readonly handshakeMs: number;
  readonly connections: number;
  readonly connectionsPerAddress: number;
}

export interface Accepted {
  readonly socket: Socket;
  /** `ip:port` */
  readonly remote: string;
  /** Who it is is known: the deadline of the handshake is over. */
  known(): void;
}

export interface ListenerOptions {
  readonly host: string;
  readonly port: number;
  readonly limits: () => ListenerLimits;
  readonly onConnection: (accepted: Accepted) => void;
}

export interface Listener extends AsyncDisposable {
  readonly port: number;
}

export async function startListener({ host, port, limits, onConnection }: ListenerOptions): Promise<Listener> {
  const perAddress = new Map<string, number>();
  let total = 0;
  const open = new Set<Socket>();

  const server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000, pauseOnConnect: true }, (socket) => {
    const address = socket.remoteAddress ?? "";
    const { connections, connectionsPerAddress, handshakeMs } = limits();
    const here = perAddress.get(address) ?? 0;
    // No word before the version exchange: RFC 4253 has none that every client would show.
    if (total >= connections || here >= connectionsPerAddress || address === "") return void socket.destroy();
    total += 1;
    perAddress.set(address, here + 1);
    open.add(socket);
    const deadline = setTimeout(() => socket.destroy(), handshakeMs);
    socket.once("close", () => {
      clearTimeout(deadline);
      open.delete(socket);
      total -= 1;
      const left = (perAddress.get(address) ?? 1) - 1;
      if (left === 0) perAddress.delete(address);
      else perAddress.set(address, left);
    });
    const remote = formatAddress(address.replace(/^::ffff:/, ""), socket.remotePort ?? 0);
    onConnection({ socket, remote, known: () => clearTimeout(deadline) });
  });

  await listen(server, host, port);
  const bound = server.address();
  return {
    port: typeof bound === "object" && bound !== null ? bound.port : port,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      reject(new GateError("bad-config", `cannot listen on ${formatAddress(host, port)}: ${error.code ?? error.message}`));
    });
    server.listen(port, host, () => resolve());
  });
}
