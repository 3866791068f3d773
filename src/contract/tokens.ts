import { z } from "zod";
import { created, empty, json, routes } from "./route.ts";
import { durationMs, grantId, principalName, requestId, secretText, sentence, targetName, time, tokenId } from "./schema.ts";

/** `login`: made by logging in; `personal`: made on purpose; `access`: the password or certificate of minutes for one target. */
export const TOKEN_TYPES = ["login", "personal", "access"] as const;

export const tokenView = z.object({
  id: tokenId,
  user: principalName,
  name: z.string(),
  type: z.enum(TOKEN_TYPES),
  /** Of `access`: the one target it opens, under a grant, or under what a request becomes. */
  access: z.object({ target: targetName, grant: grantId.exactOptional(), request: requestId.exactOptional() }).exactOptional(),
  scopes: z.array(z.string()),
  createdAt: time,
  expiresAt: time,
  revokedAt: time.exactOptional(),
});

export const tokenRoutes = routes({
  "tokens.list": {
    method: "GET",
    path: "/v1/tokens",
    summary: "One's own tokens, or somebody else's",
    permission: "self",
    beyondSelf: "token.revoke",
    effect: "reads",
    audit: "none",
    query: z.strictObject({ user: principalName.exactOptional() }),
    response: json(z.object({ tokens: z.array(tokenView) })),
    example: { query: { user: "ada" } },
  },
  "tokens.create": {
    method: "POST",
    path: "/v1/tokens",
    summary: "Make a personal access token; its secret is shown this once",
    permission: "full",
    beyondSelf: "user.write",
    effect: "changes",
    audit: ["token.created"],
    body: z.strictObject({
      name: sentence.max(64),
      /** Gate permissions by name, `self` for one's own requests and sessions, `all` for whatever its owner may. */
      scopes: z.array(z.string().max(64)).min(1).max(32),
      ttlMs: durationMs,
      /** A service or agent that gets it; absent: oneself. */
      for: principalName.exactOptional(),
    }),
    response: created(z.object({ token: tokenView, secret: secretText })),
    example: { body: { name: "dashboards", scopes: ["self", "audit.read"], ttlMs: 86_400_000 } },
  },
  "tokens.revoke": {
    method: "DELETE",
    path: "/v1/tokens/:id",
    summary: "Revoke a token",
    permission: "self",
    beyondSelf: "token.revoke",
    effect: "changes",
    audit: ["token.revoked"],
    params: z.strictObject({ id: tokenId }),
    response: empty,
    example: { params: { id: "tok-0000000000" } },
  },
  "tokens.revoke-all": {
    method: "DELETE",
    path: "/v1/tokens",
    summary: "Revoke every token of somebody that still works, or those that fit; the one in use stays",
    permission: "self",
    beyondSelf: "token.revoke",
    effect: "changes",
    audit: ["token.revoked"],
    query: z.strictObject({
      user: principalName.exactOptional(),
      type: z.enum(TOKEN_TYPES).exactOptional(),
      /** Of `access`: under this grant. */
      grant: grantId.exactOptional(),
      /** Of `access`: for this target. */
      target: targetName.exactOptional(),
    }),
    response: json(z.object({ revoked: z.array(tokenId) })),
    example: { query: { user: "bob", type: "access" } },
  },
});
