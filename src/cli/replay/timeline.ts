/** A recording as something to play: output in order, with its own time and the time it is shown at once idle stretches are shortened. */
import { stripVTControlCharacters } from "node:util";

export interface OutputPiece {
  /** Microseconds since the recording's start. */
  readonly atUs: number;
  /** When it is shown at normal speed, in microseconds; ≤ atUs where idle time was taken out. */
  readonly playUs: number;
  readonly bytes: Buffer;
}

export interface Timeline {
  readonly pieces: readonly OutputPiece[];
  /** Length at normal speed, in microseconds of play time. */
  readonly lengthUs: number;
}

/** `idleUs`: a longer silence lasts only this long when played. */
export function buildTimeline(
  output: readonly { readonly atUs: number; readonly bytes: Buffer }[],
  idleUs = Number.POSITIVE_INFINITY,
): Timeline {
  const pieces: OutputPiece[] = [];
  let [playUs, lastUs] = [0, 0];
  for (const { atUs, bytes } of output) {
    playUs += Math.min(Math.max(0, atUs - lastUs), idleUs);
    lastUs = Math.max(lastUs, atUs);
    pieces.push({ atUs, playUs, bytes });
  }
  return { pieces, lengthUs: playUs };
}

/** Index of the first piece shown after `playUs`. */
export function pieceAfter({ pieces }: Timeline, playUs: number): number {
  let [low, high] = [0, pieces.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((pieces[middle]?.playUs ?? 0) <= playUs) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Play time for a time of the recording. */
export function playTimeOf({ pieces, lengthUs }: Timeline, atUs: number): number {
  return pieces.find((piece) => piece.atUs >= atUs)?.playUs ?? lengthUs;
}

/** What the output says, without anything that acts on a terminal, and which piece each position came from. */
export class TextIndex {
  readonly #text: string;
  /** Offset in the text at which each piece ends. */
  readonly #ends: number[] = [];

  constructor({ pieces }: Timeline) {
    const decoder = new TextDecoder();
    // Stripping piece by piece would leave sequences that a boundary cut in two; they are few, and search is for words.
    let text = "";
    for (const { bytes } of pieces) {
      text += stripVTControlCharacters(decoder.decode(bytes, { stream: true }));
      this.#ends.push(text.length);
    }
    this.#text = text.toLowerCase();
  }

  /** Index of the next piece after `from` in which an occurrence ends; goes round at the end. `undefined`: nowhere. */
  find(words: string, from: number): number | undefined {
    const wanted = words.toLowerCase();
    if (wanted === "") return undefined;
    const start = from < 0 ? 0 : (this.#ends[from] ?? 0);
    const later = this.#text.indexOf(wanted, Math.max(0, start - wanted.length + 1));
    const found = later >= 0 ? later : this.#text.indexOf(wanted);
    return found < 0 ? undefined : this.#ends.findIndex((end) => end >= found + wanted.length);
  }
}
