/**
 * Public keys: parsing, naming, and checking what they signed.
 *
 * Untrusted: keys and signatures come from anybody. One key has exactly one encoding here: lengths, curve points and
 * numbers must be canonical and nothing may follow, so that blobs can be compared byte by byte.
 * Fails closed: an unknown type, a weak RSA key, SHA-1, or a FIDO signature without the touch is refused.
 */
import { createHash, createPublicKey, verify, type KeyObject } from "node:crypto";
import { GateError } from "../../../kernel/errors.ts";
import { Reader } from "../io/reader.ts";
import { Writer } from "../io/writer.ts";
import { isKeyType, KEY_TYPES, requireCurve, RSA_MAX_BITS, RSA_MIN_BITS, type KeyType } from "./key-types.ts";
import { parseEcdsa, parseSignature } from "./signature.ts";

export interface PublicKey {
  readonly type: KeyType;
  /** The canonical encoding; equal blobs are equal keys. */
  readonly blob: Buffer;
  readonly keyObject: KeyObject;
  /** Of a FIDO key: the relying party it was made for, "ssh:" or "ssh:…". */
  readonly application: string | undefined;
}

/** DER of SubjectPublicKeyInfo up to the 32 bytes of an Ed25519 key (RFC 8410). */
const ED25519_SPKI = Buffer.from("302a300506032b6570032100", "hex");

const USER_PRESENT = 0x01;
const USER_VERIFIED = 0x04;

/** Throws GateError("protocol-error"). The blob is copied: it may be a view into a packet. */
export function parsePublicKey(blob: Buffer): PublicKey {
  // Not from the shared slab: keys are kept for as long as a connection lasts.
  const own = Buffer.allocUnsafeSlow(blob.length);
  blob.copy(own);
  const reader = new Reader(own);
  const type = reader.readString().toString("latin1");
  if (!isKeyType(type)) throw new GateError("protocol-error", "the type of a public key is not supported");
  const { keyObject, application } = readKeyFields(reader, type);
  reader.end();
  return { type, blob: own, keyObject, application };
}

/**
 * The fields after the type, as keys and certificates share them:
 *   Ed25519  string key (32 bytes)                       RFC 8709 §4
 *   ECDSA    string curve name, string point             RFC 5656 §3.1
 *   RSA      mpint e, mpint n                            RFC 4253 §6.6
 *   sk-*     the fields of the key, string application   PROTOCOL.u2f
 */
export function readKeyFields(reader: Reader, type: KeyType): { keyObject: KeyObject; application: string | undefined } {
  const keyObject = readMathematics(reader, type);
  const application = type.startsWith("sk-") ? reader.readUtf8() : undefined;
  return { keyObject, application };
}

function readMathematics(reader: Reader, type: KeyType): KeyObject {
  switch (type) {
    case "ssh-ed25519":
    case "sk-ssh-ed25519@openssh.com": {
      const key = reader.readString();
      if (key.length !== 32) throw new GateError("protocol-error", "an Ed25519 key does not have 32 bytes");
      return createPublicKey({ key: Buffer.concat([ED25519_SPKI, key]), format: "der", type: "spki" });
    }
    case "ssh-rsa":
      return readRsa(reader);
    default: {
      const curve = requireCurve(type);
      if (reader.readString().toString("latin1") !== curve.name) throw new GateError("protocol-error", "a key names another curve");
      const point = reader.readString();
      if (point.length !== 1 + 2 * curve.size || point[0] !== 4) {
        throw new GateError("protocol-error", "a curve point is not in the uncompressed form");
      }
      try {
        // OpenSSL checks that the point is on the curve.
        return createPublicKey({ key: Buffer.concat([curve.spki, point]), format: "der", type: "spki" });
      } catch (cause) {
        throw new GateError("protocol-error", "a curve point is not on its curve", { cause });
      }
    }
  }
}

function readRsa(reader: Reader): KeyObject {
  const e = reader.readMpint();
  const n = reader.readMpint();
  const bits = n.length * 8 - Math.clz32(n[0] ?? 0) + 24;
  if (bits < RSA_MIN_BITS) throw new GateError("protocol-error", `an RSA key of ${bits} bits is too short: ${RSA_MIN_BITS} are needed`);
  if (bits > RSA_MAX_BITS) throw new GateError("protocol-error", `an RSA key of ${bits} bits is too long: at most ${RSA_MAX_BITS}`);
  // Even numbers are no RSA key; a long exponent only makes verifying slow.
  const odd = ((e.at(-1) ?? 0) & (n.at(-1) ?? 0) & 1) === 1;
  const exponent = BigInt(`0x0${e.subarray(0, 9).toString("hex")}`);
  if (!odd || e.length > 8 || exponent < 3n) throw new GateError("protocol-error", "an RSA key has an impossible exponent or modulus");
  try {
    return createPublicKey({ key: { kty: "RSA", e: e.toString("base64url"), n: n.toString("base64url") }, format: "jwk" });
  } catch (cause) {
    throw new GateError("protocol-error", "an RSA key is not valid", { cause });
  }
}

