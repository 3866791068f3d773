/**
 * SCRAM-SHA-256 and SCRAM-SHA-256-PLUS (RFC 5802, RFC 7677) without I/O, for either side.
 *
 * The server does not know which of a person's passwords is coming: all share a salt, and the proof is compared with the
 * verifier of each. Untrusted: every message of the peer; what does not read exactly as the RFC's grammar is refused
 * with GateError("protocol-error"), a proof that holds for nobody is no failure but an answer. More work than anybody has
 * reason to ask for is refused with "not-supported".
 */
import { createHash, createHmac, pbkdf2, timingSafeEqual, X509Certificate } from "node:crypto";
import { promisify } from "node:util";
import { GateError } from "../../kernel/errors.ts";

export const SCRAM = "SCRAM-SHA-256";
export const SCRAM_PLUS = "SCRAM-SHA-256-PLUS";
const KEY_BYTES = 32;
const NONCE_BYTES = 18;
const MAX_MESSAGE_BYTES = 2000;
/** RFC 7677 §4. */
const MIN_ITERATIONS = 4096;
/**
 * As many as people are advised to ask for (OWASP): a third of a second of one of the few threads that hash. A server
 * that asks for more could keep others from logging in.
 */
export const MAX_ITERATIONS = 600_000;
/** PostgreSQL looks at the name of the startup packet and ignores the one in here. */
const USER_IGNORED = "";

const derive = promisify(pbkdf2);

export interface Verifier {
  readonly storedKey: Buffer;
  readonly serverKey: Buffer;
}

/** RFC 5802 §3. `password`: printable ASCII, which SASLprep (RFC 4013) leaves as it is; others are normalised. */
export async function deriveVerifier(password: string, salt: Buffer, iterations: number): Promise<Verifier> {
  const salted = await derive(prepare(password), salt, iterations, KEY_BYTES, "sha256");
  return { storedKey: sha256(hmac(salted, "Client Key")), serverKey: hmac(salted, "Server Key") };
}

/** As `pg_authid` keeps it and CREATE ROLE takes it: the server never sees the password. */
export async function encodeVerifier(password: string, salt: Buffer, iterations: number): Promise<string> {
  const { storedKey, serverKey } = await deriveVerifier(password, salt, iterations);
  return `SCRAM-SHA-256$${iterations}:${salt.toString("base64")}$${storedKey.toString("base64")}:${serverKey.toString("base64")}`;
}

/**
 * `tls-server-end-point` (RFC 5929 §4.1) of a certificate in DER: hashed with what it is signed with, SHA-256 in place
 * of anything weaker. `undefined` where that names no hash (Ed25519, RSASSA-PSS).
 */
export function endPointBinding(certificate: Buffer): Buffer | undefined {
  const [, bits] = /(?:sha-?|md)(\d+)/i.exec(new X509Certificate(certificate).signatureAlgorithm ?? "") ?? [];
  if (bits === undefined) return undefined;
  return createHash(bits === "224" || bits === "384" || bits === "512" ? `sha${bits}` : "sha256")
    .update(certificate)
    .digest();
}

export interface ScramServerOptions<Candidate extends Verifier> {
  readonly salt: Buffer;
  readonly iterations: number;
  readonly candidates: readonly Candidate[];
  readonly nonce: string;
  /** Of the TLS connection; absent: PLUS was not offered. */
  readonly binding?: Buffer;
}

export class ScramServer<Candidate extends Verifier> {
  readonly #options: ScramServerOptions<Candidate>;
  #clientFirstBare = "";
  #gs2Header = "";
  #nonce = "";
  #serverFirst = "";
  #binds = false;
  #isOver = false;

  constructor(options: ScramServerOptions<Candidate>) {
    this.#options = options;
  }

