import type { Socket } from "node:net";
import type { Wire } from "./postgres-reader.ts";

/** Above this much waiting for a slow peer its counterpart is no longer read. */
const PAUSE_BYTES = 1024 * 1024;
const RESUME_BYTES = 256 * 1024;
/** Pieces of no more than this together are copied into one: a call for each, or for a list of them, costs more. */
const JOINED_BYTES = 128 * 1024;
/** How long a goodbye may take to leave before the socket is destroyed. */
const LINGER_MS = 250;

/**
 * A connection whose handshake is over. Bytes go straight through; back-pressure is the owner's to apply with `pause`,
 * from `isFull` and `onDrain`. `onEnd` is called once, whoever ends it.
 */
export class PostgresLink {
  readonly socket: Wire;
  readonly #plain: Socket;
  onData: (chunk: Buffer) => void = () => undefined;
  onDrain: () => void = () => undefined;
  onEnd: () => void = () => undefined;
  readonly #pauses = new Set<string>();
  /** Written, and kept until `uncork`. */
  #gathered: Uint8Array[] = [];
  #gatheredBytes = 0;
  #corks = 0;
  #ended = false;

  /** `plain`: what carries it, where that is another. */
  constructor(socket: Wire, plain: Socket = socket) {
    this.socket = socket;
    this.#plain = plain;
    const end = (): void => this.#end();
    socket.on("error", end).on("close", end).on("end", end);
    socket.on("drain", () => this.#drained());
  }

  get ended(): boolean {
    return this.#ended;
  }

  get isFull(): boolean {
    return this.socket.writableLength + this.#gatheredBytes > PAUSE_BYTES;
  }

  /** From now on what comes goes to `onData`; what the handshake left unread comes first. */
  start(): void {
    this.socket.on("data", (chunk: Buffer) => {
      if (!this.#ended) this.onData(chunk);
    });
    if (this.#pauses.size > 0) this.socket.pause();
    else this.socket.resume();
    // It may have ended while nobody listened.
    if (this.socket.destroyed || this.socket.readableEnded) this.#end();
  }

  /** Everything written until `uncork` leaves together. */
  cork(): void {
    this.#corks += 1;
  }

  uncork(): void {
    this.#corks -= 1;
    if (this.#corks === 0) this.#flush();
  }

  write(bytes: Uint8Array): void {
    if (this.#ended) return;
    if (this.#corks === 0) return this.#send(bytes);
    this.#gathered.push(bytes);
    this.#gatheredBytes += bytes.length;
  }

  /** Stops reading for a reason; reading goes on when every reason is gone. */
  pause(reason: string): void {
    this.#pauses.add(reason);
    this.socket.pause();
  }

  resume(reason: string): void {
    if (this.#pauses.delete(reason) && this.#pauses.size === 0 && !this.#ended) this.socket.resume();
  }

  /** Says `lastWords` and closes. */
  close(lastWords?: Uint8Array): void {
    if (this.#ended) return;
    this.#flush();
    if (lastWords) this.socket.write(lastWords);
    this.#end();
  }

  /** Says that nothing more comes, and hears the peer out: `onEnd` is called when it has closed. */
  leave(lastWords: Uint8Array): void {
    if (this.#ended) return;
    this.#flush();
    this.socket.end(lastWords);
  }

  /** Closes now. What has not arrived is thrown away, here and in the kernel, and the peer cannot answer any more. */
  reset(): void {
    if (this.#ended) return;
    this.#plain.resetAndDestroy();
    this.socket.destroy();
    this.#end();
  }

  #flush(): void {
    const [pieces, bytes] = [this.#gathered, this.#gatheredBytes];
    const [first] = pieces;
    if (first === undefined || this.#ended) return;
    this.#gathered = [];
    this.#gatheredBytes = 0;
    if (pieces.length === 1) return this.#send(first);
    if (bytes <= JOINED_BYTES) return this.#send(Buffer.concat(pieces, bytes));
    this.socket.cork();
    for (const piece of pieces) this.#send(piece);
    this.socket.uncork();
  }

  #send(bytes: Uint8Array): void {
    this.socket.write(bytes, this.#sent);
  }

  readonly #sent = (): void => this.#drained();

  #drained(): void {
    if (!this.#ended && this.socket.writableLength <= RESUME_BYTES) this.onDrain();
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    if (!this.socket.destroyed) {
      this.socket.end();
      const timer = setTimeout(() => this.socket.destroy(), LINGER_MS);
      this.socket.once("close", () => clearTimeout(timer));
    }
    this.onEnd();
  }
}
