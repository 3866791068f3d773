/** SSH keys and login certificates: whose they are. That the peer holds the private key was proven by its signature already. */
import type { Clock } from "../kernel/clock.ts";
import { GateError } from "../kernel/errors.ts";
import { parseId } from "../kernel/ids.ts";
import type { Denial } from "../kernel/result.ts";
import { parseCertificate, type Certificate } from "../wire/ssh/keys/certificate.ts";
import { fingerprint } from "../wire/ssh/keys/public-key.ts";
import { verifyCertificate } from "../wire/ssh/keys/verify-certificate.ts";
import { notAuthenticated, type CertificateProof, type KeyProof, type LoginContext, type LoginRecord } from "./authenticator.ts";
import type { Token, User } from "./model.ts";
import { SKEW_SECONDS, TOKEN_EXTENSION } from "./authority.ts";
import { findClaimed } from "./password-login.ts";
import type { IdentityStore } from "./port.ts";

/** Whose credential it is; the success is for the caller to record. */
export interface CheckedCredential {
  readonly user: User;
  /** Fingerprint of a key, serial of a certificate. */
  readonly credential: string;
  /** Of a certificate: the token it was asked for with. */
  readonly token?: Token;
}

export class KeyCheck {
  readonly #store: IdentityStore;
  readonly #record: LoginRecord;
  readonly #clock: Clock;
  readonly #loginCa: () => Buffer;

  constructor(deps: { store: IdentityStore; record: LoginRecord; clock: Clock; loginCa: () => Buffer }) {
    this.#store = deps.store;
    this.#record = deps.record;
    this.#clock = deps.clock;
    this.#loginCa = deps.loginCa;
  }

  /** Whether this key would do, for the probe that comes before a signature. Says nothing about who exists: it takes the key to ask. */
  async knows({ claimed, keyBlob }: KeyProof): Promise<boolean> {
    return typeof (await this.#find(claimed, keyBlob)) !== "string";
  }

  async checkKey(proof: KeyProof, context: LoginContext): Promise<CheckedCredential | Denial> {
    const found = await this.#find(proof.claimed, proof.keyBlob);
    if (typeof found === "string") return this.#fail("publickey", context, proof.claimed, found);
    return { user: found, credential: fingerprint(proof.keyBlob) };
  }

  async checkCertificate(proof: CertificateProof, context: LoginContext): Promise<CheckedCredential | Denial> {
    const { claimed, certificateBlob } = proof;
    const certificate = tryParse(certificateBlob);
    if (certificate === undefined) return this.#fail("certificate", context, claimed, "malformed");
    // Login certificates name one person. Without a claimed name it is that one.
    const [only, ...others] = certificate.principals;
    const principal = claimed ?? (others.length === 0 ? only : undefined);
    if (principal === undefined) return this.#fail("certificate", context, claimed, "names several people");
    const verdict = verifyCertificate(certificate, {
      trustedCas: [this.#loginCa()],
      type: "user",
      principal,
      now: this.#clock.now() / 1000,
      sourceAddress: addressOf(context.remote),
    });
    if (!verdict.ok) return this.#fail("certificate", context, claimed, verdict.reason);
    // Fails closed: the gate cannot enforce a forced command, so it takes no certificate that asks for one.
    if (verdict.forceCommand !== undefined) return this.#fail("certificate", context, claimed, "unknown-critical-option");
    const user = await findClaimed(this.#store, principal);
    if (user === undefined) return this.#fail("certificate", context, claimed, "unknown user");
    if (user.disabled !== undefined) return this.#fail("certificate", context, claimed, "disabled");
    if (issuedAt(certificate) < Math.floor((user.certificatesAfter ?? 0) / 1000))
      return this.#fail("certificate", context, claimed, "void");
    const token = await this.#tokenOf(certificate, user);
    if (typeof token === "string") return this.#fail("certificate", context, claimed, token);
    return { user, credential: certificate.serial.toString(), ...(token && { token }) };
  }

  /** A certificate is good for as long as the login it was asked for with; or why it is not. */
  async #tokenOf({ extensions }: Certificate, user: User): Promise<Token | string | undefined> {
    const named = extensions.get(TOKEN_EXTENSION);
    if (named === undefined) return undefined;
    const id = parseId("tok", named);
    const token = id && (await this.#store.findToken(id));
    if (token?.user !== user.name) return "unknown token";
    if (token.revokedAt !== undefined) return "of a login that ended";
    return token.expiresAt <= this.#clock.now() ? "of a login that expired" : token;
  }

  /** The user, or why not. */
  async #find(claimed: string | undefined, keyBlob: Buffer): Promise<User | string> {
    const key = await this.#store.findKey(fingerprint(keyBlob));
    // The fingerprint found it; the key itself decides.
    if (key === undefined || key.publicKey.split(" ")[1] !== keyBlob.toString("base64")) return "unknown key";
    if (claimed !== undefined && claimed !== key.user) return "somebody else's key";
    const user = await this.#store.findUser(key.user);
    if (user === undefined) return "unknown user";
    return user.disabled === undefined ? user : "disabled";
  }

  async #fail(method: "publickey" | "certificate", context: LoginContext, claimed: string | undefined, reason: string): Promise<Denial> {
    const known = claimed === undefined ? undefined : await findClaimed(this.#store, claimed);
    this.#record.failed({ method, context, claimed: known?.name, reason });
    return notAuthenticated();
  }
}

/** Seconds since the Unix epoch; ours begin a little earlier. */
function issuedAt({ validAfter }: Certificate): number {
  return Number(validAfter) + SKEW_SECONDS;
}

function tryParse(blob: Buffer): Certificate | undefined {
  try {
    return parseCertificate(blob);
  } catch (error) {
    if (error instanceof GateError) return undefined;
    throw error;
  }
}

/** `ip:port` → `ip` */
function addressOf(remote: string): string {
  return remote.slice(0, remote.lastIndexOf(":")).replaceAll(/^\[|\]$/g, "");
}
