/**
 * Slows down the guessing of codes that are short. Unlike passwords, they are asked only of somebody who has shown a login of
 * that person already, so counting for a person over all networks locks nobody out who could not do worse; passkeys and
 * the codes of other people are not touched.
 *
 * Times are Clock.elapsed.
 */
import type { Clock } from "../../kernel/clock.ts";
import type { PrincipalName } from "../../kernel/ids.ts";
import { deny, type Denial } from "../../kernel/result.ts";

const FREE_FAILURES = 5;
const FIRST_DELAY_MS = 1000;
const MAX_DELAY_MS = 15 * 60_000;
/** Without a failure for this long, it starts afresh. Longer than the longest delay: waiting it out wins no free guesses. */
const FORGET_MS = 24 * 3_600_000;

interface Count {
  failures: number;
  last: number;
}

export class GuessLimit {
  readonly #clock: Clock;
  /** Bounded by the number of people: only somebody with a login gets here. */
  readonly #counts = new Map<PrincipalName, Count>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts the guess as failed before it is looked at, so that many at the same moment cannot slip through together. */
  admit(user: PrincipalName): Denial | undefined {
    const now = this.#clock.elapsed();
    const held = this.#counts.get(user);
    const failures = held !== undefined && now - held.last < FORGET_MS ? held.failures : 0;
    const waitMs = failures < FREE_FAILURES ? 0 : (held?.last ?? 0) + delayAfter(failures) - now;
    if (waitMs > 0) return deny("too-many-attempts", { detail: `try again in ${Math.ceil(waitMs / 1000)} s`, rule: "code throttle" });
    this.#counts.set(user, { failures: failures + 1, last: now });
    return undefined;
  }

  succeeded(user: PrincipalName): void {
    this.#counts.delete(user);
  }
}

/** 1, 2, 4… seconds after the free ones, up to a quarter of an hour. */
function delayAfter(failures: number): number {
  return Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** (failures - FREE_FAILURES));
}
