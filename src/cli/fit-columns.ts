/** Widths at which a table fits a terminal: the widest columns wrap between words, and no word (an id, a name) is ever cut. */
import { stripVTControlCharacters } from "node:util";

/** Spaces after each column. */
export const GAP = 2;

/** Per column the width with its gap, or `null` where it keeps its own. Empty: it fits as it is, or cannot be made to. */
export function fitColumns(rows: readonly (readonly string[])[], available: number): (number | null)[] {
  const count = Math.max(...rows.map((row) => row.length));
  const wanted: number[] = [];
  const least: number[] = [];
  for (let column = 0; column < count; column += 1) {
    const texts = rows.map((row) => stripVTControlCharacters(row[column] ?? ""));
    wanted.push(Math.max(...texts.map(displayWidth)));
    least.push(Math.max(...texts.flatMap((text) => text.split(/\s+/).map(displayWidth))));
  }
  const widths = [...wanted];
  // The gap after the last column is not printed.
  let over = sum(widths) + GAP * (count - 1) - available;
  while (over > 0) {
    const spare = widths.map((width, column) => (width > (least[column] ?? 0) ? width : 0));
    const widest = Math.max(...spare);
    if (widest === 0) return [];
    const column = spare.indexOf(widest);
    widths[column] = widest - 1;
    over -= 1;
  }
  return widths.map((width, column) => (width < (wanted[column] ?? 0) ? width + GAP : null));
}

/** Cells of a terminal that a text takes; what draws at double width counts as two. */
function displayWidth(text: string): number {
  return text.replaceAll(ASTRAL, "x").length + (text.match(WIDE)?.length ?? 0);
}

/** What JavaScript counts as two. */
const ASTRAL = /[\u{10000}-\u{10ffff}]/gu;
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/gu;

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
