import { useEffect, useState, useSyncExternalStore, type ReactNode } from "react";

const UNITS = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1_000],
] as const;

/** The two largest units: `1h 30m`, `45s`. Rounded down, so that no time is promised that is not left. */
export function formatDuration(ms: number): string {
  const parts: string[] = [];
  let rest = Math.max(0, ms);
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count}${unit}`);
    else if (parts.length > 0) break;
    if (parts.length === 2) break;
  }
  return parts.join(" ") || "0s";
}

export function formatBytes(bytes: number): string {
  let [value, unit] = [bytes, "B"];
  for (const next of ["KiB", "MiB", "GiB", "TiB"]) {
    if (value < 1024) break;
    [value, unit] = [value / 1024, next];
  }
  return unit === "B" ? `${value} B` : `${value.toFixed(value < 10 ? 1 : 0)} ${unit}`;
}

const second = {
  subscribe: (listener: () => void): (() => void) => {
    const timer = setInterval(listener, 1_000);
    return () => clearInterval(timer);
  },
  now: (): number => Math.floor(Date.now() / 1_000) * 1_000,
};

/** The time to the second, by this browser's clock. */
export function useNow(): number {
  return useSyncExternalStore(second.subscribe, second.now);
}

/** A moment, as `14:02:07` today and with its date otherwise; the whole of it in its title. */
export function Time({ at }: { readonly at: number }): ReactNode {
  const date = new Date(at);
  const today = new Date().toDateString() === date.toDateString();
  const time = date.toLocaleTimeString(undefined, { hour12: false });
  return (
    <time dateTime={date.toISOString()} title={date.toISOString()}>
      {today ? time : `${date.toLocaleDateString(undefined, { year: "numeric", month: "short", day: "numeric" })} ${time}`}
    </time>
  );
}

/** Clocks differ by a little: what is a second ahead is now. */
function wordsOf(ms: number): string {
  if (Math.abs(ms) <= 1_000) return "just now";
  return ms > 0 ? `in ${formatDuration(ms)}` : `${formatDuration(-ms)} ago`;
}

export function Ago({ at }: { readonly at: number }): ReactNode {
  const now = useNow();
  const date = new Date(at);
  return (
    <time dateTime={date.toISOString()} title={date.toLocaleString()}>
      {wordsOf(at - now)}
    </time>
  );
}

/** Counts down what the gate said was left, by elapsed time: neither clock needs to be right. */
export function Remaining({ ms }: { readonly ms: number }): ReactNode {
  const [since, setSince] = useState(() => performance.now());
  useEffect(() => setSince(performance.now()), [ms]);
  useNow();
  return <span>{formatDuration(ms - (performance.now() - since))}</span>;
}
