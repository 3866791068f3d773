/**
 * Frames on their way to somebody who looks at many sessions at once: output of one stream put together, and never more
 * than fits. Who falls behind misses what was in between, and begins again with what is to be seen now. Pure.
 */
import { isOutput, type Frame } from "./frame.ts";

/** Of output: a few screens. */
export const TAIL_BYTES = 32 * 1024;
const FRAMES_MAX = 500;

/** The last frames of one session, shared by everybody who looks at it. */
export class FrameTail {
  #frames: Frame[] = [];
  #bytes = 0;

  get frames(): readonly Frame[] {
    return this.#frames;
  }

  push(frame: Frame): void {
    this.#frames.push(frame);
    this.#bytes += sizeOf(frame);
    let from = 0;
    while ((this.#bytes > TAIL_BYTES || this.#frames.length - from > FRAMES_MAX) && from < this.#frames.length - 1) {
      this.#bytes -= sizeOf(this.#frames[from] as Frame);
      from += 1;
    }
    if (from > 0) this.#frames = this.#frames.slice(from);
    const [only] = this.#frames;
    // One frame may be larger than all that is wanted: its end is what is to be seen.
    if (this.#frames.length === 1 && only && isOutput(only) && this.#bytes > TAIL_BYTES) {
      this.#frames = [{ ...only, data: only.data.subarray(-TAIL_BYTES) }];
      this.#bytes = TAIL_BYTES;
    }
  }
}

export class ThinQueue {
  readonly #tail: FrameTail;
  #waiting: Frame[] = [];
  #bytes = 0;
  /** What is to be seen is another by now: it is told whole. */
  #isBehind = false;

  constructor(tail: FrameTail) {
    this.#tail = tail;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0 && !this.#isBehind;
  }

  /** The tail has it already. */
  push(frame: Frame): void {
    if (this.#isBehind) return;
    this.#waiting.push(frame);
    this.#bytes += sizeOf(frame);
    if (this.#bytes <= TAIL_BYTES && this.#waiting.length <= FRAMES_MAX) return;
    this.#isBehind = true;
    this.#waiting = [];
    this.#bytes = 0;
  }

  /** Everything that waits. `isAnew`: it takes the place of what was told before. */
  take(): { readonly isAnew: boolean; readonly frames: readonly Frame[] } {
    const isAnew = this.#isBehind;
    const frames = joined(isAnew ? this.#tail.frames : this.#waiting);
    this.#waiting = [];
    this.#bytes = 0;
    this.#isBehind = false;
    return { isAnew, frames };
  }
}

/** Output that follows on output of the same stream is one frame, with the time of its first. */
export function joined(frames: readonly Frame[]): readonly Frame[] {
  const runs: Frame[][] = [];
  for (const frame of frames) {
    const last = runs.at(-1)?.[0];
    if (last && isOutput(frame) && isOutput(last) && last.type === frame.type && last.channel === frame.channel) runs.at(-1)?.push(frame);
    else runs.push([frame]);
  }
  return runs.flatMap((run) => {
    const [first] = run;
    if (first === undefined || run.length === 1 || !isOutput(first)) return run;
    const { type, channel, timeUs } = first;
    return [{ type, channel, timeUs, data: Buffer.concat(run.flatMap((frame) => (isOutput(frame) ? frame.data : []))) }];
  });
}

function sizeOf(frame: Frame): number {
  return "data" in frame ? frame.data.length : 0;
}
