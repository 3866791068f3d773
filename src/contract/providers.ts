/** Logging in by identity providers, and on machines without a browser; which identities are whose. */
import { z } from "zod";
import { created, empty, json, redirect, routes } from "./route.ts";
import { loginView } from "./login.ts";
import { name, principalName, secretText, time } from "./schema.ts";

const ofProvider = z.strictObject({ provider: name });
const challenge = z.string().regex(/^[A-Za-z0-9_-]{43}$/, "expected SHA-256 of the verifier in base64url (RFC 7636 §4.2)");
const verifier = z.string().regex(/^[A-Za-z0-9._~-]{43,128}$/, "expected a code verifier (RFC 7636 §4.1)");
/** What comes back from a provider: parameters of its own among them. */
const answer = z.object({}).catchall(z.string().max(8_192));
/** A page of the console: a path, never another site. */
const returnTo = z.string().min(1).max(1_024);
const userCode = z.string().min(1).max(32);

const begun = z.object({ url: z.string(), expiresAt: time });
/** A login that goes by this browser: from a page of the console, to which it comes back. */
const inBrowser = {
  params: ofProvider,
  body: z.strictObject({ returnTo }),
  response: json(begun),
  example: { params: { provider: "corp" }, body: { returnTo: "/" } },
} as const;
export const identityView = z.object({
  provider: name,
  subject: z.string(),
  linkedAt: time,
  ended: z.object({ at: time, reason: z.string() }).exactOptional(),
});
const deviceAsked = z.object({ userCode: z.string(), remote: z.string(), startedAt: time, warning: z.string() });

