import type { Denial } from "../kernel/result.ts";

/** Tells a refusal from whatever else a function of this folder returns; nothing else here has `allowed: false`. */
export function isDenial(value: unknown): value is Denial {
  return typeof value === "object" && value !== null && "allowed" in value && value.allowed === false;
}
