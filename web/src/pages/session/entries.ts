/** What the gate tells of a session, as lines of its timeline: in words, each with what decided. */
import type { Result } from "../../api/client.ts";
import type { Tone } from "../../parts/badge.tsx";
import { formatBytes, formatDuration } from "../../parts/time.tsx";

export type Told = Result<"sessions.timeline">["entries"][number];
export type ToldOf<T extends Told["type"]> = Extract<Told, { type: T }>;

export interface Entry {
  readonly seq: number;
  readonly at: number;
  /** Microseconds since the recording's start; absent: before it began. */
  readonly atUs?: number | undefined;
  readonly tone: Tone;
  readonly title: string;
  /** What somebody wrote, or a machine: shown as it is. */
  readonly text?: string | undefined;
  readonly note?: string | undefined;
  /** The decision, and the rule that made it. */
  readonly decision?: string | undefined;
  readonly channel?: number | undefined;
}

type Words = Pick<Entry, "title"> & Partial<Pick<Entry, "text" | "note" | "tone">>;

/** How a command ended is a line of its own: it leads to that moment. */
export function entriesOf(told: readonly Told[]): Entry[] {
  return told
    .flatMap((each): Entry[] => {
      const { seq, time, atUs, decision, rule } = each;
      const { title, text, note, tone = "neutral" } = wordsOf(each);
      const entry: Entry = {
        seq,
        at: time,
        atUs,
        tone: decision === "deny" ? "bad" : decision === "hold" ? "warn" : tone,
        title,
        text,
        note: join(note, each.isCut && "cut here; the log has all of it"),
        decision: decision === undefined || rule === undefined ? decision : `${decision} · ${rule}`,
        channel: "channel" in each ? each.channel : undefined,
      };
      return each.type === "action" && each.ended ? [entry, endOf(each.ended, each.channel)] : [entry];
    })
    .sort((a, b) => a.seq - b.seq);
}

function endOf({ seq, time, atUs, status, signal, bytesIn, bytesOut }: NonNullable<ToldOf<"action">["ended"]>, channel: number): Entry {
  return {
    seq,
    at: time,
    atUs,
    channel,
    title: signal === undefined ? `Exit ${status ?? "without a status"}` : `Ended by ${signal}`,
    tone: (status ?? 0) === 0 && signal === undefined ? "neutral" : "warn",
    note: `${formatBytes(bytesIn)} in, ${formatBytes(bytesOut)} out`,
  };
}

const join = (...parts: readonly (string | undefined | false)[]): string | undefined =>
  parts.filter((part) => typeof part === "string" && part !== "").join(" · ") || undefined;

function wordsOf(told: Told): Words {
  switch (told.type) {
    case "request":
      return {
        title: `Asked for by ${told.by}`,
        text: told.reason,
        note: join(told.ticket, `${told.role} for ${formatDuration(told.durationMs)}`, told.approval),
      };
    case "approval":
      return told.verdict === "approved"
        ? { title: `Approved by ${told.by}`, tone: "good" }
        : { title: `Denied by ${told.by}`, text: told.reason, tone: "bad" };
    case "grant":
      return grantWords(told);
    case "started":
      return { title: "Connected", tone: "good", note: join(told.client, `as ${told.account} on ${told.address}`) };
    case "action":
      return actionWords(told);
    case "statement":
      return {
        title: told.preview ? "Tried out and undone" : "Statement",
        text: told.text,
        tone: told.outcome?.sqlstate === undefined ? "neutral" : "bad",
        note: told.outcome && join(outcomeOf(told.outcome), formatMs(told.outcome.durationMs)),
      };
    case "file":
      return fileWords(told);
    case "denial":
      return {
        title: told.what === "statement" ? "Refused" : `Refused: ${told.what}`,
        text: told.text ?? told.detail,
        note: join(told.code, told.text !== undefined && told.what !== "statement" && told.detail),
        tone: "bad",
      };
    case "hold":
      return holdWords(told);
    case "control":
      return CONTROL[told.change](told);
    case "moderator":
      return told.change === "joined"
        ? { title: `${told.by} moderates`, tone: "good" }
        : { title: `The moderator ${told.by} left`, tone: "warn" };
    case "watch":
      return { title: `${told.by} ${VIEWED[told.how]}`, tone: "info" };
    case "note":
      return { title: told.text, tone: told.isProblem ? "warn" : "neutral" };
    case "ended":
      return {
        title: ENDED[told.how],
        tone: told.how === "closed" ? "neutral" : "bad",
        text: told.detail,
        note: join(told.code, `after ${formatDuration(told.durationMs)}`),
      };
  }
}

