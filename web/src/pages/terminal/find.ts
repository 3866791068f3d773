/** Words in what a screen shows and has shown. */
import type { Terminal } from "@xterm/xterm";

/** Selects the next line above or below the present selection that holds the words; false where none does. */
export function findIn(screen: Terminal, words: string, way: "up" | "down"): boolean {
  const wanted = words.toLowerCase();
  if (wanted === "") return false;
  const buffer = screen.buffer.active;
  const lines = buffer.length;
  const from = screen.getSelectionPosition()?.start.y ?? (way === "up" ? lines : -1);
  for (let step = 1; step <= lines; step += 1) {
    const y = (((way === "up" ? from - step : from + step) % lines) + lines) % lines;
    const line = buffer.getLine(y)?.translateToString(true) ?? "";
    const at = line.toLowerCase().indexOf(wanted);
    if (at < 0) continue;
    screen.select(columnOf(screen, y, at), y, words.length);
    screen.scrollToLine(Math.max(0, y - Math.floor(screen.rows / 2)));
    return true;
  }
  return false;
}

/** The cell of a character: some take two. */
function columnOf(screen: Terminal, y: number, index: number): number {
  const line = screen.buffer.active.getLine(y);
  let [characters, column] = [0, 0];
  while (column < screen.cols && characters < index) {
    const cell = line?.getCell(column);
    characters += cell?.getChars().length || (cell?.getWidth() === 0 ? 0 : 1);
    column += 1;
  }
  return column;
}
