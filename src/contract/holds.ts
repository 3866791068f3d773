import { z } from "zod";
import { events, json, routes } from "./route.ts";
import { grantId, holdId, principalName, sentence, sessionId, targetName, time } from "./schema.ts";

const texts = z.array(z.string()).readonly();
/** A row that only one side has is empty on the other. */
const cells = z.array(z.array(z.string().nullable()).readonly()).readonly();

/** What it would change, found out on the target and undone; or why that cannot be found out. */
const previewView = z.discriminatedUnion("possible", [
  z.object({
    possible: z.literal(true),
    rows: z.number().int(),
    columns: texts,
    /** The first rows, before and after; NULL as null. Masked columns are masked. */
    before: cells,
    after: cells,
    note: z.string().exactOptional(),
    /** It would fail with this. */
    error: z.string().exactOptional(),
    notices: texts,
    locks: texts,
    walBytes: z.number().int(),
    plan: texts,
    tookMs: z.number(),
    /** Of a statement that defines something: what it writes anew, makes, and drops. */
    definition: z.object({ rewrites: texts, creates: texts, drops: texts }).exactOptional(),
  }),
  z.object({
    possible: z.literal(false),
    why: z.string(),
    plan: texts.exactOptional(),
    /** What it would lock, by its kind: it was not tried out. */
    locks: texts.exactOptional(),
  }),
]);

export const holdState = z.enum(["waiting", "approved", "denied", "lapsed", "withdrawn"]);

export const holdView = z.object({
  id: holdId,
  principal: principalName,
  target: targetName,
  session: sessionId,
  grant: grantId,
  role: z.string(),
  /** Why its owner has the grant at all. */
  reason: z.string(),
  createdAt: time,
  lapsesAt: time,
  /** The statement, exactly as it would run. */
  what: z.string(),
  parameters: texts.exactOptional(),
  /** The entry of the role that holds it: `support.postgres.hold[write on public.customers]`. */
  rule: z.string(),
  /** Texts that it runs by their names: of EXECUTE, FETCH. */
  named: texts.exactOptional(),
  /** SHA-256 (hex) of its bytes and parameters. */
  digest: z.string(),
  preview: previewView,
  state: holdState,
  /** Expressions that must all be met: `2 of leads`. */
  demands: texts,
  approvals: z.array(z.object({ by: principalName, at: time })),
  /** What is still to come; absent when nothing is. */
  missing: z.string().exactOptional(),
  /** Who could approve it when it began to wait. */
  approvers: z.array(z.string()),
  by: z.string().exactOptional(),
  closedReason: z.string().exactOptional(),
  /** Whether the caller may decide it. */
  mayDecide: z.boolean(),
});

const ofHold = z.strictObject({ id: holdId });
const example = { id: "hold-0000000000" };

export const holdRoutes = routes({
  "holds.list": {
    method: "GET",
    path: "/v1/holds",
    summary: "Actions that wait for an approver, or did a while ago: one's own and those one may decide",
    permission: "self",
    beyondSelf: "request.read",
    effect: "reads",
    audit: "none",
    query: z.strictObject({ state: holdState.exactOptional() }),
    response: json(z.object({ holds: z.array(holdView) })),
    example: {},
  },
  "holds.stream": {
    method: "GET",
    path: "/v1/holds/stream",
    summary: "Every held action the caller may see: those that wait now, then each change as it happens",
    permission: "self",
    beyondSelf: "request.read",
    effect: "reads",
    audit: "none",
    response: events(z.object({ hold: holdView })),
    example: {},
  },
  "holds.show": {
    method: "GET",
    path: "/v1/holds/:id",
    summary: "One held action, with what it would change",
    permission: "self",
    beyondSelf: "request.read",
    effect: "reads",
    audit: "none",
    params: ofHold,
    response: json(holdView),
    example: { params: example },
  },
  "holds.approve": {
    method: "POST",
    path: "/v1/holds/:id/approve",
    summary: "Let it run once, unchanged; refused by then if the world has changed",
    permission: "full",
    effect: "changes",
    audit: ["action.approved"],
    params: ofHold,
    response: json(holdView),
    example: { params: example },
  },
  "holds.deny": {
    method: "POST",
    path: "/v1/holds/:id/deny",
    summary: "Refuse it, with a reason that its owner sees",
    permission: "full",
    effect: "changes",
    audit: ["action.denied"],
    params: ofHold,
    body: z.strictObject({ reason: sentence }),
    response: json(holdView),
    example: { params: example, body: { reason: "Do it on Monday" } },
  },
});
