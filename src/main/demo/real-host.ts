/**
 * A host of the demo with the machine's own sshd: a process of its own on a loopback port, in a scratch folder. Its
 * logins are the account that runs the demo, but every one of them starts in that folder and has it for its home.
 *
 * Takes nothing but certificates of the demo's gate: no keys, no passwords.
 */
import { spawn } from "node:child_process";
import { openSync, closeSync } from "node:fs";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { systemRandom } from "../../kernel/random.ts";
import { encodePrivateKey } from "../../wire/ssh/keys/private-key.ts";
import { end, failed, untilServes } from "./daemon.ts";
import type { DemoHost, HostPlan } from "./host.ts";
import { productionFiles, SERVICE_SCRIPT } from "./production.ts";

export interface RealHostOptions {
  readonly sshd: string;
  /** Scratch folder of this host. */
  readonly folder: string;
}

/** Throws when sshd does not start; whether it takes the gate's logins is another question. */
export async function startRealHost(plan: HostPlan, { sshd, folder }: RealHostOptions): Promise<DemoHost> {
  await using opened = new AsyncDisposableStack();
  // As root sshd insists on its privilege separation directory.
  if (process.getuid?.() === 0) await mkdir("/run/sshd", { recursive: true });
  const home = join(folder, "home");
  await writeEstate(home, plan);
  const file = (name: string): string => join(folder, name);
  await writeFile(file("host_key"), encodePrivateKey(plan.key, plan.name, systemRandom), { mode: 0o600 });
  await writeFile(file("access_authority.pub"), `${plan.authority}\n`);
  await writeFile(file("enter"), enterScript(home, plan.name), { mode: 0o755 });
  await writeFile(file("sshd_config"), sshdConfig(plan, folder, home));

  const log = openSync(file("sshd.log"), "a");
  const daemon = spawn(sshd, ["-D", "-e", "-f", file("sshd_config")], { stdio: ["ignore", log, log] });
  const service = spawn(join(home, "bin/checkout"), [String(process.pid)], { stdio: "ignore", detached: true });
  closeSync(log);
  opened.defer(() => end(daemon, (child) => child.kill("SIGTERM")));
  // With what it started: it leads a process group of its own.
  opened.defer(() => end(service, ({ pid }) => pid !== undefined && process.kill(-pid, "SIGTERM")));
  await Promise.race([untilServes("sshd", () => answers(plan.port)), failed(daemon, "sshd"), failed(service, "the demo's service")]);
  const everything = opened.move();
  return { name: plan.name, kind: "real", [Symbol.asyncDispose]: () => everything.disposeAsync() };
}

async function writeEstate(home: string, { name }: HostPlan): Promise<void> {
  const files = {
    ...productionFiles(name, Date.now()),
    "bin/checkout": SERVICE_SCRIPT,
    ".bashrc": `PS1='${name}:\\w\\$ '\n`,
    // Some shells look for one of these first.
    ".hushlogin": "",
  };
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(home, path)), { recursive: true });
    await writeFile(join(home, path), content);
  }
  await chmod(join(home, "bin/checkout"), 0o755);
}

/** Shells, commands, sftp and scp alike start in the scratch home. */
function enterScript(home: string, name: string): string {
  return `#!/bin/sh
cd ${quote(home)} || exit 1
export HOME=${quote(home)}
unset SSH_AUTH_SOCK
if [ -n "\${SSH_ORIGINAL_COMMAND:-}" ]; then exec /bin/sh -c "$SSH_ORIGINAL_COMMAND"; fi
if [ -t 0 ]; then
  echo "${name}: a real sshd on this machine; your account, in $HOME"
  if command -v bash >/dev/null; then exec bash --rcfile "$HOME/.bashrc" -i; fi
fi
exec /bin/sh
`;
}

function sshdConfig({ name, port }: HostPlan, folder: string, home: string): string {
  const quoted = (path: string): string => `"${path}"`;
  return `# ${name} of the Sallyport demo.
ListenAddress 127.0.0.1:${port}
HostKey ${quoted(join(folder, "host_key"))}
PidFile none
# What a host behind the gate needs: its certificates, and nothing else, open the account.
TrustedUserCAKeys ${quoted(join(folder, "access_authority.pub"))}
AuthorizedKeysFile none
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin yes
UsePAM no
DisableForwarding yes
# What makes it a demo: another home.
SetEnv HOME=${quoted(home)}
ForceCommand ${quoted(join(folder, "enter"))}
Subsystem sftp /usr/lib/openssh/sftp-server
PrintMotd no
PrintLastLog no
`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
