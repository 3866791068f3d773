/** What the list is narrowed to, and its words in the address. */
import { useMemo } from "react";
import type { Result } from "../../api/client.ts";
import type { Sent } from "../../../../src/contract/types.ts";

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
function sinceOf({ when }: Filters): number | undefined {
  const ms = WHENS.find(([name]) => name === when)?.[2] ?? Infinity;
  return Number.isFinite(ms) ? Math.floor((Date.now() - ms) / 60_000) * 60_000 : undefined;
}

/** A name as the gate takes it; what is none yet narrows nothing. */
export function nameOf(text: string): string | undefined {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(text) ? text : undefined;
}

/** The same for as long as the filters are: "the last hour" is counted from when it was chosen. */
export function useQueryOf(filters: Filters, all: boolean): ReturnType<typeof queryOf> {
  const key = JSON.stringify(filters);
  return useMemo(() => queryOf(JSON.parse(key) as Filters, all), [key, all]);
}

/** What the gate is asked. Untrusted: anybody may have written the address. `all`: everybody's. */
function queryOf(filters: Filters, all: boolean): NonNullable<Sent<"sessions.search">["query"]> {
  const { words, end } = filters;
  const [who, target, since] = [nameOf(filters.who), nameOf(filters.target), sinceOf(filters)];
  const protocol = KINDS.map(([kind]) => kind).find((kind) => kind !== "" && kind === filters.kind);
  return {
    ...(all && { all }),
    ...(all && who !== undefined && { principal: who }),
    ...(words !== "" && { words: words.slice(0, 512) }),
    ...(target !== undefined && { target }),
    ...(since !== undefined && { since }),
    ...(protocol && { protocol }),
    ...(end === "live" && { live: true }),
    ...(end === "ended" && { live: false }),
    ...((end === "cut" || end === "lost") && { how: end }),
    limit: 100,
  };
}
