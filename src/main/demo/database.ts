/**
 * The database of the demo: a real PostgreSQL, a process of its own on a loopback port, with everything of it in the
 * demo's folder: npm's server where it installed one, the machine's own otherwise.
 *
 * Never: listens on a socket file, writes a password anywhere but into the files that the gate reads, runs as root.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, chown, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { randomText, systemRandom } from "../../kernel/random.ts";
import { deriveVerifier } from "../../wire/postgres/scram.ts";
import { NO_POSTGRES, type PostgresPlace } from "./find-postgres.ts";
import { runProgram, type Identity } from "./postgres-programs.ts";
import { startServer, untilLeft } from "./postgres-server.ts";
import { unpackPostgres } from "./unpack-postgres.ts";
import { SHOP_DATABASE, SHOP_LOGINS, SHOP_ROLES_SQL, SHOP_SQL, type ShopLogin } from "./shop.ts";

const ITERATIONS = 4096;
/** Root's files are not for the server, and it refuses to run as root. */
const UNPRIVILEGED = "nobody";
const SUPERUSER = "postgres";

export interface ShopDatabase extends AsyncDisposable {
  readonly port: number;
  /** As PostgreSQL says it: `18.4`. */
  readonly version: string;
  /** Why none that comes before it in `places` was taken. */
  readonly passedOver: readonly string[];
  /** Files with the passwords of its logins. */
  readonly logins: Readonly<Record<ShopLogin, string>>;
}

export interface DatabaseOptions {
  /** Of the demo. */
  readonly folder: string;
  readonly port: number;
  /** Tried in this order. */
  readonly places: readonly PostgresPlace[];
}

/** Serving when it resolves; or why there is none. */
export async function startDatabase(options: DatabaseOptions): Promise<ShopDatabase | { readonly why: string }> {
  const whys: string[] = [];
  for (const place of options.places) {
    try {
      return { ...(await startAt(place, options)), passedOver: whys };
    } catch (error) {
      whys.push(`${place.bin}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { why: whys.length === 0 ? NO_POSTGRES : whys.join("; ") };
}

async function startAt(place: PostgresPlace, { folder, port }: DatabaseOptions): Promise<Omit<ShopDatabase, "passedOver">> {
  const identity: Identity = process.getuid?.() === 0 ? unprivileged() : {};
  const home = join(folder, "database");
  await mkdir(home, { recursive: true, mode: 0o700 });
  if (identity.uid !== undefined && identity.gid !== undefined) {
    await chown(home, identity.uid, identity.gid);
    // On its way to what is its own it passes through the demo's folder, where it may list and read nothing.
    await chown(folder, 0, identity.gid);
    await chmod(folder, 0o710);
  }
  const bin = place.packed ? await unpackPostgres(place.bin, join(home, "software")) : place.bin;
  const program: Program = (name, args, input) => runProgram(join(bin, name), args, { identity, cwd: home, input });
  const version = /\d+(\.\d+)?/.exec(await program("postgres", ["--version"], ""))?.[0] ?? "";
  // Another version cannot read it: each has a database of its own.
  const data = join(home, `data-${version.split(".")[0]}`);
  if (existsSync(data)) await untilLeft(data);
  else await fill(data, { program, identity });
  const logins = await writePasswords(join(folder, "secrets"), (sql) => runSql(program, data, "postgres", sql));
  const server = await startServer({ bin, data, port, log: join(home, "log"), identity });
  return { port, version, logins, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

function unprivileged(): Required<Identity> {
  const [uid, gid] = ["-u", "-g"].map((which) => Number(spawnSync("id", [which, UNPRIVILEGED], { encoding: "utf8" }).stdout || NaN));
  if (!uid || !gid) throw new Error(`it does not run as root, and there is no account "${UNPRIVILEGED}"`);
  return { uid, gid };
}

type Program = (name: "initdb" | "postgres", args: readonly string[], input: string) => Promise<string>;

/** Whole or not there: a start that breaks off leaves nothing that the next one would take for a database. */
async function fill(data: string, { program, identity }: { program: Program; identity: Identity }): Promise<void> {
  const making = `${data}.new`;
  await rm(making, { recursive: true, force: true });
  const passwordFile = `${data}.password`;
  await writeFile(passwordFile, `${randomPassword()}\n`, { mode: 0o600 });
  if (identity.uid !== undefined && identity.gid !== undefined) await chown(passwordFile, identity.uid, identity.gid);
  try {
    const how = ["-U", SUPERUSER, "-A", "scram-sha-256", `--pwfile=${passwordFile}`, "-E", "UTF8", "--locale=C", "--no-sync"];
    await program("initdb", ["-D", making, ...how], "");
  } finally {
    // Nobody logs in as the superuser.
    await rm(passwordFile, { force: true });
  }
  await runSql(program, making, "postgres", SHOP_ROLES_SQL);
  await runSql(program, making, SHOP_DATABASE, SHOP_SQL);
  await rename(making, data);
}

/** As the superuser, while no server runs: without a connection, and so without a password. */
async function runSql(program: Program, data: string, database: string, sql: string): Promise<void> {
  const settings = ["exit_on_error=on", "fsync=off", "log_checkpoints=off"].flatMap((setting) => ["-c", setting]);
  await program("postgres", ["--single", "-j", "-D", data, ...settings, database], sql);
}

/** New ones at each start. The server gets what proves them, and never sees them. */
async function writePasswords(folder: string, sql: (text: string) => Promise<void>): Promise<ShopDatabase["logins"]> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const files = {} as Record<ShopLogin, string>;
  let text = "";
  for (const login of SHOP_LOGINS) {
    const password = randomPassword();
    const salt = systemRandom.bytes(16);
    const { storedKey, serverKey } = await deriveVerifier(password, salt, ITERATIONS);
    const [salted, stored, server] = [salt, storedKey, serverKey].map((bytes) => bytes.toString("base64"));
    text += `alter role ${login} password 'SCRAM-SHA-256$${ITERATIONS}:${salted}$${stored}:${server}';\n\n`;
    files[login] = join(folder, login);
    await writeFile(files[login], `${password}\n`, { mode: 0o600 });
  }
  await sql(text);
  return files;
}

function randomPassword(): string {
  return randomText(systemRandom, 40);
}
