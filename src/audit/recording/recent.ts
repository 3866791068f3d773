/**
 * What a recording that goes on said last, for those who look in on it: each frame as it is sealed, and where in the file
 * the last of it begins. Costs nothing while nobody looks, but for a mark now and then.
 */
import type { Frame } from "./frame.ts";

/** Where a segment begins: its offset in the file, and its number. */
export interface Mark {
  readonly offset: number;
  readonly index: number;
}

/** Between two marks, and how many are kept: what begins at the oldest is at most three times as long. */
const MARK_BYTES = 32 * 1024;
const MARKS = 3;
/** As many channels as one connection may have open. */
const MAX_TERMINALS = 64;

export class Recent {
  readonly #listeners = new Set<(frame: Frame) => void>();
  readonly #marks: Mark[] = [];
  /** Of the channels that are open: how each began, and its size. */
  readonly #terminals = new Map<number, { begin?: Frame; resize?: Frame }>();

  /** Somebody looks on: frames are to be given to `tell`. Hot path. */
  get isWatched(): boolean {
    return this.#listeners.size > 0;
  }

  /** A segment is about to be written there. Hot path. */
  at(offset: number, index: number): void {
    const last = this.#marks.at(-1);
    if (last !== undefined && offset - last.offset < MARK_BYTES) return;
    this.#marks.push({ offset, index });
    if (this.#marks.length > MARKS) this.#marks.shift();
  }

  /** Where reading may begin, to see what was recorded last. */
  get start(): Mark | undefined {
    return this.#marks[0];
  }

  /** The frames that say how the channels that are open began and how large they are. */
  get terminals(): readonly Frame[] {
    return [...this.#terminals.values()].flatMap(({ begin, resize }) => [begin, resize]).filter((frame) => frame !== undefined);
  }

  /** A frame that is not output. */
  noted(frame: Frame): void {
    const known = this.#terminals.get(frame.channel);
    if (frame.type === "end") this.#terminals.delete(frame.channel);
    else if (frame.type === "begin" && (known || this.#terminals.size < MAX_TERMINALS))
      this.#terminals.set(frame.channel, { begin: frame });
    else if (frame.type === "resize" && known) known.resize = frame;
    if (this.isWatched) this.tell(frame);
  }

  /** The frame's bytes are the listeners' from now on. */
  tell(frame: Frame): void {
    for (const listener of this.#listeners) listener(frame);
  }

  listen(listener: (frame: Frame) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }
}