const ENDED: Readonly<Record<ToldOf<"ended">["how"], string>> = {
  closed: "Closed",
  cut: "Cut by the gate",
  lost: "Lost: the gate itself went down",
};
const VIEWED: Readonly<Record<ToldOf<"watch">["how"], string>> = {
  replay: "watched",
  search: "searched what was shown",
  export: "replayed it",
};
const GRANTS: Readonly<Record<ToldOf<"grant">["change"], string>> = {
  started: "Access began",
  extended: "Access extended",
  narrowed: "Access narrowed",
  ended: "Access ended",
  "break-glass": "Access by breaking glass",
  reviewed: "Breaking glass was reviewed",
};
const CONTROL: Readonly<Record<ToldOf<"control">["change"], (told: ToldOf<"control">) => Words>> = {
  frozen: ({ by, text }) => ({ title: `Frozen by ${by}`, text, tone: "warn" }),
  thawed: ({ by, text }) => ({ title: `Thawed by ${by}`, text, tone: "good" }),
  messaged: ({ by, text }) => ({ title: `Message from ${by}`, text, tone: "info" }),
  "kill-asked": ({ by, text }) => ({ title: `Killed by ${by}`, text, tone: "bad" }),
};

function grantWords({ change, by, until, reason, time }: ToldOf<"grant">): Words {
  const title = by === undefined ? GRANTS[change] : `${GRANTS[change]} by ${by}`;
  // Of its beginning the reason is the request's.
  const text = change === "started" ? undefined : reason;
  const note = until === undefined ? undefined : `for ${formatDuration(Math.ceil(Math.max(0, until - time) / 1_000) * 1_000)}`;
  return { title, text, note, tone: change === "break-glass" ? "warn" : "neutral" };
}

function actionWords({ what, text, terminal }: ToldOf<"action">): Words {
  const note = terminal === undefined ? "without a terminal" : undefined;
  if (what === "shell") return { title: "Shell", note };
  if (what === "exec") return { title: "Command", text, note };
  if (what === "signal") return { title: `Signal ${text}` };
  return { title: text === "sftp" ? "File transfer (SFTP)" : `Subsystem ${text}` };
}

function fileWords({ operation, path, to, closed, failed }: ToldOf<"file">): Words {
  const text = to === undefined ? path : `${path} → ${to}`;
  if (failed !== undefined) return { title: `File: ${operation}`, text, note: `failed: ${failed}`, tone: "warn" };
  if (!closed) return { title: operation === "list" ? "Lists a folder" : `File: ${operation}`, text };
  const { bytesRead, bytesWritten, outcome } = closed;
  const isPart = outcome === "partial";
  return {
    title: bytesWritten > 0 ? `Uploaded ${formatBytes(bytesWritten)}` : `Downloaded ${formatBytes(bytesRead)}`,
    text,
    note: isPart ? "not to its end" : undefined,
    tone: isPart ? "warn" : "neutral",
  };
}

function holdWords({ change, by, reason, hold, rows, noPreview, isPart }: ToldOf<"hold">): Words {
  if (change === "held") {
    return { title: "Waits for an approver", note: join(hold, rows !== undefined && `would change ${rows} rows`, noPreview), tone: "warn" };
  }
  if (change === "approved") return { title: `Approved by ${by}`, note: join(hold, isPart && "others have to approve too"), tone: "good" };
  if (change === "denied") return { title: `Denied by ${by}`, text: reason, note: hold, tone: "bad" };
  return { title: "Nobody decided", text: reason, note: hold, tone: "warn" };
}

export function outcomeOf({ sqlstate, rows, skipped }: NonNullable<ToldOf<"statement">["outcome"]>): string {
  if (sqlstate !== undefined) return `error ${sqlstate}`;
  return skipped ? "skipped" : `${rows} ${rows === 1 ? "row" : "rows"}`;
}

export function formatMs(ms: number): string {
  if (ms < 1) return `${Math.round(ms * 1_000)} µs`;
  return ms < 1_000 ? `${ms.toFixed(ms < 10 ? 1 : 0)} ms` : ms < 10_000 ? `${(ms / 1_000).toFixed(1)} s` : formatDuration(ms);
}
