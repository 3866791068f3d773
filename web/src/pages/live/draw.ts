/** A screen in memory drawn small: runs of cells that look alike are one stroke. */
import type { IBufferCell, Terminal } from "@xterm/xterm";

export interface Brush {
  readonly font: string;
  /** How wide a cell is, in parts of the size of type. */
  readonly ratio: number;
  readonly ground: string;
  readonly text: string;
  /** 256 colours. */
  readonly palette: readonly string[];
}

const LINE = 1.2;
/** CSS pixels. */
const SMALLEST = 6.5;

/** xterm's: sixteen of one's own, a cube of six, and greys. */
export function fullPalette(sixteen: readonly string[]): string[] {
  const level = (step: number): number => (step === 0 ? 0 : 55 + step * 40);
  const cube = Array.from(
    { length: 216 },
    (_, index) => `rgb(${level(Math.floor(index / 36))} ${level(Math.floor(index / 6) % 6)} ${level(index % 6)})`,
  );
  const greys = Array.from({ length: 24 }, (_, index) => `rgb(${8 + index * 10} ${8 + index * 10} ${8 + index * 10})`);
  return [...sixteen, ...cube, ...greys];
}

interface Run {
  readonly x: number;
  readonly fg: string;
  readonly bg: string | undefined;
  readonly bold: boolean;
  text: string;
  cells: number;
}

/** In device pixels. Where not all rows fit, those round the cursor are there. */
export function draw(context: CanvasRenderingContext2D, screen: Terminal, brush: Brush): void {
  const { width, height } = context.canvas;
  const buffer = screen.buffer.active;
  // Of a screen that is too wide to be read so small, the left part.
  const cell = Math.max(width / screen.cols, SMALLEST * devicePixelRatio * brush.ratio);
  const size = cell / brush.ratio;
  const line = size * LINE;
  const fits = Math.max(1, Math.floor(height / line));
  const first = Math.max(0, Math.min(screen.rows - fits, buffer.cursorY - fits + 2));
  context.fillStyle = brush.ground;
  context.fillRect(0, 0, width, height);
  context.textBaseline = "middle";
  const scratch = buffer.getNullCell();
  for (let row = 0; row < Math.min(fits, screen.rows); row += 1) {
    const y = row * line;
    for (const run of runsOf(screen, buffer.baseY + first + row, scratch, brush)) {
      if (run.bg !== undefined) {
        context.fillStyle = run.bg;
        context.fillRect(run.x * cell, y, run.cells * cell + 0.5, line + 0.5);
      }
      if (run.text.trim() === "") continue;
      context.font = `${run.bold ? "bold " : ""}${size}px ${brush.font}`;
      context.fillStyle = run.fg;
      context.fillText(run.text, run.x * cell, y + line / 2);
    }
  }
}

function runsOf(screen: Terminal, y: number, scratch: IBufferCell, brush: Brush): Run[] {
  const runs: Run[] = [];
  const line = screen.buffer.active.getLine(y);
  if (!line) return runs;
  for (let x = 0; x < screen.cols; x += 1) {
    const cell = line.getCell(x, scratch);
    if (!cell || cell.getWidth() === 0) continue;
    const [fg, bg] = coloursOf(cell, brush);
    const text = cell.getChars() || " ";
    const bold = cell.isBold() !== 0;
    const last = runs.at(-1);
    // What is no plain letter may be wider than its cell: it is drawn by itself, in its place.
    const plain = text.length === 1 && text <= "~" && cell.getWidth() === 1;
    if (
      plain &&
      last &&
      last.fg === fg &&
      last.bg === bg &&
      last.bold === bold &&
      last.x + last.cells === x &&
      last.text.length === last.cells
    ) {
      last.text += text;
      last.cells += 1;
    } else runs.push({ x, fg, bg, bold, text, cells: cell.getWidth() });
  }
  return runs;
}

function coloursOf(cell: IBufferCell, { palette, ground, text }: Brush): readonly [fg: string, bg: string | undefined] {
  const fg = cell.isFgDefault() ? text : colourOf(cell.isFgRGB(), cell.getFgColor(), palette, text);
  const bg = cell.isBgDefault() ? undefined : colourOf(cell.isBgRGB(), cell.getBgColor(), palette, ground);
  if (cell.isInvisible() !== 0) return [bg ?? ground, bg];
  return cell.isInverse() === 0 ? [fg, bg] : [bg ?? ground, fg];
}

function colourOf(isRgb: boolean, colour: number, palette: readonly string[], otherwise: string): string {
  if (isRgb) return `rgb(${(colour >> 16) & 255} ${(colour >> 8) & 255} ${colour & 255})`;
  return palette[colour] ?? otherwise;
}
