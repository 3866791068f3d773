import { describe, expect, it } from "vitest";
import type { AuditEvent, LoggedEvent } from "../audit/event.ts";
import { timelineEntries } from "./timeline.ts";

const STARTED = 1_000_000;

/** In the order of the log, a second apart, the third at the session's start. */
function logged(...events: AuditEvent[]): LoggedEvent[] {
  return events.map((event, seq) => Object.assign({ seq, time: STARTED + (seq - 2) * 1000 }, event));
}

function timeline(...events: AuditEvent[]): ReturnType<typeof timelineEntries> {
  const all = logged(...events);
  const isOutcome = ({ kind }: LoggedEvent): boolean => /^(ssh\.exit|sql\.outcome|file\.(close|outcome))$/.test(kind);
  return timelineEntries(
    all.filter((event) => !isOutcome(event)),
    all.filter(isOutcome),
    STARTED,
  );
}

const start = { channel: 0, environment: {}, withheld: [] };
const exit = (channel: number, status: number): AuditEvent => ({
  kind: "ssh.exit",
  body: { channel, status, bytesIn: 1, bytesOut: 2, bytesError: 3 },
});
const statement = (number: number, text: string): AuditEvent => ({
  kind: "sql.statement",
  decision: "allow",
  rule: "read.postgres.allow",
  body: { number, statement: text, classes: ["read"], relations: ["public.orders"], columns: [], functions: [], protocol: "simple" },
});
const outcome = (number: number, rows: number): AuditEvent => ({ kind: "sql.outcome", body: { number, rows, bytes: 10, durationMs: 1.5 } });

describe("a timeline", () => {
  it("has no moment in the recording for what came before it, and one in microseconds for the rest", () => {
    const request: AuditEvent = {
      kind: "request.created",
      principal: "ana",
      body: { reason: "slow", role: "debug", targets: ["web-1"], durationMs: 1, type: "ordinary" },
    };
    const approved: AuditEvent = {
      kind: "request.approved",
      principal: "ana",
      body: { approver: "lea", groups: [], complete: true },
    };
    const shell: AuditEvent = { kind: "ssh.shell", decision: "allow", rule: "debug.ssh.shell", body: start };
    expect(timeline(request, approved, shell, exit(0, 3))).toEqual([
      { seq: 0, time: STARTED - 2000, type: "request", by: "ana", reason: "slow", role: "debug", targets: ["web-1"], durationMs: 1 },
      { seq: 1, time: STARTED - 1000, type: "approval", by: "lea", verdict: "approved" },
      {
        seq: 2,
        time: STARTED,
        atUs: 0,
        decision: "allow",
        rule: "debug.ssh.shell",
        type: "action",
        what: "shell",
        channel: 0,
        text: "",
        ended: { seq: 3, time: STARTED + 1000, atUs: 1_000_000, status: 3, bytesIn: 1, bytesOut: 5 },
      },
    ]);
  });

  it("tells each outcome with what it is the outcome of, also where a number or channel comes again", () => {
    const exec = (command: string): AuditEvent => ({ kind: "ssh.exec", body: { ...start, command } });
    const entries = timeline(
      exec("one"),
      exit(0, 1),
      exec("two"),
      statement(1, "select 1"),
      statement(2, "select 2"),
      outcome(2, 22),
      exit(0, 2),
      outcome(1, 11),
    );
    expect(
      entries.map((entry) =>
        entry.type === "action" ? [entry.text, entry.ended?.status] : entry.type === "statement" ? [entry.text, entry.outcome?.rows] : [],
      ),
    ).toEqual([
      ["one", 1],
      ["two", 2],
      ["select 1", 11],
      ["select 2", 22],
    ]);
  });

  it("tells of a file whether it was opened, and what passed", () => {
    const open: AuditEvent = {
      kind: "file.open",
      body: { channel: 0, path: "/a", mode: "read", create: false, truncate: false, append: false },
    };
    const closed: AuditEvent = {
      kind: "file.close",
      body: { channel: 0, path: "/a", bytesRead: 5, bytesWritten: 0, outcome: "complete", sha256: "ab" },
    };
    const failed: AuditEvent = {
      kind: "file.outcome",
      body: { channel: 0, path: "/a", operation: "open", status: 3, message: "Permission denied" },
    };
    expect(timeline(open, closed, open, failed)).toMatchObject([
      { type: "file", path: "/a", operation: "open for read", closed: { bytesRead: 5, sha256: "ab" } },
      { type: "file", failed: "Permission denied" },
    ]);
  });

  it("tells what was refused and of what, who was present, and what somebody should look at", () => {
    const entries = timeline(
      { kind: "ssh.refused", body: { request: "open", path: "/etc/shadow", code: "file-denied", detail: "not in the role" } },
      { kind: "sql.refused", body: { keyword: "ALTER", code: "statement-denied", detail: "a password" } },
      { kind: "session.moderator-joined", body: { by: "lea" } },
      { kind: "action.held", body: { hold: "h-1", digest: "", lapsesAt: 0, noPreview: "it cannot be undone" } },
      { kind: "action.approved", principal: "lea", body: { hold: "h-1", digest: "", groups: [], complete: false } },
      { kind: "ssh.cleanup", body: { outcome: "left", processes: ["42 sleep"], detail: "no answer" } },
    );
    expect(entries).toMatchObject([
      { type: "denial", what: "open", text: "/etc/shadow" },
      { type: "denial", what: "statement", text: "ALTER …" },
      { type: "moderator", change: "joined", by: "lea" },
      { type: "hold", noPreview: "it cannot be undone" },
      { type: "hold", by: "lea", isPart: true },
      { type: "note", text: "Processes were left behind: 42 sleep; no answer", isProblem: true },
    ]);
  });

  it("shows texts that do nothing, cut where they are long, and says what was erased", () => {
    const evil: AuditEvent = { kind: "ssh.exec", body: { ...start, command: `\u001b]0;x\u0007\u202e<img src=x>${"y".repeat(20_000)}` } };
    const [shown, gone] = timelineEntries([...logged(evil), { seq: 1, time: STARTED, kind: "ssh.exec" }], [], STARTED);
    expect(shown).toMatchObject({ type: "action", isCut: true, text: expect.stringMatching(/^\?\]0;x\?\?<img src=x>y{100}/) });
    expect(shown?.type === "action" && shown.text.length).toBe(16_384);
    expect(gone).toMatchObject({ type: "note", text: "Erased: ssh.exec" });
  });
});
