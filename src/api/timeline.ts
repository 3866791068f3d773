/**
 * The events of a session, and of what led to it, as entries of its timeline. Pure.
 *
 * Untrusted: commands, statements, paths and reasons are what somebody wrote; each leaves here as plain text of a bounded
 * length, and says so where it was cut. An outcome is told with what it is the outcome of, and nowhere else.
 */
import type { AuditEvent, LoggedEvent } from "../audit/event.ts";
import type { Reply } from "../contract/types.ts";
import { plainLines } from "../kernel/plain-text.ts";

export type TimelineEntry = Reply<"sessions.timeline">["entries"][number];
type About = Pick<TimelineEntry, "seq" | "time" | "atUs" | "decision" | "rule">;
type WithBody<K extends AuditEvent["kind"]> = Extract<AuditEvent, { kind: K }>;

/** Of one text; the whole is in the log. */
const MAX_TEXT = 16_384;
const MAX_LIST = 100;

/** What a page of the timeline is made of. */
export const TIMELINE_KINDS = [
  "session.started",
  "session.ended",
  "session.frozen",
  "session.thawed",
  "session.messaged",
  "session.moderator-joined",
  "session.moderator-left",
  "session.kill-asked",
  "ssh.shell",
  "ssh.exec",
  "ssh.subsystem",
  "ssh.signal",
  "ssh.refused",
  "ssh.cleanup",
  "file.open",
  "file.list",
  "file.change",
  "sql.statement",
  "sql.refused",
  "sql.cancel-asked",
  "sql.limit-reached",
  "action.held",
  "action.approved",
  "action.denied",
  "action.lapsed",
  "recording.viewed",
  "recording.failed",
  "recording.recovered",
  "database.role-made",
  "database.role-dropped",
  "database.role-left",
] as const satisfies readonly AuditEvent["kind"][];

/** What became of it: told with it. */
export const OUTCOME_KINDS = ["ssh.exit", "file.close", "file.outcome", "sql.outcome"] as const satisfies readonly AuditEvent["kind"][];

/** What led to it. */
export const ACCESS_KINDS = [
  "request.created",
  "request.approved",
  "request.denied",
  "grant.started",
  "grant.extended",
  "grant.narrowed",
  "grant.ended",
  "break-glass.opened",
  "break-glass.reviewed",
] as const satisfies readonly AuditEvent["kind"][];

/** `startedAt`: of the session, in milliseconds since the epoch. `outcomes`: in the order of the log. */
export function timelineEntries(
  events: readonly LoggedEvent[],
  outcomes: readonly LoggedEvent[],
  startedAt: number,
): readonly TimelineEntry[] {
  const found = new Outcomes(outcomes, startedAt);
  return events.flatMap((event) => {
    if (event.body === undefined) return [{ ...aboutOf(event, startedAt), type: "note" as const, text: `Erased: ${event.kind}` }];
    const entry = entryOf(event, aboutOf(event, startedAt), found);
    return entry === undefined ? [] : [entry];
  });
}

function aboutOf({ seq, time, decision, rule }: LoggedEvent, startedAt: number): About {
  return { seq, time, ...momentOf(time, startedAt), ...(decision && { decision }), ...(rule !== undefined && { rule: shown(rule) }) };
}

function momentOf(time: number, startedAt: number): { atUs?: number } {
  return time < startedAt ? {} : { atUs: (time - startedAt) * 1000 };
}

