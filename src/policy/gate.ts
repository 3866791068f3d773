import { deny } from "../kernel/result.ts";
import type { Decision, GateAction } from "./action.ts";
import type { Role } from "./role.ts";

/** Permissions on the gate itself. They give access to no target, and no target's permission gives one of these. */
export function decideGate(role: Role, action: GateAction): Decision {
  const rule = `${role.name}.gate`;
  const held = role.gate.includes("*") || role.gate.includes(action.permission);
  return held ? { allowed: true, rule } : deny("not-permitted", { rule, detail: action.permission });
}
