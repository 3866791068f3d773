/** Whole calls of a trace, each at the place of its end: `<unfinished ...>` and `resumed` are put together. */
export function completedCalls(trace: string): string[] {
  const begun = new Map<string, string>();
  const lines: string[] = [];
  for (const line of trace.split("\n")) {
    const pid = line.split(" ", 1)[0] ?? "";
    const unfinished = line.indexOf(" <unfinished ...>");
    if (unfinished >= 0) begun.set(pid, line.slice(0, unfinished));
    else if (line.includes(" resumed>")) lines.push((begun.get(pid) ?? "") + line.slice(line.indexOf(" resumed>") + " resumed>".length));
    else lines.push(line);
  }
  return lines;
}
