/** The state of a replay: where it is, how fast, whether it runs. Pure: told how much time went by, it says what to write. */
import { pieceAfter, TextIndex, type Timeline } from "./timeline.ts";

/** Whole screen, colours, modes and margins back to how a terminal starts; a jump back begins with it. */
const START_OVER = Buffer.from("\u001b[!p\u001b[?1049l\u001b[r\u001b[0m\u001b[2J\u001b[3J\u001b[H");
const SPEEDS = [0.25, 0.5, 1, 2, 4, 8, 16, 32];

export class Player {
  readonly #timeline: Timeline;
  #index: TextIndex | undefined;
  /** Everything before this piece has been written. */
  #next = 0;
  #playUs = 0;
  #speed: number;
  paused = false;

  constructor(timeline: Timeline, speed = 1) {
    this.#timeline = timeline;
    this.#speed = speed;
  }

  get playUs(): number {
    return this.#playUs;
  }

  get speed(): number {
    return this.#speed;
  }

  get ended(): boolean {
    return this.#next >= this.#timeline.pieces.length;
  }

  /** Milliseconds until the next output at this speed; `undefined` while paused or at the end. */
  get waitMs(): number | undefined {
    const piece = this.#timeline.pieces[this.#next];
    return this.paused || !piece ? undefined : Math.max(0, (piece.playUs - this.#playUs) / 1000 / this.#speed);
  }

  /** What to write after `elapsedMs` of real time. */
  advance(elapsedMs: number): Buffer[] {
    if (this.paused) return [];
    return this.#to(Math.min(this.#timeline.lengthUs, this.#playUs + elapsedMs * 1000 * this.#speed));
  }

  /** To a point of play time: forward at once, backward by starting over. */
  seek(playUs: number): Buffer[] {
    const target = Math.max(0, Math.min(this.#timeline.lengthUs, playUs));
    if (target >= this.#playUs) return this.#to(target);
    this.#next = 0;
    return [START_OVER, ...this.#to(target)];
  }

  /** Everything up to here once more, for a screen that something else was written on. */
  redraw(): Buffer[] {
    this.#next = 0;
    return [START_OVER, ...this.#to(this.#playUs)];
  }

  /** To where the words appear next; `undefined` when they never do. */
  search(words: string): Buffer[] | undefined {
    this.#index ??= new TextIndex(this.#timeline);
    const found = this.#index.find(words, this.#next - 1);
    const piece = found === undefined ? undefined : this.#timeline.pieces[found];
    return piece && this.seek(piece.playUs);
  }

  faster(): void {
    this.#speed = SPEEDS.find((speed) => speed > this.#speed) ?? this.#speed;
  }

  slower(): void {
    this.#speed = SPEEDS.findLast((speed) => speed < this.#speed) ?? this.#speed;
  }

  #to(playUs: number): Buffer[] {
    const end = pieceAfter(this.#timeline, playUs);
    const due = this.#timeline.pieces.slice(this.#next, end).map(({ bytes }) => bytes);
    this.#next = end;
    this.#playUs = playUs;
    return due;
  }
}
