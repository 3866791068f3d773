import type { Clock } from "../../kernel/clock.ts";
import type { Random } from "../../kernel/random.ts";
import { hashSecret } from "../tokens.ts";

/**
 * What waits in memory for somebody to come back with a secret: bounded in number and time, found by the secret's hash,
 * and given out once. When it is full the oldest makes room, so that a flood costs the flooder's own share first.
 */
export class OneTime<T> {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #ttlMs: number;
  readonly #most: number;
  readonly #waiting = new Map<string, { readonly value: T; readonly until: number }>();

  constructor(deps: { clock: Clock; random: Random }, { ttlMs, most }: { ttlMs: number; most: number }) {
    this.#clock = deps.clock;
    this.#random = deps.random;
    this.#ttlMs = ttlMs;
    this.#most = most;
  }

  get size(): number {
    this.#forget();
    return this.#waiting.size;
  }

  /** 256 random bits, in base64url. */
  put(value: T): string {
    const secret = this.#random.bytes(32).toString("base64url");
    this.putUnder(secret, value);
    return secret;
  }

  putUnder(secret: string, value: T): void {
    this.#forget();
    for (const oldest of this.#waiting.keys()) {
      if (this.#waiting.size < this.#most) break;
      this.#waiting.delete(oldest);
    }
    this.#waiting.set(hashSecret(secret), { value, until: this.#clock.elapsed() + this.#ttlMs });
  }

  peek(secret: string): T | undefined {
    this.#forget();
    return this.#waiting.get(hashSecret(secret))?.value;
  }

  take(secret: string): T | undefined {
    const value = this.peek(secret);
    this.#waiting.delete(hashSecret(secret));
    return value;
  }

  /** Everything was put for as long as everything else, so the oldest end first. */
  #forget(): void {
    const now = this.#clock.elapsed();
    for (const [key, { until }] of this.#waiting) {
      if (until > now) break;
      this.#waiting.delete(key);
    }
  }
}
