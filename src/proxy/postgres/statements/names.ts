/**
 * What the names of one connection stand for at the target: prepared statements, or portals. Pure.
 *
 * The target refuses a name that is taken, so what a client asked to be named is only `pending` until the target has
 * said yes. Up to the next Sync it is taken for granted: had it failed, the target would skip what follows. Behind a
 * Sync it is not: whoever asks for a name that may be one thing or another is told to wait for the target's answers.
 * That a name may be gone already is no reason to wait: then the target refuses it.
 *
 * Invariants:
 *  - `find` never says "settled" of a name that may stand for something else at the target by the time it is used.
 *  - Bounded in number and in bytes, with what is pending.
 */
import { GateError } from "../../../kernel/errors.ts";
import type { Ending } from "../relay/pipeline.ts";

/** The target keeps the first 63 bytes of a name (NAMEDATALEN), and takes names for the same that differ behind them. */
const MAX_NAME_BYTES = 63;

/** `doubtful`: code that the gate cannot see may have given the name to something else. */
export type Found<Value> = "unsettled" | { readonly value: Value | undefined; readonly doubtful: boolean };

/** A name that was asked for. */
export interface Naming {
  ended(how: Ending): void;
}

interface Meaning<Value> {
  readonly value: Value;
  readonly bytes: number;
  readonly outlives: boolean;
  /** When it was asked for, and how much doubt there was when the target said yes. */
  readonly segment: number;
  doubts: number;
}

interface Entry<Value> {
  current: Meaning<Value> | undefined;
  readonly pending: Meaning<Value>[];
}

export class Names<Value> {
  readonly #limits: { readonly entries: number; readonly bytes: number };
  readonly #entries = new Map<string, Entry<Value>>();
  /** Those whose meaning ends with the transaction. */
  readonly #passing = new Set<string>();
  #count = 0;
  #bytes = 0;
  #segment = 0;
  #doubts = 0;
  /** How much doubt there was when all names were last known to be free. */
  #doubtsWhenEmpty = 0;

  constructor(limits: { readonly entries: number; readonly bytes: number }) {
    this.#limits = limits;
  }

  find(name: string): Found<Value> {
    const { current, pending } = this.#entries.get(keyOf(name)) ?? NOTHING;
    const last = pending.at(-1);
    const doubtful = (current?.doubts ?? this.#doubtsWhenEmpty) < this.#doubts;
    if (last === undefined) return { value: current?.value, doubtful };
    if (last.segment === this.#segment) return { value: last.value, doubtful: false };
    return pending.length > 1 || current !== undefined || doubtful ? "unsettled" : { value: last.value, doubtful: false };
  }

  /** Asks for a name. Throws `too-large`: the connection has more open than anybody needs. */
  name(name: string, value: Value, bytes: number, { outlives = true }: { readonly outlives?: boolean } = {}): Naming {
    if (this.#count >= this.#limits.entries || this.#bytes + bytes > this.#limits.bytes) {
      throw new GateError("too-large", "more statements and portals are open on one connection than the gate remembers");
    }
    this.#count += 1;
    this.#bytes += bytes;
    const key = keyOf(name);
    const entry = this.#entries.get(key) ?? { current: undefined, pending: [] };
    const meaning: Meaning<Value> = { value, bytes, outlives, segment: this.#segment, doubts: 0 };
    entry.pending.push(meaning);
    this.#entries.set(key, entry);
    return { ended: (how) => this.#ended(key, entry, meaning, how) };
  }

  /** A Sync, or the end of a text: what was asked for before it may have failed by the time something behind it runs. */
  boundary(): void {
    this.#segment += 1;
  }

  /** The target has ended what a name stood for. */
  end(name: string): void {
    this.#drop(keyOf(name));
  }

  /** The target has ended all but the one without a name, which DEALLOCATE does not reach. */
  endAll(): void {
    for (const key of this.#entries.keys()) if (key !== "") this.#drop(key);
    this.#doubtsWhenEmpty = this.#doubts;
  }

  endTransaction(): void {
    for (const key of this.#passing) this.#drop(key);
  }

  /** Code has run at the target that may have used names as it liked. */
  doubt(): void {
    this.#doubts += 1;
  }

  #ended(key: string, entry: Entry<Value>, meaning: Meaning<Value>, how: Ending): void {
    const at = entry.pending.indexOf(meaning);
    if (at === -1) return;
    entry.pending.splice(at, 1);
    // What has no name is replaced without a question, and gone also where its successor failed.
    if (how === "done" || (how === "failed" && key === "")) this.#drop(key);
    if (how !== "done") {
      this.#release(meaning);
      if (entry.pending.length === 0 && entry.current === undefined) this.#entries.delete(key);
      return;
    }
    meaning.doubts = this.#doubts;
    entry.current = meaning;
    this.#entries.set(key, entry);
    if (!meaning.outlives) this.#passing.add(key);
  }

  #drop(key: string): void {
    this.#passing.delete(key);
    const entry = this.#entries.get(key);
    if (entry?.current === undefined) return;
    this.#release(entry.current);
    entry.current = undefined;
    if (entry.pending.length === 0) this.#entries.delete(key);
  }

  #release({ bytes }: Meaning<Value>): void {
    this.#count -= 1;
    this.#bytes -= bytes;
  }
}

const NOTHING = { current: undefined, pending: [] };

function keyOf(name: string): string {
  return name === "" ? "" : Buffer.from(name).toString("latin1", 0, MAX_NAME_BYTES);
}
