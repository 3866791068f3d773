import type * as z from "zod";
import type { Path, Problem } from "./problem.ts";
import { formatPath } from "./problem.ts";
import { configSchema, type ConfigText } from "./schema.ts";

/**
 * So that a mistake of shape does not hide the mistakes of meaning elsewhere: every entry with a mistake of shape is
 * replaced by one that means nothing, the rest is checked, and what is then found about the replacements is left out.
 * Only for finding problems: what was mended is never used as a configuration.
 */
export interface Mended {
  readonly text: ConfigText;
  /** Whether a problem of meaning may be due to a replacement. */
  isDoubtful(problem: Problem): boolean;
}

const KEYED = ["groups", "roles", "targets", "workloads"] as const;
const LISTED = ["rules", "holders"] as const;

/** Stand for what could not be read; every reference to them is good. */
const STAND_INS = {
  groups: [],
  roles: { ssh: { account: "nobody", shell: true }, postgres: { account: "nobody", allow: ["read"] }, gate: ["*"] },
  targets: { kind: "ssh", address: "127.0.0.1:1" },
  workloads: { issuer: "https://mended.invalid", claims: { sub: "mended" } },
  rules: { name: "mended", who: ["mended"], roles: ["mended"], targets: { names: ["mended"] }, max: "1h", approval: "none" },
  holders: { role: "mended", who: ["mended"] },
  gate: { name: "mended", masterKey: "env:MENDED" },
} as const;

export function mend(value: unknown, error: z.ZodError): Mended | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const mended: Record<string, unknown> = { version: 1, gate: STAND_INS.gate, ...structuredClone(value) };
  const replaced: string[] = [];
  for (const { path, code, ...issue } of error.issues) {
    const [section, entry] = path;
    const steps = path.filter((step): step is string | number => typeof step !== "symbol");
    if (section === undefined && code === "unrecognized_keys" && "keys" in issue) for (const key of issue.keys) delete mended[key];
    else if (section === "version") mended["version"] = 1;
    else if (section === "gate") mended["gate"] = STAND_INS.gate;
    else if (entry === undefined || !replaceEntry(mended, section, entry)) return undefined;
    replaced.push(formatPath(steps.slice(0, section === "gate" ? 1 : 2)));
  }
  const parsed = configSchema.safeParse(mended);
  if (!parsed.success) return undefined;
  const targets = replaced.some((path) => path.startsWith("targets"));
  const roles = replaced.some((path) => path.startsWith("roles"));
  return {
    text: parsed.data,
    isDoubtful: ({ path, expected, found = "" }) =>
      replaced.some((prefix) => path === prefix || path.startsWith(`${prefix}.`) || path.startsWith(`${prefix}[`)) ||
      // What a role that could not be read has for which kind of target is not known, nor of what kind a target is.
      ((targets || roles) && /^rules\[\d+\]\.roles\[\d+\]$/.test(path) && /^a role (?:with an? `|whose account)/.test(expected)) ||
      // The labels of a target that could not be read are not known.
      (targets && (/^rules\[\d+\]\.targets\.labels/.test(path) || found.startsWith("target "))),
  };
}

function replaceEntry(mended: Record<string, unknown>, section: Path[number] | symbol | undefined, entry: PropertyKey): boolean {
  for (const name of KEYED) {
    const held = mended[name];
    if (section !== name || typeof held !== "object" || held === null) continue;
    const valid = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(String(entry));
    if (valid) (held as Record<PropertyKey, unknown>)[entry] = STAND_INS[name];
    else delete (held as Record<PropertyKey, unknown>)[entry];
    return true;
  }
  for (const name of LISTED) {
    const held = mended[name];
    if (section !== name || !Array.isArray(held) || typeof entry !== "number") continue;
    held[entry] = STAND_INS[name];
    return true;
  }
  return false;
}
