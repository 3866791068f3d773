import { z } from "zod";
import { json, routes } from "./route.ts";
import { grantId, limitOf, name, principalName, targetName, time } from "./schema.ts";

export const accessRoutes = routes({
  "access.matrix": {
    method: "GET",
    path: "/v1/access/matrix",
    summary: "Who may request which role on which target, by which rule and with whose approval, and who has what now",
    permission: "target.read",
    effect: "reads",
    audit: "none",
    query: z.strictObject({
      principal: principalName.exactOptional(),
      target: targetName.exactOptional(),
      role: name.exactOptional(),
      group: name.exactOptional(),
      limit: limitOf(10_000, 2_000),
    }),
    response: json(
      z.object({
        principals: z.array(z.object({ name: principalName, type: z.enum(["human", "service", "agent"]), groups: z.array(z.string()) })),
        targets: z.array(z.object({ name: targetName, kind: z.string(), labels: z.record(z.string(), z.string()) })),
        entries: z.array(
          z.object({
            principal: principalName,
            target: targetName,
            role: z.string(),
            rule: z.string(),
            /** `deny`: the rule asks for approvers that this target has none of. */
            verdict: z.enum(["allow", "ask", "deny"]),
            demands: z.string().exactOptional(),
            /** Who could approve, at most twenty. */
            approvers: z.array(z.string()).exactOptional(),
            maxDurationMs: z.number().int(),
            breakGlass: z.boolean(),
          }),
        ),
        /** Grants in force, whatever the rules say by now. */
        active: z.array(z.object({ grant: grantId, principal: principalName, target: targetName, role: z.string(), end: time })),
        /** There is more than was asked for: narrow it down. */
        more: z.boolean(),
      }),
    ),
    example: { query: { principal: "ada" } },
  },
});
