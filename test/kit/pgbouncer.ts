/** Debian's pgbouncer in front of a database, one server connection for each of a client: what a relay in C makes of it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chown, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findFreePort } from "./free-port.ts";
import { findProgram } from "./peers.ts";
import { until } from "./until.ts";

/** It does not run as root. */
const NOBODY = 65_534;

/** Undefined where it is not installed. */
export async function startPgbouncer(conninfo: string, password: string): Promise<({ conninfo: string } & AsyncDisposable) | undefined> {
  const program = findProgram("pgbouncer");
  if (program === undefined) return undefined;
  const dir = await mkdtemp(join(tmpdir(), "sallyport-pgbouncer-"));
  const port = await findFreePort();
  const config = join(dir, "pgbouncer.ini");
  await writeFile(
    config,
    `[databases]
shop = ${conninfo} password='${password}'
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = session
max_client_conn = 200
default_pool_size = 100
`,
  );
  const asRoot = process.getuid?.() === 0;
  if (asRoot) for (const path of [dir, config]) await chown(path, NOBODY, NOBODY);
  const child = spawn(program, [config], { stdio: ["ignore", "ignore", "pipe"], ...(asRoot && { uid: NOBODY, gid: NOBODY }) });
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (log += text));
  await until(() => log.includes("process up"));
  return {
    conninfo: `host=127.0.0.1 port=${port} user=admin dbname=shop`,
    [Symbol.asyncDispose]: async () => {
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
      await rm(dir, { recursive: true, force: true });
    },
  };
}