  /** client-first-message → server-first-message. */
  first(mechanism: string, clientFirst: Buffer): Buffer {
    const { salt, iterations, nonce, binding } = this.#options;
    const [, header = "", flag = "", bare = ""] = /^((n|y|p=tls-server-end-point),,)(.*)$/s.exec(textOf(clientFirst)) ?? [];
    this.#binds = flag.startsWith("p=");
    if (header === "" || (mechanism !== SCRAM && mechanism !== SCRAM_PLUS)) throw refused();
    // RFC 5802 §6: `y` says that we offered no binding. If we did, somebody in between took it away.
    const isDowngrade = flag === "y" && binding !== undefined;
    if (this.#binds !== (mechanism === SCRAM_PLUS) || (this.#binds && binding === undefined) || isDowngrade) throw refused();
    const clientNonce = /^n=[^,]*,r=([\x21-\x2B\x2D-\x7E]{8,256})$/.exec(bare)?.[1];
    if (clientNonce === undefined) throw refused();
    this.#gs2Header = header;
    this.#clientFirstBare = bare;
    this.#nonce = clientNonce + nonce;
    this.#serverFirst = `r=${this.#nonce},s=${salt.toString("base64")},i=${iterations}`;
    return Buffer.from(this.#serverFirst, "latin1");
  }

  /** client-final-message → whose password it was and the server-final-message; `undefined`: nobody's. */
  final(clientFinal: Buffer): { readonly candidate: Candidate; readonly serverFinal: Buffer } | undefined {
    const { binding, candidates } = this.#options;
    // One proof for each pair of nonces.
    if (this.#serverFirst === "" || this.#isOver) throw refused();
    this.#isOver = true;
    const text = textOf(clientFinal);
    const [, withoutProof = "", channel = "", nonce = "", proof64 = ""] =
      /^(c=([A-Za-z0-9+/=]+),r=([\x21-\x2B\x2D-\x7E]+)),p=([A-Za-z0-9+/]{43}=)$/.exec(text) ?? [];
    if (withoutProof === "" || nonce !== this.#nonce) throw refused();
    const expected = Buffer.concat([Buffer.from(this.#gs2Header, "latin1"), this.#binds && binding ? binding : Buffer.alloc(0)]);
    if (!equal(Buffer.from(channel, "base64"), expected)) throw refused();
    const authMessage = `${this.#clientFirstBare},${this.#serverFirst},${withoutProof}`;
    const proof = Buffer.from(proof64, "base64");
    let found: Candidate | undefined;
    // Each is tried, so that the time does not tell which it was.
    for (const candidate of candidates) {
      const clientKey = xor(proof, hmac(candidate.storedKey, authMessage));
      if (equal(sha256(clientKey), candidate.storedKey)) found = candidate;
    }
    if (found === undefined) return undefined;
    const signature = hmac(found.serverKey, authMessage).toString("base64");
    return { candidate: found, serverFinal: Buffer.from(`v=${signature}`, "latin1") };
  }
}

export class ScramClient {
  readonly #password: string;
  readonly #header: string;
  readonly #binding: Buffer;
  readonly #bare: string;
  readonly #nonce: string;
  #expected: Buffer | undefined;

  /** `binding`: of the TLS connection, where the server offers PLUS. `canBind`: we could have, and it does not offer it. */
  constructor(password: string, nonce: string, options: { readonly binding?: Buffer; readonly canBind?: boolean } = {}) {
    this.#password = password;
    this.#nonce = nonce;
    this.#header = options.binding ? "p=tls-server-end-point,," : options.canBind === true ? "y,," : "n,,";
    this.#binding = options.binding ?? Buffer.alloc(0);
    this.#bare = `n=${USER_IGNORED},r=${this.#nonce}`;
  }

  first(): Buffer {
    return Buffer.from(this.#header + this.#bare, "latin1");
  }

  async final(serverFirst: Buffer): Promise<Buffer> {
    const text = textOf(serverFirst);
    const [, nonce = "", salt = "", count = ""] = /^r=([\x21-\x2B\x2D-\x7E]+),s=([A-Za-z0-9+/=]+),i=(\d{1,9})$/.exec(text) ?? [];
    const iterations = Number(count);
    if (!nonce.startsWith(this.#nonce) || nonce === this.#nonce) throw refused();
    if (iterations < MIN_ITERATIONS) throw refused();
    if (iterations > MAX_ITERATIONS) {
      throw new GateError(
        "not-supported",
        `a server that asks for ${iterations} rounds of SCRAM: ${MAX_ITERATIONS} are the most (scram_iterations)`,
      );
    }
    const salted = await derive(prepare(this.#password), Buffer.from(salt, "base64"), iterations, KEY_BYTES, "sha256");
    const clientKey = hmac(salted, "Client Key");
    const channel = Buffer.concat([Buffer.from(this.#header, "latin1"), this.#binding]).toString("base64");
    const withoutProof = `c=${channel},r=${nonce}`;
    const authMessage = `${this.#bare},${text},${withoutProof}`;
    const proof = xor(clientKey, hmac(sha256(clientKey), authMessage));
    this.#expected = hmac(hmac(salted, "Server Key"), authMessage);
    return Buffer.from(`${withoutProof},p=${proof.toString("base64")}`, "latin1");
  }

  /** Whether the server knows the password as well. */
  verify(serverFinal: Buffer): boolean {
    const signature = /^v=([A-Za-z0-9+/]{43}=)$/.exec(textOf(serverFinal))?.[1];
    return signature !== undefined && this.#expected !== undefined && equal(Buffer.from(signature, "base64"), this.#expected);
  }
}

export function newNonce(random: { bytes(length: number): Buffer }): string {
  return random.bytes(NONCE_BYTES).toString("base64");
}

/** SASLprep (RFC 4013), as far as PostgreSQL's clients and servers agree: what is not ASCII is normalised (NFKC). */
function prepare(password: string): string {
  return /^[\x20-\x7E]*$/.test(password) ? password : password.normalize("NFKC");
}

function textOf(bytes: Buffer): string {
  if (bytes.length > MAX_MESSAGE_BYTES) throw refused();
  return bytes.toString("latin1");
}

function refused(): GateError {
  return new GateError("protocol-error", "a message of SCRAM is not as it has to be");
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}

function hmac(key: Uint8Array, text: string): Buffer {
  return createHmac("sha256", key).update(text, "latin1").digest();
}

function equal(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

function xor(a: Buffer, b: Buffer): Buffer {
  return Buffer.from(a.map((byte, at) => byte ^ (b[at] ?? 0)));
}