function entryOf(logged: LoggedEvent, about: About, outcomes: Outcomes): TimelineEntry | undefined {
  const event = logged as LoggedEvent & AuditEvent;
  const who = shown(event.principal ?? "somebody");
  switch (event.kind) {
    case "request.created": {
      const { reason, ticket, role, targets, durationMs, approval } = event.body;
      const more = { ...optional("ticket", ticket), ...optional("approval", approval) };
      return { ...about, type: "request", by: who, reason: shown(reason), role, targets: listed(targets), durationMs, ...more };
    }
    case "request.approved":
      return { ...about, type: "approval", by: event.body.approver, verdict: "approved" };
    case "request.denied":
      return { ...about, type: "approval", by: event.body.approver, verdict: "denied", reason: shown(event.body.reason) };
    case "grant.started":
      return { ...about, type: "grant", change: "started", until: event.body.end, reason: shown(event.body.reason) };
    case "break-glass.opened":
      return { ...about, type: "grant", change: "break-glass", until: event.body.end, reason: shown(event.body.reason) };
    case "grant.extended":
      return { ...about, type: "grant", change: "extended", until: event.body.until };
    case "grant.narrowed":
      return { ...about, type: "grant", change: "narrowed", by: event.body.by, until: event.body.until, reason: shown(event.body.reason) };
    case "grant.ended": {
      const { how, reason, by } = event.body;
      return { ...about, type: "grant", change: "ended", ...optional("by", by), reason: shown(reason === "" ? how : `${how}: ${reason}`) };
    }
    case "break-glass.reviewed": {
      const { reviewer, verdict, note } = event.body;
      return { ...about, type: "grant", change: "reviewed", by: reviewer, reason: shown(`${verdict}: ${note}`) };
    }
    case "session.started": {
      const { client, remote, account, address } = event.body;
      return { ...about, type: "started", client: shown(client), remote, account, address };
    }
    case "session.frozen":
    case "session.thawed":
    case "session.kill-asked": {
      const change = event.kind === "session.frozen" ? "frozen" : event.kind === "session.thawed" ? "thawed" : "kill-asked";
      return { ...about, type: "control", change, by: shown(event.body.by), text: shown(event.body.reason) };
    }
    case "session.messaged":
      return { ...about, type: "control", change: "messaged", by: shown(event.body.by), text: shown(event.body.text) };
    case "session.moderator-joined":
      return { ...about, type: "moderator", change: "joined", by: shown(event.body.by) };
    case "session.moderator-left":
      return { ...about, type: "moderator", change: "left", by: shown(event.body.by) };
    case "session.ended": {
      const { how, code, detail, durationMs, bytesIn, bytesOut } = event.body;
      return { ...about, type: "ended", how, ...optional("code", code), ...optional("detail", detail), durationMs, bytesIn, bytesOut };
    }
    case "ssh.shell":
      return started(event.body, "shell", "", about, outcomes);
    case "ssh.exec":
      return started(event.body, "exec", event.body.command, about, outcomes);
    case "ssh.subsystem":
      return started(event.body, "subsystem", event.body.name, about, outcomes);
    case "ssh.signal":
      return { ...about, type: "action", what: "signal", channel: event.body.channel, text: shown(event.body.signal) };
    case "ssh.refused": {
      const { request, path, code, detail } = event.body;
      return { ...about, type: "denial", what: shown(request), ...optional("text", path), code, detail: shown(detail) };
    }
    case "ssh.cleanup": {
      const { outcome, processes, detail } = event.body;
      const said = [processes.join(", "), detail ?? ""].filter((part) => part !== "").join("; ");
      const text = `${CLEANED[outcome]}${said === "" ? "" : `: ${said}`}`;
      return { ...about, type: "note", text: shown(text), ...(outcome === "left" && { isProblem: true }) };
    }
    case "file.open": {
      const { channel, path, mode } = event.body;
      return {
        ...about,
        type: "file",
        channel,
        operation: `open for ${mode}`,
        path: shown(path),
        ...outcomes.ofFile(event.seq, channel, path),
      };
    }
    case "file.list": {
      const { channel, path } = event.body;
      return { ...about, type: "file", channel, operation: "list", path: shown(path) };
    }
    case "file.change": {
      const { channel, path, operation, to } = event.body;
      const failed = outcomes.failureOf(event.seq, channel, path, operation);
      return { ...about, type: "file", channel, operation, path: shown(path), ...optional("to", to), ...optional("failed", failed) };
    }
    case "sql.statement":
      return statement(event, about, outcomes);
    case "sql.refused": {
      const { statement: text, keyword, code, detail } = event.body;
      return {
        ...about,
        ...cut(text),
        type: "denial",
        what: "statement",
        ...optional("text", text ?? (keyword === undefined ? undefined : `${keyword} …`)),
        code,
        detail: shown(detail),
      };
    }
    case "sql.cancel-asked":
      return { ...about, type: "note", text: "A running statement was asked to stop" };
    case "sql.limit-reached":
      return {
        ...about,
        type: "note",
        text: `Stopped at a limit of the role: ${event.body.limit}, at most ${event.body.most}`,
        isProblem: true,
      };
    case "action.held": {
      const { hold, rows, noPreview } = event.body;
      return { ...about, type: "hold", change: "held", hold, ...(rows !== undefined && { rows }), ...optional("noPreview", noPreview) };
    }
    case "action.approved":
      return { ...about, type: "hold", change: "approved", hold: event.body.hold, by: who, ...(!event.body.complete && { isPart: true }) };
    case "action.denied":
      return { ...about, type: "hold", change: "denied", hold: event.body.hold, by: who, reason: shown(event.body.reason) };
    case "action.lapsed":
      return { ...about, type: "hold", change: "lapsed", hold: event.body.hold, reason: shown(event.body.reason) };
    case "recording.viewed":
      return { ...about, type: "watch", by: who, how: event.body.how };
    case "recording.failed":
      return { ...about, type: "note", text: shown(`The recording failed: ${event.body.detail}`), isProblem: true };
    case "recording.recovered":
      return { ...about, type: "note", text: "The recording was recovered after the gate went down", isProblem: true };
    case "database.role-made":
      return { ...about, type: "note", text: shown(`The login role ${event.body.role} was made in ${event.body.database}`) };
    case "database.role-dropped":
      return { ...about, type: "note", text: shown(`The login role ${event.body.role} is gone`) };
    case "database.role-left":
      return {
        ...about,
        type: "note",
        text: shown(`The login role ${event.body.role} is still there: ${event.body.detail}`),
        isProblem: true,
      };
    default:
      return undefined;
  }
}

