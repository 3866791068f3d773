import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { encodePublicKeyLine } from "../../src/wire/ssh/keys/public-key.ts";
import type { AccessRequest, Grant } from "../../src/access/model.ts";
import type { PrincipalName } from "../../src/kernel/ids.ts";
import { OWNER, startGate, type TestGate } from "./gate.ts";
import { run, type RunOptions, type RunResult } from "./process.ts";
import { startSshd, type Sshd } from "./sshd.ts";

export interface Estate extends AsyncDisposable {
  readonly test: TestGate;
  readonly sshd: Sshd;
  /** As `estateYaml` takes it. */
  readonly target: EstateTarget;
  /** Paths of the private keys of ana (on call), lea (lead) and olga (owner). */
  readonly keys: Readonly<Record<"ana" | "lea" | "olga", string>>;
  /** `ssh` options to reach the gate as that person. */
  sshArgs(person: "ana" | "lea" | "olga", ...more: string[]): string[];
  /** Runs `ssh <target>@gate <command>` as ana; `options` go to the process. */
  ssh(command: readonly string[], options?: RunOptions & { target?: string; args?: readonly string[] }): Promise<RunResult>;
  /** A grant for ana, asked for and approved. */
  grant(options?: { role?: string; durationMs?: number; targets?: readonly string[] }): Promise<Grant>;
  /** Replaces the part of the configuration below `gate:` and reloads it. */
  reconfigure(yaml: string): Promise<void>;
}

export interface EstateTarget {
  readonly address: string;
  readonly hostKey: string;
  readonly account: string;
}

/** What `debug` may do on a host. */
const DEBUG = 'shell: true, exec: true, files: write, env: [LANG, "LC_*", "TEST_*"]';

/** The configuration most tests use, with `web-1.prod` at the given address. */
export function estateYaml(target: EstateTarget, changes: Partial<Record<"roles" | "rules" | "targets" | "debug", string>> = {}): string {
  return `
groups:
  oncall: [ana]
  leads: [lea, olga]
  owners: [olga]
roles:
  debug:
    ssh: { account: ${target.account}, ${changes.debug ?? DEBUG} }
${changes.roles ?? ""}
  owner: { gate: ["*"] }
holders:
  - { role: owner, who: ["group:owners"] }
rules:
  - { name: oncall-debugs, who: ["group:oncall"], roles: [debug], targets: { labels: { service: checkout } }, max: 4h, approval: 1 of leads, selfExtensions: 1, breakGlass: true }
${changes.rules ?? ""}
targets:
  web-1.prod:
    kind: ssh
    address: ${target.address}
    labels: { service: checkout, env: prod, owner: leads }
    hostKeys: ["${target.hostKey}"]
${changes.targets ?? ""}`;
}

/** A gate, a real sshd behind it, and people with keys. */
export async function startEstate(
  options: Parameters<typeof startGate>[1] & {
    sshd?: Parameters<typeof startSshd>[0];
    roles?: string;
    rules?: string;
    targets?: string;
  } = {},
): Promise<Estate> {
  await using opened = new AsyncDisposableStack();
  // The host must know the gate's authority, and the configuration the host's key: first a gate that knows no reachable host.
  const nowhere = { address: "127.0.0.1:1", hostKey: PLACEHOLDER_KEY, account: "nobody" };
  const test = opened.use(await startGate(estateYaml(nowhere), options));
  const authority = encodePublicKeyLine(test.gate.authorities.publicKey("access"), "access");
  const sshd = opened.use(await startSshd({ ...options.sshd, trustedUserCaKey: authority }));
  const [hostKey = ""] = sshd.hostKeys;
  const target: EstateTarget = { address: `127.0.0.1:${sshd.port}`, hostKey, account: sshd.user };
  const { gate, dir, configPath } = test;
  const header = gate.configuration.text.slice(0, gate.configuration.text.indexOf("\ngroups:"));
  const reconfigure = async (yaml: string): Promise<void> => {
    await writeFile(configPath, header + yaml);
    const result = await gate.configuration.reload("gate");
    if (result.outcome === "refused") throw new Error(result.problems.map(({ message }) => message).join("\n"));
  };
  const changes = {
    ...(options.roles !== undefined && { roles: options.roles }),
    ...(options.rules !== undefined && { rules: options.rules }),
    ...(options.targets !== undefined && { targets: options.targets }),
  };
  await reconfigure(estateYaml(target, changes));
  const keys = { ana: await test.addPerson("ana"), lea: await test.addPerson("lea"), olga: await test.addPerson(OWNER) };
  const knownHosts = join(dir, "known_hosts");
  await writeFile(knownHosts, `@cert-authority * ${encodePublicKeyLine(gate.authorities.publicKey("host"), "host")}\n`);

  const settings = [
    "IdentitiesOnly=yes",
    `UserKnownHostsFile=${knownHosts}`,
    "GlobalKnownHostsFile=none",
    "StrictHostKeyChecking=yes",
    "HostKeyAlias=gate",
    `Port=${gate.sshPort}`,
  ];
  const sshArgs: Estate["sshArgs"] = (person, ...more) => [
    "-F",
    "none",
    "-i",
    keys[person],
    ...settings.flatMap((setting) => ["-o", setting]),
    ...more,
  ];
  const everything = opened.move();
  return {
    test,
    sshd,
    target,
    keys,
    sshArgs,
    reconfigure,
    ssh: (command, { target: name = "web-1.prod", args = [], ...options } = {}) =>
      run("ssh", [...sshArgs("ana", "-o", "BatchMode=yes", ...args), `${name}@127.0.0.1`, ...command], options),
    grant: async ({ role = "debug", durationMs = 3_600_000, targets = ["web-1.prod"] } = {}) => {
      const ana = { name: "ana" as PrincipalName, groups: ["oncall"] };
      const asked = await gate.access.request(ana, { reason: "checkout is slow", role, targets, durationMs });
      if (!asked.allowed) throw new Error(`${asked.code}: ${asked.detail ?? ""}`);
      return asked.grant ?? (await approve(gate, asked.request));
    },
    [Symbol.asyncDispose]: () => everything.disposeAsync(),
  };
}

async function approve(gate: TestGate["gate"], request: AccessRequest): Promise<Grant> {
  const approved = await gate.access.approve(request.id, { name: "lea" as PrincipalName, groups: ["leads"] });
  if (!approved.allowed || !approved.grant) throw new Error("the request was not approved");
  return approved.grant;
}

const PLACEHOLDER_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIWzCBt0XQsMKHqFBOAWiF3bV1SkVCKJcYCsZ1vAdvZU";
