/** Lines of at most `width` characters. Broken between words, and inside of those that are longer than a line: nothing is lost. */
export function breakLines(text: string, width: number): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1) ?? "";
    const letters = Array.from(word);
    if (line !== "" && lengthOf(line) + letters.length < width) lines[lines.length - 1] = `${line} ${word}`;
    else for (let at = 0; at < letters.length; at += width) lines.push(letters.slice(at, at + width).join(""));
  }
  return lines.slice(1);
}

/** In code points, of which a terminal shows most in one cell. */
export function lengthOf(text: string): number {
  return Array.from(text).length;
}
