import type { Action } from "../../src/policy/action.ts";
import { GATE_PERMISSIONS, type GatePermission } from "../../src/policy/permissions.ts";
import type { Role } from "../../src/policy/role.ts";
import type { SqlClass, StatementFacts } from "../../src/policy/sql/statement.ts";

const plain = { budget: {}, recording: { exec: "full" } } as const;
const closed = { account: "infra", shell: false, exec: false, files: "none", env: [] } as const;

/** The roles of the golden matrix: each shows one thing a role can say, and nothing else. */
export const ROLES: readonly Role[] = [
  { name: "nothing", gate: [], ...plain },
  { name: "ssh-closed", ssh: closed, gate: [], ...plain },
  { name: "shell", ssh: { ...closed, shell: true }, gate: [], ...plain },
  { name: "exec-any", ssh: { ...closed, exec: true }, gate: [], ...plain },
  { name: "exec-list", ssh: { ...closed, exec: ["uptime", "df -h"] }, gate: [], ...plain },
  { name: "exec-none", ssh: { ...closed, exec: [] }, gate: [], ...plain },
  { name: "reader", ssh: { ...closed, files: "read" }, gate: [], ...plain },
  { name: "writer", ssh: { ...closed, files: "write" }, gate: [], ...plain },
  { name: "env", ssh: { ...closed, env: ["LANG", "LC_*"] }, gate: [], ...plain },
  { name: "debug", ssh: { account: "infra", shell: true, exec: true, files: "write", env: ["LANG", "LC_*"] }, gate: [], ...plain },
  {
    name: "sql-reader",
    postgres: { account: "app", allow: ["read", "transaction", "function audit.stamp"], databases: [] },
    gate: [],
    ...plain,
  },
  {
    name: "sql-looker",
    postgres: { account: "app", allow: ["read", "transaction", "session"], databases: [] },
    gate: [],
    ...plain,
  },
  {
    name: "sql-writer",
    postgres: { account: "app", allow: ["read", "write", "copy", "transaction", "session"], databases: ["reports"] },
    gate: [],
    ...plain,
  },
  {
    name: "sql-admin",
    postgres: {
      account: "admin",
      allow: ["read", "write", "ddl", "dcl", "copy", "function", "opaque", "session", "transaction", "utility"],
      databases: [],
    },
    gate: [],
    ...plain,
  },
  {
    name: "sql-waiter",
    postgres: { account: "app", allow: ["read", "transaction"], hold: ["write", "function audit.stamp"], databases: [] },
    gate: [],
    ...plain,
  },
  {
    name: "sql-narrow",
    postgres: {
      account: "app",
      allow: ["read on public.*", "write on public.orders"],
      hold: ["write on public.customers", "ddl on staging.*"],
      deny: ["read on public.pay*", "function audit.*"],
      databases: [],
    },
    gate: [],
    ...plain,
  },
  { name: "auditor", gate: ["audit.read", "recording.view"], ...plain },
  { name: "owner", gate: ["*"], ...plain },
];

function facts(classes: readonly SqlClass[], more: Partial<StatementFacts> = {}): StatementFacts {
  return { kind: "SelectStmt", classes, relations: [], functions: [], settings: [], columns: [], secret: false, ...more };
}

function sql(classes: readonly SqlClass[], more: Partial<StatementFacts> = {}): Action {
  return { kind: "sql.statement", statements: [facts(classes, more)] };
}

