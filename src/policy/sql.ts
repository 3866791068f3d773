import { deny } from "../kernel/result.ts";
import type { Decision, SqlAction } from "./action.ts";
import type { PostgresPermissions, Role } from "./role.ts";
import { PINNED_SETTINGS } from "./sql/classify.ts";
import { isReadOnly, READ_ONLY_SETTINGS } from "./sql/read-only.ts";
import type { SqlClass, StatementFacts } from "./sql/statement.ts";

/** What may be asked of a database: every effect of every statement must be one that the role names. */
export function decideSql(role: Role, action: SqlAction): Decision {
  const { postgres } = role;
  if (postgres === undefined) return deny("role-denies", { rule: `${role.name}.postgres`, detail: "databases" });
  if (action.kind === "sql.connect") return decideConnect(role.name, postgres, action);
  for (const statement of action.statements) {
    const refused = refuseStatement(postgres, statement);
    if (refused !== undefined) return deny("role-denies", { rule: `${role.name}.postgres.${refused.entry}`, detail: refused.what });
  }
  const unmasked = postgres.unmasked ?? [];
  const isHeld = action.statements.some(({ classes }) => classes.some((each) => holds(postgres, each)));
  return isHeld
    ? { allowed: "hold", rule: `${role.name}.postgres.hold`, unmasked }
    : { allowed: true, rule: `${role.name}.postgres.allow`, unmasked };
}

/** A server holds other databases than the one that was approved: they must be named. Byte for byte, as PostgreSQL does. */
function decideConnect(
  role: string,
  { databases }: PostgresPermissions,
  { database, configured }: Extract<SqlAction, { kind: "sql.connect" }>,
): Decision {
  const rule = `${role}.postgres.databases`;
  if (database !== "" && (database === configured || databases.includes(database))) return { allowed: true, rule };
  return deny("role-denies", { rule, detail: `the database "${shown(database)}", where "${configured}" was approved` });
}

function holds({ hold = [] }: PostgresPermissions, each: SqlClass): boolean {
  return each !== "unknown" && hold.includes(each);
}

interface Refused {
  readonly entry: "allow" | "functions";
  readonly what: string;
}

function refuseStatement(permissions: PostgresPermissions, statement: StatementFacts): Refused | undefined {
  const { functions } = permissions;
  const allow = new Set<SqlClass>([...permissions.allow, ...(permissions.hold ?? [])]);
  // No role gives this: with another encoding or other quotes the server would read what nobody has judged.
  const pinned = statement.settings.find((name) => PINNED_SETTINGS.has(name));
  if (pinned !== undefined) return { entry: "allow", what: `changing ${pinned}` };
  if (isReadOnly(permissions) && statement.settings.some((name) => READ_ONLY_SETTINGS.has(name))) {
    return { entry: "allow", what: "a transaction that writes (this role only reads)" };
  }
  // Fails closed: a statement in which nothing was found is not harmless, it was not understood.
  if (statement.classes.length === 0) return { entry: "allow", what: "a statement that is not known" };
  for (const each of statement.classes) {
    if (each === "function" && !allow.has("function")) {
      const called = statement.functions.find((name) => !functions.includes(name));
      // Fails closed: an effect without a name is not among the names.
      if (called === undefined && statement.functions.length === 0) return { entry: "functions", what: WORDS.function };
      if (called !== undefined) return { entry: "functions", what: `the function ${shown(called)}` };
    } else if (each === "unknown" || !allow.has(each)) return { entry: "allow", what: WORDS[each] };
  }
  return undefined;
}

const WORDS: Readonly<Record<SqlClass, string>> = {
  read: "reading",
  write: "changing rows, or locking them",
  ddl: "changing tables and other definitions",
  dcl: "changing rights, code, or what is beyond the database",
  copy: "COPY",
  function: "functions that may have effects",
  opaque: "running code that the statement does not show",
  session: "changing settings of the session",
  transaction: "transactions",
  utility: "maintenance",
  unknown: "a statement that is not known",
};

/** Untrusted: a name from the client, made safe to print in a refusal. */
function shown(name: string): string {
  return name.replaceAll(/[^\x20-\x7E]/g, "?").slice(0, 128);
}
