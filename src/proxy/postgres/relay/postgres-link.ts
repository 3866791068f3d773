import type { Socket } from "node:net";
import { finished } from "node:stream/promises";
import type { BufferPool } from "../../../kernel/buffer-pool.ts";
import { withDeadline } from "../../../kernel/deadline.ts";
import { freeMemory } from "../../../kernel/free-memory.ts";
import type { Wire } from "../wire.ts";

/** Why a side is not read: the other one does not take what it says. */
export const PEER_IS_FULL = "peer is full";
/** Above this much waiting for a slow peer its counterpart is no longer read. */
const PAUSE_BYTES = 1024 * 1024;
const RESUME_BYTES = 256 * 1024;
/** What is gathered leaves in one write of at most this. */
const GATHERED_BYTES = 128 * 1024;
/** Less leaves with memory of its own size; and no more than so many pieces of more wait for a slow peer. */
const COPY_BELOW = 4096;
const PIECES_MAX = 16;
/** A peer that has more than this to say waits until every other one that has something to say was heard. */
const TURN_BYTES = 128 * 1024;
/** How long a goodbye may take to leave before the socket is destroyed. */
const LINGER_MS = 250;

/**
 * A connection whose handshake is over. Bytes go straight through; back-pressure is the owner's to apply with `pause`,
 * from `isFull` and `onDrain`. `onEnd` is called once, whoever ends it.
 *
 * What comes is valid until `onData` returns: its memory is given back then, because a million rows of garbage cost more
 * than copying them. What is written is copied, so that it may be a view of what came elsewhere.
 */
export class PostgresLink {
  readonly socket: Wire;
  readonly #plain: Socket;
  readonly #pool: BufferPool;
  onData: (chunk: Buffer) => void = () => undefined;
  onDrain: () => void = () => undefined;
  onEnd: () => void = () => undefined;
  readonly #pauses = new Set<string>();
  /** Written, and kept until `uncork`. */
  #gathered: Buffer | undefined;
  #gatheredBytes = 0;
  /** Given to the socket, and not taken by the kernel yet; in order. `undefined`: not of the pool. */
  readonly #leaving: (Buffer | undefined)[] = [];
  #pieces = 0;
  #corks = 0;
  #turnBytes = 0;
  #ended = false;

  /** `plain`: what carries it, where that is another. */
  constructor(socket: Wire, pool: BufferPool, plain: Socket = socket) {
    this.socket = socket;
    this.#pool = pool;
    this.#plain = plain;
    const end = (): void => this.#end();
    socket.on("error", end).on("close", end).on("end", end);
    socket.on("drain", () => this.#drained());
  }

  get ended(): boolean {
    return this.#ended;
  }

  get isFull(): boolean {
    return this.#pieces > PIECES_MAX || this.socket.writableLength + this.#gatheredBytes > PAUSE_BYTES;
  }

  /** From now on what comes goes to `onData`; what the handshake left unread comes first. */
  start(): void {
    this.socket.on("data", (chunk: Buffer) => {
      if (!this.#ended) this.onData(chunk);
      this.#turnBytes += chunk.length;
      if (this.#turnBytes >= TURN_BYTES) this.#yield();
      freeMemory(chunk);
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
    if (this.#gatheredBytes + bytes.length > GATHERED_BYTES) this.#flush();
    this.#gathered ??= this.#pool.take(Math.max(bytes.length, GATHERED_BYTES));
    this.#gathered.set(bytes, this.#gatheredBytes);
    this.#gatheredBytes += bytes.length;
    if (this.#corks === 0) this.#flush();
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
    // Below TLS, and once the kernel has all of it: a half that is closing while something waits could not be reset.
    this.socket.write(lastWords, () => {
      if (!this.#ended) this.#plain.end();
    });
  }

  /**
   * Closes now. What has not arrived is thrown away, here and in the kernel, and the peer cannot answer any more: that
   * is so when it resolves. It never rejects.
   */
  async reset(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    this.onEnd();
    // libuv resets nothing while it closes a half (uv_tcp_close_reset gives EINVAL), which takes a turn of its loop; Node
    // would then leave the connection open, and all that was sent would be done.
    if (this.#isClosingHalf) {
      const closed = finished(this.#plain, { readable: false });
      await withDeadline(closed, LINGER_MS, "the connection does not close").catch(() => undefined);
    }
    // Untrusted: a target may have TLS itself say something that it does not take.
    if (this.#isClosingHalf) this.#plain.destroy();
    else this.#plain.resetAndDestroy();
    this.socket.destroy();
  }

  get #isClosingHalf(): boolean {
    return this.#plain.writableEnded && !this.#plain.writableFinished;
  }

  #yield(): void {
    this.#turnBytes = 0;
    this.pause("others have their turn");
    setImmediate(() => this.resume("others have their turn"));
  }

  #flush(): void {
    const [gathered, bytes] = [this.#gathered, this.#gatheredBytes];
    if (gathered === undefined) return;
    this.#gathered = undefined;
    this.#gatheredBytes = 0;
    if (this.#ended || bytes === 0) return this.#pool.release(gathered);
    if (bytes < COPY_BELOW) {
      this.#leaving.push(undefined);
      this.socket.write(Buffer.from(gathered.subarray(0, bytes)), this.#left);
      return this.#pool.release(gathered);
    }
    this.#pieces += 1;
    this.#leaving.push(gathered);
    this.socket.write(gathered.subarray(0, bytes), this.#left);
  }

  readonly #left = (): void => {
    const buffer = this.#leaving.shift();
    if (buffer) {
      this.#pieces -= 1;
      this.#pool.release(buffer);
    }
    this.#drained();
  };

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
