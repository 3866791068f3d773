/**
 * A gate with a database, a host, a real identity provider, and its API where browsers are sent: whoever the provider puts
 * into `eng-oncall` is in `oncall` here.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { createPublicKey } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Client } from "../../src/contract/client.ts";
import type { Grant } from "../../src/access/model.ts";
import type { PrincipalName } from "../../src/kernel/ids.ts";
import { systemRandom } from "../../src/kernel/random.ts";
import { encodePrivateKey, generateEd25519 } from "../../src/wire/ssh/keys/private-key.ts";
import { encodePublicKeyLine, publicKeyBlob } from "../../src/wire/ssh/keys/public-key.ts";
import { LEA, startDatabase, type Database } from "./database.ts";
import { MiniBrowser } from "./mini-browser.ts";
import { startOidcProvider, type OidcProvider } from "./oidc-provider.ts";
import { logInToConsole, openConfiguredApi, providerLines, sessionOf } from "./provider-gate.ts";
import { startSshd, type Sshd } from "./sshd.ts";
import { until } from "./until.ts";

export interface ProviderWorld extends AsyncDisposable {
  readonly database: Database;
  readonly sshd: Sshd;
  readonly provider: OidcProvider;
  readonly url: string;
  /** Somebody new at the provider, in its group `eng-oncall`, who has logged in to the console and registered an SSH key. */
  person(name: string): Promise<ProviderPerson>;
  /** Live sessions of somebody. */
  live(name: string): number;
  /** Changes `sallyport.yaml` and loads it. */
  reconfigure(change: (text: string) => string): Promise<void>;
}

export interface ProviderPerson {
  readonly name: string;
  readonly browser: MiniBrowser;
  /** With the login of the console. */
  readonly client: Client;
  readonly key: string;
  readonly grant: (role: "shell" | "read") => Promise<Grant>;
  /** A command on the host that sleeps, and psql at its prompt; live when this resolves. */
  readonly openBoth: () => Promise<{ readonly ssh: ChildProcess; readonly psql: ChildProcess }>;
}

const RULE =
  '  - { name: oncall-hosts, who: ["group:oncall"], roles: [shell], targets: { names: [web-1.prod] }, max: 4h, approval: 1 of leads }';

export async function startProviderWorld(options: { refresh?: string } = {}): Promise<ProviderWorld> {
  await using opened = new AsyncDisposableStack();
  const database = opened.use(await startDatabase({ limits: "  public: {}" }));
  const { gate, dir, configPath } = database.test;
  const authority = encodePublicKeyLine(gate.authorities.publicKey("access"), "access");
  const sshd = opened.use(await startSshd({ trustedUserCaKey: authority, hostKeyTypes: ["ed25519"] }));
  const { url } = gate.configuration.current.gate.public;
  const provider = opened.use(
    await startOidcProvider({ redirectUris: [`${url}/v1/login/callback/corp`], logoutUri: `${url}/v1/login/backchannel/corp` }),
  );
  const lines = await providerLines("corp", provider, dir, [
    "groups: { eng-oncall: oncall }",
    "create: true",
    `refresh: ${options.refresh ?? "2s"}`,
  ]);
  const reconfigure: ProviderWorld["reconfigure"] = async (change) => {
    await writeFile(configPath, change(await readFile(configPath, "utf8")));
    const loaded = await gate.configuration.reload("gate");
    if (loaded.outcome === "refused") throw new Error(loaded.problems.map(({ message }) => message).join("\n"));
  };
  const host = `  web-1.prod:\n    kind: ssh\n    address: 127.0.0.1:${sshd.port}\n    labels: { service: host }\n    hostKeys: ["${sshd.hostKeys[0] ?? ""}"]\n`;
  await reconfigure((text) =>
    text
      .replace("\nroles:\n", `\nroles:\n  shell: { ssh: { account: ${sshd.user}, shell: true, exec: true } }\n`)
      .replace("\nrules:\n", `\nrules:\n${RULE}\n`)
      .replace("\ngroups:", `  providers:\n${lines}\n\ngroups:`)
      .replace("\ntargets:\n", `\ntargets:\n${host}`),
  );
  opened.use(await openConfiguredApi(database.test));
  const knownHosts = join(dir, "known_hosts");
  await writeFile(knownHosts, `@cert-authority * ${encodePublicKeyLine(gate.authorities.publicKey("host"), "host")}\n`);
  const live = (name: string): number => gate.registry.list().filter(({ permit }) => permit.authenticated.principal.name === name).length;
  const children = new Set<ChildProcess>();
  opened.defer(() => children.forEach((child) => child.kill()));
  const start = (program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess => {
    const child = spawn(program, args, { stdio: "pipe", env: { ...process.env, ...env } });
    children.add(child);
    return child;
  };

  const person = async (name: string): Promise<ProviderPerson> => {
    provider.accounts.set(name, { groups: ["eng-oncall"] });
    const browser = new MiniBrowser();
    await logInToConsole(browser, url, "corp", name);
    const client = sessionOf(browser, url);
    const privateKey = generateEd25519();
    const key = join(dir, `id_${name}`);
    await writeFile(key, encodePrivateKey(privateKey, name, systemRandom), { mode: 0o600 });
    const publicKey = encodePublicKeyLine(publicKeyBlob(createPublicKey(privateKey)), name);
    await client.call("keys.add", { params: { name }, body: { publicKey } });
    const grant: ProviderPerson["grant"] = async (role) => {
      const target = role === "shell" ? "web-1.prod" : "shop-db";
      const actor = { name: name as PrincipalName, groups: gate.directory.groupsOf(name as PrincipalName) };
      const asked = await gate.access.request(actor, { reason: "checkout is slow", role, targets: [target], durationMs: 3_600_000 });
      if (!asked.allowed) throw new Error(`${asked.code}: ${asked.detail ?? ""}`);
      const approved = await gate.access.approve(asked.request.id, LEA);
      if (!approved.allowed || !approved.grant) throw new Error("not approved");
      return approved.grant;
    };
    return {
      name,
      browser,
      client,
      key,
      grant,
      openBoth: async () => {
        await grant("shell");
        const { id } = await grant("read");
        const { password } = await client.call("grants.password", { params: { id }, body: { target: "shop-db" } });
        const settings = ["IdentitiesOnly=yes", `UserKnownHostsFile=${knownHosts}`, "GlobalKnownHostsFile=none", "HostKeyAlias=gate"];
        const place = ["BatchMode=yes", `Port=${gate.sshPort}`];
        const args = [...settings, ...place].flatMap((each) => ["-o", each]);
        const ssh = start("ssh", ["-F", "none", "-i", key, ...args, "web-1.prod@127.0.0.1", "sleep 600"]);
        const conninfo = `host=127.0.0.1 port=${gate.postgres?.port ?? 0} user=${name} dbname=shop-db`;
        const psql = start("psql", ["-X", conninfo], { PGPASSWORD: password });
        await until(() => live(name) === 2);
        return { ssh, psql };
      },
    };
  };
  const everything = opened.move();
  return { database, sshd, provider, url, person, live, reconfigure, [Symbol.asyncDispose]: () => everything.disposeAsync() };
}
