/** Durations as people type them (`90m`, `2h`, `1h30m`, `45s`, `7d`) and times as they read them. */
import { UsageError } from "./usage-error.ts";

const UNITS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000, ms: 1 } as const;
type Unit = keyof typeof UNITS;

/** Milliseconds. Every part has a unit and comes once, the larger first; throws UsageError. */
export function parseDuration(text: string): number {
  const parts = /^(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?(?:(\d{1,6})ms)?$/.exec(text.trim());
  if (!parts || text.trim() === "") {
    throw new UsageError(`"${text}" is not a duration`, "Write it with units, as in 45s, 90m, 2h, 1h30m or 7d");
  }
  let total = 0;
  for (const [index, unit] of (Object.keys(UNITS) as Unit[]).entries()) total += Number(parts[index + 1] ?? 0) * UNITS[unit];
  if (total <= 0) throw new UsageError(`"${text}" is no time at all`, "Give at least one second");
  return total;
}

/** The two largest units that are not zero: `1h30m`, `2d4h`, `45s`, `0s`. Rounded down, so that no time is promised that is not left. */
export function formatDuration(ms: number): string {
  let rest = Math.max(0, Math.floor(ms / 1000)) * 1000;
  const parts: string[] = [];
  for (const unit of ["d", "h", "m", "s"] as const) {
    const count = Math.floor(rest / UNITS[unit]);
    rest -= count * UNITS[unit];
    if (count > 0) parts.push(`${count}${unit}`);
    else if (parts.length > 0) break;
    if (parts.length === 2) break;
  }
  return parts.join("") || "0s";
}

/** Local wall-clock time to the second: `2026-11-20 14:02:07`. */
export function formatTime(ms: number): string {
  const at = new Date(ms);
  const two = (value: number): string => String(value).padStart(2, "0");
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

/** `3m ago`, `in 2h`. */
export function formatRelative(ms: number, now: number): string {
  const distance = formatDuration(Math.abs(ms - now));
  return ms > now ? `in ${distance}` : `${distance} ago`;
}

/** A point in time: `2h` (that long ago), `2026-11-20`, `2026-11-20 14:02`, or ISO 8601 with a zone; without one, local. */
export function parseTime(text: string, now: number): number {
  if (/^\d+(d|h|m|s)/.test(text)) return now - parseDuration(text);
  const local = /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(Z|[+-]\d{2}:\d{2})?)?$/.exec(text.trim());
  const at = local ? Date.parse(`${local[1]}T${local[2] ?? "00:00"}${local[3] ?? ""}`) : Number.NaN;
  if (Number.isNaN(at))
    throw new UsageError(`"${text}" is not a time`, 'Write 2h (ago), 2026-11-20, "2026-11-20 14:02" or 2026-11-20T14:02:00Z');
  return at;
}

/** `1.5 MiB`. */
export function formatBytes(bytes: number): string {
  let [value, unit] = [bytes, "B"];
  for (const next of ["KiB", "MiB", "GiB", "TiB"]) {
    if (value < 1024) break;
    [value, unit] = [value / 1024, next];
  }
  return unit === "B" ? `${value} B` : `${value.toFixed(value < 10 ? 1 : 0)} ${unit}`;
}
