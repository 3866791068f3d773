import type { SecretRef } from "../config/model.ts";
import { resolveSecret } from "../config/secrets.ts";
import type { Secret } from "../kernel/secret.ts";
import { parseMasterKey, readMasterKeyFile } from "../store/master-key.ts";

/** From where the configuration says. Throws `bad-master-key` or `bad-config`. */
export async function openMasterKey(ref: SecretRef, options: { dataDir: string; demo?: boolean }): Promise<Secret<Buffer>> {
  if (ref.from === "file") return readMasterKeyFile(ref.name, options);
  return parseMasterKey((await resolveSecret(ref)).reveal());
}
