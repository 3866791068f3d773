/**
 * What is said to a server to make and drop the login role of one session. Pure.
 *
 * The same texts serve PostgreSQL 14 to 18: up to 15 CREATEROLE is enough to make a member of a role, from 16 on the
 * maker needs ADMIN on it; in either it has to be a member itself to hand over what a session leaves behind.
 */
import type { SessionId } from "../../../kernel/ids.ts";
import { literal, quoted } from "../quoting.ts";

const MAX_NAME_BYTES = 63;
/** A server refuses what is not a name of its own sort, and nothing here is. */
const MARK = "sallyport role of";

/** `sallyport_ana_s-4g5h…`: whose it is and in which session, in every line of the server's own log. */
export function roleName(prefix: string, person: string, session: SessionId): string {
  return `${prefix}${person.slice(0, MAX_NAME_BYTES - prefix.length - session.length - 1)}_${session}`;
}

/** The comment by which a gate knows its own: `gate` is its name and node. */
export function roleMark(gate: string, session: SessionId, account: string): string {
  return `${MARK} ${gate} ${session} ${account}`;
}

/** Untrusted: anybody with CREATEROLE writes comments. `undefined`: not one of this gate. */
export function parseMark(gate: string, mark: string | null): { readonly session: string; readonly account: string } | undefined {
  const own = `${MARK} ${gate} `;
  if (mark?.startsWith(own) !== true) return undefined;
  const [, session, account] = /^(s-[0-9a-z]{10}) (.+)$/.exec(mark.slice(own.length)) ?? [];
  return session === undefined || account === undefined ? undefined : { session, account };
}

export interface NewRole {
  readonly role: string;
  readonly account: string;
  readonly until: number;
  readonly mark: string;
}

/** One text is one transaction: there is no role without its mark. Nobody can log in as it yet. */
export function makeRole({ role, account, until, mark }: NewRole): string {
  return [
    `CREATE ROLE ${quoted(role)} NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE INHERIT CONNECTION LIMIT 1`,
    ` VALID UNTIL ${literal(new Date(until).toISOString())} IN ROLE ${quoted(account)};`,
    `COMMENT ON ROLE ${quoted(role)} IS ${literal(mark)}`,
  ].join("");
}

/**
 * By itself, once everything else has gone well: a server writes the text of what fails into its log, and what could stand
 * in the way of this has stood in the way of making the role.
 */
export function openRole(role: string, verifier: string): string {
  return `ALTER ROLE ${quoted(role)} LOGIN PASSWORD ${literal(verifier)}`;
}

/** Nobody logs in as it any more, and who has is thrown out. */
export function closeRole(role: string, by: string): string {
  return [
    `ALTER ROLE ${quoted(role)} NOLOGIN;`,
    `GRANT ${quoted(role)} TO ${quoted(by)};`,
    `SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE usename = ${literal(role)}`,
  ].join("");
}

export function connectionsOf(role: string): string {
  return `SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_activity WHERE usename = ${literal(role)}`;
}

/** Database, and how much the role owns in it; the first column is NULL for what the whole server shares. */
export function belongingsOf(role: string): string {
  return `SELECT d.datname, pg_catalog.count(*) FILTER (WHERE s.deptype = 'o') FROM pg_catalog.pg_shdepend s
    LEFT JOIN pg_catalog.pg_database d ON d.oid = s.dbid
    WHERE s.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass
      AND s.refobjid = (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = ${literal(role)}) GROUP BY 1`;
}

/** In each database where it has anything: what it made is the account's, what it was given is taken. */
export function handOver(role: string, account: string): string {
  return `REASSIGN OWNED BY ${quoted(role)} TO ${quoted(account)};DROP OWNED BY ${quoted(role)}`;
}

export function dropRole(role: string): string {
  return `DROP ROLE ${quoted(role)}`;
}

export function rolesWith(prefix: string): string {
  return `SELECT rolname, pg_catalog.shobj_description(oid, 'pg_authid') FROM pg_catalog.pg_roles
    WHERE pg_catalog.starts_with(rolname, ${literal(prefix)})`;
}

/** Why nobody should be made a member of an account, a line for each reason. Superusers and password verifiers are no scope. */
export function dangersOf(account: string): string {
  return `SELECT CASE WHEN r.rolname = 'pg_read_all_data' THEN 'it is a member of pg_read_all_data, which reads every password verifier'
      WHEN r.rolname LIKE 'pg\\_%' THEN 'it is a member of ' || r.rolname
      ELSE r.rolname || ' is a superuser, or may make roles, replicate or see behind row-level security' END
    FROM pg_catalog.pg_roles a JOIN pg_catalog.pg_roles r ON pg_catalog.pg_has_role(a.oid, r.oid, 'MEMBER')
    WHERE a.rolname = ${literal(account)} AND (r.rolsuper OR r.rolcreaterole OR r.rolreplication OR r.rolbypassrls
      OR r.rolname IN ('pg_read_all_data', 'pg_write_all_data', 'pg_execute_server_program', 'pg_read_server_files',
                       'pg_write_server_files', 'pg_signal_backend'))
    ORDER BY r.oid OPERATOR(pg_catalog.<>) a.oid`;
}

/** The whole life of a role in a transaction that is rolled back. */
export function tryRole(role: NewRole, by: string, verifier: string): readonly string[] {
  return [
    "BEGIN",
    makeRole(role),
    openRole(role.role, verifier),
    closeRole(role.role, by),
    handOver(role.role, role.account),
    dropRole(role.role),
    "ROLLBACK",
  ];
}
