/**
 * Statements as applications' and reporting tools emit them: one a line, under a line that names their kind.
 *
 * What a kind begins with says what its statements ask for: `shows` a masked column, as it is; `shows what is made of` one;
 * `asks` something of masked values beyond showing them (a condition, an order). All others ask for nothing of the kind.
 */
import { readdirSync, readFileSync } from "node:fs";

export interface InnocentStatement {
  readonly kind: string;
  readonly sql: string;
}

const FOLDER = new URL("innocent/", import.meta.url);

export function readInnocent(tool: string): readonly InnocentStatement[] {
  const statements: InnocentStatement[] = [];
  let kind = "";
  for (const line of readFileSync(new URL(`${tool}.sql`, FOLDER), "utf8").split("\n")) {
    if (line.startsWith("-- kind: ")) kind = line.slice("-- kind: ".length);
    else if (line !== "" && !line.startsWith("--")) statements.push({ kind, sql: line });
  }
  return statements;
}

/** The tools that there are statements of, by the names of their files. */
export function innocentTools(): readonly string[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith(".sql"))
    .map((name) => name.slice(0, -".sql".length))
    .sort();
}
