/**
 * The certificate authorities. A key each, because whoever trusts one must not thereby trust another:
 *
 * - login: person → gate. Hosts never learn of its key; its certificates name a person, and carry no extension a host knows, so that
 *   even a host that trusted it by mistake would give no terminal.
 * - access: gate → host. Lives at most 60 s, bound to the gate's own addresses, for a key that never leaves the gate.
 * - host: hosts and the gate itself → ssh clients.
 * - database: person → the gate's door for databases, as X.509 in TLS. Only that door asks for it; no target learns of it.
 *
 * Private keys are made here at first use and kept in the SecretStore, or are somebody else's: any `KeySigner` (a
 * hardware module, a key service) takes the place of one.
 *
 * No record, no certificate: each issue returns its event, and who asked logs it before using the certificate.
 */
import { createHash, createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { isIP } from "node:net";
import type { AuditEvent } from "../audit/event.ts";
import type { Clock } from "../kernel/clock.ts";
import { GateError } from "../kernel/errors.ts";
import type { TokenId } from "../kernel/ids.ts";
import type { Random } from "../kernel/random.ts";
import { Secret } from "../kernel/secret.ts";
import { issueCertificate, type CertificateKind } from "../wire/ssh/keys/certificate.ts";
import { encodePublicKeyLine, fingerprint } from "../wire/ssh/keys/public-key.ts";
import { signerFromPrivateKey, type KeySigner } from "../wire/ssh/keys/signer.ts";
import { encodeAuthorityCertificate, encodeClientCertificate, type X509Authority } from "../wire/x509/certificate.ts";
import type { SecretStore } from "./port.ts";
import { x509Authority } from "./x509-authority.ts";

export type AuthorityName = "login" | "access" | "host" | "database";

export const ACCESS_MAX_MS = 60_000;
export const LOGIN_MAX_MS = 12 * 3_600_000;
export const HOST_MAX_MS = 366 * 86_400_000;
export const DATABASE_MAX_MS = 30 * 60_000;
/** How far a verifier's clock may be behind ours. */
export const SKEW_SECONDS = 30;

/** In login certificates: the token it was asked for with. Only the gate reads it; other verifiers pass over it (PROTOCOL.certkeys). */
export const TOKEN_EXTENSION = "token@sallyport";

export interface Issued {
  readonly certificate: Buffer;
  readonly serial: bigint;
  /** To be durable before the certificate is used. */
  readonly event: AuditEvent;
}

export interface AccessDraft {
  /** Key made for this one session. */
  readonly publicKey: Buffer;
  /** Account on the host. */
  readonly account: string;
  readonly principal: string;
  readonly grant: string;
  readonly session: string;
  /** Where the host will see the gate come from: addresses or CIDR blocks, at least one. */
  readonly sourceAddresses: readonly string[];
  /** Milliseconds, at most 60 s. */
  readonly ttlMs: number;
  /** Whether the role lets a shell; anything else gets no terminal. */
  readonly terminal: boolean;
}

export interface LoginDraft {
  readonly publicKey: Buffer;
  readonly person: string;
  /** The token it was asked for with: without it, it opens nothing. Absent: the gate's own, for a test of a login. */
  readonly token?: TokenId;
  /** Milliseconds, at most 12 h. */
  readonly ttlMs: number;
}

export interface HostDraft {
  readonly publicKey: Buffer;
  /** Names clients connect to. */
  readonly names: readonly string[];
  /** Milliseconds, at most a year. */
  readonly ttlMs: number;
}

export interface DatabaseDraft {
  /** SubjectPublicKeyInfo in DER, of a key on P-256. */
  readonly publicKey: Buffer;
  readonly person: string;
  readonly target: string;
  /** The grant, or the request that may become one. */
  readonly under: string;
  /** Milliseconds, at most 30 min. */
  readonly ttlMs: number;
}

interface Draft {
  readonly publicKey: Buffer;
  readonly type: CertificateKind;
  readonly keyId: string;
  readonly principals: readonly string[];
  readonly ttlMs: number;
  readonly maxMs: number;
  readonly criticalOptions?: Readonly<Record<string, string>>;
  readonly extensions?: Readonly<Record<string, string>>;
  readonly about: Pick<AuditEvent, "principal" | "grant" | "session">;
}

export interface AuthorityDeps {
  readonly secrets: SecretStore;
  readonly clock: Clock;
  readonly random: Random;
  /** Signers from elsewhere, in place of keys of our own. */
  readonly signers?: Partial<Record<AuthorityName, KeySigner>>;
}

export class Authorities {
  readonly #signers: Readonly<Record<AuthorityName, KeySigner>>;
  readonly #database: X509Authority;
  /** What the door for databases tells clients of TLS that it takes certificates of. DER. */
  readonly databaseCertificate: Buffer;
  readonly #clock: Clock;
  readonly #random: Random;

  private constructor(
    signers: Readonly<Record<AuthorityName, KeySigner>>,
    database: { readonly authority: X509Authority; readonly certificate: Buffer },
    { clock, random }: AuthorityDeps,
  ) {
    this.#signers = signers;
    this.#database = database.authority;
    this.databaseCertificate = database.certificate;
    this.#clock = clock;
    this.#random = random;
  }

  static async open(deps: AuthorityDeps): Promise<Authorities> {
    const signer = async (name: AuthorityName): Promise<KeySigner> => deps.signers?.[name] ?? openSigner(name, deps.secrets);
    const signers = {
      login: await signer("login"),
      access: await signer("access"),
      host: await signer("host"),
      database: await signer("database"),
    };
    const all = Object.values(signers);
    const distinct = new Set(all.map(({ blob }) => blob.toString("base64")));
    if (distinct.size !== all.length) throw new GateError("bad-config", "two certificate authorities have the same key");
    const authority = x509Authority(signers.database, "sallyport database login authority");
    return new Authorities(signers, { authority, certificate: await encodeAuthorityCertificate(authority) }, deps);
  }

  /** Blob of an authority's public key. */
  publicKey(name: AuthorityName): Buffer {
    return this.#signers[name].blob;
  }

  /** One line for `TrustedUserCAKeys` or `@cert-authority`. */
  publicLine(name: AuthorityName): string {
    return encodePublicKeyLine(this.publicKey(name), `sallyport-${name}-authority`);
  }

  async issueAccess(draft: AccessDraft): Promise<Issued> {
    const { publicKey, account, principal, grant, session, sourceAddresses, ttlMs, terminal } = draft;
    // Fails closed: an empty list would be a certificate for everywhere.
    if (sourceAddresses.length === 0 || !sourceAddresses.every(isAddress)) {
      throw new GateError("internal", "an access certificate needs the gate's own addresses");
    }
    return this.#issue("access", {
      publicKey,
      type: "user",
      keyId: `sallyport ${principal} ${grant} ${session}`,
      principals: [account],
      ttlMs,
      maxMs: ACCESS_MAX_MS,
      criticalOptions: { "source-address": sourceAddresses.join(",") },
      extensions: terminal ? { "permit-pty": "" } : {},
      about: { principal, grant, session },
    });
  }

  async issueLogin({ publicKey, person, token, ttlMs }: LoginDraft): Promise<Issued> {
    const keyId = `sallyport login ${person}`;
    return this.#issue("login", {
      publicKey,
      type: "user",
      keyId,
      principals: [person],
      ttlMs,
      maxMs: LOGIN_MAX_MS,
      ...(token !== undefined && { extensions: { [TOKEN_EXTENSION]: token } }),
      about: { principal: person },
    });
  }

  async issueHost({ publicKey, names, ttlMs }: HostDraft): Promise<Issued> {
    const keyId = `sallyport host ${names.join(" ")}`.slice(0, 256);
    return this.#issue("host", { publicKey, type: "host", keyId, principals: names, ttlMs, maxMs: HOST_MAX_MS, about: {} });
  }

  /** X.509, DER. That the person may come under that grant is for who calls, and again for the login. */
  async issueDatabase({ publicKey, person, target, under, ttlMs }: DatabaseDraft): Promise<Issued> {
    this.#requireLifetime("database", ttlMs, DATABASE_MAX_MS);
    if (!isPrincipal(person)) throw new GateError("internal", "a certificate for nobody was asked for");
    // RFC 5280 §4.1.2.2: positive; eight bytes that do not begin with a sign bit.
    const serial = this.#random.bytes(8);
    serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
    const [notBefore, notAfter] = this.#validity(ttlMs);
    const commonName = `${person}+${target}`;
    const certificate = await encodeClientCertificate(this.#database, {
      publicKey,
      serial,
      commonName,
      organizationalUnit: under,
      notBefore,
      notAfter,
    });
    const number = serial.readBigUInt64BE();
    const body = {
      authority: "database" as const,
      serial: number.toString(),
      keyId: `sallyport database login ${person} ${target} ${under}`,
      publicKey: `SHA256:${createHash("sha256").update(publicKey).digest("base64").replace(/=+$/, "")}`,
      principals: [commonName],
      validAfter: notBefore,
      validBefore: notAfter,
    };
    return { certificate, serial: number, event: { kind: "certificate.issued", principal: person, body } };
  }

  async #issue(authority: AuthorityName, draft: Draft): Promise<Issued> {
    const { publicKey, type, keyId, principals, ttlMs, maxMs } = draft;
    this.#requireLifetime(authority, ttlMs, maxMs);
    if (principals.length === 0 || !principals.every(isPrincipal))
      throw new GateError("internal", "a certificate for nobody was asked for");
    const serial = this.#random.bytes(8).readBigUInt64BE();
    const [validAfter, validBefore] = this.#validity(ttlMs);
    const certificate = await issueCertificate({
      publicKey,
      serial,
      type,
      keyId,
      principals,
      validAfter,
      validBefore,
      criticalOptions: draft.criticalOptions ?? {},
      extensions: draft.extensions ?? {},
      ca: this.#signers[authority],
      random: this.#random,
    });
    const body = { authority, serial: serial.toString(), keyId, publicKey: fingerprint(publicKey), principals, validAfter, validBefore };
    return { certificate, serial, event: { kind: "certificate.issued", ...draft.about, body } };
  }

  #requireLifetime(authority: AuthorityName, ttlMs: number, maxMs: number): void {
    // Fails closed: `NaN` is no time either.
    if (!(ttlMs >= 1000 && ttlMs <= maxMs))
      throw new GateError("internal", `a ${authority} certificate lives 1 to ${maxMs / 1000} seconds`);
  }

  /** Seconds since 1970. */
  #validity(ttlMs: number): readonly [after: number, before: number] {
    const now = this.#clock.now() / 1000;
    return [Math.floor(now) - SKEW_SECONDS, Math.floor(now + ttlMs / 1000)];
  }
}

async function openSigner(name: AuthorityName, secrets: SecretStore): Promise<KeySigner> {
  const entry = `authority/${name}`;
  const stored = await secrets.find(entry);
  if (stored !== undefined) {
    return signerFromPrivateKey(createPrivateKey({ key: stored.reveal(), format: "der", type: "pkcs8" }));
  }
  const privateKey = newKey(name);
  await secrets.put(entry, new Secret(privateKey.export({ format: "der", type: "pkcs8" })), []);
  return signerFromPrivateKey(privateKey);
}

/** Not every client of TLS takes a chain that Ed25519 signed. */
function newKey(name: AuthorityName): KeyObject {
  return name === "database"
    ? generateKeyPairSync("ec", { namedCurve: "prime256v1" }).privateKey
    : generateKeyPairSync("ed25519").privateKey;
}

function isAddress(text: string): boolean {
  const [address = "", bits, ...more] = text.split("/");
  const version = isIP(address);
  if (version === 0 || more.length > 0 || address.includes("%")) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
}

/** An account, a person or a host name: no wildcard, separator or control character that some verifier reads specially. */
function isPrincipal(text: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9._:-]{0,255}$/.test(text);
}
