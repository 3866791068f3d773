/**
 * How long trials may keep others from what they lock: a trial is undone, but while it runs it locks as the real thing
 * does, and nobody has approved it. Each person has an allowance at a target, and all of them together have one; what is
 * spent comes back with time. Definitions may lock everybody out of a table, so that they have less, and one at a time.
 *
 * Knows no protocol, and measures nothing: whoever tries says how long it took.
 */
import { deny, type Denial } from "../kernel/result.ts";

export type TrialKind = "definition" | "change";

/** `part`: of the time that passes, how much comes back. */
interface Allowance {
  readonly mostMs: number;
  readonly part: number;
}

/** Somebody who looks at a few definitions notices nothing; a loop gets a twentieth of the time. */
const OF_PERSON: Readonly<Record<TrialKind, Allowance>> = {
  definition: { mostMs: 5000, part: 1 / 20 },
  change: { mostMs: 60_000, part: 1 / 5 },
};
const OF_TARGET: Readonly<Record<TrialKind, Allowance>> = {
  definition: { mostMs: 10_000, part: 1 / 10 },
  change: { mostMs: 300_000, part: 1 },
};

interface Spent {
  readonly ms: number;
  readonly at: number;
}

/** Where and by whom. */
export interface Trier {
  /** With its database: what is locked is in there. */
  readonly target: string;
  readonly person: string;
}

/** Those that have all back are forgotten, so that nobody is remembered for ever. */
const SWEEP_ABOVE = 1000;

export class TrialBudgets {
  readonly #elapsed: () => number;
  readonly #spent = new Map<string, Spent & { readonly allowance: Allowance }>();

  /** `elapsed`: milliseconds that have passed. */
  constructor(elapsed: () => number) {
    this.#elapsed = elapsed;
  }

  /** Nothing is left: try again when. */
  refused(kind: TrialKind, trier: Trier): Denial | undefined {
    const waits = accounts(kind, trier).map(({ key, allowance, whose }) => {
      const left = allowance.mostMs - this.#now(key, allowance);
      // One more may begin as long as anything is left; it is bounded by itself.
      return { whose, ms: left > 0 ? 0 : (1 - left) / allowance.part };
    });
    const longest = waits.reduce((one, other) => (other.ms > one.ms ? other : one));
    if (longest.ms === 0) return undefined;
    return deny("rate-limited", {
      detail: `${longest.whose} of ${kind}s have kept rows or tables of ${trier.target} locked for as long as they may`,
      next: `the same in ${Math.ceil(longest.ms / 1000)} s`,
    });
  }

  spend(kind: TrialKind, trier: Trier, ms: number): void {
    for (const { key, allowance } of accounts(kind, trier)) {
      this.#spent.set(key, { ms: this.#now(key, allowance) + ms, at: this.#elapsed(), allowance });
    }
    if (this.#spent.size <= SWEEP_ABOVE) return;
    for (const [key, { allowance }] of this.#spent) if (this.#now(key, allowance) === 0) this.#spent.delete(key);
  }

  /** What is still spent of an allowance. */
  #now(key: string, { part }: Allowance): number {
    const { ms, at } = this.#spent.get(key) ?? { ms: 0, at: 0 };
    return Math.max(0, ms - (this.#elapsed() - at) * part);
  }
}

function accounts(kind: TrialKind, { target, person }: Trier): readonly { key: string; allowance: Allowance; whose: string }[] {
  return [
    { key: JSON.stringify([kind, target, person]), allowance: OF_PERSON[kind], whose: "your trials" },
    { key: JSON.stringify([kind, target]), allowance: OF_TARGET[kind], whose: "everybody's trials" },
  ];
}
