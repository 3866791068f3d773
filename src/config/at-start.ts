import type { GateSettings } from "./model.ts";

/** The gate's settings that are read at its start only: changed by a reload, they wait for the next one. */
const AT_START = [
  "name",
  "node",
  "ssh",
  "http",
  "public",
  "durability",
  "masterKey",
  "anchors",
  "notify",
  "limits.diskReserveBytes",
] as const satisfies readonly (keyof GateSettings | `limits.${keyof GateSettings["limits"]}`)[];

/** Which of them the lines of a `ConfigDiff` touch, as the file spells them. */
export function waitingForStart(lines: readonly string[]): string[] {
  const paths = lines.map((line) => line.slice("~ ".length));
  return AT_START.map((key) => `gate.${key}`)
    .filter((key) => paths.some((path) => path.startsWith(`${key}.`) || path.startsWith(`${key}:`)))
    .map((key) => key.replace(/Bytes$/, ""));
}
