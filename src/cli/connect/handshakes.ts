/**
 * Clients that are not through yet. Any program of this machine can reach a port of the loopback: who stays silent goes
 * after a while, and where many come at once the oldest goes first, since an honest one needs milliseconds.
 */
import type { Socket } from "node:net";

const HANDSHAKE_MS = 10_000;
const MAX_HANDSHAKES = 32;

export class Handshakes {
  readonly #sockets = new Set<Socket>();

  /** Disposed of when it is through. */
  add(socket: Socket): Disposable {
    const [oldest] = this.#sockets;
    if (this.#sockets.size >= MAX_HANDSHAKES) oldest?.destroy();
    this.#sockets.add(socket);
    const deadline = setTimeout(() => socket.destroy(), HANDSHAKE_MS);
    const leave = (): void => {
      clearTimeout(deadline);
      this.#sockets.delete(socket);
    };
    socket.once("close", leave);
    return {
      [Symbol.dispose]: () => {
        socket.off("close", leave);
        leave();
      },
    };
  }
}
