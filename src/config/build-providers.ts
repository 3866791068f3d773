import { parseDuration } from "../kernel/units.ts";
import { secretRef } from "./build-secret.ts";
import type { ProviderSettings } from "./model.ts";
import type { ProviderText } from "./schema.ts";

/** What is asked for where nothing else is written. */
const SCOPES = { oidc: ["openid", "profile", "email", "offline_access"], github: ["read:org"] } as const;
const GITHUB = "https://github.com";

export function buildProvider({ refresh, clientSecret, claims, issuer, scopes, ...provider }: ProviderText): ProviderSettings {
  const { domain, ...names } = claims;
  return {
    ...provider,
    issuer: issuer ?? GITHUB,
    scopes: scopes ?? SCOPES[provider.kind],
    ...(clientSecret !== undefined && { clientSecret: secretRef(clientSecret) }),
    claims: { ...names, ...(domain !== undefined && { domain }) },
    refreshMs: parseDuration(refresh) ?? 0,
  };
}
