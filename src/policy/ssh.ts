import { deny } from "../kernel/result.ts";
import type { Decision, SshAction } from "./action.ts";
import type { Role } from "./role.ts";

/** What may be asked of an SSH connection. Everything here needs the role's `ssh` block. */
export function decideSsh(role: Role, action: SshAction): Decision {
  const { ssh } = role;
  switch (action.kind) {
    case "ssh.shell": {
      const rule = `${role.name}.ssh.shell`;
      return ssh?.shell === true ? { allowed: true, rule } : deny("role-denies", { rule, detail: "a shell" });
    }
    case "ssh.exec": {
      const rule = `${role.name}.ssh.exec`;
      return ssh !== undefined && execAllowed(ssh.exec, action.command)
        ? { allowed: true, rule }
        : deny("role-denies", { rule, detail: "this command" });
    }
    case "ssh.subsystem": {
      // No role can name another subsystem: asking for a different role would not help.
      if (action.name !== "sftp") return deny("not-supported", { rule: `${role.name}.ssh`, detail: `subsystem "${shown(action.name)}"` });
      const rule = `${role.name}.ssh.files`;
      return ssh !== undefined && ssh.files !== "none" ? { allowed: true, rule } : deny("role-denies", { rule, detail: "file transfer" });
    }
    case "ssh.env": {
      const rule = `${role.name}.ssh.env`;
      return ssh?.env.some((pattern) => envMatches(pattern, action.name)) === true
        ? { allowed: true, rule }
        : deny("role-denies", { rule, detail: `environment variable "${shown(action.name)}"` });
    }
    case "ssh.forward":
      return deny("not-supported", { rule: `${role.name}.ssh`, detail: "port forwarding" });
    default:
      return action satisfies never;
  }
}

/** Byte for byte. Bytes that are not UTF-8 arrive as U+FFFD, which could stand for anything, so a list never matches them. */
function execAllowed(exec: boolean | readonly string[], command: string): boolean {
  if (typeof exec === "boolean") return exec;
  return !command.includes("\uFFFD") && exec.includes(command);
}

/** `LANG` matches itself, `LC_*` every name that begins with `LC_`. */
function envMatches(pattern: string, name: string): boolean {
  return pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

/** Untrusted: a name from the client, made safe to print in a refusal. */
function shown(name: string): string {
  return name.replaceAll(/[^\x20-\x7E]/g, "?").slice(0, 64);
}
