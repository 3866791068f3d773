/**
 * Whether to believe a certificate (PROTOCOL.certkeys), one check after the other. Proof that the other side holds the
 * certified key is not among them: that is a signature over the handshake, checked by who asks for it.
 *
 * Fails closed: a critical option not understood refuses the certificate, and so does an empty list of principals.
 */
import { BlockList, isIP } from "node:net";
import { findSignatureAlgorithm } from "./key-types.ts";
import type { Certificate, CertificateKind } from "./certificate.ts";
import { verifySignature } from "./public-key.ts";
import { parseSignature } from "./signature.ts";

export interface CertificateExpectation {
  /** Blobs of the public keys that may have signed. */
  readonly trustedCas: readonly Buffer[];
  readonly type: CertificateKind;
  /** Account, person or host name that must be among the principals, compared exactly. */
  readonly principal: string;
  /** Seconds since the Unix epoch. */
  readonly now: number;
  /** Address of the other side, where it is known; a `source-address` option refuses everything where it is not. */
  readonly sourceAddress?: string | undefined;
}

export type CertificateRefusal =
  | "untrusted-ca"
  | "bad-signature"
  | "wrong-type"
  | "not-yet-valid"
  | "expired"
  | "wrong-principal"
  | "unknown-critical-option"
  | "wrong-source-address";

export type CertificateVerdict =
  | {
      readonly ok: true;
      /** The only command this certificate may run; `undefined` when it does not say. The caller must enforce it. */
      readonly forceCommand: string | undefined;
    }
  | { readonly ok: false; readonly reason: CertificateRefusal };

const refuse = (reason: CertificateRefusal): CertificateVerdict => ({ ok: false, reason });

export function verifyCertificate(certificate: Certificate, expected: CertificateExpectation): CertificateVerdict {
  if (!expected.trustedCas.some((ca) => ca.equals(certificate.ca.blob))) return refuse("untrusted-ca");
  if (!signedByItsCa(certificate)) return refuse("bad-signature");
  if (certificate.type !== expected.type) return refuse("wrong-type");
  const now = BigInt(Math.floor(expected.now));
  if (now < certificate.validAfter) return refuse("not-yet-valid");
  if (now >= certificate.validBefore) return refuse("expired");
  if (!certificate.principals.includes(expected.principal)) return refuse("wrong-principal");
  return checkCriticalOptions(certificate, expected.sourceAddress);
}

function signedByItsCa({ ca, signed, signature }: Certificate): boolean {
  let format: string;
  try {
    ({ format } = parseSignature(signature));
  } catch {
    return false;
  }
  // The format is the CA's choice among those of its key type; SHA-1's "ssh-rsa" is none of them.
  return findSignatureAlgorithm(format) === format && verifySignature(ca, signed, signature, format);
}

function checkCriticalOptions({ criticalOptions, type }: Certificate, sourceAddress: string | undefined): CertificateVerdict {
  let forceCommand: string | undefined;
  for (const [name, value] of criticalOptions) {
    // No critical options are defined for host certificates.
    if (type !== "user") return refuse("unknown-critical-option");
    if (name === "force-command" && value !== "") forceCommand = value;
    else if (name !== "source-address") return refuse("unknown-critical-option");
    else if (sourceAddress === undefined || !addressMatches(sourceAddress, value)) return refuse("wrong-source-address");
  }
  return { ok: true, forceCommand };
}

/** `list`: comma-separated addresses and CIDR blocks, v4 and v6. A list with an entry that is neither matches nothing. */
export function addressMatches(address: string, list: string): boolean {
  // A v4 client on a dual-stack socket shows up as ::ffff:a.b.c.d and is compared as the v4 client it is.
  const plain = address.toLowerCase().startsWith("::ffff:") && isIP(address.slice(7)) === 4 ? address.slice(7) : address;
  const family = isIP(plain);
  if (family === 0) return false;
  // One list for a family: BlockList itself would let `::/0` match v4 addresses.
  const blocks = new BlockList();
  for (const entry of list.split(",")) {
    const [network = "", prefix, ...more] = entry.split("/");
    const version = isIP(network);
    const bits = version === 4 ? 32 : 128;
    if (version === 0 || more.length > 0 || network.includes("%")) return false;
    if (prefix !== undefined && (!/^(0|[1-9][0-9]{0,2})$/.test(prefix) || Number(prefix) > bits)) return false;
    if (version === family) blocks.addSubnet(network, prefix === undefined ? bits : Number(prefix), family === 4 ? "ipv4" : "ipv6");
  }
  return blocks.check(plain, family === 4 ? "ipv4" : "ipv6");
}
