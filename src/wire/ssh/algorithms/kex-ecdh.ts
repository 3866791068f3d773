/** Elliptic curve Diffie-Hellman: RFC 5656 §4 (NIST curves) and RFC 8731 (curve25519-sha256). */
import { createECDH, createPublicKey, diffieHellman, generateKeyPairSync, type KeyObject } from "node:crypto";
import { GateError } from "../../../kernel/errors.ts";
import type { KeyExchangeMethod } from "./key-exchange.ts";

/** SubjectPublicKeyInfo of an X25519 key up to its 32 bytes (RFC 8410). */
const X25519_SPKI = Buffer.from("302a300506032b656e032100", "hex");
export const X25519_BYTES = 32;

export interface X25519Key {
  readonly privateKey: KeyObject;
  readonly publicValue: Buffer;
}

export function generateX25519(): X25519Key {
  const { privateKey, publicKey } = generateKeyPairSync("x25519");
  return { privateKey, publicValue: publicKey.export({ format: "der", type: "spki" }).subarray(-X25519_BYTES) };
}

/** RFC 8731 §3: a peer value of low order gives the all-zero secret, which MUST abort. */
export function agreeX25519(own: X25519Key, peerValue: Buffer): Buffer {
  if (peerValue.length !== X25519_BYTES) throw new GateError("protocol-error", "an X25519 value has the wrong length");
  let secret: Buffer;
  try {
    const publicKey = createPublicKey({ key: Buffer.concat([X25519_SPKI, peerValue]), format: "der", type: "spki" });
    secret = diffieHellman({ privateKey: own.privateKey, publicKey });
  } catch (cause) {
    throw new GateError("protocol-error", "an X25519 value is not usable", { cause });
  }
  // OpenSSL refuses the all-zero secret itself; this does not depend on it.
  if (secret.every((byte) => byte === 0)) throw new GateError("protocol-error", "an X25519 value is of low order");
  return secret;
}

export const X25519: KeyExchangeMethod = {
  hash: "sha256",
  values: "string",
  secret: "mpint",
  initiate: () => {
    const own = generateX25519();
    return { init: own.publicValue, finish: (reply) => agreeX25519(own, reply) };
  },
  respond: (init) => {
    const own = generateX25519();
    return { reply: own.publicValue, secret: agreeX25519(own, init) };
  },
};

/** `pointBytes`: of an uncompressed point. */
function nistCurve(curve: string, hash: KeyExchangeMethod["hash"], pointBytes: number): KeyExchangeMethod {
  const agree = (own: ReturnType<typeof createECDH>, point: Buffer): Buffer => {
    if (point.length !== pointBytes || point[0] !== 4) throw new GateError("protocol-error", "an ECDH point has the wrong form");
    try {
      // Checks that the point is on the curve (RFC 5656 §4: MUST).
      return own.computeSecret(point);
    } catch (cause) {
      throw new GateError("protocol-error", "an ECDH point is not on its curve", { cause });
    }
  };
  return {
    hash,
    values: "string",
    secret: "mpint",
    initiate: () => {
      const own = createECDH(curve);
      return { init: own.generateKeys(), finish: (reply) => agree(own, reply) };
    },
    respond: (init) => {
      const own = createECDH(curve);
      return { reply: own.generateKeys(), secret: agree(own, init) };
    },
  };
}

export const ECDH_NISTP256 = nistCurve("prime256v1", "sha256", 65);
export const ECDH_NISTP384 = nistCurve("secp384r1", "sha384", 97);
export const ECDH_NISTP521 = nistCurve("secp521r1", "sha512", 133);
