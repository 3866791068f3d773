/** The events of a session as lines of its timeline: in words, with what decided, and when in the recording it was. */
import type { Result } from "../../api/client.ts";
import type { Tone } from "../../parts/badge.tsx";
import { formatBytes, formatDuration } from "../../parts/time.tsx";

export type SessionEvent = Result<"sessions.events">[number];

export interface Entry {
  readonly seq: number;
  readonly at: number;
  /** Microseconds since the recording's start, which is the session's. */
  readonly atUs: number;
  readonly tone: Tone;
  readonly title: string;
  /** What somebody wrote, or a machine: shown as it is. */
  readonly text?: string | undefined;
  readonly note?: string | undefined;
  /** The decision, and the rule that made it. */
  readonly decision?: string | undefined;
  readonly channel?: number | undefined;
}

type Body = Readonly<Record<string, unknown>>;
type Words = Pick<Entry, "title"> & Partial<Pick<Entry, "text" | "note" | "tone">>;

/** Of bookkeeping there is nothing to tell. */
const UNTOLD = /^(recording\.(chunk|started|finished)|sql\.outcome|file\.outcome|certificate\.|token\.)/;

export function entriesOf(events: readonly SessionEvent[], startedAt: number): Entry[] {
  const outcomes = new Map(events.filter(({ kind }) => kind === "sql.outcome").map(({ body }) => [body?.["number"], body]));
  return events.filter(isTold).map((event): Entry => {
    const { seq, time, kind, rule, decision, principal, body = {} } = event;
    const words =
      event.body === undefined ? { title: `Erased: ${kind}` } : (WORDS[kind] ?? otherWords)(body, { kind, principal, outcomes });
    const channel = numberOf(body, "channel");
    const { title, text, note, tone = toneOf(kind, decision) } = words;
    const decided = decision === undefined || rule === undefined ? decision : `${decision} · ${rule}`;
    return { seq, at: time, atUs: Math.max(0, time - startedAt) * 1_000, tone, title, text, note, decision: decided, channel };
  });
}

function isTold({ kind, body }: SessionEvent): boolean {
  // A file's close says more than its opening, and comes also where the session ended.
  return !UNTOLD.test(kind) && !(kind === "file.open" && body?.["mode"] === undefined);
}

function toneOf(kind: string, decision: string | undefined): Tone {
  if (decision === "deny" || /refused|denied|killed|kill-asked|failed/.test(kind)) return "bad";
  if (decision === "hold" || /held|frozen|lapsed|left|limit|cancel/.test(kind)) return "warn";
  if (/approved|thawed|started/.test(kind)) return "good";
  return "neutral";
}

interface About {
  readonly kind: string;
  readonly principal: string | undefined;
  readonly outcomes: ReadonlyMap<unknown, Body | undefined>;
}

const textOf = (body: Body, name: string): string | undefined => (typeof body[name] === "string" ? body[name] : undefined);
const numberOf = (body: Body, name: string): number | undefined => (typeof body[name] === "number" ? body[name] : undefined);
const join = (...parts: readonly (string | undefined | false)[]): string | undefined =>
  parts.filter((part) => typeof part === "string" && part !== "").join(" · ") || undefined;

