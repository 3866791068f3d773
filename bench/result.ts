/** One line of `npm run bench -- --json`. */
export interface Result {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What the value is a ratio to, measured in the same run. */
  readonly vs?: string;
}

/** `p` from 0 to 1. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))] ?? NaN;
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}