export const providerRoutes = routes({
  "providers.offered": {
    method: "GET",
    path: "/v1/login/providers",
    summary: "The identity providers people log in by",
    permission: "public",
    effect: "reads",
    audit: "none",
    response: json(z.object({ providers: z.array(z.object({ name, kind: z.enum(["oidc", "github"]) })) })),
    example: {},
  },
  "login.begin": {
    method: "POST",
    path: "/v1/login/providers/:provider/start",
    summary: "Begin a login by an identity provider in this browser; `url` is where to go",
    permission: "public",
    effect: "reads",
    audit: "none",
    ...inBrowser,
  },
  "login.beginLink": {
    method: "POST",
    path: "/v1/login/providers/:provider/link",
    summary: "Begin to link one's own identity at a provider to the user one is logged in as",
    permission: "full",
    effect: "reads",
    audit: "none",
    ...inBrowser,
  },
  "login.beginProgram": {
    method: "POST",
    path: "/v1/login/providers/:provider/program",
    summary: "Begin a login by an identity provider for a program that listens on a port of 127.0.0.1",
    permission: "public",
    effect: "reads",
    audit: "none",
    params: ofProvider,
    body: z.strictObject({
      port: z.number().int().min(1_024).max(65_535),
      state: z.string().regex(/^[A-Za-z0-9_-]{22,128}$/, "expected random text in base64url"),
      challenge,
    }),
    response: json(begun),
    example: {
      params: { provider: "corp" },
      body: { port: 50_000, state: "AAAAAAAAAAAAAAAAAAAAAA", challenge: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" },
    },
  },
  "login.callback": {
    method: "GET",
    path: "/v1/login/callback/:provider",
    summary: "Where a provider sends the browser back to",
    permission: "public",
    navigated: true,
    effect: "changes",
    audit: ["login.ok", "token.created", "login.failed", "user.created", "user.linked", "user.groups-changed"],
    params: ofProvider,
    query: answer,
    response: redirect,
    example: { params: { provider: "corp" }, query: { code: "x", state: "y" } },
  },
  "login.redeem": {
    method: "POST",
    path: "/v1/login/redeem",
    summary: "A token for the code that a program was sent, by the verifier it kept",
    permission: "public",
    effect: "changes",
    audit: ["login.ok", "token.created", "login.failed"],
    body: z.strictObject({ code: secretText, verifier }),
    response: json(loginView),
    example: { body: { code: "x", verifier: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" } },
  },
  "device.begin": {
    method: "POST",
    path: "/v1/login/device",
    summary: "Begin a login on a machine without a browser: a short code for its person, a long one to ask with",
    permission: "public",
    effect: "reads",
    audit: "none",
    response: json(
      z.object({
        deviceCode: secretText,
        userCode: z.string(),
        /** The page where the person types the short code in. */
        verifyUrl: z.string(),
        expiresAt: time,
        intervalMs: z.number().int().positive(),
      }),
    ),
    example: {},
  },
  "device.poll": {
    method: "POST",
    path: "/v1/login/device/poll",
    summary: "Whether somebody has approved the machine; asked no more often than `intervalMs`",
    permission: "public",
    effect: "changes",
    audit: ["login.ok", "token.created"],
    body: z.strictObject({ deviceCode: secretText }),
    response: json(
      z.discriminatedUnion("state", [
        z.object({ state: z.enum(["waiting", "slow-down"]), intervalMs: z.number().int().positive() }),
        z.object({ state: z.enum(["denied", "expired"]) }),
        loginView.extend({ state: z.literal("done") }),
      ]),
    ),
    example: { body: { deviceCode: "x" } },
  },
  "device.show": {
    method: "GET",
    path: "/v1/login/device/:code",
    summary: "The machine that shows a code: look before approving",
    permission: "full",
    effect: "reads",
    audit: "none",
    params: z.strictObject({ code: userCode }),
    response: json(deviceAsked),
    example: { params: { code: "BCDF-GHJK" } },
  },
  "device.decide": {
    method: "POST",
    path: "/v1/login/device/decide",
    summary: "Let the machine that shows a code act as oneself, or refuse it",
    permission: "full",
    effect: "changes",
    audit: ["login.device-decided"],
    body: z.strictObject({ code: userCode, approve: z.boolean() }),
    response: json(deviceAsked),
    example: { body: { code: "BCDF-GHJK", approve: true } },
  },
  "login.backchannel": {
    method: "POST",
    path: "/v1/login/backchannel/:provider",
    summary: "A provider tells that somebody logged out (OpenID Connect Back-Channel Logout 1.0)",
    permission: "public",
    form: true,
    effect: "changes",
    audit: ["login.ended", "user.provider-ended", "login.failed"],
    params: ofProvider,
    body: z.object({ logout_token: z.string().min(1).max(16_384) }),
    response: empty,
    example: { params: { provider: "corp" }, body: { logout_token: "x.y.z" } },
  },
  "providers.list": {
    method: "GET",
    path: "/v1/providers",
    summary: "The identity providers as they are configured, how they answer, and what to enter at them",
    permission: "config.read",
    effect: "reads",
    audit: "none",
    response: json(
      z.object({
        providers: z.array(
          z.object({
            name,
            kind: z.enum(["oidc", "github"]),
            issuer: z.string(),
            clientId: z.string(),
            create: z.boolean(),
            groups: z.record(z.string(), z.string()),
            redirectUri: z.string(),
            logoutUri: z.string(),
            health: z.object({ state: z.enum(["ok", "failing", "unknown"]), detail: z.string() }),
          }),
        ),
      }),
    ),
    example: {},
  },
  "providers.test": {
    method: "POST",
    path: "/v1/providers/:provider/test",
    summary: "Look at what a login needs of an identity provider, step by step",
    permission: "config.read",
    effect: "changes",
    audit: ["errand.started"],
    params: ofProvider,
    response: json(
      z.object({
        ok: z.boolean(),
        redirectUri: z.string(),
        steps: z.array(z.object({ check: z.string(), ok: z.boolean(), detail: z.string() })),
      }),
    ),
    example: { params: { provider: "corp" } },
  },
  "identities.list": {
    method: "GET",
    path: "/v1/users/:name/identities",
    summary: "Who a user is at identity providers",
    permission: "self",
    beyondSelf: "user.read",
    effect: "reads",
    audit: "none",
    params: z.strictObject({ name: principalName }),
    response: json(z.object({ identities: z.array(identityView) })),
    example: { params: { name: "bob" } },
  },
  "identities.link": {
    method: "POST",
    path: "/v1/users/:name/identities",
    summary: "Link a provider's subject to a user: whoever the provider says that is logs in as them",
    permission: "user.write",
    effect: "changes",
    audit: ["user.linked"],
    params: z.strictObject({ name: principalName }),
    body: z.strictObject({
      provider: name,
      subject: z.string().regex(/^[\x20-\x7e]{1,255}$/, "expected at most 255 printable characters"),
    }),
    response: created(identityView),
    example: { params: { name: "bob" }, body: { provider: "corp", subject: "8f1a" } },
  },
  "identities.unlink": {
    method: "DELETE",
    path: "/v1/users/:name/identities/:provider",
    summary: "Unlink an identity: logins by it end, and the groups it gave",
    permission: "full",
    beyondSelf: "user.write",
    effect: "changes",
    audit: ["user.unlinked", "login.ended"],
    params: z.strictObject({ name: principalName, provider: name }),
    response: empty,
    example: { params: { name: "bob", provider: "corp" } },
  },
});
