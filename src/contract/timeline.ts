/** Everything of a session in one list, oldest first: what its page shows beside the replay. */
import { z } from "zod";
import { grantView } from "./grants.ts";
import { json, routes } from "./route.ts";
import { count, flag, limitOf, number, sessionId, time } from "./schema.ts";
import { sessionView } from "./sessions.ts";

const text = z.string();
const about = {
  /** Of the entry of the log that says so: for its proof, and its whole text where `isCut`. */
  seq: count,
  time,
  /** Its moment in the recording, in microseconds; absent: before it began. */
  atUs: count.exactOptional(),
  decision: z.enum(["allow", "deny", "hold"]).exactOptional(),
  /** The entry of the rule or role that decided. */
  rule: text.exactOptional(),
  isCut: z.literal(true).exactOptional(),
};

/** Texts are for people: nothing in them acts on a terminal or reads differently from what it is. */
export const timelineEntry = z.discriminatedUnion("type", [
  z.object({
    ...about,
    type: z.literal("request"),
    by: text,
    reason: text,
    ticket: text.exactOptional(),
    role: text,
    targets: z.array(text),
    durationMs: count,
    approval: text.exactOptional(),
  }),
  z.object({ ...about, type: z.literal("approval"), by: text, verdict: z.enum(["approved", "denied"]), reason: text.exactOptional() }),
  z.object({
    ...about,
    type: z.literal("grant"),
    change: z.enum(["started", "extended", "narrowed", "ended", "break-glass", "reviewed"]),
    by: text.exactOptional(),
    until: time.exactOptional(),
    reason: text.exactOptional(),
  }),
  z.object({ ...about, type: z.literal("started"), client: text, remote: text, account: text, address: text }),
  z.object({
    ...about,
    type: z.literal("action"),
    what: z.enum(["shell", "exec", "subsystem", "signal"]),
    channel: count,
    text,
    terminal: text.exactOptional(),
    /** How it ended; absent: it has not. */
    ended: z
      .object({
        seq: count,
        time,
        atUs: count,
        status: z.number().exactOptional(),
        signal: text.exactOptional(),
        bytesIn: count,
        bytesOut: count,
      })
      .exactOptional(),
  }),
  z.object({
    ...about,
    type: z.literal("statement"),
    /** Of the session, from 1: the channel of its rows in the recording. */
    number: count.exactOptional(),
    text,
    classes: z.array(text),
    relations: z.array(text),
    preview: z.literal(true).exactOptional(),
    hold: text.exactOptional(),
    /** How many literals and comments of the text are not recorded. */
    withheld: count.exactOptional(),
    /** The LIMIT it was given. */
    limit: count.exactOptional(),
    outcome: z
      .object({
        seq: count,
        tag: text.exactOptional(),
        rows: count,
        bytes: count,
        durationMs: z.number(),
        sqlstate: text.exactOptional(),
        message: text.exactOptional(),
        skipped: z.literal(true).exactOptional(),
        /** Columns that were masked, and how many values. */
        masked: z.object({ columns: z.array(text), values: count }).exactOptional(),
      })
      .exactOptional(),
  }),
  z.object({
    ...about,
    type: z.literal("file"),
    channel: count,
    operation: text,
    path: text,
    to: text.exactOptional(),
    /** Of what was opened, once it was closed. */
    closed: z
      .object({ seq: count, bytesRead: count, bytesWritten: count, outcome: z.enum(["complete", "partial"]), sha256: text.exactOptional() })
      .exactOptional(),
    /** What the target said, where it was not success. */
    failed: text.exactOptional(),
  }),
  /** Refused: it never reached the target. `what`: `statement`, or the request of ssh; `text`: the statement, or the path. */
  z.object({ ...about, type: z.literal("denial"), what: text, text: text.exactOptional(), code: text, detail: text }),
  z.object({
    ...about,
    type: z.literal("hold"),
    change: z.enum(["held", "approved", "denied", "lapsed"]),
    hold: text,
    by: text.exactOptional(),
    reason: text.exactOptional(),
    rows: count.exactOptional(),
    /** Why nobody knows what it would change. */
    noPreview: text.exactOptional(),
    /** Others have to approve it too. */
    isPart: z.literal(true).exactOptional(),
  }),
  /** What was done to the session from outside. */
  z.object({
    ...about,
    type: z.literal("control"),
    change: z.enum(["frozen", "thawed", "messaged", "kill-asked"]),
    by: text,
    text,
  }),
  /** Somebody is present at a session that needs a moderator, and then is not any more. */
  z.object({ ...about, type: z.literal("moderator"), change: z.enum(["joined", "left"]), by: text }),
  z.object({ ...about, type: z.literal("watch"), by: text, how: z.enum(["replay", "search", "export"]) }),
  /** `isProblem`: somebody should look at it. */
  z.object({ ...about, type: z.literal("note"), text, isProblem: z.literal(true).exactOptional() }),
  z.object({
    ...about,
    type: z.literal("ended"),
    how: z.enum(["closed", "cut", "lost"]),
    code: text.exactOptional(),
    detail: text.exactOptional(),
    durationMs: count,
    bytesIn: count,
    bytesOut: count,
  }),
]);

export const timelineRoutes = routes({
  "sessions.timeline": {
    method: "GET",
    path: "/v1/sessions/:id/timeline",
    summary: "What led to a session and what happened in it, in one list, each with its moment in the recording",
    permission: "self",
    beyondSelf: "recording.view",
    effect: "reads",
    audit: "none",
    params: z.strictObject({ id: sessionId }),
    /** `from`: what the page before gave as `next`. `latest`: the end of it, instead of its beginning. `limit`: events looked at. */
    query: z.strictObject({ from: number.exactOptional(), latest: flag.default(false), limit: limitOf(5_000, 2_000) }),
    response: json(
      z.object({
        session: sessionView,
        grant: grantView.exactOptional(),
        entries: z.array(timelineEntry),
        /** Where the next page begins; absent: that is all so far. */
        next: count.exactOptional(),
        /** Of `latest`: more came before. */
        earlier: z.literal(true).exactOptional(),
      }),
    ),
    example: { params: { id: "s-0000000000" } },
  },
});
