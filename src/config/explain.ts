import { parseConfigText } from "./load.ts";
import { formatPath, type Path, type Problem } from "./problem.ts";
import type { YamlText } from "./yaml.ts";

export type Explained =
  | { readonly ok: true; readonly lines: readonly string[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * The configuration in effect, a line for each value and where it came from: `gate.limits.handshake: 30s  (default)`,
 * `rules[0].max: 4h  (sallyport.yaml:17)`. Secrets are shown as the references they are.
 */
export function explainConfig(text: string, source: string): Explained {
  const parsed = parseConfigText(text, source);
  return parsed.ok ? { ok: true, lines: [...linesOf(parsed.text, [], parsed.yaml, source)] } : parsed;
}

function* linesOf(value: unknown, path: Path, yaml: YamlText, source: string): Generator<string> {
  const isList = Array.isArray(value);
  if (typeof value === "object" && value !== null && !(isList && value.every((each) => typeof each !== "object"))) {
    const entries = isList ? value.map((each, index) => [index, each] as const) : Object.entries(value);
    for (const [key, inner] of entries) if (inner !== undefined) yield* linesOf(inner, [...path, key], yaml, source);
    return;
  }
  const shown = isList ? `[${value.join(", ")}]` : typeof value === "string" ? value : JSON.stringify(value);
  yield `${formatPath(path)}: ${shown}  (${yaml.has(path) ? `${source}:${yaml.placeOf(path).line}` : "default"})`;
}
