import type { Clock } from "../../kernel/clock.ts";
import type { Token } from "../model.ts";
import type { IdToken } from "./id-token.ts";

/**
 * ID tokens that have made a login, until they would make none anyway. Only tokens that convinced get here, so there are as
 * many as issuers sign. They stand with the logins they made: a restart forgets none.
 */
export class SpentTokens {
  readonly #clock: Clock;
  /** `spentAs` → Unix milliseconds. */
  readonly #until = new Map<string, number>();
  #sweepAt = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  learn(tokens: readonly Token[]): void {
    for (const { login } of tokens) {
      const spent = login?.workload?.spent;
      if (spent && spent.until > this.#clock.now()) this.#until.set(spent.token, spent.until);
    }
  }

  /** False: it was taken before. At once, so that of two at the same moment one is the first. */
  take({ spentAs, expiresAt }: IdToken): boolean {
    this.#sweep();
    if (this.#until.has(spentAs)) return false;
    this.#until.set(spentAs, expiresAt);
    return true;
  }

  /** Not at each login: there may be many. A clock that is set back forgets nothing that still counts. */
  #sweep(): void {
    if (this.#until.size < this.#sweepAt) return;
    const now = this.#clock.now();
    for (const [token, until] of this.#until) if (until <= now) this.#until.delete(token);
    this.#sweepAt = this.#until.size + 1_000;
  }
}
