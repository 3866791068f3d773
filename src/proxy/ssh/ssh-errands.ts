/**
 * The gate's own errands to hosts, each with a permit of its own: show a host's keys to a person, and test whether a
 * host is set up as `sallyport host add` says. Nothing is trusted and nothing is changed by them.
 */
import { createPublicKey, generateKeyPairSync } from "node:crypto";
import type { Socket } from "node:net";
import type { Target } from "../../access/model.ts";
import { withDeadline } from "../../kernel/deadline.ts";
import { asGateError, GateError } from "../../kernel/errors.ts";
import { openUpstream } from "../../session/dial.ts";
import type { ErrandPermit } from "../../session/gatekeeper.ts";
import { ClientConnection } from "../../wire/ssh/connection/client.ts";
import { DEFAULT_ALGORITHMS } from "../../wire/ssh/algorithms/preferences.ts";
import { publicKeyAlgorithms, type KeyType } from "../../wire/ssh/keys/key-types.ts";
import { encodePublicKeyLine, fingerprint, publicKeyBlob } from "../../wire/ssh/keys/public-key.ts";
import { signerFromPrivateKey } from "../../wire/ssh/keys/signer.ts";
import { packetLinkOf, SshLink } from "./ssh-link.ts";
import { localAddress, logIn, trustOf, type Login } from "./ssh-upstream.ts";

const SCAN_TIMEOUT_MS = 8000;
const COMMAND_TIMEOUT_MS = 5000;
const SCANNED: readonly KeyType[] = ["ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa"];

export interface HostKey {
  readonly type: string;
  readonly publicKey: string;
  readonly fingerprint: string;
}

/** One connection for each kind of key, as `ssh-keyscan` does. Throws `target-unreachable` when none answers. */
export async function scanHost(permit: ErrandPermit): Promise<readonly HostKey[]> {
  const found: HostKey[] = [];
  let failure: unknown;
  for (const type of SCANNED) {
    try {
      const blob = await shownKey(await openUpstream(permit), type);
      if (blob) found.push({ type, publicKey: encodePublicKeyLine(blob, ""), fingerprint: fingerprint(blob) });
    } catch (error) {
      failure = error;
      if (asGateError(error).code === "target-unreachable") break;
    }
  }
  if (found.length === 0) throw failure ?? new GateError("target-unreachable", `"${permit.address}" shows no host key`);
  return found;
}

/** The host proves that it holds the key before it is reported; then the connection ends. */
function shownKey(socket: Socket, type: KeyType): Promise<Buffer | undefined> {
  let shown: Buffer | undefined;
  const ended = new Promise<Buffer | undefined>((resolve) => {
    const link = new SshLink(socket, {
      role: "client",
      software: "Sallyport",
      algorithms: { ...DEFAULT_ALGORITHMS, hostKey: [...publicKeyAlgorithms(type, false)] },
      verifyHostKey: async ({ blob }) => {
        shown = blob;
        return false;
      },
    });
    link.onEnd = () => resolve(shown);
  });
  return withDeadline(ended, SCAN_TIMEOUT_MS, "the host did not finish the key exchange").finally(() => socket.destroy());
}

export interface Finding {
  check: string;
  ok: boolean;
  detail: string;
  fix?: string;
}

export interface CheckDeps {
  readonly now: () => number;
  /** Certificates for a key made here, by the authority for hosts and by the one that no host may trust. */
  readonly mint: (authority: "access" | "login", publicKey: Buffer, account: string, sourceAddress: string) => Promise<Buffer>;
}

/** Does the address answer, and with a key on record? */
export async function testHost(permit: ErrandPermit, target: Target, deps: CheckDeps): Promise<Finding[]> {
  const findings: Finding[] = [];
  await logInWithoutKey(permit, target, deps).catch((error: unknown) => {
    const { code, message } = asGateError(error);
    // Without a key the host refuses the login: by then it has proven who it is.
    if (code === "target-refused") return;
    findings.push({
      check: code === "target-untrusted" ? "host key" : "reachable",
      ok: false,
      detail: message,
      fix: `sallyport targets scan ${target.name}`,
    });
  });
  if (findings.length > 0) return findings;
  return [
    { check: "reachable", ok: true, detail: target.address },
    { check: "host key", ok: true, detail: "it is one on record" },
  ];
}

