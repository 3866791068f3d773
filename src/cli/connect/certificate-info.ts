/** What to paste into a client that shows a certificate, in the forms that clients take. Paths are absolute: clients run elsewhere. */
import { join } from "node:path";
import { quoteForShell } from "./connection-info.ts";

export interface CertificateInfo {
  readonly user: string;
  readonly database: string;
  readonly host: string;
  readonly port: number;
  readonly folder: string;
}

/** Names of the files in the folder. */
export const FILES = { authority: "ca.crt", certificate: "client.crt", key: "client.key", pkcs8: "client.pk8" } as const;

/** libpq's URL. */
export function certificateUrlOf({ user, database, host, port, folder }: CertificateInfo): string {
  return `postgresql://${encodeURIComponent(user)}@${host}:${port}/${encodeURIComponent(database)}?${query({
    sslmode: "verify-full",
    sslrootcert: join(folder, FILES.authority),
    sslcert: join(folder, FILES.certificate),
    sslkey: join(folder, FILES.key),
  })}`;
}

/** Java's driver reads keys as PKCS#8 in DER. */
export function certificateJdbcUrlOf({ user, database, host, port, folder }: CertificateInfo): string {
  return `jdbc:postgresql://${host}:${port}/${encodeURIComponent(database)}?${query({
    user,
    sslmode: "verify-full",
    sslrootcert: join(folder, FILES.authority),
    sslcert: join(folder, FILES.certificate),
    sslkey: join(folder, FILES.pkcs8),
  })}`;
}

/** For a shell: libpq's variables. */
export function certificateShellLinesOf({ user, database, host, port, folder }: CertificateInfo): string {
  const variables = {
    PGHOST: host,
    PGPORT: String(port),
    PGUSER: user,
    PGDATABASE: database,
    PGSSLMODE: "verify-full",
    PGSSLROOTCERT: join(folder, FILES.authority),
    PGSSLCERT: join(folder, FILES.certificate),
    PGSSLKEY: join(folder, FILES.key),
  };
  return Object.entries(variables)
    .map(([name, value]) => `export ${name}=${quoteForShell(value)}\n`)
    .join("");
}

/** libpq takes `+` for itself, not for a space. */
function query(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join("&");
}
