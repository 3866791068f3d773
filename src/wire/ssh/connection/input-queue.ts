/**
 * Bytes from the peer that wait to be read, as an async iterable for one reader. The channel's window bounds how much
 * that can be: `onConsumed` is called for bytes only once the reader has asked for the next ones.
 */
export class InputQueue implements AsyncIterable<Buffer> {
  readonly #onConsumed: (bytes: number) => void;
  #chunks: Buffer[] = [];
  #waiting: ((result: IteratorResult<Buffer>) => void) | undefined;
  #unconfirmed = 0;
  #ended = false;
  #discarding = false;

  constructor(onConsumed: (bytes: number) => void) {
    this.#onConsumed = onConsumed;
  }

  /** Copies `bytes`: they are a view into a packet. */
  push(bytes: Buffer): void {
    if (this.#discarding) return this.#onConsumed(bytes.length);
    const own = Buffer.from(bytes);
    const waiting = this.#waiting;
    if (waiting === undefined) {
      this.#chunks.push(own);
      return;
    }
    this.#waiting = undefined;
    this.#unconfirmed = own.length;
    waiting({ done: false, value: own });
  }

  /** Nothing more comes; what waits can still be read. */
  end(): void {
    this.#ended = true;
    this.#waiting?.({ done: true, value: undefined });
    this.#waiting = undefined;
  }

  [Symbol.asyncIterator](): AsyncIterator<Buffer> {
    return { next: () => this.#next(), return: () => this.#discard() };
  }

  #next(): Promise<IteratorResult<Buffer>> {
    if (this.#unconfirmed > 0) this.#onConsumed(this.#unconfirmed);
    this.#unconfirmed = 0;
    const chunk = this.#chunks.shift();
    if (chunk !== undefined) {
      this.#unconfirmed = chunk.length;
      return Promise.resolve({ done: false, value: chunk });
    }
    if (this.#ended || this.#discarding) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  /** The reader stopped: what comes now is taken and thrown away, so that the peer is not held up. */
  #discard(): Promise<IteratorResult<Buffer>> {
    this.#discarding = true;
    const waiting = this.#chunks.reduce((sum, chunk) => sum + chunk.length, this.#unconfirmed);
    this.#chunks = [];
    this.#unconfirmed = 0;
    if (waiting > 0) this.#onConsumed(waiting);
    return Promise.resolve({ done: true, value: undefined });
  }
}
