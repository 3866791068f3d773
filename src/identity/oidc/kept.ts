import { Secret } from "../../kernel/secret.ts";
import type { PrincipalName } from "../../kernel/ids.ts";
import type { SecretStore } from "../port.ts";

/** What asks a provider again about somebody, sealed at rest, and when it said something last. */
export interface Kept {
  readonly keep: Secret;
  /** Epoch milliseconds. */
  readonly toldAt: number;
  /** By the provider's names. */
  readonly groups: readonly string[];
}

export class KeptTokens {
  readonly #secrets: SecretStore;

  constructor(secrets: SecretStore) {
    this.#secrets = secrets;
  }

  async find(user: PrincipalName, provider: string): Promise<Kept | undefined> {
    const stored = await this.#secrets.find(entry(user, provider));
    if (stored === undefined) return undefined;
    const { keep, toldAt, groups } = JSON.parse(stored.reveal().toString("utf8")) as { keep: string; toldAt: number; groups: string[] };
    return { keep: new Secret(keep), toldAt, groups };
  }

  async put(user: PrincipalName, provider: string, { keep, toldAt, groups }: Kept): Promise<void> {
    const text = JSON.stringify({ keep: keep.reveal(), toldAt, groups });
    await this.#secrets.put(entry(user, provider), new Secret(Buffer.from(text)), []);
  }

  async remove(user: PrincipalName, provider: string): Promise<void> {
    const name = entry(user, provider);
    if ((await this.#secrets.find(name)) !== undefined) await this.#secrets.remove(name, []);
  }
}

/** Names hold no `/`. */
function entry(user: PrincipalName, provider: string): string {
  return `provider-login/${provider}/${user}`;
}
