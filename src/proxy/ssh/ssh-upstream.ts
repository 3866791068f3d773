/**
 * The connection to the target: dialled with a permit, its host key compared with what was approved, logged in with a
 * certificate made for this one session.
 *
 * Invariants: never trust on first use; the certificate is in the log before it is shown to the host, lives at most
 * ACCESS_TTL_MS, names the gate's own address, and its key exists only in this function's memory.
 */
import { createPublicKey, generateKeyPairSync } from "node:crypto";
import type { Socket } from "node:net";
import type { Target } from "../../access/model.ts";
import { GateError } from "../../kernel/errors.ts";
import { withDeadline } from "../../kernel/deadline.ts";
import { openUpstream, splitAddress } from "../../session/dial.ts";
import type { Permit } from "../../session/gatekeeper.ts";
import { ClientAuth } from "../../wire/ssh/auth/client-auth.ts";
import { DEFAULT_ALGORITHMS, type AlgorithmPreferences } from "../../wire/ssh/algorithms/preferences.ts";
import type { PresentedKey } from "../../wire/ssh/algorithms/presented-key.ts";
import { parseAuthorizedKey, publicKeyBlob } from "../../wire/ssh/keys/public-key.ts";
import { publicKeyAlgorithms } from "../../wire/ssh/keys/key-types.ts";
import { signerFromPrivateKey, type KeySigner } from "../../wire/ssh/keys/signer.ts";
import { verifyCertificate } from "../../wire/ssh/keys/verify-certificate.ts";
import type { BufferPool } from "../../kernel/buffer-pool.ts";
import { SOFTWARE, SshLink } from "./ssh-link.ts";

const HANDSHAKE_TIMEOUT_MS = 15_000;
export const ACCESS_TTL_MS = 60_000;

/** Issues an access certificate; its event is durable when this resolves. */
export type MintAccess = (draft: {
  readonly publicKey: Buffer;
  readonly permit: Permit;
  readonly session: string;
  readonly sourceAddress: string;
  readonly ttlMs: number;
}) => Promise<Buffer>;

export interface UpstreamDeps {
  readonly mintAccess: MintAccess;
  /** Output buffers, shared by all connections. */
  readonly pool: BufferPool;
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
}

/**
 * Connects and logs in. Throws `target-unreachable`, `target-untrusted`, `target-refused` or `timeout`. Once `signal` is
 * aborted no certificate is made any more, and what is open is closed.
 */
export async function openTarget(permit: Permit, session: string, deps: UpstreamDeps, signal: AbortSignal): Promise<SshLink> {
  const { target, account } = permit.scoped;
  const trust = trustOf(target, deps.now);
  const socket = await openUpstream(permit, signal);
  if (signal.aborted) {
    socket.destroy();
    throw abandoned();
  }
  const { privateKey } = generateKeyPairSync("ed25519");
  const minted = deps.mintAccess({
    publicKey: publicKeyBlob(createPublicKey(privateKey)),
    permit,
    session,
    sourceAddress: localAddress(socket),
    ttlMs: ACCESS_TTL_MS,
  });
  // Made while the key exchange runs.
  const signer = minted.then((certificate) => signerFromPrivateKey(privateKey, certificate));
  return logIn(socket, { trust, account, name: target.name, signer, pool: deps.pool, signal });
}

function abandoned(): GateError {
  return new GateError("target-unreachable", "the login was abandoned");
}

export interface Login {
  readonly trust: Trust;
  readonly account: string;
  /** For messages. */
  readonly name: string;
  readonly signer: Promise<KeySigner>;
  readonly pool?: BufferPool;
  /** Ends the handshake. */
  readonly signal?: AbortSignal;
}

/** The SSH handshake on a fresh socket, within its deadline. The link comes with its payloads kept: `handOver` takes them. */
export async function logIn(socket: Socket, login: Login): Promise<SshLink> {
  // Its failure is looked at below, after the key exchange that runs meanwhile.
  login.signer.catch(() => undefined);
  // The link keeps this function for every change of keys, and must not keep the login with its private key by it.
  const { algorithms, accepts } = login.trust;
  const link = new SshLink(socket, {
    role: "client",
    software: SOFTWARE,
    algorithms,
    verifyHostKey: async (key) => accepts(key),
    ...(login.pool && { pool: login.pool }),
  });
  try {
    await withDeadline(authenticate(link, login), HANDSHAKE_TIMEOUT_MS, `"${login.name}" did not finish the SSH handshake`);
    return link;
  } catch (error) {
    link.destroy();
    throw error;
  }
}

async function authenticate(link: SshLink, { account, name, signer, signal }: Login): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const abandon = (): void => reject(abandoned());
  signal?.addEventListener("abort", abandon, { once: true });
  link.onEnd = (end) => {
    if (end.how === "fault") reject(end.error);
    else reject(new GateError("target-unreachable", `"${name}" closed the connection during the handshake`));
  };
  link.onKeyExchange = ({ first }) => {
    if (!first) return;
    // The key of this login is not kept for as long as the connection lasts.
    link.onKeyExchange = undefined;
    signer.then((key) => {
      if (link.ended) return;
      new ClientAuth(link.transport, {
        user: account,
        signers: [key],
        onResult: ({ authenticated }) => {
          if (!authenticated) return reject(new GateError("target-refused", `"${name}" as "${account}"`));
          // OpenSSH announces its host keys in the same breath: that waits for whoever takes over.
          link.keepPayloads();
          resolve();
        },
      }).start();
    }, reject);
  };
  try {
    await promise;
  } finally {
    signal?.removeEventListener("abort", abandon);
  }
}

export interface Trust {
  readonly algorithms: AlgorithmPreferences;
  readonly accepts: (key: PresentedKey) => boolean;
}

/** What was approved as the target's identity: pinned keys, or authorities whose certificate must name the host. */
export function trustOf(target: Target, now: () => number): Trust {
  const pinned = target.hostKeys.map((line) => parseAuthorizedKey(line).key);
  const authorities = target.hostAuthorities.map((line) => parseAuthorizedKey(line).key.blob);
  if (pinned.length === 0 && authorities.length === 0) {
    throw new GateError(
      "target-untrusted",
      `"${target.name}" has no host key on record; add one with \`sallyport targets scan ${target.name}\``,
    );
  }
  const { host } = splitAddress(target.address);
  // Only kinds that can be checked are asked for: a host with several keys then shows the one on record.
  const checkable = new Set([
    ...pinned.flatMap((key) => publicKeyAlgorithms(key.type, false)),
    ...(authorities.length > 0 ? DEFAULT_ALGORITHMS.hostKey.filter((name) => name.includes("-cert-")) : []),
  ]);
  return {
    algorithms: { ...DEFAULT_ALGORITHMS, hostKey: DEFAULT_ALGORITHMS.hostKey.filter((name) => checkable.has(name)) },
    accepts: ({ blob, certificate }) => {
      if (certificate === undefined) return pinned.some((key) => key.blob.equals(blob));
      const expected = { trustedCas: authorities, type: "host", now: now() / 1000 } as const;
      return [target.name, host].some((principal) => verifyCertificate(certificate, { ...expected, principal }).ok);
    },
  };
}

/** As the host will see it: IPv4 without the prefix that a dual-stack socket gives it. */
export function localAddress({ localAddress: address }: Socket): string {
  if (address === undefined) throw new GateError("target-unreachable", "the connection closed at once");
  return address.replace(/^::ffff:/, "");
}
