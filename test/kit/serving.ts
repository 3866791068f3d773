/** A gate as people run it: `sallyport serve` in a process of its own, a real sshd behind it, people set up over the API. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openClient, type Client } from "../../src/contract/client.ts";
import type { Answer } from "../../src/contract/types.ts";
import { Secret } from "../../src/kernel/secret.ts";
import { estateYaml } from "./estate.ts";
import { findFreePort } from "./free-port.ts";
import { run, type RunOptions, type RunResult } from "./process.ts";
import { startSshd, type Sshd } from "./sshd.ts";

export type Person = "ana" | "lea" | "olga";
export const PASSWORD = "a long enough password";
const CLI = new URL("../../src/main/cli.ts", import.meta.url).pathname;
const PLACEHOLDER_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIWzCBt0XQsMKHqFBOAWiF3bV1SkVCKJcYCsZ1vAdvZU";
const START_MS = 20_000;

export interface ServingOptions {
  readonly durability?: "process" | "power";
  /** Default: in the scratch folder. */
  readonly dataDir?: string;
  /** Further lines of the `gate:` block, with their two spaces; `ANCHOR` becomes a file in the scratch folder, `HTTP_PORT` the port of the API. */
  readonly gateLines?: string;
  /** `account: SELF` is the account the tests run as. */
  readonly roles?: string;
  readonly rules?: string;
  /** A program and its arguments that run the gate, as `strace`. */
  readonly under?: readonly string[];
}

export interface Serving extends AsyncDisposable {
  /** Scratch folder: keys, configuration, and unless told otherwise the data. */
  readonly dir: string;
  readonly dataDir: string;
  readonly configPath: string;
  readonly url: string;
  readonly sshPort: number;
  readonly sshd: Sshd;
  readonly setupSecret: string;
  /** Everything the gate printed. */
  output(): string;
  /** With that person's own login token. */
  client(person: Person | "nobody"): Client;
  token(person: Person): string;
  login(person: Person): Promise<void>;
  sshArgs(person: Person, ...more: string[]): string[];
  ssh(
    command: readonly string[],
    options?: RunOptions & { person?: Person; target?: string; args?: readonly string[] },
  ): Promise<RunResult>;
  /** Asked for by ana, approved by lea. */
  grant(options?: { role?: string; durationMs?: number; targets?: string[] }): Promise<GrantView>;
  /** Writes the configuration below `gate:`; `signal` tells the gate. */
  configure(changes: Parameters<typeof estateYaml>[1]): Promise<void>;
  signal(name: NodeJS.Signals): void;
  /** Resolves when the process is gone. */
  kill9(): Promise<void>;
  stop(): Promise<number | null>;
  /** After `kill9` or `stop`; on the same ports. */
  restart(): Promise<void>;
  /** The command line of this program against this gate: `sallyport …` on the gate's machine. */
  cli(...args: string[]): Promise<RunResult>;
}

export type GrantView = NonNullable<Answer<"requests.create">["grant"]>;

/** One running process and what it says. */
interface Running {
  readonly child: ChildProcess;
  output: string;
}

