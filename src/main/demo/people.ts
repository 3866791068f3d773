/**
 * The people of the demo: users of the gate, each with a profile folder of their own and a launcher that is the command
 * line as that person. Nobody's own profiles, keys and ssh_config are read or touched.
 *
 * Their passwords are random and kept by nobody: a token and a key are what the profile holds.
 */
import { createPublicKey } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Surroundings } from "../../cli/cli.ts";
import { openGate } from "../../cli/client.ts";
import { ensureIdentity } from "../../cli/identity.ts";
import { noKeyStore } from "../../cli/key-store/key-store.ts";
import { Profiles } from "../../cli/profile.ts";
import { knownHostsLine, parseSshGate, sshConfigText } from "../../cli/ssh-settings.ts";
import { GateError } from "../../kernel/errors.ts";
import type { PrincipalName } from "../../kernel/ids.ts";
import { randomText, systemRandom } from "../../kernel/random.ts";
import type { Denial } from "../../kernel/result.ts";
import { Secret } from "../../kernel/secret.ts";
import { encodePrivateKey, generateEd25519 } from "../../wire/ssh/keys/private-key.ts";
import { encodePublicKeyLine, publicKeyBlob } from "../../wire/ssh/keys/public-key.ts";
import type { Gate } from "../gate.ts";

export const PEOPLE = ["ana", "lea", "olga"] as const;
export type Person = (typeof PEOPLE)[number];
const OWNER: Person = "olga";
const PROFILE = "demo";

export interface PeopleOptions {
  readonly folder: string;
  readonly gate: Gate;
  readonly url: string;
  /** Program and arguments that are the command line. */
  readonly command: readonly string[];
}

export async function addPeople(options: PeopleOptions): Promise<void> {
  const { gate, folder, command } = options;
  await setUpOwner(gate);
  for (const person of PEOPLE) {
    if (!(await gate.identity.findPrincipal(person as PrincipalName)))
      accept(await gate.identity.createUser(owner(), { name: person, type: "human" }));
    await logIn(person, options);
    const home = join(folder, "people", person);
    await writeFile(join(folder, person), launcher(person, home, command), { mode: 0o755 });
  }
}

/** `ssh -F` for that person: what `sallyport ssh-config` would print. */
export async function writeSshConfig(person: Person, { folder }: PeopleOptions): Promise<string> {
  const at = surroundingsOf(join(folder, "people", person));
  const gate = openGate(at, { profile: PROFILE });
  const answer = await gate.client.call("ssh-config.show");
  const ssh = parseSshGate(answer);
  const identity = await ensureIdentity(gate, at.now());
  const knownHosts = join(folder, "known_hosts");
  await writeFile(knownHosts, knownHostsLine(ssh), { mode: 0o600 });
  const names = answer.targets.map(({ name }) => name);
  const path = join(folder, "ssh_config");
  await writeFile(path, sshConfigText(ssh, names, PROFILE, { ...identity, knownHosts }), { mode: 0o600 });
  return path;
}

const CONTEXT = { door: "machine-console", remote: "127.0.0.1:0" } as const;

function owner(): { name: PrincipalName; groups: readonly string[] } {
  return { name: OWNER as PrincipalName, groups: ["owners"] };
}

async function setUpOwner({ identity, setupSecret }: Gate): Promise<void> {
  if (setupSecret === undefined) return;
  accept(await identity.setup(setupSecret, { owner: OWNER, password: randomPassword() }, CONTEXT));
}

/** A new password each time, used once and forgotten. */
async function logIn(person: Person, { folder, gate, url }: PeopleOptions): Promise<void> {
  const name = person as PrincipalName;
  const { identity } = gate;
  const password = randomPassword();
  const reset = accept(person === OWNER ? await identity.issueRecovery(name) : await identity.issueReset(owner(), name));
  accept(await identity.completeReset(person, reset.secret, password, CONTEXT));
  const login = accept(await identity.login(person, password, CONTEXT));

  const home = join(folder, "people", person);
  await mkdir(home, { recursive: true, mode: 0o700 });
  const keyFile = join(home, "id_ed25519");
  if (!existsSync(keyFile)) {
    const key = generateEd25519();
    await writeFile(keyFile, encodePrivateKey(key, person, systemRandom), { mode: 0o600 });
    await writeFile(`${keyFile}.pub`, `${encodePublicKeyLine(publicKeyBlob(createPublicKey(key)), person)}\n`);
  }
  const line = await readFile(`${keyFile}.pub`, "utf8");
  const added = await identity.addKey(owner(), name, line.trim());
  if ("allowed" in added && added.code !== "already-exists") accept(added);

  const profiles = new Profiles({ SALLYPORT_HOME: home }, home);
  const { token, expiresAt } = login;
  profiles.save(PROFILE, { version: 1, url, user: person, token: token.reveal(), expiresAt, identity: keyFile });
}

function launcher(person: Person, home: string, command: readonly string[]): string {
  return `#!/bin/sh
# Sallyport's command line as ${person}, for the demo's gate only.
unset SALLYPORT_PROFILE SALLYPORT_URL SALLYPORT_TOKEN
SALLYPORT_HOME=${quote(home)} SALLYPORT_KEY_STORE=file exec ${command.map(quote).join(" ")} "$@"
`;
}

/** The command line's own code, as that person, without a terminal. */
function surroundingsOf(home: string): Surroundings {
  return {
    env: { SALLYPORT_HOME: home },
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    home,
    cwd: home,
    now: () => Date.now(),
    fetch: globalThis.fetch,
    version: "",
    keyStore: noKeyStore("the demo's people are nobody's own"),
  };
}

function randomPassword(): Secret {
  return new Secret(randomText(systemRandom, 40));
}

function quote(text: string): string {
  return /^[A-Za-z0-9/._@%+=:,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The demo asks for nothing that could be refused: a refusal is a fault. */
function accept<T extends object>(result: T | Denial): T {
  if ("allowed" in result) throw new GateError(result.code, result.detail);
  return result;
}
