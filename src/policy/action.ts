import type { Denial } from "../kernel/result.ts";
import type { GatePermission } from "./permissions.ts";
import type { StatementFacts } from "./sql/statement.ts";

/** Everything that can be asked of a role. One family per kind of target; each protocol adds its own. */
export type Action = SshAction | FileAction | SqlAction | GateAction;

export type SshAction =
  | { readonly kind: "ssh.shell" }
  | { readonly kind: "ssh.exec"; readonly command: string }
  | { readonly kind: "ssh.subsystem"; readonly name: string }
  | { readonly kind: "ssh.env"; readonly name: string }
  | { readonly kind: "ssh.forward"; readonly destination: string };

/** One operation on a file over SFTP. */
export type FileAction =
  | { readonly kind: "file.open"; readonly path: string; readonly write: boolean }
  | { readonly kind: "file.list"; readonly path: string }
  | { readonly kind: "file.change"; readonly operation: FileChange; readonly path: string };

export type FileChange = "remove" | "rename" | "mkdir" | "rmdir" | "setstat" | "symlink" | "hardlink" | "copy";

export type SqlAction =
  /** Opening a database of a server; `configured` is the one that the target names. */
  | { readonly kind: "sql.connect"; readonly database: string; readonly configured: string }
  /** All statements of one text, which run together or not at all. */
  | {
      readonly kind: "sql.statement";
      readonly statements: readonly StatementFacts[];
      /** Schemas that a name alone is looked for in; `undefined`: not known. */
      readonly path?: readonly string[] | undefined;
    };

export type GateAction = { readonly kind: "gate"; readonly permission: GatePermission };

/** `rule` names the entry of the role that decided, for `why` and for the log. `hold` waits for an approver. */
export type Decision = Allowed | Held | Denial;
/** `unmasked`: an obligation to mask all other classes of columns. */
export type Allowed = { readonly allowed: true; readonly rule: string; readonly unmasked?: readonly string[] };
export type Held = { readonly allowed: "hold"; readonly rule: string; readonly unmasked?: readonly string[] };
