/**
 * Changes as they happen, for any number of listeners, each with an id to continue from. Keeps the last `kept` changes; a
 * listener who fell further behind, or who comes with an id of another run, starts with what is there now.
 */
import type { Sequenced } from "../contract/types.ts";
import { GateError } from "../kernel/errors.ts";
import { randomText, type Random } from "../kernel/random.ts";

interface Numbered<T> {
  readonly number: number;
  readonly value: T;
}

export class ChangeFeed<T> {
  /** Names this run of the gate: numbers start again with it. */
  readonly #run: string;
  readonly #kept: Numbered<T>[] = [];
  readonly #listeners = new Set<(change: Numbered<T>) => void>();
  readonly #limit: number;
  #last = 0;

  constructor(random: Random, limit = 1_000) {
    this.#run = randomText(random, 8);
    this.#limit = limit;
  }

  push(value: T): void {
    const change = { number: ++this.#last, value };
    this.#kept.push(change);
    if (this.#kept.length > this.#limit) this.#kept.shift();
    for (const listener of this.#listeners) listener(change);
  }

  /** Ends when `signal` aborts; throws `too-slow` when the listener falls behind by more than is kept. */
  async *follow(
    after: string | undefined,
    now: () => Promise<readonly T[]>,
    signal: AbortSignal,
  ): AsyncGenerator<Sequenced<T>, void, undefined> {
    const waiting: Numbered<T>[] = [];
    let tooSlow = false;
    let wake = (): void => {};
    const listener = (change: Numbered<T>): void => {
      if (waiting.length < this.#limit) waiting.push(change);
      else tooSlow = true;
      wake();
    };
    const onAbort = (): void => wake();
    // Before the first await, so that nothing falls between what is there now and what comes.
    this.#listeners.add(listener);
    signal.addEventListener("abort", onAbort);
    try {
      const missed = this.#missed(after);
      const base = this.#last;
      if (missed) for (const change of missed) yield this.#sequenced(change);
      else for (const value of await now()) yield this.#sequenced({ number: base, value });
      while (!signal.aborted) {
        if (tooSlow) throw new GateError("too-slow");
        const next = waiting.shift();
        if (next) yield this.#sequenced(next);
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      this.#listeners.delete(listener);
      signal.removeEventListener("abort", onAbort);
    }
  }

  #sequenced({ number, value }: Numbered<T>): Sequenced<T> {
    return { id: `${this.#run}-${number}`, data: value };
  }

  /** Everything after the id, if all of it is still here. */
  #missed(after: string | undefined): readonly Numbered<T>[] | undefined {
    const match = /^([0-9a-z]{8})-([0-9]{1,15})$/.exec(after ?? "");
    if (match?.[1] !== this.#run) return undefined;
    const number = Number(match[2]);
    const oldest = this.#kept[0]?.number ?? this.#last + 1;
    return number <= this.#last && number >= oldest - 1 ? this.#kept.filter((change) => change.number > number) : undefined;
  }
}
