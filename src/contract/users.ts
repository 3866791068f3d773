import { z } from "zod";
import { identityView } from "./providers.ts";
import { created, empty, json, routes } from "./route.ts";
import { keyId, name, principalName, publicKeyLine, secretText, sentence, time } from "./schema.ts";

const principalType = z.enum(["human", "service", "agent"]);

export const userView = z.object({
  name: principalName,
  type: principalType,
  groups: z.array(z.string()),
  createdAt: time,
  disabled: z.object({ at: time, reason: z.string() }).exactOptional(),
  hasPassword: z.boolean(),
  identities: z.array(identityView).exactOptional(),
});

export const keyView = z.object({
  id: keyId,
  user: principalName,
  publicKey: z.string(),
  fingerprint: z.string(),
  comment: z.string(),
  addedAt: time,
});

const ofUser = z.strictObject({ name: principalName });

export const userRoutes = routes({
  "users.list": {
    method: "GET",
    path: "/v1/users",
    summary: "Every user",
    permission: "user.read",
    effect: "reads",
    audit: "none",
    response: json(z.object({ users: z.array(userView) })),
    example: {},
  },
  "users.create": {
    method: "POST",
    path: "/v1/users",
    summary: "Create a user; groups come from the configuration",
    permission: "user.write",
    effect: "changes",
    audit: ["user.created"],
    body: z.strictObject({ name, type: principalType.default("human") }),
    response: created(userView),
    example: { body: { name: "bob", type: "human" } },
  },
  "users.disable": {
    method: "POST",
    path: "/v1/users/:name/disable",
    summary: "Disable a user: logins, tokens, grants and live sessions end",
    permission: "user.write",
    effect: "changes",
    audit: ["user.disabled"],
    params: ofUser,
    body: z.strictObject({ reason: sentence }),
    response: empty,
    example: { params: { name: "bob" }, body: { reason: "Left the company" } },
  },
  "users.enable": {
    method: "POST",
    path: "/v1/users/:name/enable",
    summary: "Enable a disabled user; what ended stays ended",
    permission: "user.write",
    effect: "changes",
    audit: ["user.enabled"],
    params: ofUser,
    response: empty,
    example: { params: { name: "bob" } },
  },
  "users.reset": {
    method: "POST",
    path: "/v1/users/:name/reset",
    summary: "Issue a one-time secret with which the user sets a new password",
    permission: "user.write",
    effect: "changes",
    audit: ["user.reset-issued"],
    params: ofUser,
    response: json(z.object({ secret: secretText, expiresAt: time })),
    example: { params: { name: "bob" } },
  },
  "keys.list": {
    method: "GET",
    path: "/v1/users/:name/keys",
    summary: "A user's SSH public keys",
    permission: "self",
    beyondSelf: "user.read",
    effect: "reads",
    audit: "none",
    params: ofUser,
    response: json(z.object({ keys: z.array(keyView) })),
    example: { params: { name: "bob" } },
  },
  "keys.add": {
    method: "POST",
    path: "/v1/users/:name/keys",
    summary: "Add an SSH public key",
    permission: "full",
    beyondSelf: "user.write",
    effect: "changes",
    audit: ["user.key-added"],
    params: ofUser,
    body: z.strictObject({ publicKey: publicKeyLine }),
    response: created(keyView),
    example: {
      params: { name: "bob" },
      body: { publicKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0nWc0mIu6U0eJ0y9H0zq9cB0n2X5J8m0f0u0S0l0aA bob@laptop" },
    },
  },
  "keys.remove": {
    method: "DELETE",
    path: "/v1/users/:name/keys/:key",
    summary: "Remove an SSH public key",
    permission: "full",
    beyondSelf: "user.write",
    effect: "changes",
    audit: ["user.key-removed"],
    params: z.strictObject({ name: principalName, key: keyId }),
    response: empty,
    example: { params: { name: "bob", key: "key-0000000000" } },
  },
});
