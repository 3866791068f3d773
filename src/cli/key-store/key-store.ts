/**
 * Where the operating system keeps a person's secrets, as the command line uses it: one secret for an account.
 *
 * Invariants: nobody waits longer than the store's own deadline, and what cannot be used says why in plain words
 * (`key-store-unavailable`). A secret is never in an argument, in the environment, or in what is said of a failure.
 */
import { GateError } from "../../kernel/errors.ts";
import type { Secret } from "../../kernel/secret.ts";

export interface KeyStore {
  /** Resolves once the secret is there and was read back; takes the place of an earlier one. */
  keep(account: string, secret: Secret): Promise<void>;
  find(account: string): Promise<Secret | undefined>;
  /** Resolves where there was nothing, too. */
  forget(account: string): Promise<void>;
}

/** For who must not use any: what is asked of it fails with `why`. */
export function noKeyStore(why: string): KeyStore {
  const refuse = (): Promise<never> => Promise.reject(new GateError("key-store-unavailable", why));
  return { keep: refuse, find: refuse, forget: refuse };
}
