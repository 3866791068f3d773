import { z } from "zod";
import { json, routes } from "./route.ts";
import { count, number, targetName, time } from "./schema.ts";

export const statsRoutes = routes({
  "stats.show": {
    method: "GET",
    path: "/v1/stats",
    summary: "Counts for charts: sessions over time, use per target, how long approvals take, what is refused",
    permission: "session.read",
    effect: "reads",
    audit: "none",
    /** Without them the last thirty days, by day. At most 1,000 stretches. */
    query: z.strictObject({ since: number.exactOptional(), until: number.exactOptional(), by: z.enum(["hour", "day"]).default("day") }),
    response: json(
      z.object({
        since: time,
        until: time,
        by: z.enum(["hour", "day"]),
        /** Sessions that began in each stretch, by the kind of target; those without any are left out. Days are those of UTC. */
        sessions: z.array(z.object({ at: time, kind: z.string(), count })),
        /** The most used first, at most fifty. */
        targets: z.array(z.object({ target: targetName, kind: z.string(), sessions: count, people: count })),
        /** Of requests that somebody approved: from asking to the last yes. `upToMs` is absent of the last. */
        approvals: z.object({
          count,
          medianMs: z.number().exactOptional(),
          p90Ms: z.number().exactOptional(),
          histogram: z.array(z.object({ upToMs: z.number().exactOptional(), count })),
        }),
        denials: z.array(z.object({ of: z.enum(["login", "request", "session", "action"]), code: z.string(), count })),
      }),
    ),
    example: { query: { since: 1_767_225_600_000, until: 1_767_830_400_000, by: "day" } },
  },
});
