import { deny, type Denial } from "../../kernel/result.ts";
import type { Action } from "../../policy/action.ts";

/** Untrusted: an action as a person writes it for `why`: `ssh.shell`, `ssh.exec <command>`, `file.open <path>`, `file.write <path>`… */
export function parseAction(text: string): Action | Denial {
  const space = text.indexOf(" ");
  const kind = space === -1 ? text : text.slice(0, space);
  const rest = space === -1 ? "" : text.slice(space + 1);
  if (kind === "ssh.shell") return rest === "" ? { kind } : deny("bad-request", { detail: "`ssh.shell` takes nothing" });
  if (rest === "") return deny("bad-request", { detail: EXPECTED });
  switch (kind) {
    case "ssh.exec":
      return { kind, command: rest };
    case "ssh.subsystem":
    case "ssh.env":
      return { kind, name: rest };
    case "ssh.forward":
      return { kind, destination: rest };
    case "file.list":
      return { kind, path: rest };
    case "file.open":
      return { kind, path: rest, write: false };
    case "file.write":
      return { kind: "file.open", path: rest, write: true };
    case "file.change": {
      const [operation = "", ...path] = rest.split(" ");
      return isFileChange(operation) && path.length > 0
        ? { kind, operation, path: path.join(" ") }
        : deny("bad-request", { detail: EXPECTED });
    }
    default:
      return deny("bad-request", { detail: EXPECTED });
  }
}

const EXPECTED =
  "expected `ssh.shell`, `ssh.exec <command>`, `ssh.subsystem <name>`, `ssh.env <name>`, `ssh.forward <destination>`, " +
  "`file.open <path>`, `file.write <path>`, `file.list <path>` or `file.change <operation> <path>`";

type FileChange = Extract<Action, { kind: "file.change" }>["operation"];

const FILE_CHANGES: Record<FileChange, true> = {
  remove: true,
  rename: true,
  mkdir: true,
  rmdir: true,
  setstat: true,
  symlink: true,
  hardlink: true,
  copy: true,
};

function isFileChange(text: string): text is FileChange {
  return Object.hasOwn(FILE_CHANGES, text);
}
