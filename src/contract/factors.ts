import { z } from "zod";
import type { FactorKind } from "../kernel/step-up.ts";
import { consoleLoginView } from "./login.ts";
import { created, empty, json, routes } from "./route.ts";
import { count, factorId, principalName, secretText, sentence, time } from "./schema.ts";

const FACTOR_KINDS = ["passkey", "totp", "recovery", "provider"] as const satisfies readonly FactorKind[];
export const factorKind = z.enum(FACTOR_KINDS);

export const factorView = z.object({
  id: factorId,
  kind: z.enum(["passkey", "totp", "recovery"]),
  name: z.string(),
  addedAt: time,
  usedAt: time.exactOptional(),
  /** Of a passkey: it may be on several devices of its owner. */
  synced: z.boolean().exactOptional(),
  /** Of recovery codes: how many are left. */
  left: count.exactOptional(),
});

const shownView = z.object({ kind: factorKind, at: time });
const factorName = sentence.max(64);
const base64url = (most: number) =>
  z
    .string()
    .regex(/^[A-Za-z0-9_-]*$/, "expected base64url")
    .max(most);
const credentialId = base64url(1_364).min(1);

const descriptor = z.object({ type: z.literal("public-key"), id: z.string(), transports: z.array(z.string()) });

/** PublicKeyCredentialCreationOptionsJSON (WebAuthn §5.1.8). */
const creationOptions = z.object({
  rp: z.object({ id: z.string(), name: z.string() }),
  user: z.object({ id: z.string(), name: z.string(), displayName: z.string() }),
  challenge: z.string(),
  pubKeyCredParams: z.array(z.object({ type: z.literal("public-key"), alg: z.number().int() })),
  timeout: count,
  attestation: z.literal("none"),
  excludeCredentials: z.array(descriptor),
  authenticatorSelection: z.object({
    residentKey: z.literal("required"),
    requireResidentKey: z.literal(true),
    userVerification: z.literal("required"),
  }),
});

/** PublicKeyCredentialRequestOptionsJSON (WebAuthn §5.1.10). */
const requestOptions = z.object({
  rpId: z.string(),
  challenge: z.string(),
  timeout: count,
  userVerification: z.literal("required"),
  allowCredentials: z.array(descriptor),
});

/** RegistrationResponseJSON and AuthenticationResponseJSON, as browsers' `toJSON` makes them: what is not looked at is let go. */
const registration = z.object({
  id: credentialId,
  response: z.object({
    clientDataJSON: base64url(8_192),
    attestationObject: base64url(16_384),
    transports: z.array(z.string().max(32)).max(16).exactOptional(),
  }),
});
const assertion = z.object({
  id: credentialId,
  response: z.object({
    clientDataJSON: base64url(8_192),
    authenticatorData: base64url(4_096),
    signature: base64url(4_096),
    userHandle: base64url(128).exactOptional(),
  }),
});

const code = z
  .string()
  .trim()
  .regex(/^\d{6}$/, "expected six digits");

const pageId = z.string().regex(/^[0-9a-hjkmnp-tv-z]{26}$/, "expected the id of a page");

const EXAMPLE_ASSERTION = { id: "AAAA", response: { clientDataJSON: "AAAA", authenticatorData: "AAAA", signature: "AAAA" } };

