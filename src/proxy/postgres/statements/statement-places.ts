/**
 * How many transactions of one grant are under way at one target at a time, over all its sessions. Whoever comes when all
 * places are taken waits for the next, first come, first served.
 *
 * A place is held from a transaction's first statement to its end, not statement by statement: a transaction that holds
 * locks never waits behind those that wait for its locks, which no deadlock detector would find.
 */
interface Queue {
  taken: number;
  readonly waiting: Set<() => void>;
}

export class StatementPlaces {
  readonly #queues = new Map<string, Queue>();

  /** A place now, or `undefined`: all `most` are taken, or others wait already. */
  take(key: string, most: number): Disposable | undefined {
    const queue = this.#queues.get(key) ?? { taken: 0, waiting: new Set() };
    if (queue.taken >= most || queue.waiting.size > 0) return undefined;
    this.#queues.set(key, queue);
    return this.#occupy(key, queue);
  }

  /** Resolves with a place; with `undefined` once `signal` is aborted. */
  wait(key: string, signal: AbortSignal): Promise<Disposable | undefined> {
    const queue = this.#queues.get(key);
    if (queue === undefined) return Promise.resolve(this.take(key, Infinity));
    return new Promise((resolve) => {
      const mine = (): void => {
        signal.removeEventListener("abort", gone);
        resolve(this.#occupy(key, queue));
      };
      const gone = (): void => {
        queue.waiting.delete(mine);
        resolve(undefined);
      };
      if (signal.aborted) return resolve(undefined);
      signal.addEventListener("abort", gone, { once: true });
      queue.waiting.add(mine);
    });
  }

  #occupy(key: string, queue: Queue): Disposable {
    queue.taken += 1;
    let isMine = true;
    return {
      [Symbol.dispose]: () => {
        if (!isMine) return;
        isMine = false;
        queue.taken -= 1;
        const [next] = queue.waiting;
        if (next !== undefined) {
          queue.waiting.delete(next);
          next();
        } else if (queue.taken === 0) this.#queues.delete(key);
      },
    };
  }
}
