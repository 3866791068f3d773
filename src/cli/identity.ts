/**
 * What the person's `ssh` proves itself with: a key (their own, or one `login` made for this profile) and the gate's
 * short-lived login certificate for it. The private key never leaves this machine; the certificate ends with the login.
 */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { GateError } from "../kernel/errors.ts";
import type { Gate } from "./client.ts";
import { writePrivate } from "./profile.ts";
import { runQuietly } from "./run-program.ts";

/** A certificate this near its end is replaced. */
const RENEW_BEFORE_MS = 5 * 60_000;
/** The gate signs for at most 16 hours. */
const LONGEST_MS = 12 * 3_600_000;

export interface SshIdentity {
  readonly keyFile: string;
  readonly certificateFile: string;
}

export function identityFiles(gate: Gate): SshIdentity {
  const folder = gate.profiles.folderOf(gate.profileName);
  const keyFile = gate.profile?.identity ?? join(folder, "id_ed25519");
  return { keyFile, certificateFile: join(folder, "login-cert.pub") };
}

/** The key and a certificate that lasts; makes and asks for what is missing. `new`: a certificate of this very login. */
export async function ensureIdentity(gate: Gate, now: number, which: "new" | "lasting" = "lasting"): Promise<SshIdentity> {
  const files = identityFiles(gate);
  if (!existsSync(`${files.keyFile}.pub`)) await makeKey(gate, files.keyFile);
  const folder = gate.profiles.folderOf(gate.profileName);
  if (which === "lasting" && certificateEnd(folder) > now + RENEW_BEFORE_MS && existsSync(files.certificateFile)) return files;
  const loginLeft = (gate.profile?.expiresAt ?? now + LONGEST_MS) - now;
  const { certificate, validBefore } = await gate.client.call("certificates.login", {
    body: { publicKey: readFileSync(`${files.keyFile}.pub`, "utf8").trim(), ttlMs: Math.min(LONGEST_MS, Math.max(60_000, loginLeft)) },
  });
  writePrivate(folder, "login-cert.pub", `${certificate.trim()}\n`);
  writePrivate(folder, "login-cert.end", `${validBefore}\n`);
  return files;
}

function certificateEnd(folder: string): number {
  const path = join(folder, "login-cert.end");
  return existsSync(path) ? Number(readFileSync(path, "utf8")) : 0;
}

/** After a logout nothing that was signed for it stays. */
export function forgetCertificate(gate: Gate): void {
  for (const name of ["login-cert.pub", "login-cert.end"]) rmSync(join(gate.profiles.folderOf(gate.profileName), name), { force: true });
}

async function makeKey(gate: Gate, keyFile: string): Promise<void> {
  if (gate.profile?.identity !== undefined) throw new GateError("not-found", `"${keyFile}.pub" of profile "${gate.profileName}"`);
  // The folder must exist with the right mode before ssh-keygen writes into it.
  writePrivate(gate.profiles.folderOf(gate.profileName), "login-cert.end", "0\n");
  const comment = `sallyport ${gate.profile?.user ?? ""}@${new URL(gate.url).host}`;
  const { status } = await runQuietly("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", keyFile]);
  if (status !== 0) throw new GateError("internal", `ssh-keygen ended with status ${status}`);
}
