/** Many live sessions in one stream: a browser has six connections, and a wall twenty screens. */
import { z } from "zod";
import { events, routes } from "./route.ts";
import { count, flag, limitOf, principalName, sessionId, targetName, time } from "./schema.ts";
import { sessionView } from "./sessions.ts";

/** Sessions on one wall. */
export const WALL_MAX = 32;

export const wallEvent = z.discriminatedUnion("type", [
  /** It is on the wall, or something about it is different now. */
  z.object({ type: z.literal("session"), session: sessionView }),
  /** What it showed since the last look; `anew`: its screen is empty before. Filtered of what acts on a terminal; base64. */
  z.object({
    type: z.literal("screen"),
    session: sessionId,
    cols: count,
    rows: count,
    anew: z.boolean(),
    plain: z.boolean(),
    command: z.string().exactOptional(),
    data: z.string(),
  }),
  /** Of a database: a statement, or one that was refused; at most its first characters, as plain text. */
  z.object({
    type: z.literal("statement"),
    session: sessionId,
    seq: count,
    time,
    text: z.string(),
    refused: z.literal(true).exactOptional(),
  }),
  /** Done to a file, or refused: as a line of plain text. */
  z.object({
    type: z.literal("file"),
    session: sessionId,
    seq: count,
    time,
    text: z.string(),
    refused: z.literal(true).exactOptional(),
  }),
  /** It is over. */
  z.object({ type: z.literal("gone"), session: sessionId }),
  /** How many run that are asked for; those beyond the limit are not on the wall until there is room. */
  z.object({ type: z.literal("count"), live: count }),
]);

export const wallRoutes = routes({
  "sessions.wall": {
    method: "GET",
    path: "/v1/sessions/wall",
    summary: "Live sessions side by side: the end of what each shows, as it happens, in one stream",
    permission: "self",
    beyondSelf: "recording.view",
    effect: "reads",
    /** For each session before the first of what it shows. */
    audit: ["recording.viewed"],
    query: z.strictObject({
      principal: principalName.exactOptional(),
      target: targetName.exactOptional(),
      /** Everybody's. Needs the permission. */
      all: flag.default(false),
      limit: limitOf(WALL_MAX, 20),
    }),
    response: events(wallEvent),
    example: { query: { all: true } },
  },
});
