import { printApproval } from "../access/approval.ts";
import type { AccessRule } from "../access/model.ts";
import type { Config, SecretRef } from "./model.ts";
import { formatDuration, formatSize } from "../kernel/units.ts";

/**
 * A configuration as `path → value` in a person's words, one entry for each leaf: what two configurations are compared
 * by and shown as. Rules stand under their names; secrets are references already.
 */
export function flattenConfig(config: Config): ReadonlyMap<string, string> {
  const flat = new Map<string, string>();
  flatten(flat, "gate", config.gate);
  for (const [name, members] of config.groups) flat.set(`groups.${name}`, list(members));
  for (const [name, { name: _, ...role }] of config.roles) flatten(flat, `roles.${name}`, role);
  for (const { role, who } of config.holders) flat.set(`holders.${role}`, merged(flat.get(`holders.${role}`), who));
  flat.set("rules (order)", list(config.rules.map(({ name }) => name)));
  for (const rule of config.rules) flattenRule(flat, rule);
  for (const [name, { name: _, ...target }] of config.targets) flatten(flat, `targets.${name}`, target);
  for (const [name, agent] of config.agents) flatten(flat, `agents.${name}`, agent);
  for (const [name, workload] of config.workloads) flatten(flat, `workloads.${name}`, workload);
  for (const [target, logins] of config.logins) flatten(flat, `targets.${target}.logins`, Object.fromEntries(logins));
  for (const [target, { columns, functions }] of config.masking) {
    for (const [index, rule] of columns.entries()) flatten(flat, `targets.${target}.masking.columns[${index}]`, rule);
    if (functions.length > 0) flat.set(`targets.${target}.masking.functions`, list(functions));
  }
  for (const [target, names] of config.previewFunctions) flat.set(`targets.${target}.previewFunctions`, list(names));
  return flat;
}

function flattenRule(flat: Map<string, string>, { name, approval, holds, ...rule }: AccessRule): void {
  flatten(flat, `rules.${name}`, rule);
  flat.set(`rules.${name}.approval`, approval ? printApproval(approval) : "none");
  if (holds) flat.set(`rules.${name}.holds`, printApproval(holds));
}

function flatten(flat: Map<string, string>, path: string, value: unknown): void {
  if (value === undefined) return;
  if (Array.isArray(value) && value.every((each) => typeof each !== "object")) {
    flat.set(path, list(value.map(String)));
  } else if (isSecretRef(value)) {
    flat.set(path, `${value.from}:${value.name}`);
  } else if (typeof value === "object" && value !== null) {
    for (const [key, inner] of Object.entries(value)) flatten(flat, `${path}.${key}`, inner);
  } else if (typeof value === "number" && path.endsWith("Ms")) {
    flat.set(path.slice(0, -"Ms".length), formatDuration(value));
  } else if (typeof value === "number" && /bytes$/i.test(path)) {
    flat.set(path, formatSize(value));
  } else {
    flat.set(path, typeof value === "string" ? value : JSON.stringify(value));
  }
}

function isSecretRef(value: unknown): value is SecretRef {
  return typeof value === "object" && value !== null && "from" in value && "name" in value && Object.keys(value).length === 2;
}

function list(items: readonly string[]): string {
  return `[${items.join(", ")}]`;
}

function merged(held: string | undefined, who: readonly string[]): string {
  return list([...(held === undefined || held === "[]" ? [] : held.slice(1, -1).split(", ")), ...who]);
}
