import { deny } from "../kernel/result.ts";
import type { Decision, FileAction } from "./action.ts";
import type { Role } from "./role.ts";

/** File operations over SFTP: reading needs `files: read`, whatever can change something needs `files: write`. */
export function decideFile(role: Role, action: FileAction): Decision {
  const rule = `${role.name}.ssh.files`;
  const files = role.ssh?.files ?? "none";
  const writes = action.kind === "file.change" || (action.kind === "file.open" && action.write);
  if (files === "write" || (files === "read" && !writes)) return { allowed: true, rule };
  return deny("role-denies", { rule, detail: writes ? "changing files" : "reading files" });
}
