/** What the list is narrowed to, and its words in the address. */
import type { Result } from "../../api/client.ts";

export type Session = Result<"sessions.list">["sessions"][number];

export const WHENS = [
  ["", "Any time", Infinity],
  ["1h", "Last hour", 3_600_000],
  ["1d", "Last 24 hours", 86_400_000],
  ["7d", "Last 7 days", 604_800_000],
  ["30d", "Last 30 days", 2_592_000_000],
] as const;

export const ENDS = [
  ["", "Live or ended"],
  ["live", "Live now"],
  ["ended", "Ended"],
  ["cut", "Cut by the gate"],
  ["lost", "Lost with the gate"],
] as const;

export const KINDS = [
  ["", "Every kind"],
  ["ssh", "SSH"],
  ["postgres", "PostgreSQL"],
] as const;

export interface Filters {
  readonly words: string;
  readonly who: string;
  readonly target: string;
  readonly kind: string;
  readonly when: string;
  readonly end: string;
}

export function readFilters(of: (name: string) => string): Filters {
  return { words: of("words"), who: of("who"), target: of("target"), kind: of("kind"), when: of("when"), end: of("end") };
}

export function isNarrowed({ who, target, kind, when, end }: Filters): boolean {
  return [who, target, kind, when, end].some((value) => value !== "");
}

/** To the minute, so that the same page asks the same question. */
export function sinceOf({ when }: Filters): number | undefined {
  const ms = WHENS.find(([name]) => name === when)?.[2] ?? Infinity;
  return Number.isFinite(ms) ? Math.floor((Date.now() - ms) / 60_000) * 60_000 : undefined;
}

/** A name as the gate takes it; what is none yet narrows nothing. */
export function nameOf(text: string): string | undefined {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(text) ? text : undefined;
}

export function matches(session: Session, filters: Filters): boolean {
  const since = sinceOf(filters) ?? 0;
  if ((session.ended?.at ?? Infinity) < since) return false;
  if (filters.kind !== "" && session.protocol !== filters.kind) return false;
  if (filters.end === "" || (filters.end === "live") === (session.ended === undefined)) {
    return filters.end === "" || filters.end === "live";
  }
  return session.ended !== undefined && (filters.end === "ended" || session.ended.how === filters.end);
}
