/** What the gate counted, as charts take it, and what each of them shows in a sentence. */
import type { Result } from "../../api/client.ts";
import type { Bar } from "../../charts/bars.tsx";
import { formatDuration } from "../../parts/time.tsx";

export type Stats = Result<"stats.show">;

const STEP_MS = { hour: 3_600_000, day: 86_400_000 } as const;

/** A bar for each stretch, those without a session too. */
export function sessionBars({ since, until, by, sessions }: Stats): Bar[] {
  const step = STEP_MS[by];
  const first = Math.floor(since / step) * step;
  const counts = new Map<number, number>();
  for (const { at, count } of sessions) {
    const stretch = Math.floor(at / step) * step;
    counts.set(stretch, (counts.get(stretch) ?? 0) + count);
  }
  const length = Math.max(1, Math.ceil((until - first) / step));
  return Array.from({ length }, (_, index) => {
    const at = first + index * step;
    return { label: labelOf(at, by), value: counts.get(at) ?? 0 };
  });
}

/** `27 Nov`, `27 Nov 14:00`: in UTC, as the gate counts. */
function labelOf(at: number, by: Stats["by"]): string {
  const date = new Date(at);
  const day = date.toLocaleDateString("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
  return by === "day" ? day : `${day} ${String(date.getUTCHours()).padStart(2, "0")}:00`;
}

export function sessionsFinding(bars: readonly Bar[]): string {
  const total = bars.reduce((sum, { value }) => sum + value, 0);
  if (total === 0) return "No sessions in this time";
  const most = bars.reduce((a, b) => (b.value > a.value ? b : a));
  const what = total === 1 ? "One session" : `${total.toLocaleString("en")} sessions`;
  return most.value === total ? `${what}, on ${most.label}` : `${what}, most of them on ${most.label}: ${most.value}`;
}

export function approvalBars({ approvals: { histogram } }: Stats): Bar[] {
  return histogram.map(({ upToMs, count }, index) => {
    const before = histogram[index - 1]?.upToMs;
    const label = upToMs !== undefined ? `≤ ${formatDuration(upToMs)}` : before === undefined ? "all" : `> ${formatDuration(before)}`;
    return { label, value: count };
  });
}

export function approvalsFinding({ approvals: { count, medianMs, p90Ms } }: Stats): string {
  if (count === 0 || medianMs === undefined) return "Nothing was approved in this time";
  if (count === 1) return `One request was approved, within ${durationOf(medianMs)}`;
  const nine = p90Ms === undefined ? "" : `, nine of ten within ${durationOf(p90Ms)}`;
  return `Half of ${count.toLocaleString("en")} approvals came within ${durationOf(medianMs)}${nine}`;
}

/** Nothing takes no time. */
function durationOf(ms: number): string {
  return formatDuration(Math.max(1_000, ms));
}

export function targetsFinding({ targets }: Stats): string {
  const [first] = targets;
  if (!first) return "No target was used in this time";
  const total = targets.reduce((sum, { sessions }) => sum + sessions, 0);
  const share = Math.round((100 * first.sessions) / Math.max(1, total));
  return targets.length === 1 ? `All sessions were on ${first.target}` : `${first.target} had ${share} % of the sessions`;
}

export function denialsFinding({ denials }: Stats): string {
  const total = denials.reduce((sum, { count }) => sum + count, 0);
  const [first] = denials.toSorted((a, b) => b.count - a.count);
  if (!first) return "Nothing was refused in this time";
  return `${total.toLocaleString("en")} refusals, most for ${first.code}: ${first.count}`;
}
