/** A gate with its API as `serve` runs it, and services that prove themselves to it. */
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseConfig } from "../../src/config/load.ts";
import { formatProblem } from "../../src/config/problem.ts";
import { openClient, type Client } from "../../src/contract/client.ts";
import type { Clock } from "../../src/kernel/clock.ts";
import type { PrincipalName } from "../../src/kernel/ids.ts";
import { Secret } from "../../src/kernel/secret.ts";
import type { Gate } from "../../src/main/gate.ts";
import { runGate } from "../../src/main/run-gate.ts";
import { findFreePort } from "./free-port.ts";
import { OWNER, OWNER_PASSWORD } from "./gate.ts";
import { selfSigned } from "./self-signed.ts";

export interface WorkloadGate extends AsyncDisposable {
  readonly gate: Gate;
  readonly dir: string;
  readonly configPath: string;
  readonly url: string;
  readonly faults: unknown[];
  /** Of `login.failed`, oldest first. */
  reasons(): Promise<string[]>;
  client(token?: string, fetch?: typeof globalThis.fetch): Client;
  owner(): Promise<Client>;
  add(name: string, type: "service" | "agent" | "human"): Promise<void>;
  /** Writes the file and loads it; throws the problems. */
  reconfigure(change: (text: string) => string): Promise<void>;
}

/** `workloads`: lines below `workloads:`, with two spaces. `more`: further blocks of the file. */
export async function startWorkloadGate(options: {
  workloads: (dir: string) => Promise<string> | string;
  tls?: boolean;
  clock?: Clock;
  more?: string;
}): Promise<WorkloadGate> {
  await using opened = new AsyncDisposableStack();
  const dir = await mkdtemp(join(tmpdir(), "sallyport-workload-"));
  opened.defer(() => rm(dir, { recursive: true, force: true }));
  const configPath = join(dir, "sallyport.yaml");
  const http = await findFreePort();
  const url = `${options.tls ? "https" : "http"}://localhost:${http}`;
  await writeFile(join(dir, "master.key"), `${Buffer.alloc(32, 7).toString("base64")}\n`, { mode: 0o600 });
  const text = `version: 1
gate:
  name: test.example
  ssh: 127.0.0.1:${await findFreePort()}
  http: 127.0.0.1:${http}
  public: { url: "${url}" }
  masterKey: file:${join(dir, "master.key")}
  durability: process
${options.tls ? await selfSigned(dir) : ""}
workloads:
${await options.workloads(dir)}
${options.more ?? MORE}
`;
  await writeFile(configPath, text);
  await chmod(configPath, 0o600);
  const faults: unknown[] = [];
  const parsed = parseConfig(text, configPath);
  if (!parsed.ok) throw new Error(parsed.problems.map(formatProblem).join("\n"));
  const { gate } = opened.use(
    await runGate({
      source: configPath,
      loaded: { config: parsed.config, text },
      dataDir: join(dir, "data"),
      masterKey: new Secret(Buffer.alloc(32, 7)),
      onFault: (error) => faults.push(error),
      ...(options.clock && { clock: options.clock }),
    }),
  );
  const context = { door: "machine-console", remote: "127.0.0.1:1" } as const;
  if (gate.setupSecret) await gate.identity.setup(gate.setupSecret, { owner: OWNER, password: new Secret(OWNER_PASSWORD) }, context);
  const client: WorkloadGate["client"] = (token, fetch) =>
    openClient({ url, ...(token !== undefined && { token: new Secret(token) }), ...(fetch && { fetch }) });
  const everything = opened.move();
  return {
    gate,
    dir,
    configPath,
    url,
    faults,
    client,
    reasons: async () => {
      await gate.identity.flush();
      const events = await gate.store.log.query({ kinds: ["login.failed"], limit: 1000 });
      return events.map(({ body }) => (body as { reason: string }).reason);
    },
    owner: async () => {
      const login = await gate.identity.login(OWNER, new Secret(OWNER_PASSWORD), { door: "api", remote: "127.0.0.1:1" });
      if ("allowed" in login) throw new Error(login.code);
      return client(login.token.reveal());
    },
    add: async (name, type) => {
      const made = await gate.identity.createUser({ name: OWNER as PrincipalName }, { name, type });
      if ("allowed" in made) throw new Error(`user "${name}": ${made.code} ${made.detail ?? ""}`);
    },
    reconfigure: async (change) => {
      await writeFile(configPath, change(await readFile(configPath, "utf8")));
      const loaded = await gate.configuration.reload("gate");
      if (loaded.outcome === "refused") throw new Error(loaded.problems.map(({ message }) => message).join("\n"));
    },
    [Symbol.asyncDispose]: () => everything.disposeAsync(),
  };
}

const MORE = `groups: { owners: [olga], builders: [deploy] }
roles:
  owner: { gate: ["*"] }
  debug: { ssh: { account: infra, exec: true } }
holders: [{ role: owner, who: ["group:owners"] }]
rules:
  - { name: builders, who: ["group:builders"], roles: [debug], targets: { names: [web-1] }, max: 1h, approval: none }
targets:
  web-1: { kind: ssh, address: "127.0.0.1:1", hostKeys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIWzCBt0XQsMKHqFBOAWiF3bV1SkVCKJcYCsZ1vAdvZU"] }
`;