/** Every action of the golden matrix by the name it has there, under the kind of target it is asked of. */
export const ACTIONS: Readonly<Record<"ssh" | "sql" | "gate", Readonly<Record<string, Action>>>> = {
  ssh: {
    shell: { kind: "ssh.shell" },
    "exec uptime": { kind: "ssh.exec", command: "uptime" },
    "exec uptime + space": { kind: "ssh.exec", command: "uptime " },
    "exec uptime; id": { kind: "ssh.exec", command: "uptime; id" },
    "exec Uptime": { kind: "ssh.exec", command: "Uptime" },
    "exec (empty)": { kind: "ssh.exec", command: "" },
    "subsystem sftp": { kind: "ssh.subsystem", name: "sftp" },
    "subsystem SFTP": { kind: "ssh.subsystem", name: "SFTP" },
    "subsystem netconf": { kind: "ssh.subsystem", name: "netconf" },
    "env LANG": { kind: "ssh.env", name: "LANG" },
    "env LANGUAGE": { kind: "ssh.env", name: "LANGUAGE" },
    "env LC_ALL": { kind: "ssh.env", name: "LC_ALL" },
    "env LD_PRELOAD": { kind: "ssh.env", name: "LD_PRELOAD" },
    forward: { kind: "ssh.forward", destination: "127.0.0.1:5432" },
    "file open for reading": { kind: "file.open", path: "/etc/hosts", write: false },
    "file open for writing": { kind: "file.open", path: "/etc/hosts", write: true },
    "file list": { kind: "file.list", path: "/etc" },
    "file remove": { kind: "file.change", operation: "remove", path: "/etc/hosts" },
    "file rename": { kind: "file.change", operation: "rename", path: "/etc/hosts" },
    "file mkdir": { kind: "file.change", operation: "mkdir", path: "/etc/new" },
    "file rmdir": { kind: "file.change", operation: "rmdir", path: "/etc/new" },
    "file setstat": { kind: "file.change", operation: "setstat", path: "/etc/hosts" },
    "file symlink": { kind: "file.change", operation: "symlink", path: "/etc/link" },
    "file hardlink": { kind: "file.change", operation: "hardlink", path: "/etc/link" },
    "file copy": { kind: "file.change", operation: "copy", path: "/etc/copy" },
  },
  sql: {
    read: sql(["read"]),
    write: sql(["read", "write"]),
    "read orders": sql(["read"], { relations: [{ name: "public.orders", schema: "public", access: "read" }] }),
    "read orders, no schema": sql(["read"], { relations: [{ name: "orders", access: "read" }] }),
    "read pay": sql(["read"], { relations: [{ name: "public.pay", schema: "public", access: "read" }] }),
    "write orders": sql(["write"], { relations: [{ name: "public.orders", schema: "public", access: "write" }] }),
    "write customers": sql(["write"], { relations: [{ name: "public.customers", schema: "public", access: "write" }] }),
    "write pay, returning": sql(["write"], { relations: [{ name: "public.pay", schema: "public", access: "write", both: true }] }),
    "ddl staging.t": sql(["ddl"], { relations: [{ name: "staging.t", schema: "staging", access: "write" }] }),
    "ddl cascading": sql(["ddl"], { relations: [{ name: "staging.t", schema: "staging", access: "write" }], beyond: ["write"] }),
    ddl: sql(["ddl"]),
    dcl: sql(["dcl"]),
    "copy out": sql(["read", "copy"]),
    "copy in": sql(["write", "copy"]),
    "function audit.stamp": sql(["read", "function"], { functions: ["audit.stamp"] }),
    "function stamp": sql(["read", "function"], { functions: ["stamp"] }),
    "functions stamp, pg_read": sql(["read", "function"], { functions: ["audit.stamp", "pg_read_file"] }),
    "function without a name": sql(["read", "function"]),
    opaque: sql(["opaque"]),
    session: sql(["session"], { settings: ["work_mem"] }),
    client_encoding: sql(["session"], { settings: ["client_encoding"] }),
    transaction: sql(["transaction"]),
    "transaction that writes": sql(["transaction"], { settings: ["transaction_read_only"] }),
    "SET … READ WRITE": sql(["session"], { settings: ["default_transaction_read_only"] }),
    utility: sql(["utility"]),
    unknown: sql(["unknown"]),
    "read; write": { kind: "sql.statement", statements: [facts(["read"]), facts(["write"])] },
    "(empty)": { kind: "sql.statement", statements: [] },
    "nothing found": sql([]),
    "SET by another name": sql(["read", "dcl", "function"], { functions: ["set_config"], settings: ["*"] }),
    "connect, configured": { kind: "sql.connect", database: "shop", configured: "shop" },
    "connect reports": { kind: "sql.connect", database: "reports", configured: "shop" },
    "connect Shop": { kind: "sql.connect", database: "Shop", configured: "shop" },
    "connect (none)": { kind: "sql.connect", database: "", configured: "" },
  },
  gate: Object.fromEntries(
    Object.keys(GATE_PERMISSIONS).map((permission) => [permission, { kind: "gate", permission: permission as GatePermission }]),
  ),
};
