/**
 * Who can sign as a key: the port behind which private keys stay. A signer in another process or a hardware module
 * implements the same interface.
 */
import { createPublicKey, sign, type KeyObject } from "node:crypto";
import { GateError } from "../../../kernel/errors.ts";
import { Reader } from "../io/reader.ts";
import { findCertifiedType, findSignatureAlgorithm, isKeyType, publicKeyAlgorithms, requireCurve } from "./key-types.ts";
import { publicKeyBlob, readKeyFields } from "./public-key.ts";
import { encodeEcdsa, encodeSignature } from "./signature.ts";

export interface KeySigner {
  /** The blob of the public key, or of the certificate for it. */
  readonly blob: Buffer;
  /** Public key algorithm names this signer may be used with, best first; for certificates the `…-cert-v01@openssh.com` names. */
  readonly algorithms: readonly string[];
  /**
   * The whole signature blob (`string format, string signature`) over `data`. `algorithm` is one of `algorithms`,
   * or the plain signature format behind it; anything else is refused with GateError("bad-request").
   */
  sign(data: Uint8Array, algorithm: string): Promise<Buffer>;
}

/** A signer over a private key in memory. `certificateBlob` must certify this very key. */
export function signerFromPrivateKey(key: KeyObject, certificateBlob?: Buffer): KeySigner {
  if (key.type !== "private") throw new GateError("internal", "a signer needs a private key");
  const plain = publicKeyBlob(createPublicKey(key));
  const type = new Reader(plain).readString().toString("latin1");
  if (!isKeyType(type)) throw new GateError("internal", `key type "${type}" has no signer`);
  const blob = certificateBlob ?? plain;
  if (certificateBlob !== undefined) {
    // PROTOCOL.certkeys: string type, string nonce, the fields of the key, …
    const reader = new Reader(certificateBlob);
    const certified = findCertifiedType(reader.readString().toString("latin1"));
    reader.readString();
    if (certified !== type || !publicKeyBlob(readKeyFields(reader, type).keyObject).equals(plain)) {
      throw new GateError("bad-request", "the certificate is not one for this key");
    }
  }
  const algorithms = publicKeyAlgorithms(type, certificateBlob !== undefined);
  const formats = publicKeyAlgorithms(type, false);

  return {
    blob,
    algorithms,
    sign: async (data, algorithm) => {
      const format = findSignatureAlgorithm(algorithm);
      if (format === undefined || !formats.includes(format)) {
        throw new GateError("bad-request", `a key of type "${type}" does not sign with "${algorithm}"`);
      }
      if (type === "ssh-ed25519") return encodeSignature(format, sign(null, data, key));
      // RSA takes a millisecond and more: on the thread pool, so that other connections go on.
      if (type === "ssh-rsa") return encodeSignature(format, await signRsa(format === "rsa-sha2-512" ? "sha512" : "sha256", data, key));
      const curve = requireCurve(type);
      return encodeSignature(format, encodeEcdsa(sign(curve.hash, data, { key, dsaEncoding: "ieee-p1363" }), curve));
    },
  };
}

function signRsa(hash: string, data: Uint8Array, key: KeyObject): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    sign(hash, data, key, (error, signature) => (error === null ? resolve(signature) : reject(error)));
  });
}
