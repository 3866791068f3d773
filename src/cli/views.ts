/** How requests, grants, sessions and the rest read as text. Names come from the contract, never retyped. */
import type { z } from "zod";
import type { grantView } from "../contract/grants.ts";
import type { holdView } from "../contract/holds.ts";
import type { lockView } from "../contract/locks.ts";
import type { requestView } from "../contract/requests.ts";
import type { sessionView } from "../contract/sessions.ts";
import type { targetView } from "../contract/targets.ts";
import { formatBytes, formatDuration, formatRelative, formatTime } from "./duration.ts";
import type { Cell, Output } from "./output.ts";

export type RequestView = z.output<typeof requestView>;
export type GrantView = z.output<typeof grantView>;
export type SessionView = z.output<typeof sessionView>;
export type TargetView = z.output<typeof targetView>;
export type LockView = z.output<typeof lockView>;
export type HoldView = z.output<typeof holdView>;

export function targetsOf(of: { readonly scope: readonly { readonly target: string }[] }): string {
  const names = of.scope.map((each) => each.target);
  return names.length <= 3 ? names.join(", ") : `${names.slice(0, 2).join(", ")} and ${names.length - 2} more`;
}

function stateOf({ state }: { readonly state: string }): Cell {
  const style = ({ pending: "yellow", approved: "green", active: "green", denied: "red" } as const)[state];
  return { text: state, style: style ?? "dim" };
}

export function requestTable(out: Output, requests: readonly RequestView[], now: number, whenEmpty = "No requests."): string {
  return out.table(
    ["ID", "STATE", "WHO", "ROLE", "TARGETS", "FOR", "ASKED", "REASON"],
    requests.map((each) => [
      each.id,
      each.type === "break-glass" ? { text: `${each.state}!`, style: "red" } : stateOf(each),
      each.actsFor === undefined ? each.requester : `${each.requester} for ${each.actsFor}`,
      each.role,
      targetsOf(each),
      formatDuration(each.durationMs),
      formatRelative(each.createdAt, now),
      each.ticket === undefined ? each.reason : `${each.ticket}: ${each.reason}`,
    ]),
    whenEmpty,
  );
}

/** `lea; still needed: 1 of security`. */
export function approvedBy({
  approvals,
  missing,
}: {
  readonly approvals: readonly { readonly by: string }[];
  readonly missing?: string;
}): string {
  if (approvals.length === 0) return "";
  const names = approvals.map(({ by }) => by).join(", ");
  return missing === undefined ? names : `${names}; still needed: ${missing}`;
}

export function requestFacts(out: Output, each: RequestView, now: number): string {
  return out.facts([
    ["request", each.id],
    ["state", stateOf(each)],
    ["type", each.type === "ordinary" ? undefined : each.type],
    ["who", each.actsFor === undefined ? each.requester : `${each.requester}, for ${each.actsFor}`],
    ["role", each.role],
    ...each.allows.map((line, index): readonly [string, Cell] => [index === 0 ? "allows" : "", line]),
    ["targets", each.scope.map(({ target, account }) => `${target} (as ${account})`).join(", ")],
    ["for", formatDuration(each.durationMs)],
    ["reason", each.reason],
    ["ticket", each.ticket],
    ["asked", `${formatTime(each.createdAt)} (${formatRelative(each.createdAt, now)})`],
    ["needs", each.demands.join("; ") || "no approval"],
    ["approved by", approvedBy(each)],
    ["lapses", each.state === "pending" ? formatRelative(each.lapsesAt, now) : undefined],
    ["grant", each.grant],
    ["closed by", each.closedBy],
    ["because", each.closedReason],
  ]);
}

/** Of a statement, in a list. */
const STATEMENT_SHOWN = 60;

export function statementInShort(sql: string): string {
  const line = sql.trim().replaceAll(/\s+/g, " ");
  return line.length > STATEMENT_SHOWN ? `${line.slice(0, STATEMENT_SHOWN - 1)}…` : line;
}

export function waitingTable(
  out: Output,
  holds: readonly Pick<HoldView, "id" | "principal" | "target" | "what" | "lapsesAt">[],
  now: number,
): string {
  return out.table(
    ["ID", "WHO", "TARGET", "STATEMENT", "LEFT"],
    holds.map(({ id, principal, target, what, lapsesAt }) => [
      id,
      principal,
      target,
      statementInShort(what),
      formatDuration(Math.max(lapsesAt - now, 0)),
    ]),
  );
}

export function grantTable(out: Output, grants: readonly GrantView[], now: number, whenEmpty = "No grants."): string {
  return out.table(
    ["ID", "STATE", "WHO", "ROLE", "TARGETS", "LEFT", "APPROVED BY", "REASON"],
    grants.map((each) => [
      each.id,
      stateOf(each),
      each.principal,
      each.role,
      targetsOf(each),
      each.state === "active"
        ? formatDuration(each.remainingMs)
        : `${each.endedHow ?? "ended"} ${formatRelative(each.endedAt ?? each.end, now)}`,
      each.breakGlass
        ? { text: `break-glass, ${each.breakGlass.verdict ?? "not reviewed"}`, style: "red" }
        : each.approvers.join(", ") || "–",
      each.reason,
    ]),
    whenEmpty,
  );
}

