/**
 * The key types this gate knows, as one table: names of RFC 4253, 5656, 8332, 8709, PROTOCOL.u2f and PROTOCOL.certkeys.
 * A name that is not here does not exist for the gate.
 */
import { GateError } from "../../../kernel/errors.ts";

export const KEY_TYPES = {
  "ssh-ed25519": { certificate: "ssh-ed25519-cert-v01@openssh.com", signatures: ["ssh-ed25519"] },
  "ecdsa-sha2-nistp256": { certificate: "ecdsa-sha2-nistp256-cert-v01@openssh.com", signatures: ["ecdsa-sha2-nistp256"] },
  "ecdsa-sha2-nistp384": { certificate: "ecdsa-sha2-nistp384-cert-v01@openssh.com", signatures: ["ecdsa-sha2-nistp384"] },
  "ecdsa-sha2-nistp521": { certificate: "ecdsa-sha2-nistp521-cert-v01@openssh.com", signatures: ["ecdsa-sha2-nistp521"] },
  // "ssh-rsa" names the key only. As a signature algorithm it means SHA-1, which is neither made nor accepted.
  "ssh-rsa": { certificate: "ssh-rsa-cert-v01@openssh.com", signatures: ["rsa-sha2-512", "rsa-sha2-256"] },
  "sk-ssh-ed25519@openssh.com": {
    certificate: "sk-ssh-ed25519-cert-v01@openssh.com",
    signatures: ["sk-ssh-ed25519@openssh.com"],
  },
  "sk-ecdsa-sha2-nistp256@openssh.com": {
    certificate: "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com",
    signatures: ["sk-ecdsa-sha2-nistp256@openssh.com"],
  },
} as const satisfies Record<string, { certificate: string; signatures: readonly string[] }>;

export type KeyType = keyof typeof KEY_TYPES;

/** RSA moduli outside of this are refused: shorter ones are weak, longer ones only burn the gate's CPU. */
export const RSA_MIN_BITS = 2048;
export const RSA_MAX_BITS = 16_384;

const TYPE_OF_CERTIFICATE = new Map<string, KeyType>(
  Object.entries(KEY_TYPES).map(([type, { certificate }]) => [certificate, type as KeyType]),
);

export function isKeyType(name: string): name is KeyType {
  return Object.hasOwn(KEY_TYPES, name);
}

/** The type of the key inside a certificate of this type; `undefined` when the name is no certificate type. */
export function findCertifiedType(name: string): KeyType | undefined {
  return TYPE_OF_CERTIFICATE.get(name);
}

/** `undefined` for an algorithm unknown to the gate, and for SHA-1's "ssh-rsa". `rsa-sha2-256-cert-v01@openssh.com` → `rsa-sha2-256`. */
export function findSignatureAlgorithm(publicKeyAlgorithm: string): string | undefined {
  for (const { certificate, signatures } of Object.values(KEY_TYPES)) {
    for (const signature of signatures as readonly string[]) {
      const certified = certificate === "ssh-rsa-cert-v01@openssh.com" ? `${signature}-cert-v01@openssh.com` : certificate;
      if (publicKeyAlgorithm === signature || publicKeyAlgorithm === certified) return signature;
    }
  }
  return undefined;
}

/** The public key algorithm names (RFC 8332 §3) that a key, or a certificate for one, of this type may be used with; best first. */
export function publicKeyAlgorithms(type: KeyType, certified: boolean): readonly string[] {
  const { certificate, signatures } = KEY_TYPES[type];
  if (!certified) return signatures;
  return type === "ssh-rsa" ? signatures.map((name) => `${name}-cert-v01@openssh.com`) : [certificate];
}

/** Elliptic curve behind a key type. */
export interface Curve {
  /** As RFC 5656 writes it. */
  readonly name: string;
  /** Bytes of a coordinate and of r and s. */
  readonly size: number;
  readonly hash: "sha256" | "sha384" | "sha512";
  /** DER of SubjectPublicKeyInfo up to the uncompressed point. */
  readonly spki: Buffer;
  /** As node:crypto writes it in a JWK, and in `asymmetricKeyDetails`. */
  readonly jwk: string;
  readonly openssl: string;
}

const P256: Curve = {
  name: "nistp256",
  size: 32,
  hash: "sha256",
  spki: Buffer.from("3059301306072a8648ce3d020106082a8648ce3d030107034200", "hex"),
  jwk: "P-256",
  openssl: "prime256v1",
};

const CURVES: Partial<Record<KeyType, Curve>> = {
  "ecdsa-sha2-nistp256": P256,
  "ecdsa-sha2-nistp384": {
    name: "nistp384",
    size: 48,
    hash: "sha384",
    spki: Buffer.from("3076301006072a8648ce3d020106052b81040022036200", "hex"),
    jwk: "P-384",
    openssl: "secp384r1",
  },
  "ecdsa-sha2-nistp521": {
    name: "nistp521",
    size: 66,
    hash: "sha512",
    spki: Buffer.from("30819b301006072a8648ce3d020106052b8104002303818600", "hex"),
    jwk: "P-521",
    openssl: "secp521r1",
  },
  "sk-ecdsa-sha2-nistp256@openssh.com": P256,
};

/** Throws when the type is not one on an elliptic curve with points (Ed25519 is not). */
export function requireCurve(type: KeyType): Curve {
  const curve = CURVES[type];
  if (curve === undefined) throw new GateError("internal", `key type "${type}" has no curve`);
  return curve;
}
