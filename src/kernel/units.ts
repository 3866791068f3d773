const MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const BYTES = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 } as const;

export const DURATION = /^(?:0|[1-9]\d{0,5})(?:s|m|h|d)$/;
export const SIZE = /^(?:0|[1-9]\d{0,8})(?:B|KiB|MiB|GiB|TiB)$/;

/** A timer for longer fires at once. */
export const MAX_TIMER_MS = 24 * MS.d;

/** `90m` → milliseconds; `undefined` unless the text is a whole number and one of s, m, h, d. */
export function parseDuration(text: string): number | undefined {
  if (!DURATION.test(text)) return undefined;
  return Number(text.slice(0, -1)) * MS[text.slice(-1) as keyof typeof MS];
}

/** `512MiB` → bytes; `undefined` unless the text is a whole number and one of B, KiB, MiB, GiB, TiB. */
export function parseSize(text: string): number | undefined {
  const unit = SIZE.test(text) ? text.replace(/^\d+/, "") : undefined;
  return unit === undefined ? undefined : Number(text.slice(0, -unit.length)) * BYTES[unit as keyof typeof BYTES];
}

/** The largest unit that says it exactly: 5400000 → `90m`. */
export function formatDuration(ms: number): string {
  const unit = (["d", "h", "m", "s"] as const).find((each) => ms % MS[each] === 0 && ms >= MS[each]);
  return unit === undefined ? `${ms}ms` : `${ms / MS[unit]}${unit}`;
}

export function formatSize(bytes: number): string {
  const unit = (["TiB", "GiB", "MiB", "KiB"] as const).find((each) => bytes % BYTES[each] === 0 && bytes >= BYTES[each]);
  return unit === undefined ? `${bytes}B` : `${bytes / BYTES[unit]}${unit}`;
}
