/** The same command twice: straight to the host, and through the gate to it. */
import { spawn } from "node:child_process";
import { createHash, createPublicKey } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, mkdir, mkdtemp, readdir, readlink, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemRandom } from "../../src/kernel/random.ts";
import { encodePrivateKey, generateEd25519 } from "../../src/wire/ssh/keys/private-key.ts";
import { encodePublicKeyLine, publicKeyBlob } from "../../src/wire/ssh/keys/public-key.ts";
import { startEstate, type Estate } from "./estate.ts";
import { run, type RunOptions, type RunResult } from "./process.ts";

/** One of the two, for one case. */
export interface Way {
  readonly name: "direct" | "gate";
  /** Options of every OpenSSH client program. */
  readonly args: readonly string[];
  /** `account@host`: the gate's account is the target's name. */
  readonly host: string;
  /** A scratch folder that only this case has this way. */
  readonly dir: string;
  ssh(args: readonly string[], command?: readonly string[], options?: RunOptions): Promise<RunResult>;
  /** `batch` goes to `sftp -b -`. */
  sftp(batch: string, args?: readonly string[]): Promise<RunResult>;
  scp(...args: readonly string[]): Promise<RunResult>;
  rsync(...args: readonly string[]): Promise<RunResult>;
}

export interface Ways extends AsyncDisposable {
  readonly estate: Estate;
  /** Files for every case: not to be changed. */
  readonly shared: string;
  /** SSH_AUTH_SOCK of an agent. */
  readonly agent: string;
  make(name: Way["name"], label: string): Promise<Way>;
}

export async function startWays(): Promise<Ways> {
  await using opened = new AsyncDisposableStack();
  const base = await mkdtemp(join(tmpdir(), "sallyport-ways-"));
  opened.defer(() => rm(base, { recursive: true, force: true }));
  const key = generateEd25519();
  const keyPath = join(base, "id_direct");
  await writeFile(keyPath, encodePrivateKey(key, "direct", systemRandom), { mode: 0o600 });
  const line = encodePublicKeyLine(publicKeyBlob(createPublicKey(key)), "direct");
  const sshd = {
    authorizedKeys: [line],
    extraConfig: ["LogLevel ERROR", "AcceptEnv LANG LC_* TEST_*", "MaxSessions 20", "AllowTcpForwarding yes"],
  };
  const estate = opened.use(await startEstate({ sshd }));
  const knownHosts = join(base, "known_hosts");
  await writeFile(knownHosts, `* ${estate.sshd.hostKeys[0] ?? ""}\n`);
  await estate.grant();
  const shared = join(base, "shared");
  await mkdir(shared);
  const direct = ["-F", "none", "-i", keyPath, "-o", "IdentitiesOnly=yes", "-o", `UserKnownHostsFile=${knownHosts}`];
  const routes = {
    direct: { args: [...direct, "-o", "GlobalKnownHostsFile=none", "-o", `Port=${estate.sshd.port}`], account: estate.sshd.user },
    gate: { args: estate.sshArgs("ana"), account: "web-1.prod" },
  };
  const agent = join(base, "agent");
  const child = spawn("ssh-agent", ["-D", "-a", agent], { stdio: "ignore" });
  opened.defer(() => void child.kill());
  const everything = opened.move();
  return {
    estate,
    shared,
    agent,
    make: async (name, label) => {
      const dir = join(base, name, label);
      await mkdir(dir, { recursive: true });
      const host = `${routes[name].account}@127.0.0.1`;
      const args = [...routes[name].args, "-o", "BatchMode=yes"];
      return {
        name,
        args,
        host,
        dir,
        ssh: (more, command = [], options = {}) => run("ssh", [...args, ...more, host, ...command], options),
        sftp: (batch, more = []) => run("sftp", [...args, ...more, "-b", "-", host], { input: batch, cwd: dir }),
        scp: (...more) => run("scp", [...args, ...more], { cwd: dir }),
        rsync: (...more) => run("rsync", ["-e", `ssh ${args.join(" ")}`, ...more], { cwd: dir }),
      };
    },
    [Symbol.asyncDispose]: () => everything.disposeAsync(),
  };
}

/** Everything below a folder that a file transfer can get wrong: `name: type mode size mtime content`. */
export async function listTree(dir: string, options: { times?: boolean } = {}, under = ""): Promise<string[]> {
  const found: string[] = [];
  for (const name of (await readdir(join(dir, under))).sort()) {
    const path = join(under, name);
    const info = await lstat(join(dir, path));
    const mode = (info.mode & 0o7777).toString(8);
    // The folders that a case works in change when it does.
    const time = options.times === true && under !== "" ? ` ${Math.floor(info.mtimeMs / 1000)}` : "";
    if (info.isDirectory()) {
      found.push(`${JSON.stringify(path)}: dir ${mode}${time}`, ...(await listTree(dir, options, path)));
    } else if (info.isSymbolicLink()) {
      found.push(`${JSON.stringify(path)}: link ${await readlink(join(dir, path))}`);
    } else {
      found.push(`${JSON.stringify(path)}: file ${mode} ${info.size}${time} links ${info.nlink} ${await hashFile(join(dir, path))}`);
    }
  }
  return found;
}

export async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}
