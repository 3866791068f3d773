/** A real PostgreSQL on a free port of the loopback, in a scratch directory: passwords by SCRAM, TLS where asked for. */
import { spawn, type ChildProcess } from "node:child_process";
import { globSync } from "node:fs";
import { chmod, chown, copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { findPostgres } from "../../src/main/demo/find-postgres.ts";
import { unpackPostgres } from "../../src/main/demo/unpack-postgres.ts";
import { findFreePort } from "./free-port.ts";
import { findProgram, requireAll, requirePeer, type Peer } from "./peers.ts";
import { run } from "./process.ts";
import { until } from "./until.ts";

/** Debian keeps them where no PATH looks. */
const SERVER = findProgram("postgres") ?? globSync("/usr/lib/postgresql/*/bin/postgres").sort().at(-1);
export const postgresServer: Peer = requirePeer("PostgreSQL server", "postgres", SERVER);
/** With the client that most tests of the server drive. */
export const psqlAndServer = requireAll(requirePeer("psql", "psql"), postgresServer);
const PACKED = findPostgres("").find(({ packed }) => packed)?.bin;
/** PostgreSQL 18, as the demo has it; it comes along with `npm ci`. */
export const postgres18Server: Peer = requirePeer("PostgreSQL 18", "npm ci", PACKED && join(PACKED, "postgres"));
/** The server does not run as root. */
const NOBODY = 65_534;
export const SUPERUSER = { name: "postgres", password: "the superuser's own" } as const;

export interface PostgresServer extends AsyncDisposable {
  readonly port: number;
  readonly dir: string;
  /** PEM of the authority of its certificate, with `tls`. */
  readonly authority: string | undefined;
  /** As the superuser; what psql prints. */
  sql(text: string, database?: string): Promise<string>;
  log(): string;
}

export interface PostgresOptions {
  readonly tls?: boolean;
  readonly server?: Peer;
  /** More of its settings. */
  readonly settings?: Readonly<Record<string, string>>;
}

export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const dir = await mkdtemp(join(tmpdir(), "sallyport-postgres-"));
  const asRoot = process.getuid?.() === 0;
  const identity = asRoot ? { uid: NOBODY, gid: NOBODY } : {};
  if (asRoot) await chown(dir, NOBODY, NOBODY);
  const { path } = options.server ?? postgresServer;
  const bin = dirname(path) === PACKED ? await unpackPostgres(PACKED, join(dir, "software")) : dirname(path);
  const data = join(dir, "data");
  const passwordFile = join(dir, "password");
  await writeFile(passwordFile, SUPERUSER.password, { mode: 0o644 });
  const init = [
    "-D",
    data,
    "-U",
    SUPERUSER.name,
    "-A",
    "scram-sha-256",
    `--pwfile=${passwordFile}`,
    "-E",
    "UTF8",
    "--locale=C.UTF-8",
    "-N",
  ];
  const made = await run(join(bin, "initdb"), init, { ...identity, cwd: dir });
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr.toString()}`);
  const tls = options.tls === true ? await certify(dir, identity) : undefined;
  const port = await findFreePort();
  const settings: Record<string, string> = {
    listen_addresses: "127.0.0.1",
    port: String(port),
    unix_socket_directories: dir,
    fsync: "off",
    log_connections: "on",
    log_line_prefix: "%a ",
    ...options.settings,
    ...(tls && { ssl: "on", ssl_cert_file: join(dir, "server.crt"), ssl_key_file: join(dir, "server.key") }),
  };
  const args = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const child = spawn(join(bin, "postgres"), ["-D", data, ...args], { stdio: ["ignore", "ignore", "pipe"], cwd: dir, ...identity });
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (log += text));
  const close = async (): Promise<void> => {
    await stop(child);
    await rm(dir, { recursive: true, force: true });
  };
  const sql = async (text: string, database = "postgres"): Promise<string> => {
    const conninfo = `host=127.0.0.1 port=${port} user=${SUPERUSER.name} dbname=${database}`;
    const psql = await run("psql", ["-XAtq", "-v", "ON_ERROR_STOP=1", conninfo], {
      input: text,
      env: { ...process.env, PGPASSWORD: SUPERUSER.password },
    });
    if (psql.status !== 0) throw new Error(psql.stderr.toString());
    return psql.stdout.toString().trim();
  };
  try {
    await until(() => {
      if (child.exitCode !== null) throw new Error(`postgres did not start:\n${log}`);
      return log.includes("ready to accept connections");
    });
  } catch (error) {
    await close();
    throw error;
  }
  return { port, dir, authority: tls, sql, log: () => log, [Symbol.asyncDispose]: close };
}

/** A certificate for `localhost` by an authority of its own. */
async function certify(dir: string, identity: { uid?: number }): Promise<string> {
  const openssl = async (...args: string[]): Promise<void> => {
    const made = await run("openssl", args, { cwd: dir });
    if (made.status !== 0) throw new Error(made.stderr.toString());
  };
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  await openssl("req", "-x509", ...newKey, "-subj", "/CN=test authority", "-days", "2", "-keyout", "ca.key", "-out", "ca.crt");
  await openssl("req", ...newKey, "-subj", "/CN=localhost", "-keyout", "server.key", "-out", "server.csr");
  await writeFile(join(dir, "names"), "subjectAltName=DNS:localhost\n");
  await openssl(
    "x509",
    "-req",
    "-in",
    "server.csr",
    "-CA",
    "ca.crt",
    "-CAkey",
    "ca.key",
    "-CAcreateserial",
    "-days",
    "2",
    "-extfile",
    "names",
    "-out",
    "server.crt",
  );
  // A gate in front of it, which runs as somebody else, shows the same certificate.
  for (const kind of ["key", "crt"]) await copyFile(join(dir, `server.${kind}`), join(dir, `gate.${kind}`));
  for (const file of ["server.key", "gate.key", "gate.crt"]) await chmod(join(dir, file), 0o600);
  if (identity.uid !== undefined) for (const file of ["server.key", "server.crt"]) await chown(join(dir, file), NOBODY, NOBODY);
  return readFile(join(dir, "ca.crt"), "utf8");
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  // Immediate: sessions that tests left open do not hold it up.
  child.kill("SIGQUIT");
  await ended;
}
