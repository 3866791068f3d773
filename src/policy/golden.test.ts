import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { decide } from "./decide.ts";
import { ACTIONS, ROLES } from "../../test/kit/golden-roles.ts";

const GOLDEN = new URL("golden/matrix.txt", import.meta.url).pathname;

function matrix(): string {
  const lines = ["# role × target kind × action → decision, the role's entry, the code. Review every change of this file."];
  for (const role of ROLES) {
    for (const [kind, actions] of Object.entries(ACTIONS)) {
      for (const [name, action] of Object.entries(actions)) {
        const decision = decide(role, action);
        const verdict = decision.allowed === true ? "ALLOW" : decision.allowed === "hold" ? "HOLD " : "deny ";
        const code = "code" in decision ? `  ${decision.code}` : "";
        lines.push(`${role.name.padEnd(11)} ${kind.padEnd(5)} ${name.padEnd(22)} ${verdict}  ${decision.rule}${code}`);
      }
    }
  }
  return `${lines.join("\n")}\n`;
}

/** By hand, from what each role is meant for: `role: kind: actions that must be denied`. Not derived from the code. */
const DENIED: readonly [role: string, kind: "ssh" | "sql" | "gate", actions: readonly string[]][] = [
  [
    "nothing",
    "ssh",
    ["shell", "exec uptime", "subsystem sftp", "env LANG", "forward", "file open for reading", "file list", "file remove"],
  ],
  ["nothing", "gate", ["audit.read", "session.kill", "user.write", "config.reload"]],
  ["ssh-closed", "ssh", ["shell", "exec uptime", "subsystem sftp", "env LANG", "forward", "file list"]],
  ["shell", "ssh", ["exec uptime", "subsystem sftp", "env LANG", "forward", "file open for reading", "file open for writing", "file list"]],
  ["exec-any", "ssh", ["shell", "subsystem sftp", "subsystem netconf", "forward", "file open for reading", "file list"]],
  ["exec-list", "ssh", ["shell", "exec uptime + space", "exec uptime; id", "exec Uptime", "exec (empty)", "subsystem sftp"]],
  ["exec-none", "ssh", ["exec uptime", "exec (empty)"]],
  [
    "reader",
    "ssh",
    [
      "shell",
      "exec uptime",
      "file open for writing",
      "file remove",
      "file rename",
      "file mkdir",
      "file rmdir",
      "file setstat",
      "file symlink",
      "file hardlink",
      "file copy",
    ],
  ],
  ["writer", "ssh", ["shell", "exec uptime", "forward", "env LANG", "subsystem netconf"]],
  ["env", "ssh", ["env LANGUAGE", "env LD_PRELOAD", "shell"]],
  ["debug", "ssh", ["forward", "subsystem netconf", "subsystem SFTP", "env LD_PRELOAD", "env LANGUAGE"]],
  ["debug", "gate", ["audit.read", "grant.revoke", "session.read", "session.kill", "recording.view", "config.reload", "user.write"]],
  ["auditor", "ssh", ["shell", "exec uptime", "subsystem sftp", "file open for reading"]],
  ["auditor", "gate", ["session.kill", "user.write", "config.reload", "audit.erase", "audit.export", "grant.revoke", "lock.write"]],
  ["debug", "sql", ["read", "write", "(empty)"]],
  ["nothing", "sql", ["read", "(empty)", "connect, configured"]],
  ["sql-reader", "ssh", ["shell", "exec uptime", "subsystem sftp"]],
  [
    "sql-reader",
    "sql",
    [
      "write",
      "ddl",
      "dcl",
      "copy out",
      "copy in",
      "function stamp",
      "functions stamp, pg_read",
      "function without a name",
      "opaque",
      "session",
      "client_encoding",
      "utility",
      "unknown",
      "read; write",
      "nothing found",
      "SET by another name",
      "connect reports",
      "connect Shop",
      "connect (none)",
    ],
  ],
  [
    "sql-looker",
    "sql",
    [
      "write",
      "copy in",
      "copy out",
      "function stamp",
      "opaque",
      "transaction that writes",
      "SET … READ WRITE",
      "client_encoding",
      "read; write",
    ],
  ],
  [
    "sql-writer",
    "sql",
    ["ddl", "dcl", "function audit.stamp", "opaque", "client_encoding", "utility", "unknown", "nothing found", "connect Shop"],
  ],
  ["sql-admin", "sql", ["client_encoding", "unknown", "nothing found", "SET by another name", "connect reports", "connect (none)"]],
  [
    "sql-waiter",
    "sql",
    ["ddl", "dcl", "copy in", "function stamp", "functions stamp, pg_read", "opaque", "session", "utility", "ddl staging.t", "unknown"],
  ],
  [
    "sql-narrow",
    "sql",
    [
      "read orders, no schema",
      "read pay",
      "write",
      "write pay, returning",
      "ddl",
      "ddl cascading",
      "dcl",
      "copy out",
      "copy in",
      "function audit.stamp",
      "function stamp",
      "opaque",
      "session",
      "transaction",
      "utility",
      "unknown",
    ],
  ],
  ["auditor", "sql", ["read"]],
  ["owner", "sql", ["read", "(empty)", "connect, configured"]],
  ["owner", "ssh", ["shell", "exec uptime", "subsystem sftp", "env LANG", "forward", "file open for reading", "file list"]],
];

/** By hand too: what waits for an approver, and nothing else of what is asked of databases. */
const HELD: Readonly<Record<string, readonly string[]>> = {
  "sql-waiter": ["write", "function audit.stamp", "read; write", "write orders", "write customers", "write pay, returning"],
  "sql-narrow": ["write customers", "ddl staging.t"],
};

describe("role × action × kind of target", () => {
  test("equals the reviewed file", async () => {
    expect(existsSync(GOLDEN)).toBe(true);
    await expect(matrix()).toMatchFileSnapshot(GOLDEN);
  });

  test.each(ROLES.map(({ name }) => name))("%s waits for what it is meant to, and for nothing else", (name) => {
    const role = ROLES.find((each) => each.name === name);
    const held = Object.entries(ACTIONS.sql).filter(([, action]) => role && decide(role, action).allowed === "hold");
    expect(held.map(([action]) => action).sort()).toEqual([...(HELD[name] ?? [])].sort());
  });

  test.each(DENIED)("%s is denied on %s: %j", (roleName, kind, names) => {
    const role = ROLES.find((each) => each.name === roleName);
    expect(role).toBeDefined();
    const allowed = names.filter((name) => {
      const action = ACTIONS[kind][name];
      if (!role || !action) throw new Error(`The table names "${roleName}" or "${name}", which do not exist`);
      return decide(role, action).allowed !== false;
    });
    expect(allowed).toEqual([]);
  });
});
