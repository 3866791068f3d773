/** What charts are drawn from: counts by the store, and what is made of them. */

/** Half-open, in milliseconds since the Unix epoch. */
export interface Span {
  readonly since: number;
  readonly until: number;
}

export interface SessionCount {
  readonly target: string;
  /** Start of a stretch of `bucketMs`, counted from the epoch: days are those of UTC. */
  readonly at: number;
  readonly count: number;
}

export interface StatisticsStore {
  /** Sessions that began, by target and stretch of time. */
  sessions(span: Span, bucketMs: number): Promise<readonly SessionCount[]>;
  /** Sessions and people of each target, the most used first. */
  targets(span: Span, limit: number): Promise<readonly { readonly target: string; readonly sessions: number; readonly people: number }[]>;
  /** Of approved requests, what lay between asking and the last yes, in milliseconds, for the newest `limit`. */
  approvalTimes(span: Span, limit: number): Promise<readonly number[]>;
  /** Refusals by what was asked for and code, of the newest `limit`; erased ones have no code and are left out. */
  denials(span: Span, limit: number): Promise<readonly { readonly kind: string; readonly code: string; readonly count: number }[]>;
}

/** The value that a share of them does not exceed, as `0.5` for the median; `undefined` of none. */
export function quantile(values: readonly number[], share: number): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(sorted.length * share) - 1))];
}

/** How many are at most each bound and more than the one before; the last count is of those above all. */
export function histogram(values: readonly number[], bounds: readonly number[]): readonly number[] {
  const counts = Array.from({ length: bounds.length + 1 }, () => 0);
  for (const value of values) {
    const at = bounds.findIndex((bound) => value <= bound);
    const index = at < 0 ? bounds.length : at;
    counts[index] = (counts[index] ?? 0) + 1;
  }
  return counts;
}
