/** Sessions by what they were about and what was said and shown in them. */
import { z } from "zod";
import { json, routes } from "./route.ts";
import { count, flag, grantId, limitOf, number, principalName, targetName } from "./schema.ts";
import { sessionView } from "./sessions.ts";

/** Texts are plain: a line without anything that acts on a terminal or reads differently from what it is. */
export const searchHit = z.object({
  source: z.enum(["command", "statement", "file", "refusal", "control", "output"]),
  /** Microseconds since the recording's start. */
  atUs: count,
  /** Of the entry in the log; absent: found in what was shown. */
  seq: count.exactOptional(),
  channel: count.exactOptional(),
  text: z.string(),
});

export const sessionSearch = z.strictObject({
  /** Each must occur, in one command, statement or path, or in one line of output. */
  words: z.string().min(1).max(512).exactOptional(),
  /** Each must occur in the reason or the ticket of its grant. */
  about: z.string().min(1).max(512).exactOptional(),
  principal: principalName.exactOptional(),
  target: targetName.exactOptional(),
  grant: grantId.exactOptional(),
  protocol: z.enum(["ssh", "postgres"]).exactOptional(),
  /** Lasted at some time between these. */
  since: number.exactOptional(),
  until: number.exactOptional(),
  live: flag.exactOptional(),
  how: z.enum(["closed", "cut", "lost"]).exactOptional(),
  /** That it ended with, as `session-killed`. */
  code: z.string().max(64).exactOptional(),
  /** Everybody's. Needs `session.read`; with words, `recording.view`, or `audit.read` for all but what was shown. */
  all: flag.default(false),
  /** Sessions. */
  limit: limitOf(100, 20),
  /** As the page before gave it. */
  cursor: z
    .string()
    .regex(/^[0-9]{1,16}\.s-[0-9a-hjkmnp-tv-z]{10}$/, "expected what an answer gave as `next`")
    .exactOptional(),
});

export const sessionSearchRoutes = routes({
  "sessions.search": {
    method: "GET",
    path: "/v1/sessions/search",
    summary: "Find sessions by who, where, when, how they ended, and words in commands, statements, files and what was shown",
    permission: "self",
    beyondSelf: "session.read",
    effect: "reads",
    /** Who looked through a recording is in the log before the answer. */
    audit: ["recording.viewed"],
    query: sessionSearch,
    response: json(
      z.object({
        /** Newest first. */
        found: z.array(
          z.object({
            session: sessionView,
            reason: z.string().exactOptional(),
            ticket: z.string().exactOptional(),
            hits: z.array(searchHit),
            /** There are more hits in it, or not all of what it showed was looked through. */
            more: z.literal(true).exactOptional(),
          }),
        ),
        /** Recordings that were looked through: one's own, and others' with `recording.view`. */
        searched: count,
        /** There may be more: the page is full, or the search reached its bound. */
        next: z.string().exactOptional(),
      }),
    ),
    example: { query: { words: "Traceback", target: "web-1.prod", all: true } },
  },
});
