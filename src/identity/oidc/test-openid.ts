import { customFetch, createRemoteJWKSet } from "jose";
import type { Configuration } from "openid-client";
import type { Clock } from "../../kernel/clock.ts";
import { asGateError } from "../../kernel/errors.ts";
import { boundedFetch } from "./bounded-fetch.ts";
import { SKEW_SECONDS } from "./openid-provider.ts";
import type { ProviderSettings, ProviderStep } from "./provider.ts";

/** Each step of what a login needs of a provider, as far as it can be seen without one. */
export async function testOpenIdProvider(
  settings: ProviderSettings,
  open: () => Promise<Configuration>,
  clock: Clock,
): Promise<readonly ProviderStep[]> {
  const steps: ProviderStep[] = [];
  const step = async (check: string, work: () => Promise<string>): Promise<boolean> => {
    try {
      steps.push({ check, ok: true, detail: await work() });
      return true;
    } catch (thrown) {
      const { code, message } = asGateError(thrown);
      steps.push({ check, ok: false, detail: code === "internal" ? "it could not be read" : message });
      return false;
    }
  };
  const { clientSecret } = settings;
  if (clientSecret && !(await step("client secret", async () => ((await clientSecret()).reveal() === "" ? "it is empty" : "at hand"))))
    return steps;
  let configuration: Configuration | undefined;
  if (!(await step("discovery", async () => `issuer ${(configuration = await open()).serverMetadata().issuer}`)) || !configuration)
    return steps;
  const server = configuration.serverMetadata();
  const says = (check: string, ok: boolean, detail: string): void => void steps.push({ check, ok, detail });
  await step("signing keys", async () => `${await countKeys(server.jwks_uri)} published`);
  await step("clock", () => compareClocks(server.issuer, clock));
  says(
    "PKCE",
    server.supportsPKCE(),
    server.supportsPKCE() ? "S256" : "the provider does not say that it takes S256; it is used all the same",
  );
  const named = server.authorization_response_iss_parameter_supported === true;
  says("issuer in answers", true, named ? "yes (RFC 9207)" : "no; each provider has a redirect address of its own");
  const scopes = server.scopes_supported;
  const missing = scopes === undefined ? [] : settings.scopes.filter((scope) => !scopes.includes(scope));
  says("scopes", missing.length === 0, missing.length === 0 ? settings.scopes.join(" ") : `not offered: ${missing.join(", ")}`);
  const logout = server["backchannel_logout_supported"] === true;
  says("back-channel logout", true, logout ? "offered" : "not offered; ends are noticed by asking again");
  return steps;
}

async function countKeys(uri: string | undefined): Promise<number> {
  if (uri === undefined) throw asGateError(new Error("no keys"));
  const keys = createRemoteJWKSet(new URL(uri), { [customFetch]: boundedFetch() });
  await keys.reload();
  return keys.jwks()?.keys.length ?? 0;
}

/** By the `Date` of its answers, which is a second's. */
async function compareClocks(issuer: string, clock: Clock): Promise<string> {
  const response = await boundedFetch()(`${issuer.replace(/\/+$/, "")}/.well-known/openid-configuration`);
  const date = Date.parse(response.headers.get("date") ?? "");
  if (Number.isNaN(date)) return "it does not tell its time";
  const apart = Math.round(Math.abs(date - clock.now()) / 1000);
  return apart <= SKEW_SECONDS
    ? `${apart} s apart`
    : `${apart} s apart, more than the ${SKEW_SECONDS} s that are allowed for: logins will fail`;
}