const WORDS: Readonly<Record<string, (body: Body, about: About) => Words>> = {
  "session.started": (body) => ({
    title: "Connected",
    note: join(textOf(body, "client"), `as ${textOf(body, "account")} on ${textOf(body, "address")}`),
  }),
  "session.ended": (body) => ({
    title: ENDED[textOf(body, "how") ?? ""] ?? "Ended",
    tone: body["how"] === "closed" ? "neutral" : "bad",
    text: textOf(body, "detail"),
    note: join(textOf(body, "code"), `after ${formatDuration(numberOf(body, "durationMs") ?? 0)}`),
  }),
  "session.kill-asked": (body) => ({ title: `Killed by ${textOf(body, "by")}`, text: textOf(body, "reason") }),
  "session.frozen": (body, { principal }) => ({ title: `Frozen by ${textOf(body, "by") ?? principal}`, text: textOf(body, "reason") }),
  "session.thawed": (body, { principal }) => ({ title: `Thawed by ${textOf(body, "by") ?? principal}`, text: textOf(body, "reason") }),
  "session.messaged": (body, { principal }) => ({
    title: `Message from ${textOf(body, "by") ?? principal}`,
    text: textOf(body, "text"),
    tone: "info",
  }),
  "action.held": (body) => ({
    title: "Waits for an approver",
    note: join(
      textOf(body, "hold"),
      body["rows"] !== undefined && `would change ${numberOf(body, "rows")} rows`,
      textOf(body, "noPreview"),
    ),
  }),
  "action.approved": (body, { principal }) => ({
    title: `Approved by ${principal}`,
    note: join(textOf(body, "hold"), body["complete"] === false && "others have to approve too"),
  }),
  "action.denied": (body, { principal }) => ({ title: `Denied by ${principal}`, text: textOf(body, "reason"), note: textOf(body, "hold") }),
  "action.lapsed": (body) => ({ title: "Nobody decided", text: textOf(body, "reason"), note: textOf(body, "hold") }),
  "ssh.shell": (body) => ({ title: "Shell", note: terminalOf(body) }),
  "ssh.exec": (body) => ({ title: "Command", text: textOf(body, "command"), note: terminalOf(body) }),
  "ssh.subsystem": (body) => ({ title: textOf(body, "name") === "sftp" ? "File transfer (SFTP)" : `Subsystem ${textOf(body, "name")}` }),
  "ssh.signal": (body) => ({ title: `Signal ${textOf(body, "signal")}` }),
  "ssh.exit": (body) => ({
    title: body["signal"] === undefined ? `Exit ${numberOf(body, "status") ?? "without a status"}` : `Ended by ${textOf(body, "signal")}`,
    tone: (body["status"] ?? 0) === 0 && body["signal"] === undefined ? "neutral" : "warn",
    note: `${formatBytes(numberOf(body, "bytesIn") ?? 0)} in, ${formatBytes((numberOf(body, "bytesOut") ?? 0) + (numberOf(body, "bytesError") ?? 0))} out`,
  }),
  "ssh.refused": (body) => ({
    title: `Refused: ${textOf(body, "request")}`,
    text: textOf(body, "path") ?? textOf(body, "detail"),
    note: join(textOf(body, "code"), body["path"] !== undefined && textOf(body, "detail")),
  }),
  "ssh.cleanup": (body) => ({
    title: body["outcome"] === "left" ? "Processes were left behind" : "Processes cleaned up",
    tone: body["outcome"] === "left" ? "warn" : "neutral",
    text: Array.isArray(body["processes"]) ? body["processes"].map(String).join(", ") : undefined,
    note: textOf(body, "detail"),
  }),
  "file.open": (body) => ({ title: `Opens a file to ${textOf(body, "mode")}`, text: textOf(body, "path") }),
  "file.list": (body) => ({ title: "Lists a folder", text: textOf(body, "path") }),
  "file.change": (body) => ({
    title: `File: ${textOf(body, "operation")}`,
    text: body["to"] === undefined ? textOf(body, "path") : `${textOf(body, "path")} → ${textOf(body, "to")}`,
  }),
  "file.close": (body) => {
    const [read, written] = [numberOf(body, "bytesRead") ?? 0, numberOf(body, "bytesWritten") ?? 0];
    return {
      title: written > 0 ? `Uploaded ${formatBytes(written)}` : `Downloaded ${formatBytes(read)}`,
      text: textOf(body, "path"),
      note: body["outcome"] === "partial" ? "not to its end" : undefined,
      tone: body["outcome"] === "partial" ? "warn" : "neutral",
    };
  },
  "sql.statement": (body, { outcomes }) => {
    const outcome = outcomes.get(body["number"]);
    const state = outcome && textOf(outcome, "sqlstate");
    return {
      title: body["preview"] === true ? "Tried out and undone" : "Statement",
      text: textOf(body, "statement"),
      tone: state === undefined ? "neutral" : "bad",
      note: join(
        state !== undefined ? `error ${state}` : outcome && `${String(outcome["rows"])} rows`,
        outcome && formatMs(numberOf(outcome, "durationMs") ?? 0),
      ),
    };
  },
  "sql.refused": (body) => ({ title: "Refused", text: textOf(body, "statement") ?? textOf(body, "detail"), note: textOf(body, "code") }),
  "sql.limit-reached": (body) => ({ title: `Stopped at a limit: ${textOf(body, "limit")}`, note: `most ${String(body["most"])}` }),
  "sql.cancel-asked": () => ({ title: "Asked to cancel" }),
  "recording.viewed": (body, { principal }) => ({
    title: `${principal} ${VIEWED[textOf(body, "how") ?? ""] ?? "looked at"} the recording`,
    tone: "info",
  }),
  "recording.recovered": () => ({ title: "The recording was recovered after the gate went down", tone: "warn" }),
  "recording.failed": (body) => ({ title: "The recording failed", text: textOf(body, "detail") }),
};

const ENDED: Readonly<Record<string, string>> = {
  closed: "Closed",
  cut: "Cut by the gate",
  lost: "Lost: the gate itself went down",
};
const VIEWED: Readonly<Record<string, string>> = { replay: "watched", search: "searched", export: "replayed", live: "watched live" };

/** What is not told in words yet is told by its name and what it says. */
function otherWords(body: Body, { kind }: About): Words {
  const said = Object.entries(body)
    .filter(([, value]) => typeof value === "string" || typeof value === "number")
    .map(([name, value]) => `${name} ${String(value)}`);
  return { title: kind.replace(/[.-]/g, " ").replace(/^./, (first) => first.toUpperCase()), text: said.join(", ").slice(0, 500) };
}

function terminalOf(body: Body): string | undefined {
  return body["term"] === undefined ? "without a terminal" : undefined;
}

export function formatMs(ms: number): string {
  if (ms < 1) return `${Math.round(ms * 1_000)} µs`;
  return ms < 1_000 ? `${ms.toFixed(ms < 10 ? 1 : 0)} ms` : ms < 10_000 ? `${(ms / 1_000).toFixed(1)} s` : formatDuration(ms);
}