export function grantFacts(out: Output, each: GrantView, now: number): string {
  const { bytes, seconds, sessions, recordingBytes } = each.budget;
  return out.facts([
    ["grant", each.id],
    ["state", stateOf(each)],
    ["who", each.principal],
    ["role", each.role],
    ["targets", each.scope.map(({ target, account, rule }) => `${target} (as ${account}, rule ${rule})`).join(", ")],
    ["reason", each.reason],
    ["ticket", each.ticket],
    ["from", formatTime(each.start)],
    ["until", each.state === "active" ? `${formatTime(each.end)} (${formatDuration(each.remainingMs)} left)` : formatTime(each.end)],
    ["ended", each.endedAt === undefined ? undefined : `${formatTime(each.endedAt)} (${each.endedHow ?? ""}) ${each.endedReason ?? ""}`],
    ["approved by", each.approvers.join(", ")],
    [
      "used",
      `${formatBytes(each.used.bytes)}${of(bytes, formatBytes)}, ${formatDuration(each.used.seconds * 1000)}${of(seconds, (s) => formatDuration(s * 1000))}`,
    ],
    ["sessions at once", sessions],
    ["recording limit", recordingBytes === undefined ? undefined : formatBytes(recordingBytes)],
    ["self-extensions left", each.selfExtensionsLeft],
    [
      "break-glass",
      each.breakGlass && `opened ${formatRelative(each.breakGlass.openedAt, now)}, ${each.breakGlass.verdict ?? "not reviewed yet"}`,
    ],
  ]);
}

function of(limit: number | undefined, format: (value: number) => string): string {
  return limit === undefined ? "" : ` of ${format(limit)}`;
}

export function sessionTable(out: Output, sessions: readonly SessionView[], now: number): string {
  return out.table(
    ["ID", "WHO", "TARGET", "STARTED", "LASTED", "IN / OUT", "ENDED", "REC"],
    sessions.map((each) => [
      each.id,
      each.principal,
      each.target,
      formatTime(each.startedAt),
      formatDuration(each.ended ? each.ended.durationMs : now - each.startedAt),
      each.ended ? `${formatBytes(each.ended.bytesIn)} / ${formatBytes(each.ended.bytesOut)}` : undefined,
      each.ended ? endOf(each.ended) : liveState(each),
      each.recording === undefined ? "–" : "yes",
    ]),
    "No sessions.",
  );
}

/** `more`: what is known of sessions of its protocol. */
export function sessionFacts(out: Output, each: SessionView, now: number, more: readonly (readonly [string, Cell])[] = []): string {
  return out.facts([
    ["session", each.id],
    ["who", each.principal],
    ["target", each.target],
    ["grant", each.grant],
    ["protocol", each.protocol],
    ["from", each.remote],
    ["started", `${formatTime(each.startedAt)} (${formatRelative(each.startedAt, now)})`],
    ["ended", each.ended ? `${formatTime(each.ended.at)} (${endOf(each.ended)})` : liveState(each)],
    ["frozen", each.frozen && `by ${each.frozen.by}, ${formatRelative(each.frozen.at, now)}: ${each.frozen.reason}`],
    ["watched by", each.watchers?.map(({ who }) => who).join(", ")],
    [
      "moderated by",
      each.moderation &&
        (each.moderation.present.map(({ who }) => who).join(", ") || `nobody: it waits for ${each.moderation.by.join(", ")}`),
    ],
    ["lasted", formatDuration(each.ended ? each.ended.durationMs : now - each.startedAt)],
    ["in / out", each.ended && `${formatBytes(each.ended.bytesIn)} / ${formatBytes(each.ended.bytesOut)}`],
    ["recording", each.recording],
    ...more,
  ]);
}

function liveState({ frozen }: SessionView): Cell {
  return frozen ? { text: "frozen", style: "yellow" } : { text: "live", style: "green" };
}

function endOf({ how, code, detail }: NonNullable<SessionView["ended"]>): string {
  return [how, code, detail].filter((part) => part !== undefined).join(": ");
}

export function labelsOf(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(" ");
}

export function lockTable(out: Output, locks: readonly LockView[], now: number): string {
  return out.table(
    ["ID", "WHAT", "BY", "SINCE", "UNTIL", "REASON"],
    locks.map(({ id, subject, by, createdAt, until, reason }) => [
      id,
      { text: subject.kind === "gate" ? "the gate" : `${subject.kind} ${subject.name}`, style: "red" },
      by,
      formatRelative(createdAt, now),
      until === undefined ? "lifted" : formatTime(until),
      reason,
    ]),
    "No locks.",
  );
}
