/**
 * Statements as applications' and reporting tools emit them: one a line, under a line that names their kind.
 *
 * What a kind begins with says what its statements ask for: `shows` a masked column, as it is; `shows what is made of` one;
 * `asks` something of masked values beyond showing them (a condition, an order). All others ask for nothing of the kind.
 *
 * `-- params:` before a statement has its parameters, as texts: its tool sends it by the extended protocol.
 */
import { readdirSync, readFileSync } from "node:fs";

export interface InnocentStatement {
  readonly kind: string;
  readonly sql: string;
  readonly params?: readonly (string | null)[];
}

const FOLDER = new URL("innocent/", import.meta.url);

export function readInnocent(tool: string): readonly InnocentStatement[] {
  const statements: InnocentStatement[] = [];
  let kind = "";
  let given: Pick<InnocentStatement, "params"> = {};
  for (const line of readFileSync(new URL(`${tool}.sql`, FOLDER), "utf8").split("\n")) {
    if (line.startsWith("-- kind: ")) kind = line.slice("-- kind: ".length);
    else if (line.startsWith("-- params: ")) given = { params: JSON.parse(line.slice("-- params: ".length)) as readonly (string | null)[] };
    else if (line !== "" && !line.startsWith("--")) {
      statements.push({ kind, sql: line, ...given });
      given = {};
    }
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
