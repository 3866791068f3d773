import { createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import type { Authorities } from "../identity/authority.ts";
import { HOST_MAX_MS } from "../identity/authority.ts";
import type { AuditLog } from "../audit/port.ts";
import type { SecretStore } from "../identity/port.ts";
import { Secret } from "../kernel/secret.ts";
import { publicKeyBlob } from "../wire/ssh/keys/public-key.ts";
import { signerFromPrivateKey, type KeySigner } from "../wire/ssh/keys/signer.ts";

const HOST_KEY = "ssh/host-key";

/**
 * What the gate shows SSH clients: its host key with a certificate of the host authority, and the plain key for
 * clients that know no certificates. The certificate is made anew at every start, for a year.
 */
export async function openSshIdentity(
  deps: { secrets: SecretStore; authorities: Authorities; log: Pick<AuditLog, "append"> },
  names: readonly string[],
): Promise<readonly KeySigner[]> {
  const stored = await deps.secrets.find(HOST_KEY);
  const key = stored ? createPrivateKey({ key: stored.reveal(), format: "der", type: "pkcs8" }) : generateKeyPairSync("ed25519").privateKey;
  if (!stored) await deps.secrets.put(HOST_KEY, new Secret(key.export({ format: "der", type: "pkcs8" })), []);
  const { certificate, event } = await deps.authorities.issueHost({
    publicKey: publicKeyBlob(createPublicKey(key)),
    names,
    ttlMs: HOST_MAX_MS,
  });
  await deps.log.append([event], "reserved");
  return [signerFromPrivateKey(key, certificate), signerFromPrivateKey(key)];
}
