import { z } from "zod";
import { certificateDraft, certificateView, EXAMPLE_CLIENT_KEY, grantView, passwordDraft, passwordView } from "./grants.ts";
import { created, events, json, routes } from "./route.ts";
import {
  durationMs,
  flag,
  grantId,
  limitOf,
  name,
  principalName,
  requestId,
  sentence,
  targetName,
  targetSelector,
  ticket,
  time,
} from "./schema.ts";

export const scopeView = z.object({
  target: targetName,
  kind: z.string(),
  address: z.string(),
  account: z.string(),
  rule: z.string(),
});

export const requestState = z.enum(["pending", "approved", "denied", "cancelled", "lapsed"]);

export const requestView = z.object({
  id: requestId,
  version: z.number().int(),
  type: z.enum(["ordinary", "extension", "break-glass"]),
  requester: principalName,
  /** The requester is an agent, and acts for this person. */
  actsFor: principalName.exactOptional(),
  reason: z.string(),
  ticket: z.string().exactOptional(),
  role: z.string(),
  /** What the role lets its holder do on these targets, in words, a line each. */
  allows: z.array(z.string()),
  scope: z.array(scopeView),
  durationMs: z.number().int(),
  createdAt: time,
  lapsesAt: time,
  /** What it takes, in words, one entry for each rule involved. */
  demands: z.array(z.string()),
  /** What of it is still to come, in words; absent when nothing is. */
  missing: z.string().exactOptional(),
  /** Who could give it, by the groups of this moment; absent when nothing is missing. */
  approvers: z.array(z.string()).exactOptional(),
  state: requestState,
  approvals: z.array(z.object({ by: principalName, at: time, groups: z.array(z.string()) })),
  extends: grantId.exactOptional(),
  grant: grantId.exactOptional(),
  closedBy: principalName.exactOptional(),
  closedReason: z.string().exactOptional(),
  /** Whether the caller has a place in it, not yet taken. */
  mayApprove: z.boolean(),
});

export const draft = z.strictObject({
  reason: sentence,
  ticket: ticket.exactOptional(),
  role: name,
  targets: z.array(targetSelector).min(1).max(64),
  durationMs: durationMs.exactOptional(),
  breakGlass: z.boolean().exactOptional(),
});

export const previewView = z.object({
  rules: z.array(z.string()),
  targets: z.array(targetName),
  /** In words; empty: no approval needed. */
  demands: z.array(z.string()),
  approvers: z.array(principalName),
  /** What it would last. */
  durationMs: z.number().int(),
  maxDurationMs: z.number().int(),
  /** Whether one may break glass here. */
  breakGlass: z.boolean(),
});

/** A request and, once it is one, the grant. */
const outcome = z.object({ request: requestView, grant: grantView.exactOptional() });
const ofRequest = z.strictObject({ id: requestId });

const exampleDraft = {
  reason: "Checkout answers 500 since 14:02",
  ticket: "INC-1042",
  role: "debug",
  targets: ["web-1.prod"],
  durationMs: 1_800_000,
};

