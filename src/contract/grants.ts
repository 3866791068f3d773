import { z } from "zod";
import { created, json, routes } from "./route.ts";
import {
  clientKey,
  durationMs,
  flag,
  grantId,
  limitOf,
  principalName,
  requestId,
  secretText,
  sentence,
  targetName,
  time,
  tokenId,
} from "./schema.ts";

const grantScope = z.object({ target: targetName, kind: z.string(), address: z.string(), account: z.string(), rule: z.string() });
const budgetView = z.object({
  bytes: z.number().exactOptional(),
  seconds: z.number().exactOptional(),
  sessions: z.number().exactOptional(),
  recordingBytes: z.number().exactOptional(),
});

export const grantView = z.object({
  id: grantId,
  version: z.number().int(),
  request: requestId,
  principal: principalName,
  /** The principal is an agent, and acts for this person. */
  actsFor: principalName.exactOptional(),
  reason: z.string(),
  ticket: z.string().exactOptional(),
  role: z.string(),
  scope: z.array(grantScope),
  start: time,
  end: time,
  /** 0 once it has ended. */
  remainingMs: z.number().nonnegative(),
  state: z.enum(["active", "ended"]),
  endedAt: time.exactOptional(),
  endedHow: z.enum(["expired", "revoked", "used-up", "given-back", "restored", "requester-gone"]).exactOptional(),
  endedReason: z.string().exactOptional(),
  selfExtensionsLeft: z.number().int(),
  approvers: z.array(principalName),
  budget: budgetView,
  used: z.object({ bytes: z.number(), seconds: z.number() }),
  breakGlass: z
    .object({
      openedAt: time,
      escalatedAt: time.exactOptional(),
      reviewedAt: time.exactOptional(),
      reviewedBy: principalName.exactOptional(),
      verdict: z.enum(["justified", "unjustified"]).exactOptional(),
    })
    .exactOptional(),
});

const ofGrant = z.strictObject({ id: grantId });

export const EXAMPLE_CLIENT_KEY =
  "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==";
/** For which target, and for how long at most. */
export const passwordDraft = z.strictObject({ target: targetName, ttlMs: durationMs.max(1_800_000).exactOptional() });
/** Where to connect, as whom, and to what. `database`: the one that the target opens by itself. */
export const passwordView = z.object({
  token: tokenId,
  password: secretText,
  user: z.string(),
  host: z.string(),
  port: z.number().int(),
  database: z.string(),
  tls: z.boolean(),
  expiresAt: time,
});
export const certificateDraft = passwordDraft.extend({ publicKey: clientKey });
/** `certificate`: PEM, for TLS at that place. */
export const certificateView = passwordView.omit({ password: true }).extend({ certificate: z.string() });

export const grantRoutes = routes({
  "grants.list": {
    method: "GET",
    path: "/v1/grants",
    summary: "One's own grants; everybody's with the permission",
    permission: "self",
    beyondSelf: "request.read",
    effect: "reads",
    audit: "none",
    query: z.strictObject({
      state: z.enum(["active", "ended"]).exactOptional(),
      principal: principalName.exactOptional(),
      /** Everybody's. Needs the permission. */
      all: flag.default(false),
      /** Break-glass grants without a review. */
      unreviewed: flag.default(false),
      limit: limitOf(1_000, 100),
    }),
    response: json(z.object({ grants: z.array(grantView) })),
    example: { query: { state: "active", all: true } },
  },
  "grants.show": {
    method: "GET",
    path: "/v1/grants/:id",
    summary: "One grant",
    permission: "self",
    beyondSelf: "request.read",
    effect: "reads",
    audit: "none",
    params: ofGrant,
    response: json(grantView),
    example: { params: { id: "gr-0000000000" } },
  },
  "grants.extend": {
    method: "POST",
    path: "/v1/grants/:id/extend",
    summary: "Ask for more time on one's own grant; at once where the rule permits a self-extension",
    permission: "self",
    effect: "changes",
    audit: ["request.created", "grant.extended", "request.refused"],
    params: ofGrant,
    body: z.strictObject({ durationMs, reason: sentence }),
    /** `request`: the id of what now waits for approval, or of what was granted at once (then `grant` is there). */
    response: json(z.object({ request: requestId, state: z.string(), grant: grantView.exactOptional() })),
    example: { params: { id: "gr-0000000000" }, body: { durationMs: 900_000, reason: "The heap dump takes longer" } },
  },
  "grants.revoke": {
    method: "POST",
    path: "/v1/grants/:id/revoke",
    summary: "End a grant now: give back one's own, or revoke anybody's",
    permission: "self",
    beyondSelf: "grant.revoke",
    effect: "changes",
    audit: ["grant.ended"],
    params: ofGrant,
    body: z.strictObject({ reason: sentence }),
    response: json(grantView),
    example: { params: { id: "gr-0000000000" }, body: { reason: "Fixed" } },
  },
  "grants.narrow": {
    method: "POST",
    path: "/v1/grants/:id/narrow",
    summary: "Take targets or time away from a grant; sessions outside are cut",
    permission: "self",
    beyondSelf: "grant.revoke",
    effect: "changes",
    audit: ["grant.narrowed"],
    params: ofGrant,
    body: z.strictObject({
      targets: z.array(targetName).min(1).max(64).exactOptional(),
      end: time.exactOptional(),
      reason: sentence,
    }),
    response: json(grantView),
    example: { params: { id: "gr-0000000000" }, body: { targets: ["web-1.prod"], reason: "Only this one is affected" } },
  },
  "grants.password": {
    method: "POST",
    path: "/v1/grants/:id/password",
    summary: "A password of minutes for one target of one's own grant, shown this once: for clients that can show nothing else",
    permission: "full",
    effect: "changes",
    audit: ["token.created"],
    params: ofGrant,
    body: passwordDraft,
    response: created(passwordView),
    example: { params: { id: "gr-0000000000" }, body: { target: "orders-db" } },
  },
  "grants.certificate": {
    method: "POST",
    path: "/v1/grants/:id/certificate",
    summary: "A client certificate of minutes for one target of one's own grant, for a key that the gate never sees",
    permission: "full",
    effect: "changes",
    audit: ["token.created", "certificate.issued"],
    params: ofGrant,
    body: certificateDraft,
    response: created(certificateView),
    example: { params: { id: "gr-0000000000" }, body: { target: "orders-db", publicKey: EXAMPLE_CLIENT_KEY } },
  },
  "grants.review": {
    method: "POST",
    path: "/v1/grants/:id/review",
    summary: "Review somebody else's break-glass grant; by who could have approved it, or with the permission",
    permission: "full",
    beyondSelf: "grant.review",
    effect: "changes",
    audit: ["break-glass.reviewed"],
    params: ofGrant,
    body: z.strictObject({ verdict: z.enum(["justified", "unjustified"]), note: sentence }),
    response: json(grantView),
    example: { params: { id: "gr-0000000000" }, body: { verdict: "justified", note: "Both leads were on a plane" } },
  },
});