const CLEANED = { none: "Nothing was left running", ended: "What was left running was ended", left: "Processes were left behind" } as const;

function started(
  { channel, term }: { channel: number; term?: string },
  what: "shell" | "exec" | "subsystem",
  text: string,
  about: About,
  outcomes: Outcomes,
): TimelineEntry {
  const ended = outcomes.ofChannel(about.seq, channel);
  return {
    ...about,
    ...cut(text),
    type: "action",
    what,
    channel,
    text: shown(text),
    ...optional("terminal", term),
    ...(ended && { ended }),
  };
}

function statement({ seq, body }: WithBody<"sql.statement"> & { seq: number }, about: About, outcomes: Outcomes): TimelineEntry {
  const { number, statement: text, classes, relations, preview, hold, withheld, limit } = body;
  const outcome = outcomes.ofStatement(seq, number);
  return {
    ...about,
    ...cut(text),
    type: "statement",
    number,
    text: shown(text),
    classes: listed(classes),
    relations: listed(relations),
    ...(preview && { preview }),
    ...optional("hold", hold),
    ...(withheld !== undefined && { withheld }),
    ...(limit !== undefined && { limit }),
    ...(outcome && { outcome }),
  };
}

type Ended = NonNullable<Extract<TimelineEntry, { type: "action" }>["ended"]>;
type FileFacts = Pick<Extract<TimelineEntry, { type: "file" }>, "closed" | "failed">;

/** What became of what was begun: each outcome is the next of its channel, number or path after the beginning. */
class Outcomes {
  readonly #startedAt: number;
  readonly #by = new Map<string, (LoggedEvent & AuditEvent)[]>();

  constructor(outcomes: readonly LoggedEvent[], startedAt: number) {
    this.#startedAt = startedAt;
    for (const logged of outcomes) {
      if (logged.body === undefined) continue;
      const event = logged as LoggedEvent & AuditEvent;
      const key = keyOf(event);
      const known = this.#by.get(key);
      if (known) known.push(event);
      else this.#by.set(key, [event]);
    }
  }

