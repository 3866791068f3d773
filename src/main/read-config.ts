import { parseConfig, readConfigFile } from "../config/load.ts";
import type { Config } from "../config/model.ts";
import { formatProblem, formatWarning } from "../config/problem.ts";
import { GateError } from "../kernel/errors.ts";

/** For starting a gate: every problem at once, as one `bad-config`. */
export async function readConfig(path: string): Promise<{ config: Config; text: string; warnings: readonly string[] }> {
  const text = await readConfigFile(path);
  const parsed = parseConfig(text, path);
  if (!parsed.ok) throw new GateError("bad-config", `\n${parsed.problems.map((problem) => `  ${formatProblem(problem)}`).join("\n")}`);
  return { config: parsed.config, text, warnings: parsed.warnings.map(formatWarning) };
}