export const factorRoutes = routes({
  "factors.list": {
    method: "GET",
    path: "/v1/factors",
    summary: "One's own second factors, or somebody else's",
    permission: "self",
    beyondSelf: "user.read",
    effect: "reads",
    audit: "none",
    query: z.strictObject({ user: principalName.exactOptional() }),
    response: json(z.object({ factors: z.array(factorView) })),
    example: { query: { user: "bob" } },
  },
  "factors.start-passkey": {
    method: "GET",
    path: "/v1/factors/passkey",
    summary: "What to ask a browser for, to make a passkey",
    permission: "full",
    effect: "reads",
    audit: "none",
    response: json(creationOptions),
    example: {},
  },
  "factors.add-passkey": {
    method: "POST",
    path: "/v1/factors/passkey",
    summary: "Register the passkey that a browser made",
    permission: "full",
    effect: "changes",
    audit: ["factor.added", "factor.shown", "login.failed"],
    body: z.strictObject({ name: factorName, answer: registration }),
    response: created(factorView),
    example: { body: { name: "laptop", answer: { id: "AAAA", response: { clientDataJSON: "AAAA", attestationObject: "AAAA" } } } },
  },
  "factors.start-totp": {
    method: "POST",
    path: "/v1/factors/totp/start",
    summary: "A new secret for an authenticator app; it is shown this once, and counts once a code made with it was sent",
    permission: "full",
    effect: "reads",
    audit: "none",
    /** `uri`: `otpauth://…`, for the QR code; it holds the secret. */
    response: json(z.object({ secret: secretText, uri: secretText })),
    example: {},
  },
  "factors.add-totp": {
    method: "POST",
    path: "/v1/factors/totp",
    summary: "Register the authenticator app, with the code it shows now",
    permission: "full",
    effect: "changes",
    audit: ["factor.added", "factor.shown"],
    body: z.strictObject({ name: factorName, code }),
    response: created(factorView),
    example: { body: { name: "telephone", code: "123456" } },
  },
  "factors.make-recovery-codes": {
    method: "POST",
    path: "/v1/factors/recovery-codes",
    summary: "Ten new recovery codes in place of those there are, each good once; they are shown this once",
    permission: "full",
    effect: "changes",
    audit: ["factor.added", "factor.removed"],
    response: created(z.object({ codes: z.array(secretText) })),
    example: {},
  },
  "factors.rename": {
    method: "POST",
    path: "/v1/factors/:id/name",
    summary: "Give a second factor of one's own another name",
    permission: "full",
    effect: "changes",
    audit: ["factor.renamed"],
    params: z.strictObject({ id: factorId }),
    body: z.strictObject({ name: factorName }),
    response: json(factorView),
    example: { params: { id: "fac-0000000000" }, body: { name: "old telephone" } },
  },
  "factors.remove": {
    method: "DELETE",
    path: "/v1/factors/:id",
    summary: "Remove a second factor of one's own",
    permission: "full",
    effect: "changes",
    audit: ["factor.removed"],
    params: z.strictObject({ id: factorId }),
    response: empty,
    example: { params: { id: "fac-0000000000" } },
  },
  "users.reset-factors": {
    method: "POST",
    path: "/v1/users/:name/factors/reset",
    summary: "Remove all second factors of somebody who has lost theirs; the code in the answer, good once, lets them add a new one",
    permission: "user.write",
    effect: "changes",
    audit: ["factors.reset", "factor.removed", "token.revoked"],
    params: z.strictObject({ name: principalName }),
    response: json(z.object({ code: secretText, expiresAt: time })),
    example: { params: { name: "bob" } },
  },
  "step-up.start": {
    method: "GET",
    path: "/v1/step-up",
    summary: "Which second factors one could show now, and what to ask a browser for",
    permission: "full",
    effect: "reads",
    audit: "none",
    /** `shown`: what this login has shown so far. */
    response: json(z.object({ kinds: z.array(factorKind), shown: z.array(shownView), passkey: requestOptions.exactOptional() })),
    example: {},
  },
  "step-up.finish": {
    method: "POST",
    path: "/v1/step-up",
    summary: "Show a second factor: it counts for the login in use, from now on",
    permission: "full",
    effect: "changes",
    audit: ["factor.shown", "login.failed"],
    body: z.strictObject({
      /** Exactly one. */
      passkey: assertion.exactOptional(),
      totp: code.exactOptional(),
      recovery: secretText.max(64).exactOptional(),
    }),
    response: json(z.object({ factors: z.array(shownView) })),
    example: { body: { totp: "123456" } },
  },
  "step-up.open-page": {
    method: "POST",
    path: "/v1/step-up/pages",
    summary: "A page of the console on which a passkey is shown for the login in use, good once and for five minutes",
    permission: "full",
    effect: "reads",
    audit: "none",
    response: created(z.object({ url: z.string() })),
    example: {},
  },
  "step-up.show-page": {
    method: "GET",
    path: "/v1/step-up/pages/:page",
    summary: "Who waits behind such a page, where and for what, and what to ask the browser for",
    permission: "public",
    effect: "reads",
    audit: "none",
    params: z.strictObject({ page: pageId }),
    /** `remote`: the address of whoever waits. */
    response: json(z.object({ user: principalName, what: z.string(), remote: z.string(), passkey: requestOptions })),
    example: { params: { page: "00000000000000000000000000" } },
  },
  "step-up.finish-page": {
    method: "POST",
    path: "/v1/step-up/pages/:page",
    summary: "Show the passkey of whoever waits behind the page",
    permission: "public",
    effect: "changes",
    audit: ["factor.shown", "login.failed"],
    params: z.strictObject({ page: pageId }),
    body: z.strictObject({ answer: assertion }),
    response: json(z.object({ user: principalName })),
    example: { params: { page: "00000000000000000000000000" }, body: { answer: EXAMPLE_ASSERTION } },
  },
  "login.start-passkey": {
    method: "GET",
    path: "/v1/login/passkey",
    summary: "What to ask a browser for, to log in with a passkey; the same for everybody",
    permission: "public",
    effect: "reads",
    audit: "none",
    response: json(requestOptions),
    example: {},
  },
  "login.passkey": {
    method: "POST",
    path: "/v1/login/passkey",
    summary: "Log in to the console with a passkey alone: the token goes into a cookie",
    permission: "public",
    effect: "changes",
    audit: ["login.ok", "token.created", "login.failed"],
    body: z.strictObject({ answer: assertion }),
    response: json(consoleLoginView),
    example: { body: { answer: EXAMPLE_ASSERTION } },
  },
});
