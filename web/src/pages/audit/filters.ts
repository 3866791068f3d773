/** Which entries are looked for: the address says it, the search is asked for it. */
import type { Sent } from "../../../../src/contract/types.ts";

export type SearchQuery = NonNullable<NonNullable<Sent<"audit.search">>["query"]>;

/** Names in the address. Times are as `2026-11-27T09:00` in the time of whoever looks, with a zone once they are in the address. */
export const FILTERS = [
  "words",
  "who",
  "target",
  "kind",
  "decision",
  "since",
  "until",
  "session",
  "grant",
  "request",
  "table",
  "column",
] as const;
export type Filter = (typeof FILTERS)[number];
export type Filters = Readonly<Record<Filter, string>>;

/** Untrusted: somebody's link. What is no time or decision is as if it were not there. */
export function queryOf(filters: Filters): SearchQuery {
  const { words, who, target, kind, decision, since, until, session, grant, request, table, column } = filters;
  const text = { words, target, session, grant, request, table, column };
  const query: Record<string, unknown> = Object.fromEntries(Object.entries(text).filter(([, value]) => value !== ""));
  if (who !== "") query["principal"] = who;
  const kinds = kind.split(/[\s,]+/).filter((each) => each !== "");
  if (kinds.length > 0) query["kinds"] = kinds;
  if (decision === "allow" || decision === "deny" || decision === "hold") query["decision"] = decision;
  for (const [name, value] of [
    ["since", since],
    ["until", until],
  ] as const) {
    const at = momentOf(value);
    if (at !== undefined) query[name] = at;
  }
  return query;
}

/** Browsers read much as a time that is none; this takes what `datetime-local` gives, and what is in the address. */
function momentOf(value: string): number | undefined {
  const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?Z?$/.test(value) ? Date.parse(value) : NaN;
  return at >= 0 ? at : undefined;
}

/** As `datetime-local` shows it: the time where the browser is. */
export function toLocal(value: string): string {
  const at = momentOf(value);
  if (at === undefined) return "";
  const date = new Date(at);
  return new Date(at - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** The same moment for everybody who opens the address. */
export function fromLocal(value: string): string {
  const at = momentOf(value);
  return at !== undefined ? new Date(at).toISOString().replace(":00.000Z", "Z") : "";
}
