/**
 * Sentences fitted to a terminal: broken between words, what follows indented as the line began. What stands in backticks
 * is to be copied, and is never broken.
 */
export function wrapText(text: string, columns: number | undefined): string {
  if (columns === undefined || columns < LEAST) return text;
  return text
    .split("\n")
    .map((line) => wrapLine(line, columns))
    .join("\n");
}

/** Narrower, or 0 where a terminal does not know its width: nothing would be gained. */
const LEAST = 20;

function wrapLine(line: string, columns: number): string {
  if (line.length <= columns) return line;
  const indent = /^ */.exec(line)?.[0] ?? "";
  const words = line.slice(indent.length).match(/(?:`[^`]*`|\S)+/g) ?? [];
  const lines: string[] = [];
  let current = "";
  for (const word of words) {
    const longer = current === "" ? indent + word : `${current} ${word}`;
    if (longer.length <= columns || current === "") {
      current = longer;
    } else {
      lines.push(current);
      current = indent + word;
    }
  }
  return [...lines, current].join("\n");
}
