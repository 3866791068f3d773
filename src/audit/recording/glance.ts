/**
 * What a small screen needs of a recording that goes on: its size, and the end of what was shown since the last look. What came
 * too fast to be looked at is left out; then the screen starts anew with what is there.
 *
 * Untrusted: what a target showed. It is filtered as for every watcher. Memory: twice KEPT_BYTES.
 */
import { isOutput, type Frame } from "./frame.ts";
import { TerminalFilter } from "./terminal-filter.ts";

export interface Glance {
  readonly cols: number;
  readonly rows: number;
  /** What is shown starts anew: another shell or command, or something was left out. */
  readonly anew: boolean;
  /** Output of a command without a terminal: a line feed also returns. */
  readonly plain: boolean;
  readonly command?: string;
  readonly output: Buffer;
}

const KEPT_BYTES = 16 * 1024;
const LINE_FEED = 0x0a;

export class Glances {
  #filter = new TerminalFilter();
  #channel: number | undefined;
  #size = { cols: 80, rows: 24 };
  #command: string | undefined;
  #plain = false;
  #parts: Buffer[] = [];
  #bytes = 0;
  #anew = true;
  #changed = false;

  /** The shell or command that began last is what is looked at. */
  add(frame: Frame): void {
    if (frame.type === "begin" && frame.body.kind !== "subsystem") {
      const { cols = 80, rows = 24, term, command } = frame.body;
      this.#channel = frame.channel;
      this.#size = { cols, rows };
      this.#plain = term === undefined;
      this.#command = command;
      this.#start([]);
    } else if (frame.channel !== this.#channel) return;
    else if (frame.type === "resize") {
      this.#size = frame.body;
      this.#changed = true;
    } else if (isOutput(frame)) {
      this.#parts.push(frame.data);
      this.#bytes += frame.data.length;
      this.#changed = true;
      if (this.#bytes > 2 * KEPT_BYTES) this.#leaveOut();
    }
  }

  /** What is new since the last call; `undefined`: nothing. */
  take(): Glance | undefined {
    if (!this.#changed) return undefined;
    if (this.#bytes > KEPT_BYTES) this.#leaveOut();
    const glance = {
      ...this.#size,
      anew: this.#anew,
      plain: this.#plain,
      ...(this.#command !== undefined && { command: this.#command }),
      output: this.#filter.push(Buffer.concat(this.#parts)),
    };
    [this.#parts, this.#bytes, this.#anew, this.#changed] = [[], 0, false, false];
    return glance;
  }

  /** Only the end stays, from a line's start where there is one. */
  #leaveOut(): void {
    const end = Buffer.concat(this.#parts).subarray(-KEPT_BYTES);
    this.#start([end.subarray(end.indexOf(LINE_FEED) + 1)]);
  }

  #start(parts: Buffer[]): void {
    this.#filter = new TerminalFilter();
    this.#parts = parts;
    this.#bytes = parts.reduce((sum, { length }) => sum + length, 0);
    [this.#anew, this.#changed] = [true, true];
  }
}
