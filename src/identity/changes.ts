import type { PrincipalName } from "../kernel/ids.ts";

/** Something that may end live sessions and cached answers. `credential`: fingerprint or token id. */
export interface IdentityChange {
  readonly user: PrincipalName;
  readonly what:
    | "disabled"
    | "enabled"
    | "password-set"
    | "key-added"
    | "key-removed"
    | "token-revoked"
    | "groups-changed"
    | "provider-ended";
  readonly credential?: string;
}

export type IdentityListener = (change: IdentityChange) => void;

/** Tells listeners of changes, after they are durable. Every one is told, even when another throws. */
export class Changes {
  readonly #listeners = new Set<IdentityListener>();

  subscribe(listener: IdentityListener): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  announce(change: IdentityChange): void {
    const failures: unknown[] = [];
    for (const listener of this.#listeners) {
      try {
        listener(change);
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, "A listener for changes of identities failed");
  }
}
