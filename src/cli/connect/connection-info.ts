/** What to paste into a client, in the forms that clients take. */
import { UsageError } from "../usage-error.ts";

export interface ConnectionInfo {
  readonly user: string;
  readonly database: string;
  readonly socket?: { readonly folder: string; readonly port: number };
  readonly loopback?: { readonly host: string; readonly port: number; readonly password: string };
}

export const FORMS = ["url", "jdbc", "env", "json"] as const;
export type Form = (typeof FORMS)[number];

/** libpq's URL: of the port, which every driver knows, else of the socket. */
export function urlOf({ user, database, socket, loopback }: ConnectionInfo): string {
  const [who, what] = [encodeURIComponent(user), encodeURIComponent(database)];
  if (loopback) return `postgresql://${who}:${loopback.password}@${loopback.host}:${loopback.port}/${what}?sslmode=disable`;
  const { folder, port } = required(socket);
  return `postgresql://${who}@/${what}?host=${encodeURIComponent(folder)}&port=${port}`;
}

/** Throws UsageError without a port: Java's driver opens no sockets. */
export function jdbcUrlOf({ user, database, loopback }: ConnectionInfo): string {
  if (!loopback) throw new UsageError("JDBC needs the port", "Leave --no-port out");
  const settings = new URLSearchParams({ user, password: loopback.password, sslmode: "disable", gssEncMode: "disable" });
  return `jdbc:postgresql://${loopback.host}:${loopback.port}/${encodeURIComponent(database)}?${settings.toString()}`;
}

/** For a shell: libpq's variables. The socket where there is one, since it needs no password. */
export function shellLinesOf({ user, database, socket, loopback }: ConnectionInfo): string {
  const place = socket
    ? { PGHOST: socket.folder, PGPORT: String(socket.port) }
    : { PGHOST: required(loopback).host, PGPORT: String(required(loopback).port), PGPASSWORD: required(loopback).password };
  const variables = { ...place, PGUSER: user, PGDATABASE: database, PGSSLMODE: "disable" };
  return Object.entries(variables)
    .map(([name, value]) => `export ${name}=${quoteForShell(value)}\n`)
    .join("");
}

export function quoteForShell(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** What to type for psql: of the socket, with what differs from libpq's defaults. */
export function psqlLineOf({ socket, loopback }: ConnectionInfo): string {
  const { host, port } = socket ? { host: socket.folder, port: socket.port } : required(loopback);
  return `psql -h ${/^[\w./-]+$/.test(host) ? host : quoteForShell(host)}${port === 5432 ? "" : ` -p ${port}`}`;
}

function required<T>(door: T | undefined): T {
  if (door === undefined) throw new UsageError("A client needs the socket or the port", "Leave --no-socket or --no-port out");
  return door;
}
