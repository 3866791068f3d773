import { z } from "zod";
import { eventView } from "./audit.ts";
import { empty, events, json, lines, routes } from "./route.ts";
import { flag, grantId, limitOf, number, principalName, recordingId, sentence, sessionId, targetName, time } from "./schema.ts";

export const sessionView = z.object({
  id: sessionId,
  grant: grantId,
  principal: principalName,
  target: targetName,
  protocol: z.string(),
  remote: z.string(),
  startedAt: time,
  recording: recordingId.exactOptional(),
  /** Nothing passes in either direction until it is thawed. */
  frozen: z.object({ by: z.string(), reason: z.string(), at: time }).exactOptional(),
  /** Who looks on now; absent where the person is not to know. */
  watchers: z.array(z.object({ who: z.string(), since: time })).exactOptional(),
  /** Of a session at which somebody has to be present: `by` are principals, and groups as `group:<name>`. Nobody present: nothing passes. */
  moderation: z
    .object({
      by: z.array(z.string()),
      present: z.array(z.object({ who: z.string(), since: time })),
      absent: z.enum(["pause", "end"]),
      /** The caller may be one. */
      mayModerate: z.boolean(),
    })
    .exactOptional(),
  ended: z
    .object({
      at: time,
      how: z.enum(["closed", "cut", "lost"]),
      code: z.string().exactOptional(),
      detail: z.string().exactOptional(),
      durationMs: z.number(),
      bytesIn: z.number(),
      bytesOut: z.number(),
    })
    .exactOptional(),
});

/** One frame of a recording: docs/formats/recording.md. Output travels as base64 so that its bytes arrive as they were. */
export const frameView = z.object({
  type: z.enum([
    "open",
    "stdout",
    "stderr",
    "resize",
    "marker",
    "input-omitted",
    "begin",
    "end",
    "file",
    "close",
    "rows",
    /** Of `thin` alone: what was shown before is to be forgotten, what follows is what is to be seen now. */
    "reset",
    /** Of `thin` alone: a statement, or what became of one: `info` is of `number`, `text`, `refused`, `outcome` what there is. */
    "statement",
  ]),
  channel: z.number().int().nonnegative(),
  /** Microseconds since the recording's start. */
  atUs: z.number().int().nonnegative(),
  /** `stdout`, `stderr`, `rows`: base64. */
  data: z.string().exactOptional(),
  /** The other types. */
  info: z.record(z.string(), z.unknown()).exactOptional(),
});

const ofSession = z.strictObject({ id: sessionId });

