/**
 * The password of minutes the gate gives for one target under one grant, in memory only. Fetched when a connection needs
 * it, and used for the next ones while it is fresh: a program that connects a hundred times a second leaves no trail of
 * passwords behind.
 */
import type { Answer } from "../../contract/types.ts";

export type Access = Answer<"grants.password">;

/** For the gate. */
export const PASSWORD_MS = 60_000;
const FRESH_MS = 30_000;

export class GatePassword {
  readonly #fetch: () => Promise<Access>;
  readonly #now: () => number;
  #latest: { readonly access: Promise<Access>; readonly until: number } | undefined;

  constructor(fetch: () => Promise<Access>, now: () => number) {
    this.#fetch = fetch;
    this.#now = now;
  }

  /** Throws what fetching it threw; the next call fetches anew. */
  get(): Promise<Access> {
    if (this.#latest !== undefined && this.#now() < this.#latest.until) return this.#latest.access;
    const latest = { access: this.#fetch(), until: this.#now() + FRESH_MS };
    this.#latest = latest;
    latest.access.catch(() => {
      if (this.#latest === latest) this.forget();
    });
    return latest.access;
  }

  /** The gate does not take it any more. */
  forget(): void {
    this.#latest = undefined;
  }
}
