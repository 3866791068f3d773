import { createRemoteJWKSet, customFetch, type JWTVerifyGetKey } from "jose";
import { boundedFetch } from "./bounded-fetch.ts";

/** Never `none`, and no shared secret: only keys that the provider publishes. */
export const ALGORITHMS: readonly string[] = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
];

/**
 * What a provider publishes, read again when it is old or a key is unknown, and then at most every half a minute: anybody may
 * send what is signed by such a key, and must not send the gate to the provider with each.
 */
export function publishedKeys(address: string, fetch = boundedFetch()): JWTVerifyGetKey {
  return createRemoteJWKSet(new URL(address), { [customFetch]: fetch });
}
