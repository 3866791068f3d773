/** Statements as applications' own tools emit them: one a line, under a line that names their kind. */
import { readFileSync } from "node:fs";

export interface InnocentStatement {
  readonly kind: string;
  readonly sql: string;
}

export function readInnocent(tool: string): readonly InnocentStatement[] {
  const statements: InnocentStatement[] = [];
  let kind = "";
  for (const line of readFileSync(new URL(`innocent/${tool}.sql`, import.meta.url), "utf8").split("\n")) {
    if (line.startsWith("-- kind: ")) kind = line.slice("-- kind: ".length);
    else if (line !== "" && !line.startsWith("--")) statements.push({ kind, sql: line });
  }
  return statements;
}