export const sessionRoutes = routes({
  "sessions.list": {
    method: "GET",
    path: "/v1/sessions",
    summary: "One's own sessions; everybody's with the permission",
    permission: "self",
    beyondSelf: "session.read",
    effect: "reads",
    audit: "none",
    query: z.strictObject({
      live: flag.exactOptional(),
      principal: principalName.exactOptional(),
      target: targetName.exactOptional(),
      grant: grantId.exactOptional(),
      /** Everybody's. Needs the permission. */
      all: flag.default(false),
      /** Live ones at which the caller may be the moderator; nothing else is asked for then. */
      toModerate: flag.default(false),
      limit: limitOf(1_000, 100),
    }),
    response: json(z.object({ sessions: z.array(sessionView) })),
    example: { query: { live: true, all: true } },
  },
  "sessions.show": {
    method: "GET",
    path: "/v1/sessions/:id",
    summary: "One session",
    permission: "self",
    beyondSelf: "session.read",
    effect: "reads",
    audit: "none",
    params: ofSession,
    response: json(sessionView),
    example: { params: { id: "s-0000000000" } },
  },
  "sessions.events": {
    method: "GET",
    path: "/v1/sessions/:id/events",
    summary: "What was done in a session, oldest first; without the chunks of its recording",
    permission: "self",
    beyondSelf: "recording.view",
    effect: "reads",
    audit: "none",
    params: ofSession,
    /** At most so many events. */
    query: z.strictObject({ limit: limitOf(1_000_000, 1_000_000) }),
    response: lines(eventView),
    example: { params: { id: "s-0000000000" } },
  },
  "sessions.kill": {
    method: "POST",
    path: "/v1/sessions/:id/kill",
    summary: "End a session now; one's own, or anybody's",
    permission: "self",
    beyondSelf: "session.kill",
    effect: "changes",
    audit: ["session.kill-asked"],
    params: ofSession,
    body: z.strictObject({ reason: sentence }),
    response: empty,
    example: { params: { id: "s-0000000000" }, body: { reason: "Not what was asked for" } },
  },
  "sessions.freeze": {
    method: "POST",
    path: "/v1/sessions/:id/freeze",
    summary: "Let nothing pass in a session until it is thawed; what its person types is kept",
    permission: "session.control",
    effect: "changes",
    audit: ["session.frozen"],
    params: ofSession,
    body: z.strictObject({ reason: sentence }),
    response: json(sessionView),
    example: { params: { id: "s-0000000000" }, body: { reason: "Wait: this is the wrong host" } },
  },
  "sessions.thaw": {
    method: "POST",
    path: "/v1/sessions/:id/thaw",
    summary: "Let a frozen session go on",
    permission: "session.control",
    effect: "changes",
    audit: ["session.thawed"],
    params: ofSession,
    body: z.strictObject({ reason: sentence }),
    response: json(sessionView),
    example: { params: { id: "s-0000000000" }, body: { reason: "It is the right one" } },
  },
  "sessions.message": {
    method: "POST",
    path: "/v1/sessions/:id/message",
    summary: "Show the person of a live session a line, with who wrote it",
    permission: "session.control",
    effect: "changes",
    audit: ["session.messaged"],
    params: ofSession,
    body: z.strictObject({ text: sentence.max(500) }),
    /** `false`: nobody is there who would read it, as in a transfer of files. */
    response: json(z.object({ shown: z.boolean() })),
    example: { params: { id: "s-0000000000" }, body: { text: "Mind the replica, it lags" } },
  },
  "sessions.recording": {
    method: "GET",
    path: "/v1/sessions/:id/recording",
    summary: "The recording of a session, frame by frame",
    permission: "self",
    beyondSelf: "recording.view",
    effect: "reads",
    audit: ["recording.viewed"],
    params: ofSession,
    query: z.strictObject({ channel: number.exactOptional() }),
    response: lines(frameView),
    example: { params: { id: "s-0000000000" } },
  },
  "sessions.asciicast": {
    method: "GET",
    path: "/v1/sessions/:id/asciicast",
    summary: "The recording of a session as asciicast v3: the header, then `[interval, code, data]`",
    permission: "self",
    beyondSelf: "recording.view",
    effect: "reads",
    audit: ["recording.viewed"],
    params: ofSession,
    query: z.strictObject({ channel: number.exactOptional() }),
    response: lines(z.unknown()),
    example: { params: { id: "s-0000000000" }, query: { channel: 0 } },
  },
  "sessions.live": {
    method: "GET",
    path: "/v1/sessions/:id/live",
    summary: "Watch a live session: the frames so far, then each as it is recorded; `thin`: only what is to be seen now, for many at once",
    permission: "self",
    beyondSelf: "recording.view",
    effect: "reads",
    audit: ["recording.viewed"],
    params: ofSession,
    /** `thin`: the last 32 KiB of output or twenty statements, then what follows, at most ten times a second; who falls behind begins anew. */
    query: z.strictObject({ thin: flag.default(false) }),
    response: events(frameView),
    example: { params: { id: "s-0000000000" } },
  },
  "sessions.moderate": {
    method: "GET",
    path: "/v1/sessions/:id/moderate",
    summary:
      "Be present at a session that needs a moderator, for as long as this stream lasts: its frames so far, then each as it is recorded",
    /** Who may is the role's to say (`moderator`), and never the session's own person. */
    permission: "full",
    effect: "reads",
    audit: ["session.moderator-joined", "recording.viewed"],
    params: ofSession,
    /** As of `sessions.live`. */
    query: z.strictObject({ thin: flag.default(false) }),
    response: events(frameView),
    example: { params: { id: "s-0000000000" } },
  },
  "sessions.stream": {
    method: "GET",
    path: "/v1/sessions/stream",
    summary: "The live sessions, then each that opens, ends, or is another to look at: frozen, watched, moderated",
    permission: "self",
    beyondSelf: "session.read",
    effect: "reads",
    audit: "none",
    response: events(z.object({ change: z.enum(["started", "changed", "ended"]), session: sessionView })),
    example: {},
  },
});
