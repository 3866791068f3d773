/** An authority of X.509 over the port that private keys stay behind: what it signs with is SSH's form of the same ECDSA. */
import { GateError } from "../kernel/errors.ts";
import { requireCurve } from "../wire/ssh/keys/key-types.ts";
import { parsePublicKey } from "../wire/ssh/keys/public-key.ts";
import { parseEcdsa, parseSignature } from "../wire/ssh/keys/signature.ts";
import type { KeySigner } from "../wire/ssh/keys/signer.ts";
import type { X509Authority } from "../wire/x509/certificate.ts";

const ECDSA = "ecdsa-sha2-nistp256";

/** Throws `bad-config` for a signer with a key of another kind. */
export function x509Authority(signer: KeySigner, commonName: string): X509Authority {
  if (!signer.algorithms.includes(ECDSA)) throw new GateError("bad-config", "the authority of database logins needs a key on P-256");
  return {
    commonName,
    publicKey: parsePublicKey(signer.blob).keyObject.export({ format: "der", type: "spki" }),
    sign: async (data) => parseEcdsa(parseSignature(await signer.sign(data, ECDSA)).signature, requireCurve(ECDSA)),
  };
}
