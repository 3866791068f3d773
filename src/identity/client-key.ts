import { createPublicKey } from "node:crypto";
import { deny, type Denial } from "../kernel/result.ts";

/** As long as SubjectPublicKeyInfo of a key on P-256 is, with room for one that says more. */
const MAX_BYTES = 256;

/**
 * Untrusted: SubjectPublicKeyInfo in DER. The same key as it is to stand in a certificate: on P-256, which every client
 * of TLS can sign with. Anything else is denied with `bad-request`.
 */
export function parseClientKey(der: Buffer): Buffer | Denial {
  const denial = deny("bad-request", { detail: "the public key is not SubjectPublicKeyInfo of a key on P-256" });
  if (der.length > MAX_BYTES) return denial;
  try {
    const key = createPublicKey({ key: der, format: "der", type: "spki" });
    if (key.asymmetricKeyDetails?.namedCurve !== "prime256v1") return denial;
    return key.export({ format: "der", type: "spki" });
  } catch {
    return denial;
  }
}
