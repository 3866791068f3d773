import { createHash } from "node:crypto";
import serialize from "canonicalize";
import type { Role } from "./role.ts";

/** SHA-256 (hex) of the role in canonical JSON (RFC 8785): names in the log exactly what was approved. */
export function roleHash(role: Role): string {
  return createHash("sha256")
    .update(serialize(role) ?? "")
    .digest("hex");
}
