/**
 * What OpenSSH needs to reach targets through the gate: options for one run, or files for ~/.ssh.
 *
 * Untrusted: what the gate answers becomes lines of an ssh_config, where a line can name a program to run. Every value
 * is checked against its form here, and nothing else of the answer is written.
 */
import { GateError } from "../kernel/errors.ts";
import type { SshIdentity } from "./identity.ts";

export interface SshGate {
  readonly name: string;
  readonly sshHost: string;
  readonly sshPort: number;
  /** `type base64` of the authority that signs the gate's host key. */
  readonly hostAuthority: string;
}

const HOST = /^[A-Za-z0-9:][A-Za-z0-9.:_-]{0,254}$/;
const KEY = /^((?:ssh|ecdsa|sk)-[a-z0-9@.-]{1,64}) ([A-Za-z0-9+/]{32,16384}={0,3})(?: |$)/;

/** Throws `protocol-error` for an answer that is not what it must be. */
export function parseSshGate(answer: { gate: { name: string; sshHost: string; sshPort: number }; hostAuthority: string }): SshGate {
  const { name, sshHost, sshPort } = answer.gate;
  const key = KEY.exec(answer.hostAuthority);
  if (!HOST.test(sshHost) || !(sshPort > 0 && sshPort < 65_536) || !/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/.test(name) || !key) {
    throw new GateError("protocol-error", "the gate's SSH address or host authority is not well-formed");
  }
  return { name, sshHost, sshPort, hostAuthority: `${key[1]} ${key[2]}` };
}

/**
 * What the gate takes, the fastest first: left to itself, OpenSSH before 10 asks for chacha20, which the gate has not, and
 * then for aes-ctr with a separate MAC. Written out, because clients before 8.1 do not know `^`.
 */
const CIPHERS = "aes128-gcm@openssh.com,aes256-gcm@openssh.com,aes128-ctr,aes192-ctr,aes256-ctr";

export function knownHostsLine({ sshHost, sshPort, hostAuthority }: SshGate): string {
  return `@cert-authority ${sshPort === 22 ? sshHost : `[${sshHost}]:${sshPort}`} ${hostAuthority}\n`;
}

/** Arguments for the person's `ssh`: everything about the gate, nothing about the person's own taste. */
export function sshArguments(gate: SshGate, login: string, files: SshIdentity & { readonly knownHosts: string }): string[] {
  const options = [["HostName", gate.sshHost], ["Port", String(gate.sshPort)], ...trustOptions(files)] as const;
  // `-l`, because `User` as an option expands `%` in some versions, and a login name may hold one.
  return ["-l", login, ...options.flatMap(([name, value]) => ["-o", `${name}=${value}`])];
}

function trustOptions(files: SshIdentity & { readonly knownHosts: string }): (readonly [string, string])[] {
  return [
    ["UserKnownHostsFile", quote(files.knownHosts)],
    ["GlobalKnownHostsFile", "/dev/null"],
    ["StrictHostKeyChecking", "yes"],
    ["IdentityFile", quote(files.keyFile)],
    ["CertificateFile", quote(files.certificateFile)],
    ["IdentitiesOnly", "yes"],
    ["Ciphers", CIPHERS],
  ];
}

/** The file that ~/.ssh/config includes: `ssh web-1.prod` and all that uses ssh_config then go through the gate. */
export function sshConfigText(
  gate: SshGate,
  targets: readonly string[],
  profile: string,
  files: SshIdentity & { readonly knownHosts: string },
): string {
  const lines = [
    `# Targets behind the gate "${gate.name}", for the profile "${profile}".`,
    "# Written by `sallyport ssh-config`; run it again when targets come and go. Changes made here are lost.",
  ];
  // `gate` is the gate's own console: `ssh gate` lists, asks and approves.
  const names = ["gate", ...targets];
  for (const name of names) lines.push("", `Host ${name}`, `  User ${name}`);
  lines.push("", `Host ${names.join(" ")}`, `  HostName ${gate.sshHost}`, `  Port ${gate.sshPort}`);
  for (const [name, value] of trustOptions(files)) lines.push(`  ${name} ${value}`);
  return `${lines.join("\n")}\n`;
}

function quote(path: string): string {
  if (/["\n\r]/.test(path)) throw new GateError("bad-request", `the path ${JSON.stringify(path)} cannot be written into an ssh_config`);
  // `%` starts a token in these options.
  const escaped = path.replaceAll("%", "%%");
  return /\s/.test(escaped) ? `"${escaped}"` : escaped;
}

export const BLOCK_START = "# >>> sallyport >>>";
export const BLOCK_END = "# <<< sallyport <<<";

/** ~/.ssh/config with the Include first (after a `Host` line it would hold for that host only). Once in, left alone. */
export function withInclude(config: string): string {
  if (config.includes(BLOCK_START)) return config;
  const block = `${BLOCK_START}\nInclude sallyport/*.conf\n${BLOCK_END}\n`;
  return config === "" ? block : `${block}\n${config}`;
}

/** Takes the block out again, and the empty line that came with it. */
export function withoutInclude(config: string): string {
  const start = config.indexOf(BLOCK_START);
  const end = config.indexOf(BLOCK_END, start);
  if (start < 0 || end < 0) return config;
  return config.slice(0, start) + config.slice(end + BLOCK_END.length).replace(/^\n{1,2}/, "");
}
