import headless from "@xterm/headless";
import type { OutputFrame } from "./frame.ts";

/** One line as somebody in front of the terminal could have read it. */
export interface TextLine {
  /** When it was finished (or seen on a full-screen program's screen), microseconds since the recording's start. */
  readonly timeUs: number;
  readonly text: string;
}

export interface TerminalSize {
  readonly cols: number;
  readonly rows: number;
}

/** Output within this time, and not more than this much, is drawn in one go: lines get the time of its end. */
const BATCH_US = 250_000;
const BATCH_BYTES = 64 * 1024;
const SIZE_MAX = 500;
const WRAPPED_MAX = 50;

/**
 * Turns terminal output into lines of text with a terminal emulator: what was overwritten before its line ended is not in them.
 * Lines of the normal screen are taken as they are finished; of the alternate screen each line that looks different after a batch.
 * Memory: one screen, one batch, and the lines since the last `take`.
 */
export class TerminalText {
  readonly #terminal: headless.Terminal;
  readonly #screen: string[] = [];
  #lines: TextLine[] = [];
  #batch: Buffer[] = [];
  #batchBytes = 0;
  #batchStartUs = 0;
  #timeUs = 0;

  /** `lineFeedsOnly`: output without a terminal, where a line feed also returns. */
  constructor(size: TerminalSize, lineFeedsOnly: boolean) {
    this.#terminal = new headless.Terminal({
      ...bounded(size),
      scrollback: WRAPPED_MAX,
      convertEol: lineFeedsOnly,
      allowProposedApi: true,
    });
    this.#terminal.onLineFeed(() => this.#finished());
  }

  async push({ timeUs, data }: Pick<OutputFrame, "timeUs" | "data">): Promise<void> {
    if (this.#batchBytes > 0 && (timeUs - this.#batchStartUs > BATCH_US || this.#batchBytes > BATCH_BYTES)) await this.#draw();
    if (this.#batchBytes === 0) this.#batchStartUs = timeUs;
    this.#batch.push(data);
    this.#batchBytes += data.length;
    this.#timeUs = timeUs;
  }

  async resize(size: TerminalSize): Promise<void> {
    await this.#draw();
    const { cols, rows } = bounded(size);
    this.#terminal.resize(cols, rows);
  }

  /** The lines since the last call. */
  take(): TextLine[] {
    return this.#lines.splice(0);
  }

  /** The rest, with the line the cursor is in. */
  async end(): Promise<TextLine[]> {
    await this.#draw();
    const buffer = this.#terminal.buffer.active;
    if (buffer.type === "normal") this.#add(this.#lineAt(buffer.baseY + buffer.cursorY));
    this.#terminal.dispose();
    return this.take();
  }

  async #draw(): Promise<void> {
    if (this.#batchBytes === 0) return;
    const data = Buffer.concat(this.#batch);
    [this.#batch, this.#batchBytes] = [[], 0];
    await new Promise<void>((resolve) => this.#terminal.write(data, resolve));
    if (this.#terminal.buffer.active.type === "alternate") this.#look();
  }

  /** The emulator has just left a line by a line feed. */
  #finished(): void {
    const buffer = this.#terminal.buffer.active;
    if (buffer.type === "normal") this.#add(this.#lineAt(buffer.baseY + buffer.cursorY - 1));
  }

  /** A line with the lines before it that it is the wrapped end of. */
  #lineAt(last: number): string {
    const buffer = this.#terminal.buffer.active;
    let first = last;
    while (first > 0 && last - first < WRAPPED_MAX && buffer.getLine(first)?.isWrapped === true) first -= 1;
    let text = "";
    for (let y = first; y <= last; y += 1) text += buffer.getLine(y)?.translateToString(y === last) ?? "";
    return text;
  }

  #look(): void {
    const buffer = this.#terminal.buffer.active;
    for (let y = 0; y < this.#terminal.rows; y += 1) {
      const text = buffer.getLine(buffer.baseY + y)?.translateToString(true) ?? "";
      if (text !== this.#screen[y]) this.#add(text);
      this.#screen[y] = text;
    }
  }

  #add(text: string): void {
    if (text.trim() !== "") this.#lines.push({ timeUs: this.#timeUs, text: text.trimEnd() });
  }
}

function bounded({ cols, rows }: TerminalSize): TerminalSize {
  const within = (value: number): number => Math.min(SIZE_MAX, Math.max(2, Math.floor(value) || 2));
  return { cols: within(cols), rows: within(rows) };
}