/** The blob of the public half of a public or private key. FIDO keys have no KeyObject of their own and never come here. */
export function publicKeyBlob(key: KeyObject): Buffer {
  const jwk = key.export({ format: "jwk" });
  const field = (value: string | undefined): Buffer => Buffer.from(value ?? "", "base64url");
  const writer = new Writer(600);
  if (jwk.kty === "OKP" && jwk.crv === "Ed25519") return writer.string("ssh-ed25519").string(field(jwk.x)).toBuffer();
  if (jwk.kty === "RSA") return writer.string("ssh-rsa").mpint(field(jwk.e)).mpint(field(jwk.n)).toBuffer();
  for (const type of ["ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"] as const) {
    const curve = requireCurve(type);
    if (jwk.kty !== "EC" || jwk.crv !== curve.jwk) continue;
    const point = Buffer.concat([Buffer.of(4), field(jwk.x), field(jwk.y)]);
    return writer.string(type).string(curve.name).string(point).toBuffer();
  }
  throw new GateError("bad-request", "the key is neither Ed25519, ECDSA on a NIST curve, nor RSA");
}

/**
 * True when `signature` (a whole signature blob) is `key`'s signature of `data` in exactly the format that `algorithm`
 * names: "rsa-sha2-512", not "ssh-rsa" and not the name of a certificate algorithm. Never throws on bad input.
 * FIDO signatures need the user's presence, and verification (PIN, fingerprint) where `requireUserVerified` says so.
 */
export function verifySignature(
  key: PublicKey,
  data: Uint8Array,
  signature: Buffer,
  algorithm: string,
  { requireUserVerified = false }: { requireUserVerified?: boolean } = {},
): boolean {
  if (!(KEY_TYPES[key.type].signatures as readonly string[]).includes(algorithm)) return false;
  try {
    const parsed = parseSignature(signature);
    if (parsed.format !== algorithm) return false;
    if (parsed.authenticator === undefined) return verifyRaw(key, data, parsed.signature, algorithm);
    const { flags, counter } = parsed.authenticator;
    const needed = requireUserVerified ? USER_PRESENT | USER_VERIFIED : USER_PRESENT;
    if ((flags & needed) !== needed || key.application === undefined) return false;
    // PROTOCOL.u2f "SSH U2F signatures": SHA256(application), byte flags, uint32 counter, SHA256(message)
    const signed = new Writer(69).raw(sha256(key.application)).byte(flags).uint32(counter).raw(sha256(data)).toBuffer();
    return verifyRaw(key, signed, parsed.signature, algorithm);
  } catch (error) {
    if (error instanceof GateError && error.code === "protocol-error") return false;
    throw error;
  }
}

/** Of a signature that was verified: whether a FIDO authenticator asserts in it that its user was verified, by PIN or fingerprint. */
export function assertsUserVerified(signature: Buffer): boolean {
  const { authenticator } = parseSignature(signature);
  return authenticator !== undefined && (authenticator.flags & USER_VERIFIED) !== 0;
}

function verifyRaw(key: PublicKey, data: Uint8Array, signature: Buffer, algorithm: string): boolean {
  switch (key.type) {
    case "ssh-ed25519":
    case "sk-ssh-ed25519@openssh.com":
      return signature.length === 64 && verify(null, data, key.keyObject, signature);
    case "ssh-rsa": {
      const bytes = Math.ceil((key.keyObject.asymmetricKeyDetails?.modulusLength ?? 0) / 8);
      if (signature.length > bytes) return false;
      // RFC 8332 §3: some signers (PuTTY) drop leading zeros, and a verifier may accept that.
      const padded = signature.length === bytes ? signature : Buffer.concat([Buffer.alloc(bytes - signature.length), signature]);
      return verify(algorithm === "rsa-sha2-512" ? "sha512" : "sha256", data, key.keyObject, padded);
    }
    default: {
      const curve = requireCurve(key.type);
      return verify(curve.hash, data, { key: key.keyObject, dsaEncoding: "ieee-p1363" }, parseEcdsa(signature, curve));
    }
  }
}

/** As `ssh-keygen -l` prints it: "SHA256:" and base64 without padding. Of a key's or a certificate's blob. */
export function fingerprint(blob: Uint8Array): string {
  return `SHA256:${sha256(blob).toString("base64").replaceAll("=", "")}`;
}

/** `type base64 [comment]`, one line of an `authorized_keys` or `.pub` file, without options. Throws GateError("bad-request"). */
export function parseAuthorizedKey(line: string): { key: PublicKey; comment: string } {
  const match = /^([a-z0-9@.-]{1,64})[ \t]+([A-Za-z0-9+/]{1,16384}={0,2})(?:[ \t]+(\P{Cc}{0,1024}))?$/u.exec(line.trim());
  const [, type = "", base64 = "", comment = ""] = match ?? [];
  if (match === null) throw new GateError("bad-request", "a public key is one line: its type, its base64 text and a comment");
  const blob = Buffer.from(base64, "base64");
  if (blob.toString("base64") !== base64) throw new GateError("bad-request", "the base64 text of the public key is damaged");
  let key: PublicKey;
  try {
    key = parsePublicKey(blob);
  } catch (error) {
    throw error instanceof GateError ? new GateError("bad-request", error.detail, { cause: error }) : error;
  }
  if (key.type !== type) throw new GateError("bad-request", `the public key is of type "${key.type}", its line says "${type}"`);
  return { key, comment };
}

/** One line, without its end. Takes keys and certificates; control characters in the comment become spaces. */
export function encodePublicKeyLine(blob: Buffer, comment = ""): string {
  const type = new Reader(blob).readString().toString("latin1");
  const clean = comment.replaceAll(/\p{Cc}+/gu, " ").trim();
  return `${type} ${blob.toString("base64")}${clean === "" ? "" : ` ${clean}`}`;
}

function sha256(data: Uint8Array | string): Buffer {
  return createHash("sha256").update(data).digest();
}