/** The same, and whether the account takes the gate's certificates and nothing else. */
export async function checkHost(permit: ErrandPermit, target: Target, account: string, deps: CheckDeps): Promise<Finding[]> {
  const findings = await testHost(permit, target, deps);
  if (findings.some(({ ok }) => !ok)) return findings;
  const { link, failure } = await tryCertificate("access", permit, target, account, deps);
  findings.push(
    failure === undefined
      ? { check: "access certificate", ok: true, detail: `"${account}" takes it` }
      : { check: "access certificate", ok: false, detail: failure, fix: `run what \`sallyport host add\` prints for account "${account}"` },
  );
  if (link) findings.push(...(await lookAround(link, account)));
  const other = await tryCertificate("login", permit, target, account, deps);
  other.link?.destroy();
  findings.push(
    other.link === undefined
      ? { check: "other certificates", ok: true, detail: "a login certificate is refused" }
      : {
          check: "other certificates",
          ok: false,
          detail: "the host takes a login certificate",
          fix: "TrustedUserCAKeys must hold the access authority alone",
        },
  );
  return findings;
}

async function logInWithoutKey(permit: ErrandPermit, target: Target, deps: CheckDeps): Promise<void> {
  const socket = await openUpstream(permit);
  const { privateKey } = generateKeyPairSync("ed25519");
  const login: Login = {
    trust: trustOf(target, deps.now),
    account: "sallyport-test",
    name: target.name,
    signer: Promise.resolve(signerFromPrivateKey(privateKey)),
  };
  (await logIn(socket, login)).destroy();
}

async function tryCertificate(
  authority: "access" | "login",
  permit: ErrandPermit,
  target: Target,
  account: string,
  deps: CheckDeps,
): Promise<{ link?: SshLink; failure?: string }> {
  try {
    const socket = await openUpstream(permit);
    const { privateKey } = generateKeyPairSync("ed25519");
    const minted = deps.mint(authority, publicKeyBlob(createPublicKey(privateKey)), account, localAddress(socket));
    const signer = minted.then((certificate) => signerFromPrivateKey(privateKey, certificate));
    return { link: await logIn(socket, { trust: trustOf(target, deps.now), account, name: target.name, signer }) };
  } catch (error) {
    return { failure: asGateError(error).message };
  }
}

/** Reads, as the account itself, what can be read without rights. */
async function lookAround(link: SshLink, account: string): Promise<Finding[]> {
  const connection = new ClientConnection(packetLinkOf(link));
  link.onEnd = () => connection.end();
  link.handOver((payload) => void connection.receive(payload));
  try {
    const script =
      'if [ -s ~/.ssh/authorized_keys ]; then echo keys; fi; busctl get-property org.freedesktop.login1 /org/freedesktop/login1 org.freedesktop.login1.Manager KillUserProcesses 2>/dev/null || echo "no logind"';
    const { stdout } = await withDeadline(connection.exec(script), COMMAND_TIMEOUT_MS, "the host did not answer a command");
    const lines = stdout.toString("utf8").split("\n");
    return [
      lines.includes("keys")
        ? {
            check: "standing keys",
            ok: false,
            detail: `"${account}" has an authorized_keys file`,
            fix: `AuthorizedKeysFile none for "${account}"`,
          }
        : { check: "standing keys", ok: true, detail: "no authorized_keys file" },
      lines.includes("b false")
        ? { check: "processes", ok: false, detail: "processes outlive their session", fix: "KillUserProcesses=yes in logind.conf" }
        : {
            check: "processes",
            ok: true,
            detail: lines.includes("b true") ? "end with their session" : "no logind here; the gate ends what a cut leaves behind",
          },
    ];
  } catch (error) {
    return [{ check: "commands", ok: false, detail: asGateError(error).message, fix: `give "${account}" a shell` }];
  } finally {
    link.destroy();
  }
}
