/**
 * What was done in a database session, from its events: each statement with what became of it, in order. Pure.
 * Untrusted: texts, tags and errors are what somebody and their server wrote; they are made safe where they are shown.
 */
import type { z } from "zod";
import type { eventView } from "../../contract/audit.ts";

export type EventView = z.output<typeof eventView>;

export interface StatementEntry {
  /** Of the session, from 1; absent: refused before it had one. */
  readonly number?: number;
  readonly seq: number;
  /** Milliseconds since the session's start. */
  readonly offsetMs: number;
  readonly decision?: EventView["decision"];
  readonly rule?: string;
  /** Absent: erased, or not recorded. */
  readonly statement?: string;
  readonly classes: readonly string[];
  readonly relations: readonly string[];
  readonly parameters?: readonly unknown[];
  readonly withheld?: number;
  /** It was tried out and undone. */
  readonly isPreview?: true;
  /** Why it did not reach the target. */
  readonly refused?: { readonly code: string; readonly detail: string };
  readonly outcome?: Readonly<Record<string, unknown>>;
  /** It waited, and these said yes. */
  readonly hold?: { readonly id: string; readonly approvedBy: readonly string[] };
}

/** `events`: of one session, oldest first. */
export function statementEntries(events: readonly EventView[], startedAt: number): readonly StatementEntry[] {
  const outcomes = new Map<number, Readonly<Record<string, unknown>>>();
  for (const { kind, body } of events) {
    const number = body?.["number"];
    if (kind === "sql.outcome" && body && typeof number === "number") outcomes.set(number, body);
  }
  const approvers = approversOfHolds(events);
  return events.flatMap((event) => {
    const { kind, seq, time, decision, rule, body = {} } = event;
    if (kind !== "sql.statement" && kind !== "sql.refused") return [];
    const number = body["number"];
    const outcome = typeof number === "number" ? outcomes.get(number) : undefined;
    const { statement, keyword, withheld, parameters, hold } = body;
    const text = typeof statement === "string" ? statement : typeof keyword === "string" ? `${keyword} …` : undefined;
    return [
      {
        ...(typeof number === "number" && { number }),
        seq,
        offsetMs: Math.max(0, time - startedAt),
        ...(decision !== undefined && { decision }),
        ...(rule !== undefined && { rule }),
        ...(text !== undefined && { statement: text }),
        classes: textsOf(body["classes"]),
        relations: textsOf(body["relations"]),
        ...(Array.isArray(parameters) && { parameters: parameters as readonly unknown[] }),
        ...(typeof withheld === "number" && { withheld }),
        ...(body["preview"] === true && { isPreview: true as const }),
        ...(kind === "sql.refused" && { refused: { code: textOf(body["code"]), detail: textOf(body["detail"]) } }),
        ...(outcome && { outcome }),
        ...(typeof hold === "string" && { hold: { id: hold, approvedBy: approvers.get(hold) ?? [] } }),
      },
    ];
  });
}

/** Who said yes to each action that waited, in their order. */
function approversOfHolds(events: readonly EventView[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const { kind, body, principal = "somebody" } of events) {
    const hold = body?.["hold"];
    if (kind === "action.approved" && typeof hold === "string") found.set(hold, [...(found.get(hold) ?? []), principal]);
  }
  return found;
}

/** How many statements had each effect, and how many named each table; most first. */
export function countNamed(entries: readonly StatementEntry[], what: "classes" | "relations"): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const entry of entries) for (const name of new Set(entry[what])) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort(([a, more], [b, less]) => less - more || (a < b ? -1 : 1));
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
