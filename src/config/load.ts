/**
 * `sallyport.yaml` → Config: text → YAML (yaml.ts) → shape (schema.ts) → meaning (check.ts) → values (build.ts).
 *
 * Owns: the order of the steps. Mistakes of YAML come alone; those of shape and meaning together (mend.ts), in file order.
 * Never: resolves a secret (secrets.ts), or keeps anything of a configuration that has a problem.
 * Invariants: nothing is allowed by default; unknown keys and names are problems; no problem shows a secret's value.
 */
import { readFile, stat } from "node:fs/promises";
import { GateError } from "../kernel/errors.ts";
import { buildConfig } from "./build.ts";
import { checkConfig } from "./check.ts";
import { mend } from "./mend.ts";
import type { Config } from "./model.ts";
import type { Problem } from "./problem.ts";
import { configSchema, type ConfigText } from "./schema.ts";
import { shapeProblems } from "./shape-problems.ts";
import { readYaml, type YamlText } from "./yaml.ts";

export type ParsedConfig =
  | { readonly ok: true; readonly config: Config; readonly warnings: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const MAX_PROBLEMS = 200;

/** Untrusted: `text`. `source` is its name in problems. */
export function parseConfig(text: string, source: string): ParsedConfig {
  const checked = parseConfigText(text, source);
  return checked.ok ? { ok: true, config: buildConfig(checked.text), warnings: checked.warnings } : checked;
}

export type ParsedText =
  | { readonly ok: true; readonly text: ConfigText; readonly yaml: YamlText; readonly warnings: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** As far as texts with defaults: what `config explain` shows. */
export function parseConfigText(text: string, source: string): ParsedText {
  const read = readYaml(text, source);
  if (!read.ok) return read;
  const { yaml } = read;
  const shaped = configSchema.safeParse(yaml.value);
  if (!shaped.success) {
    const mended = mend(yaml.value, shaped.error);
    const found = mended ? checkConfig(mended.text, yaml, source).problems.filter((problem) => !mended.isDoubtful(problem)) : [];
    return { ok: false, problems: inOrder([...shapeProblems(shaped.error, yaml, source), ...found]) };
  }
  const { problems, warnings } = checkConfig(shaped.data, yaml, source);
  return problems.length > 0
    ? { ok: false, problems: inOrder(problems) }
    : { ok: true, text: shaped.data, yaml, warnings: inOrder(warnings) };
}

/** Throws `bad-config` when the file cannot be read; problems of its content are the result's. */
export async function loadConfig(path: string): Promise<ParsedConfig> {
  return parseConfig(await readConfigFile(path), path);
}

export async function readConfigFile(path: string): Promise<string> {
  try {
    // A pipe or a device would be read for ever.
    if (!(await stat(path)).isFile()) throw new GateError("bad-config", `"${path}" is not a file`);
    return await readFile(path, "utf8");
  } catch (cause) {
    if (cause instanceof GateError) throw cause;
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown error";
    throw new GateError("bad-config", `"${path}" cannot be read (${code})`, { cause });
  }
}

function inOrder(problems: readonly Problem[]): readonly Problem[] {
  return [...problems].sort((a, b) => a.line - b.line || a.column - b.column).slice(0, MAX_PROBLEMS);
}
