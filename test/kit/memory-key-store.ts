import { GateError } from "../../src/kernel/errors.ts";
import { Secret } from "../../src/kernel/secret.ts";
import type { KeyStore } from "../../src/cli/key-store/key-store.ts";

/** A key store that a test looks into, and locks. */
export class MemoryKeyStore implements KeyStore {
  readonly secrets = new Map<string, string>();
  /** How often it was asked for anything. */
  asked = 0;
  isLocked = false;

  async keep(account: string, secret: Secret): Promise<void> {
    this.#ask();
    this.secrets.set(account, secret.reveal());
  }

  async find(account: string): Promise<Secret | undefined> {
    this.#ask();
    const found = this.secrets.get(account);
    return found === undefined ? undefined : new Secret(found);
  }

  async forget(account: string): Promise<void> {
    this.#ask();
    this.secrets.delete(account);
  }

  #ask(): void {
    this.asked += 1;
    if (this.isLocked) throw new GateError("key-store-unavailable", "it is locked");
  }
}