export async function startServing(options: ServingOptions = {}): Promise<Serving> {
  await using opened = new AsyncDisposableStack();
  const dir = await mkdtemp(join(tmpdir(), "sallyport-serving-"));
  opened.defer(() => rm(dir, { recursive: true, force: true }));
  const dataDir = options.dataDir ?? join(dir, "data");
  const configPath = join(dir, "sallyport.yaml");
  const [sshPort, httpPort] = [await findFreePort(), await findFreePort()];
  const url = `http://127.0.0.1:${httpPort}`;
  await writeFile(join(dir, "master.key"), `${Buffer.alloc(32, 7).toString("base64")}\n`, { mode: 0o600 });
  const header = `version: 1
gate:
  name: test.example
  node: a
  ssh: 127.0.0.1:${sshPort}
  http: 127.0.0.1:${httpPort}
  masterKey: file:${join(dir, "master.key")}
  durability: ${options.durability ?? "process"}
${(options.gateLines ?? "").replaceAll("ANCHOR", join(dir, "anchor.jsonl")).replaceAll("HTTP_PORT", String(httpPort))}
`;
  let target = { address: "127.0.0.1:1", hostKey: PLACEHOLDER_KEY, account: "nobody" };
  const configure: Serving["configure"] = (changes = {}) => {
    const given = {
      ...(options.roles !== undefined && { roles: options.roles }),
      ...(options.rules !== undefined && { rules: options.rules }),
    };
    return writeFile(
      configPath,
      header + estateYaml(target, { ...given, ...changes }).replaceAll("account: SELF", `account: ${target.account}`),
    );
  };
  await configure({});

  const start = (first: boolean): Promise<Running> =>
    startProcess(["serve", "--config", configPath, "--data-dir", dataDir], options.under ?? [], first);
  let running = await start(true);
  let output = "";
  opened.defer(() => end(running, "SIGKILL"));
  const setupSecret = /this secret: (\S+)/.exec(running.output)?.[1] ?? "";

  const tokens = new Map<Person, Secret>();
  /** With the token of the latest login, also where that came after the client. */
  const clientOf = (person: Person | "nobody"): Client => {
    const current = (): Client => {
      const token = person === "nobody" ? undefined : tokens.get(person);
      return openClient({ url, ...(token && { token }) });
    };
    return { call: (...args) => current().call(...args) };
  };
  const login = async (person: Person): Promise<void> => {
    const { token } = await clientOf("nobody").call("login.password", { body: { user: person, password: PASSWORD } });
    tokens.set(person, new Secret(token));
  };

  const authorities = await clientOf("nobody").call("authorities.show");
  const sshd = opened.use(await startSshd({ trustedUserCaKey: authorities.access.publicKey, hostKeyTypes: ["ed25519"] }));
  target = { address: `127.0.0.1:${sshd.port}`, hostKey: sshd.hostKeys[0] ?? "", account: sshd.user };
  await configure({});
  await clientOf("nobody").call("setup.complete", { body: { secret: setupSecret, owner: "olga", password: PASSWORD } });
  await login("olga");
  const owner = clientOf("olga");
  await owner.call("config.reload");
  for (const person of ["ana", "lea", "olga"] as const) {
    const key = join(dir, `id_${person}`);
    const made = await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", person, "-f", key]);
    if (made.status !== 0) throw new Error(made.stderr.toString());
    if (person !== "olga") {
      await owner.call("users.create", { body: { name: person } });
      const { secret } = await owner.call("users.reset", { params: { name: person } });
      await clientOf("nobody").call("password.reset", { body: { user: person, secret, password: PASSWORD } });
      await login(person);
    }
    const publicKey = (await readFile(`${key}.pub`, "utf8")).trim();
    await owner.call("keys.add", { params: { name: person }, body: { publicKey } });
  }
  const knownHosts = join(dir, "known_hosts");
  await writeFile(knownHosts, `@cert-authority * ${authorities.host.publicKey}\n`);

  const known = ["-o", "IdentitiesOnly=yes", "-o", `UserKnownHostsFile=${knownHosts}`, "-o", "GlobalKnownHostsFile=none"];
  const place = ["-o", "StrictHostKeyChecking=yes", "-o", "HostKeyAlias=gate", "-o", "BatchMode=yes", "-o", `Port=${sshPort}`];
  const sshArgs: Serving["sshArgs"] = (person, ...more) => ["-F", "none", "-i", join(dir, `id_${person}`), ...known, ...place, ...more];
  const everything = opened.move();
  return {
    dir,
    dataDir,
    configPath,
    url,
    sshPort,
    sshd,
    setupSecret,
    output: () => output + running.output,
    client: clientOf,
    token: (person) => tokens.get(person)?.reveal() ?? "",
    login,
    sshArgs,
    ssh: (command, { person = "ana", target: name = "web-1.prod", args = [], ...rest } = {}) =>
      run("ssh", [...sshArgs(person, ...args), `${name}@127.0.0.1`, ...command], rest),
    grant: async ({ role = "debug", durationMs = 3_600_000, targets = ["web-1.prod"] } = {}) => {
      const body = { reason: "checkout is slow", role, targets, durationMs };
      const { request, grant } = await clientOf("ana").call("requests.create", { body });
      if (grant) return grant;
      const approved = await clientOf("lea").call("requests.approve", { params: { id: request.id } });
      if (!approved.grant) throw new Error("the request was not approved");
      return approved.grant;
    },
    configure,
    signal: (name) => void running.child.kill(name),
    kill9: () => end(running, "SIGKILL"),
    stop: async () => {
      await end(running, "SIGTERM");
      return running.child.exitCode;
    },
    restart: async () => {
      output += running.output;
      running = await start(false);
    },
    cli: (...args) =>
      run(process.execPath, [CLI, ...args], {
        cwd: dir,
        env: { ...process.env, HOME: dir, SALLYPORT_URL: url, SALLYPORT_TOKEN: tokens.get("olga")?.reveal() ?? "" },
      }),
    [Symbol.asyncDispose]: () => everything.disposeAsync(),
  };
}

/** Resolves once it says that the gate is open; rejects with what it said when it ends before. */
async function startProcess(args: readonly string[], under: readonly string[], first: boolean): Promise<Running> {
  const [program = process.execPath, ...rest] = [...under, process.execPath, CLI, ...args];
  const child = spawn(program, rest, { stdio: ["ignore", "pipe", "pipe"] });
  const running: Running = { child, output: "" };
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      running.output += text;
      // A first start also prints the set-up secret, on the other stream.
      if (running.output.includes("the gate is open") && (!first || /this secret: \S+\n/.test(running.output))) resolve();
    });
  }
  const timer = setTimeout(() => reject(new Error(`the gate did not open:\n${running.output}`)), START_MS);
  child.once("close", () => reject(new Error(`the gate ended:\n${running.output}`)));
  try {
    await promise;
  } finally {
    clearTimeout(timer);
  }
  return running;
}

async function end({ child }: Running, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill(signal);
  await gone;
}
