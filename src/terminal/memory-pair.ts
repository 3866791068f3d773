/**
 * Two ends of a connection within the process, in place of a socket: what is written to one is read from the other, a piece
 * at a time, and the writer waits until it was taken. Pieces are copied: their memory is the writer's again once it was told.
 */
import { Duplex } from "node:stream";

class End extends Duplex {
  peer!: End;
  /** Of the peer's last piece. */
  #taken: (() => void) | undefined;
  #isOver = false;

  constructor() {
    super({ allowHalfOpen: false });
    // Whoever reads it hears of its end in other ways.
    this.on("error", () => undefined);
  }

  override _read(): void {
    this.#take();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
    this.peer.#receive(chunk, done);
  }

  override _final(done: () => void): void {
    this.peer.#receiveEnd();
    done();
  }

  /** As a socket that is reset: what the other end was given it may still read. */
  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#isOver = true;
    this.#take();
    this.peer.#take();
    this.peer.#receiveEnd();
    done(error);
  }

  #receive(chunk: Buffer, done: (error?: Error) => void): void {
    if (this.#isOver) return done(new Error("the other end is closed"));
    this.#taken = done;
    this.push(Buffer.from(chunk));
  }

  #receiveEnd(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.push(null);
  }

  #take(): void {
    const taken = this.#taken;
    this.#taken = undefined;
    taken?.();
  }
}

export function memoryPair(): readonly [Duplex, Duplex] {
  const [one, other] = [new End(), new End()];
  one.peer = other;
  other.peer = one;
  return [one, other];
}