export const requestRoutes = routes({
  "requests.create": {
    method: "POST",
    path: "/v1/requests",
    summary: "Ask for access; a grant comes at once where no approval is needed",
    permission: "self",
    effect: "changes",
    audit: ["request.created", "grant.started", "break-glass.opened", "request.refused"],
    body: draft,
    response: created(outcome),
    example: { body: exampleDraft },
  },
  "requests.preview": {
    method: "POST",
    path: "/v1/requests/preview",
    summary: "What a request would take and who could approve it, without making it",
    permission: "self",
    effect: "reads",
    audit: "none",
    body: draft,
    response: json(previewView),
    example: { body: exampleDraft },
  },
  "requests.list": {
    method: "GET",
    path: "/v1/requests",
    summary: "One's own requests and those one may approve; everybody's with the permission",
    permission: "self",
    beyondSelf: "request.read",
    effect: "reads",
    audit: "none",
    query: z.strictObject({
      state: requestState.exactOptional(),
      requester: principalName.exactOptional(),
      /** Only those that wait for the caller. */
      toApprove: flag.default(false),
      limit: limitOf(1_000, 100),
    }),
    response: json(z.object({ requests: z.array(requestView) })),
    example: { query: { state: "pending", toApprove: true } },
  },
  "requests.stream": {
    method: "GET",
    path: "/v1/requests/stream",
    summary: "Every request the caller may see: those pending now, then each change as it happens",
    permission: "self",
    beyondSelf: "request.read",
    effect: "reads",
    audit: "none",
    response: events(z.object({ request: requestView })),
    example: {},
  },
  "requests.show": {
    method: "GET",
    path: "/v1/requests/:id",
    summary: "One request",
    permission: "self",
    beyondSelf: "request.read",
    effect: "reads",
    audit: "none",
    params: ofRequest,
    response: json(requestView),
    example: { params: { id: "req-0000000000" } },
  },
  "requests.context": {
    method: "GET",
    path: "/v1/requests/:id/context",
    summary: "For who decides: how often its requester was there, and held this role, in the last thirty days",
    permission: "self",
    beyondSelf: "request.read",
    effect: "reads",
    audit: "none",
    params: ofRequest,
    response: json(
      z.object({
        since: time,
        /** For each target of the request. A thousand stands for more. */
        targets: z.array(
          z.object({ target: targetName, sessions: z.number().int(), grants: z.number().int(), lastSessionAt: time.exactOptional() }),
        ),
        role: z.object({ grants: z.number().int(), lastGrantAt: time.exactOptional() }),
        /** Their newest grants, whatever for. */
        recent: z.array(
          grantView
            .pick({ id: true, role: true, reason: true, ticket: true, start: true, endedHow: true })
            .extend({ targets: z.array(targetName) }),
        ),
      }),
    ),
    example: { params: { id: "req-0000000000" } },
  },
  "requests.approve": {
    method: "POST",
    path: "/v1/requests/:id/approve",
    summary: "Approve a request, as it is, shorter or for fewer targets",
    permission: "full",
    effect: "changes",
    audit: ["request.approved", "request.refused"],
    params: ofRequest,
    body: z.strictObject({ durationMs: durationMs.exactOptional(), targets: z.array(targetName).min(1).max(64).exactOptional() }),
    response: json(outcome),
    example: { params: { id: "req-0000000000" }, body: { durationMs: 900_000 } },
  },
  "requests.deny": {
    method: "POST",
    path: "/v1/requests/:id/deny",
    summary: "Deny a request",
    permission: "full",
    effect: "changes",
    audit: ["request.denied"],
    params: ofRequest,
    body: z.strictObject({ reason: sentence }),
    response: json(requestView),
    example: { params: { id: "req-0000000000" }, body: { reason: "Use the read replica" } },
  },
  "requests.password": {
    method: "POST",
    path: "/v1/requests/:id/password",
    summary: "A password of minutes for one target of one's own request: who shows it is kept waiting until the request is a grant",
    permission: "full",
    effect: "changes",
    audit: ["token.created"],
    params: ofRequest,
    body: passwordDraft,
    response: created(passwordView),
    example: { params: { id: "req-0000000000" }, body: { target: "orders-db" } },
  },
  "requests.certificate": {
    method: "POST",
    path: "/v1/requests/:id/certificate",
    summary:
      "A client certificate of minutes for one target of one's own request: who shows it is kept waiting until the request is a grant",
    permission: "full",
    effect: "changes",
    audit: ["token.created", "certificate.issued"],
    params: ofRequest,
    body: certificateDraft,
    response: created(certificateView),
    example: { params: { id: "req-0000000000" }, body: { target: "orders-db", publicKey: EXAMPLE_CLIENT_KEY } },
  },
  "requests.cancel": {
    method: "POST",
    path: "/v1/requests/:id/cancel",
    summary: "Withdraw one's own request",
    permission: "self",
    effect: "changes",
    audit: ["request.cancelled"],
    params: ofRequest,
    body: z.strictObject({ reason: sentence }),
    response: json(requestView),
    example: { params: { id: "req-0000000000" }, body: { reason: "Found it in the logs" } },
  },
});
