/** A public key as a peer presents it, with the name of the algorithm it wants to use it by (RFC 4253 §6.6, RFC 8332 §3). */
import { GateError } from "../../../kernel/errors.ts";
import { Reader } from "../io/reader.ts";
import { parseCertificate, type Certificate } from "../keys/certificate.ts";
import { findCertifiedType, findSignatureAlgorithm, publicKeyAlgorithms } from "../keys/key-types.ts";
import { parsePublicKey, type PublicKey } from "../keys/public-key.ts";

export interface PresentedKey {
  /** As on the wire: "rsa-sha2-512", "ssh-ed25519-cert-v01@openssh.com". */
  readonly algorithm: string;
  /** What the signature's blob says inside: "rsa-sha2-512", "ssh-ed25519". */
  readonly signatureAlgorithm: string;
  /** The blob as presented: of the certificate, when it is one. */
  readonly blob: Buffer;
  /** The key that signs: of a certificate, the key it certifies. */
  readonly key: PublicKey;
  /** Parsed only. Whether its authority is trusted and it is valid for this use is for the caller to decide. */
  readonly certificate: Certificate | undefined;
  /** Of a FIDO key that has signed: its user was verified, by PIN or fingerprint, and not only there. */
  readonly userVerified?: boolean;
}

/** Throws GateError("protocol-error") when the blob is not valid or not of the kind that the algorithm's name says. `blob` is copied. */
export function parsePresentedKey(algorithm: string, blob: Buffer): PresentedKey {
  const signatureAlgorithm = findSignatureAlgorithm(algorithm);
  if (signatureAlgorithm === undefined) throw new GateError("protocol-error", "the algorithm of a public key is not supported");
  const isCertificate = findCertifiedType(new Reader(blob).readString().toString("latin1")) !== undefined;
  const certificate = isCertificate ? parseCertificate(blob) : undefined;
  const key = certificate?.publicKey ?? parsePublicKey(blob);
  // Without this a certificate could be used under a plain name and escape the checks for certificates, or the reverse.
  if (!publicKeyAlgorithms(key.type, isCertificate).includes(algorithm)) {
    throw new GateError("protocol-error", "a public key is not of the type that its algorithm says");
  }
  return { algorithm, signatureAlgorithm, blob: certificate?.blob ?? key.blob, key, certificate };
}