  ofChannel(after: number, channel: number): Ended | undefined {
    const exit = this.#take("ssh.exit", after, `${channel}`);
    if (exit === undefined) return undefined;
    const { status, signal, bytesIn, bytesOut, bytesError } = exit.body;
    return {
      seq: exit.seq,
      time: exit.time,
      atUs: Math.max(0, exit.time - this.#startedAt) * 1000,
      ...(status !== undefined && { status }),
      ...optional("signal", signal),
      bytesIn,
      bytesOut: bytesOut + bytesError,
    };
  }

  ofStatement(after: number, number: number): Extract<TimelineEntry, { type: "statement" }>["outcome"] {
    const outcome = this.#take("sql.outcome", after, `${number}`);
    if (outcome === undefined) return undefined;
    const { tag, rows, bytes, durationMs, sqlstate, message, skipped, masked } = outcome.body;
    return {
      seq: outcome.seq,
      ...optional("tag", tag),
      rows,
      bytes,
      durationMs,
      ...optional("sqlstate", sqlstate),
      ...optional("message", message),
      ...(skipped && { skipped }),
      ...(masked && { masked: { columns: listed(masked.columns), values: masked.values } }),
    };
  }

  ofFile(after: number, channel: number, path: string): FileFacts {
    // An open that fails says so, one that succeeds is closed some time: the first of the two is this one's.
    const [failure, closing] = [
      this.#next("file.outcome", after, `${channel} open ${path}`),
      this.#next("file.close", after, `${channel} ${path}`),
    ];
    if (failure < closing) return optional("failed", this.failureOf(after, channel, path, "open"));
    const close = this.#take("file.close", after, `${channel} ${path}`);
    if (close === undefined) return {};
    const { bytesRead, bytesWritten, outcome, sha256 } = close.body;
    return { closed: { seq: close.seq, bytesRead, bytesWritten, outcome, ...optional("sha256", sha256) } };
  }

  failureOf(after: number, channel: number, path: string, operation: string): string | undefined {
    const failure = this.#take("file.outcome", after, `${channel} ${operation} ${path}`);
    return failure === undefined || failure.body.status === 0 ? undefined : shown(failure.body.message);
  }

  /** Where it stands in the log; Infinity: there is none. */
  #next(kind: AuditEvent["kind"], after: number, key: string): number {
    return this.#by.get(`${kind} ${key}`)?.find(({ seq }) => seq > after)?.seq ?? Infinity;
  }

  #take<K extends AuditEvent["kind"]>(kind: K, after: number, key: string): (LoggedEvent & WithBody<K>) | undefined {
    const known = this.#by.get(`${kind} ${key}`) ?? [];
    const index = known.findIndex(({ seq }) => seq > after);
    return index < 0 ? undefined : (known.splice(index, 1)[0] as LoggedEvent & WithBody<K>);
  }
}

function keyOf(event: LoggedEvent & AuditEvent): string {
  switch (event.kind) {
    case "ssh.exit":
      return `${event.kind} ${event.body.channel}`;
    case "sql.outcome":
      return `${event.kind} ${event.body.number}`;
    case "file.close":
      return `${event.kind} ${event.body.channel} ${event.body.path}`;
    case "file.outcome":
      return `${event.kind} ${event.body.channel} ${event.body.operation} ${event.body.path}`;
    default:
      return event.kind;
  }
}

function shown(text: string): string {
  return plainLines(text.slice(0, MAX_TEXT));
}

function cut(text: string | undefined): { isCut?: true } {
  return (text?.length ?? 0) > MAX_TEXT ? { isCut: true } : {};
}

function listed(texts: readonly string[]): string[] {
  return texts.slice(0, MAX_LIST).map(shown);
}

function optional<Name extends string>(name: Name, text: string | undefined): { [K in Name]?: string } {
  return text === undefined ? {} : ({ [name]: shown(text) } as { [K in Name]: string });
}
