/**
 * ML-KEM-768 with X25519 (draft-ietf-sshm-mlkem-hybrid-kex): safe as long as either of the two is.
 *   C_INIT  = ML-KEM public key (1184) || X25519 value (32)
 *   S_REPLY = ML-KEM ciphertext (1088) || X25519 value (32)
 *   K       = SHA256(ML-KEM secret || X25519 secret), encoded as a string
 */
import { createHash, createPublicKey, decapsulate, encapsulate, generateKeyPairSync } from "node:crypto";
import { GateError } from "../../../kernel/errors.ts";
import { agreeX25519, generateX25519, X25519_BYTES } from "./kex-ecdh.ts";
import type { KeyExchangeMethod } from "./key-exchange.ts";

const PUBLIC_KEY_BYTES = 1184;
const CIPHERTEXT_BYTES = 1088;
/** SubjectPublicKeyInfo of an ML-KEM-768 key up to its bytes (RFC 9935). */
const MLKEM768_SPKI = Buffer.from("308204b2300b0609608648016503040402038204a100", "hex");

function combine(postQuantum: Uint8Array, classical: Uint8Array): Buffer {
  return createHash("sha256").update(postQuantum).update(classical).digest();
}

export const MLKEM768_X25519: KeyExchangeMethod = {
  hash: "sha256",
  values: "string",
  secret: "string",
  initiate: () => {
    const kem = generateKeyPairSync("ml-kem-768");
    const own = generateX25519();
    const publicKey = kem.publicKey.export({ format: "der", type: "spki" }).subarray(-PUBLIC_KEY_BYTES);
    return {
      init: Buffer.concat([publicKey, own.publicValue]),
      finish: (reply) => {
        if (reply.length !== CIPHERTEXT_BYTES + X25519_BYTES) throw new GateError("protocol-error", "a hybrid reply has the wrong length");
        const secret = decapsulate(kem.privateKey, reply.subarray(0, CIPHERTEXT_BYTES));
        return combine(secret, agreeX25519(own, reply.subarray(CIPHERTEXT_BYTES)));
      },
    };
  },
  respond: (init) => {
    if (init.length !== PUBLIC_KEY_BYTES + X25519_BYTES) throw new GateError("protocol-error", "a hybrid value has the wrong length");
    const { sharedKey, ciphertext } = encapsulateTo(init.subarray(0, PUBLIC_KEY_BYTES));
    const own = generateX25519();
    const secret = combine(sharedKey, agreeX25519(own, init.subarray(PUBLIC_KEY_BYTES)));
    return { reply: Buffer.concat([ciphertext, own.publicValue]), secret };
  },
};

function encapsulateTo(publicKey: Buffer): { sharedKey: Buffer; ciphertext: Buffer } {
  try {
    // OpenSSL makes the modulus check of FIPS 203 §7.2 when it reads the key.
    return encapsulate(createPublicKey({ key: Buffer.concat([MLKEM768_SPKI, publicKey]), format: "der", type: "spki" }));
  } catch (cause) {
    throw new GateError("protocol-error", "an ML-KEM key is not valid", { cause });
  }
}
