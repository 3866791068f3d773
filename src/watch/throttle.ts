/**
 * Slows down the guessing of passwords and one-time secrets, in a way that nobody can use against somebody else.
 *
 * Failures are counted for a pair of network and claimed user, and, much wider, for a network over all users. Never for
 * a user over all networks: that would let anybody lock anybody out. An address this user has logged in from within
 * 30 days has a count of its own, which failures from elsewhere, its neighbours included, do not touch; and no amount
 * of failures under other names blocks it.
 *
 * Keys, certificates and tokens cannot be guessed and are not throttled at all. Memory is bounded; what a botnet with
 * thousands of networks may still try is bounded by the cost and the queue of hashing.
 *
 * Times are Clock.elapsed: setting the wall clock neither blocks nor frees anybody.
 */
import type { Clock } from "../kernel/clock.ts";
import { deny, type Denial } from "../kernel/result.ts";
import { sourceOf, type Source } from "./address.ts";
import { Lru } from "./lru.ts";

const FREE_FAILURES = 5;
const FIRST_DELAY_MS = 1000;
const MAX_DELAY_MS = 15 * 60_000;
/** A pair without failures for this long starts afresh. */
const FORGET_MS = 60 * 60_000;
/** A network's attempts over all users: this many at once, then one in `REFILL_MS`. */
const BURST = 50;
const REFILL_MS = 6000;
const KNOWN_MS = 30 * 86_400_000;
const KNOWN_PER_USER = 32;

interface Pair {
  failures: number;
  /** Clock.elapsed of the last counted attempt. */
  last: number;
}

interface Budget {
  left: number;
  at: number;
}

export interface Admitted {
  /** What the attempt is counted as. */
  readonly source: string;
  /** From an address this user has logged in from. */
  readonly favoured: boolean;
}

export class LoginThrottle {
  readonly #clock: Clock;
  readonly #pairs: Lru<string, Pair>;
  readonly #budgets: Lru<string, Budget>;
  /** User → exact addresses → Clock.elapsed of the last success. Only successes make entries, so an attacker evicts nobody. */
  readonly #known: Lru<string, Lru<string, number>>;

  constructor(clock: Clock, { pairs = 20_000, networks = 10_000, users = 10_000 } = {}) {
    this.#clock = clock;
    this.#pairs = new Lru(pairs);
    this.#budgets = new Lru(networks);
    this.#known = new Lru(users);
  }

  /**
   * Counts an attempt as failed before it is made, so that many at the same moment cannot slip through together;
   * `succeeded` or `refund` takes that back. `remote`: `ip:port`. Untrusted: `claimed` may be anything.
   */
  admit(remote: string, claimed: string): Admitted | Denial {
    const [source, user] = [sourceOf(remote), bounded(claimed)];
    const favoured = this.#isKnown(source, user);
    const [key, now] = [pairKey(source, user, favoured), this.#clock.elapsed()];
    const pair = this.#pairs.get(key);
    const counted = pair !== undefined && now - pair.last < FORGET_MS ? pair : { failures: 0, last: now };
    const waitMs = counted.failures === 0 ? 0 : counted.last + delayAfter(counted.failures) - now;
    if (waitMs > 0) return refuse(waitMs);
    if (!favoured) {
      const lackMs = this.#spend(source.wide, now);
      if (lackMs > 0) return refuse(lackMs);
    }
    this.#pairs.set(key, { failures: counted.failures + 1, last: now });
    return { source: source.network, favoured };
  }

  /** The attempt convinced: the address is known from now on, and its own count starts afresh. */
  succeeded(remote: string, user: string): void {
    const [source, name] = [sourceOf(remote), bounded(user)];
    // The count of the network stays: its failures may be a neighbour's, whom this login must not give new guesses.
    this.refund(remote, user);
    this.#pairs.delete(pairKey(source, name, true));
    this.#remember(source, name, this.#clock.elapsed());
  }

  /** The attempt was not made. */
  refund(remote: string, claimed: string): void {
    const [source, user] = [sourceOf(remote), bounded(claimed)];
    this.#return(source, user);
    const pair = this.#pairs.get(pairKey(source, user, this.#isKnown(source, user)));
    if (pair !== undefined) pair.failures = Math.max(0, pair.failures - 1);
  }

  /** A login of an earlier run, from the log: `agoMs` before now. */
  learn(remote: string, user: string, agoMs: number): void {
    if (agoMs < KNOWN_MS) this.#remember(sourceOf(remote), bounded(user), this.#clock.elapsed() - Math.max(agoMs, 0));
  }

  /** Entries held, for the figures of the gate. */
  get size(): number {
    return this.#pairs.size + this.#budgets.size + this.#known.size;
  }

  #remember({ exact }: Source, user: string, at: number): void {
    // What is no address is nobody's own, and never becomes one to trust.
    if (exact === "unknown") return;
    const addresses = this.#known.get(user) ?? new Lru<string, number>(KNOWN_PER_USER);
    addresses.set(exact, at);
    this.#known.set(user, addresses);
  }

  #isKnown({ exact }: Source, user: string): boolean {
    const at = this.#known.get(user)?.get(exact);
    return at !== undefined && this.#clock.elapsed() - at < KNOWN_MS;
  }

  /** 0 when there was budget left, which is spent then; else how long until there is. */
  #spend(network: string, now: number): number {
    const held = this.#budgets.get(network) ?? { left: BURST, at: now };
    const left = Math.min(BURST, held.left + (now - held.at) / REFILL_MS);
    if (left < 1) return (1 - left) * REFILL_MS;
    this.#budgets.set(network, { left: left - 1, at: now });
    return 0;
  }

  #return(source: Source, user: string): void {
    const held = this.#isKnown(source, user) ? undefined : this.#budgets.get(source.wide);
    if (held !== undefined) held.left = Math.min(BURST, held.left + 1);
  }
}

/** 1, 2, 4… seconds after the free ones, up to a quarter of an hour. */
function delayAfter(failures: number): number {
  return failures < FREE_FAILURES ? 0 : Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** (failures - FREE_FAILURES));
}

function pairKey({ exact, network }: Source, user: string, favoured: boolean): string {
  return favoured ? `known ${exact} ${user}` : `${network} ${user}`;
}

/** Names end at 64 characters; longer texts are nobody's and count together. */
function bounded(claimed: string): string {
  return claimed.length <= 64 ? claimed : "(too long)";
}

function refuse(waitMs: number): Denial {
  const seconds = Math.ceil(waitMs / 1000);
  return deny("too-many-attempts", { detail: `try again in ${seconds} s`, rule: "login throttle" });
}
