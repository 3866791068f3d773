import { z } from "zod";
import { created, empty, json, routes } from "./route.ts";
import { lockId, name, sentence, settableTime, time } from "./schema.ts";

export const lockSubject = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.enum(["principal", "group", "target"]), name }),
  z.strictObject({ kind: z.literal("gate") }),
]);

export const lockView = z.object({
  id: lockId,
  subject: lockSubject,
  reason: z.string(),
  by: z.string(),
  createdAt: time,
  until: time.exactOptional(),
});

export const lockRoutes = routes({
  "locks.list": {
    method: "GET",
    path: "/v1/locks",
    summary: "Every lock in force; without the permission, those that concern the caller",
    permission: "self",
    beyondSelf: "lock.write",
    effect: "reads",
    audit: "none",
    response: json(z.object({ locks: z.array(lockView) })),
    example: {},
  },
  "locks.create": {
    method: "POST",
    path: "/v1/locks",
    summary: "Cut off a principal, a group, a target or the whole gate, now; live sessions included",
    permission: "lock.write",
    effect: "changes",
    audit: ["lock.created"],
    body: z.strictObject({ subject: lockSubject, reason: sentence, until: settableTime.exactOptional() }),
    response: created(lockView),
    example: { body: { subject: { kind: "principal", name: "bob" }, reason: "Laptop stolen" } },
  },
  "locks.lift": {
    method: "POST",
    path: "/v1/locks/:id/lift",
    summary: "Lift a lock; what it cut stays cut",
    permission: "lock.write",
    effect: "changes",
    audit: ["lock.lifted"],
    params: z.strictObject({ id: lockId }),
    body: z.strictObject({ reason: sentence }),
    response: empty,
    example: { params: { id: "lock-0000000000" }, body: { reason: "Laptop wiped" } },
  },
});
