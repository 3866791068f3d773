/** A real sshd on a free port of the loopback, with its own keys and configuration in a scratch directory. */
import { spawn, type ChildProcess } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { findFreePort } from "./free-port.ts";
import { findProgram } from "./peers.ts";
import { run } from "./process.ts";
import { until } from "./until.ts";

export interface SshdOptions {
  /** Lines of authorized_keys. */
  readonly authorizedKeys?: readonly string[];
  /** One line, as in a .pub file: user certificates it signed are accepted. */
  readonly trustedUserCaKey?: string;
  /** Called with the host's Ed25519 public key line; gives the line of a certificate for it. */
  readonly hostCertificate?: (publicKeyLine: string) => Promise<string>;
  /** Further lines of sshd_config; they come first and so win. */
  readonly extraConfig?: readonly string[];
  /** Another sshd than the system's, with the environment it needs. */
  readonly program?: { readonly sshd: string; readonly env?: NodeJS.ProcessEnv; readonly args?: readonly string[] };
  /** Types of host keys; default all three. */
  readonly hostKeyTypes?: readonly ("ed25519" | "ecdsa" | "rsa")[];
}

export interface Sshd extends AsyncDisposable {
  readonly port: number;
  /** The account to log in as: the one that runs the test. */
  readonly user: string;
  /** Public key lines of the host. */
  readonly hostKeys: readonly string[];
  readonly dir: string;
  /** Everything sshd logged so far. */
  log(): string;
}

export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  const dir = await mkdtemp(join(tmpdir(), "sallyport-sshd-"));
  const user = userInfo().username;
  // As root sshd insists on its privilege separation directory.
  if (process.getuid?.() === 0) await mkdir("/run/sshd", { recursive: true });
  const hostKeys: string[] = [];
  const keyFiles: string[] = [];
  for (const type of options.hostKeyTypes ?? ["ed25519", "ecdsa", "rsa"]) {
    const file = join(dir, `host_${type}`);
    const made = await run("ssh-keygen", ["-q", "-t", type, "-N", "", "-C", "", "-f", file]);
    if (made.status !== 0) throw new Error(`ssh-keygen failed: ${made.stderr.toString()}`);
    hostKeys.push((await readFile(`${file}.pub`, "utf8")).trim());
    keyFiles.push(file);
  }
  const certificate = await options.hostCertificate?.(hostKeys[0] ?? "");
  if (certificate !== undefined) await writeFile(join(dir, "host-cert.pub"), `${certificate}\n`);
  await writeFile(join(dir, "authorized_keys"), `${(options.authorizedKeys ?? []).join("\n")}\n`);
  if (options.trustedUserCaKey !== undefined) await writeFile(join(dir, "user_ca.pub"), `${options.trustedUserCaKey}\n`);
  await chmod(dir, 0o700);

  const home = join(dir, "home");
  await mkdir(home);
  const port = await findFreePort();
  const config = [
    ...(options.extraConfig ?? []),
    `ListenAddress 127.0.0.1:${port}`,
    ...keyFiles.map((file) => `HostKey ${file}`),
    ...(certificate === undefined ? [] : [`HostCertificate ${join(dir, "host-cert.pub")}`]),
    ...(options.trustedUserCaKey === undefined ? [] : [`TrustedUserCAKeys ${join(dir, "user_ca.pub")}`]),
    `AuthorizedKeysFile ${join(dir, "authorized_keys")}`,
    `PidFile ${join(dir, "sshd.pid")}`,
    // The account's own start-up files are not part of any test, and may take longer than what is tested.
    `SetEnv HOME=${home}`,
    "StrictModes no",
    "PermitRootLogin yes",
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    "UsePAM no",
    "MaxStartups 100:30:200",
    "PrintMotd no",
    "Subsystem sftp internal-sftp",
    "LogLevel DEBUG1",
  ];
  const configFile = join(dir, "sshd_config");
  await writeFile(configFile, `${config.join("\n")}\n`);

  const { sshd = findProgram("sshd") ?? "sshd", env = process.env, args = [] } = options.program ?? {};
  const child = spawn(sshd, [...args, "-D", "-e", "-f", configFile], { stdio: ["ignore", "ignore", "pipe"], env });
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    log += text;
  });
  const close = async (): Promise<void> => {
    await stop(child);
    await rm(dir, { recursive: true, force: true });
  };
  try {
    await waitForPort(port, child, () => log);
  } catch (error) {
    await close();
    throw error;
  }
  return { port, user, hostKeys, dir, log: () => log, [Symbol.asyncDispose]: close };
}

async function waitForPort(port: number, child: ChildProcess, log: () => string): Promise<void> {
  await until(() => {
    if (child.exitCode !== null) throw new Error(`sshd did not start:\n${log()}`);
    return answers(port);
  });
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  await ended;
}
