/**
 * A passkey for somebody who waits elsewhere: at the prompt of `ssh`, of `psql`, of the command line. The link opens a page of the
 * console that says who waits, from where and for what, and asks the browser for one of that person's passkeys. Whoever shows it
 * need not be logged in there: the passkey says who it is.
 *
 * The id is 130 random bits and stands in for nothing but "this one wait": what is shown counts for the login that waits, and only
 * a passkey of the same person is taken. It is good once, for five minutes, and gone when the one who waits goes.
 */
import type { Clock } from "../../kernel/clock.ts";
import type { PrincipalName } from "../../kernel/ids.ts";
import { randomText, type Random } from "../../kernel/random.ts";
import { deny, type Denial } from "../../kernel/result.ts";
import type { ShownFactor } from "../../kernel/step-up.ts";
import type { LoginContext } from "../authenticator.ts";
import { isDenial } from "../denial.ts";
import { CHALLENGE_TTL_MS } from "./challenges.ts";
import type { Passkey } from "./model.ts";
import type { Passkeys, RequestOptions } from "./passkeys.ts";
import type { AssertionAnswer } from "./webauthn.ts";

const ID_LENGTH = 26;
/** Of one person at one time. */
const PER_PERSON = 5;

/** What the page says to whoever is asked for the touch: they must be able to see that it is not theirs. */
export interface StepUpReason {
  /** `a session on "web-1"`. */
  readonly what: string;
  /** `ip:port` of whoever waits. */
  readonly remote: string;
}

export interface ShownLink extends StepUpReason {
  readonly user: PrincipalName;
  readonly passkey: RequestOptions;
}

export interface StepUpLink extends Disposable {
  readonly id: string;
  /** Resolves once it was shown, or nobody can show it any more. */
  readonly shown: Promise<readonly ShownFactor[] | Denial>;
}

/** Puts it on record for whoever waits; what they have shown then. */
type Count = (passkey: Passkey) => Promise<readonly ShownFactor[] | Denial>;

interface Waiting {
  readonly user: PrincipalName;
  readonly reason: StepUpReason;
  /** Clock.elapsed. */
  readonly until: number;
  readonly count: Count;
  readonly settle: (outcome: readonly ShownFactor[] | Denial) => void;
}

export class StepUpLinks {
  readonly #passkeys: Passkeys;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #waiting = new Map<string, Waiting>();

  constructor({ passkeys, clock, random }: { passkeys: Passkeys; clock: Clock; random: Random }) {
    this.#passkeys = passkeys;
    this.#clock = clock;
    this.#random = random;
  }

  /** The caller disposes of it when whoever waits goes. */
  open(user: PrincipalName, reason: StepUpReason, count: Count): StepUpLink | Denial {
    this.tick();
    const party = this.#passkeys.requireParty();
    if (isDenial(party)) return party;
    const own = [...this.#waiting.values()].filter((each) => each.user === user);
    if (own.length >= PER_PERSON) return deny("too-many-connections", { detail: `${own.length} of yours wait for a passkey already` });
    const id = randomText(this.#random, ID_LENGTH);
    const { promise, resolve } = Promise.withResolvers<readonly ShownFactor[] | Denial>();
    this.#waiting.set(id, { user, reason, count, until: this.#clock.elapsed() + CHALLENGE_TTL_MS, settle: resolve });
    return { id, shown: promise, [Symbol.dispose]: () => this.#end(id, deny("timeout", { detail: "nobody showed a passkey" })) };
  }

  /** Untrusted: `id`. */
  async find(id: string): Promise<ShownLink | Denial> {
    const waiting = this.#live(id);
    if (!waiting) return gone();
    const { user, reason } = waiting;
    const passkey = await this.#passkeys.startLink(user, id);
    return isDenial(passkey) ? passkey : { ...reason, user, passkey };
  }

  /** Untrusted: both. */
  async finish(id: string, answer: AssertionAnswer, context: LoginContext): Promise<PrincipalName | Denial> {
    const waiting = this.#live(id);
    if (!waiting) return gone();
    const shown = await this.#passkeys.show(answer, { purpose: "link", user: waiting.user, link: id }, context);
    if (isDenial(shown)) return shown;
    // Whoever waited may have gone meanwhile.
    if (!this.#live(id)) return gone();
    const counted = await waiting.count(shown.passkey);
    this.#end(id, counted);
    return isDenial(counted) ? counted : waiting.user;
  }

  /** Every second. */
  tick(): void {
    const now = this.#clock.elapsed();
    for (const [id, { until }] of this.#waiting) {
      if (until <= now) this.#end(id, deny("timeout", { detail: "nobody showed a passkey" }));
    }
  }

  #live(id: string): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    return waiting !== undefined && waiting.until > this.#clock.elapsed() ? waiting : undefined;
  }

  #end(id: string, outcome: readonly ShownFactor[] | Denial): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    waiting?.settle(outcome);
  }
}

function gone(): Denial {
  return deny("not-found", { detail: "nobody waits behind this link any more" });
}
