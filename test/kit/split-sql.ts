/** The statements of a script of psql's, without its backslash commands and the data that COPY takes. */
export function splitSql(script: string, directory = ""): string[] {
  const statements: string[] = [];
  const variables = new Map<string, string>();
  let text = "";
  let inCopy = false;
  for (const line of script.split("\n")) {
    if (inCopy) {
      inCopy = line !== "\\.";
      continue;
    }
    if (line.startsWith("\\")) {
      const set = /^\\set (\w+) :abs_srcdir '([^']*)'/.exec(line);
      if (set) variables.set(set[1] ?? "", directory + (set[2] ?? ""));
      // \gset, \gexec and the like end a statement.
      if (isWhole(text) && text.trim() !== "") statements.push(text);
      if (isWhole(text)) text = "";
      continue;
    }
    text += `${line.replaceAll(/:'(\w+)'/g, (whole, name: string) => (variables.has(name) ? `'${variables.get(name)}'` : whole))}\n`;
    if (!/;\s*(?:--.*)?$/.test(line) || !isWhole(text)) continue;
    statements.push(text);
    inCopy = /^\s*copy\b[^;]*\bfrom\s+stdin\b/i.test(text);
    text = "";
  }
  return statements.filter((each) => !/^\s*copy\b[^;]*\bfrom\s+stdin\b/i.test(each));
}

/** No quote, comment or bracket is left open. */
function isWhole(text: string): boolean {
  const token =
    /'(?:[^']|'')*'|"[^"]*"|--[^\n]*|\/\*[\s\S]*?\*\/|\$(\w*)\$[\s\S]*?\$\1\$|[()]|\bbegin\s+atomic\b|\bend\b|\bcase\b|['"]|\/\*|\$\w*\$/gi;
  let [depth, atomic] = [0, 0];
  for (const [found] of text.matchAll(token)) {
    if (found === "(") depth += 1;
    else if (found === ")") depth -= 1;
    else if (/^begin\s+atomic$/i.test(found)) atomic = 1;
    else if (atomic > 0 && /^case$/i.test(found)) atomic += 1;
    else if (atomic > 0 && /^end$/i.test(found)) atomic -= 1;
    else if (found === "'" || found === '"' || found === "/*" || /^\$\w*\$$/.test(found)) return false;
  }
  return depth <= 0 && atomic === 0;
}
