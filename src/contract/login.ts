import { z } from "zod";
import { created, empty, json, routes } from "./route.ts";
import { durationMs, principalName, publicKeyLine, secretText, time } from "./schema.ts";

/** How long and how unusual it must be is identity's to say. */
const password = secretText;

export const loginView = z.object({ user: principalName, token: secretText, expiresAt: time });

/** Of the console, whose token is in a cookie that no script can read. */
export const consoleLoginView = loginView.omit({ token: true });

export const loginRoutes = routes({
  "login.password": {
    method: "POST",
    path: "/v1/login",
    summary: "A token for a password",
    permission: "public",
    effect: "changes",
    audit: ["login.ok", "token.created", "login.failed"],
    body: z.strictObject({ user: principalName, password: secretText, ttlMs: durationMs.max(43_200_000).exactOptional() }),
    response: json(loginView),
    example: { body: { user: "ada", password: "correct horse battery staple" } },
  },
  "login.console": {
    method: "POST",
    path: "/v1/login/console",
    summary: "Log in to the console with a password: the token goes into a cookie",
    permission: "public",
    effect: "changes",
    audit: ["login.ok", "token.created", "login.failed"],
    body: z.strictObject({ user: principalName, password: secretText }),
    response: json(consoleLoginView),
    example: { body: { user: "ada", password: "correct horse battery staple" } },
  },
  /** `url`: where browsers find the console. */
  "handover.create": {
    method: "POST",
    path: "/v1/login/handover",
    summary: "A code that opens the console in a browser, once and within a minute, as whoever is logged in here",
    permission: "full",
    effect: "changes",
    audit: ["handover.created"],
    response: created(z.object({ code: secretText, url: z.string(), expiresInMs: z.number().int() })),
    example: {},
  },
  "login.handover": {
    method: "POST",
    path: "/v1/login/handover/redeem",
    summary: "Log in to the console with such a code",
    permission: "public",
    effect: "changes",
    audit: ["login.ok", "token.created", "login.failed"],
    body: z.strictObject({ code: secretText }),
    response: json(consoleLoginView),
    example: { body: { code: "kq0Y3mZbQ0m1c0p7cE4lq1x2aY8nB6tV5rD3wF9uG0h" } },
  },
  /** Without a token, by the certificate of the connection; then what is given is good on connections of that certificate alone. */
  "login.workload": {
    method: "POST",
    path: "/v1/login/workload",
    summary: "A token of minutes for a service or agent, by an ID token of its platform or a client certificate",
    permission: "public",
    effect: "changes",
    audit: ["login.ok", "token.created", "login.failed"],
    nothingToGuess: true,
    body: z.strictObject({ service: principalName, token: z.string().min(1).max(16_384).exactOptional() }),
    response: json(loginView),
    example: { body: { service: "deploy", token: "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJkZXBsb3kifQ.c2lnbmF0dXJl" } },
  },
  "login.end": {
    method: "POST",
    path: "/v1/logout",
    summary: "End the token in use",
    permission: "self",
    effect: "changes",
    audit: ["login.ended", "token.revoked"],
    response: empty,
    example: {},
  },
  "setup.state": {
    method: "GET",
    path: "/v1/setup",
    summary: "Whether the gate waits for its first owner; then nobody can log in yet",
    permission: "public",
    effect: "reads",
    audit: "none",
    response: json(z.object({ pending: z.boolean() })),
    example: {},
  },
  "setup.complete": {
    method: "POST",
    path: "/v1/setup",
    summary: "Create the first owner with the one-time secret printed at the first start",
    permission: "public",
    effect: "changes",
    audit: ["setup.completed"],
    body: z.strictObject({
      secret: secretText,
      owner: principalName,
      password: password.exactOptional(),
      publicKey: publicKeyLine.exactOptional(),
    }),
    response: json(z.object({ owner: principalName })),
    example: { body: { secret: "k3v9-0000-0000", owner: "ada", password: "correct horse battery staple" } },
  },
  "password.change": {
    method: "POST",
    path: "/v1/password",
    summary: "Change one's own password",
    permission: "full",
    effect: "changes",
    audit: ["user.password-set"],
    body: z.strictObject({ old: secretText, new: password }),
    response: empty,
    example: { body: { old: "correct horse battery staple", new: "another long enough one" } },
  },
  "password.reset": {
    method: "POST",
    path: "/v1/password/reset",
    summary: "Set a password with the one-time secret an administrator issued",
    permission: "public",
    effect: "changes",
    audit: ["user.password-set", "login.failed"],
    body: z.strictObject({ user: principalName, secret: secretText, password }),
    response: empty,
    example: { body: { user: "ada", secret: "k3v9-0000-0000", password: "correct horse battery staple" } },
  },
});
