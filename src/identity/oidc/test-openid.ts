import { customFetch, createRemoteJWKSet } from "jose";
import { refreshTokenGrant, ResponseBodyError, WWWAuthenticateChallengeError, type Configuration } from "openid-client";
import type { Clock } from "../../kernel/clock.ts";
import { asGateError, GateError } from "../../kernel/errors.ts";
import { boundedFetch } from "./bounded-fetch.ts";
import { asProviderError } from "./failure.ts";
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
      const { code, detail, message } = asGateError(thrown);
      steps.push({ check, ok: false, detail: code === "internal" ? "it could not be read" : (plainly(detail) ?? message) });
      return false;
    }
  };
  const { clientSecret } = settings;
  if (clientSecret && !(await step("client secret", async () => ((await clientSecret()).reveal() === "" ? "it is empty" : "at hand"))))
    return steps;
  let configuration: Configuration | undefined;
  if (!(await step("discovery", async () => `issuer ${(configuration = await open()).serverMetadata().issuer}`)) || !configuration)
    return steps;
  const opened = configuration;
  const server = configuration.serverMetadata();
  await step("client", () => showClient(opened));
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

/**
 * Whether the provider knows the client by its secret: it is asked for tokens for one that was never given out. Whoever it does
 * not know it refuses before it looks at that (RFC 6749 §5.2).
 */
async function showClient(configuration: Configuration): Promise<string> {
  try {
    await refreshTokenGrant(configuration, "sallyport-looks-whether-it-is-known");
  } catch (thrown) {
    if (thrown instanceof WWWAuthenticateChallengeError) throw new GateError("provider-refused", UNKNOWN_CLIENT, { cause: thrown });
    if (!(thrown instanceof ResponseBodyError)) throw asProviderError(thrown, "login");
    const { error } = thrown;
    if (error === "invalid_client" || error === "unauthorized_client") {
      throw new GateError("provider-refused", UNKNOWN_CLIENT, { cause: thrown });
    }
  }
  return "the provider knows the gate by its client id and secret";
}

const NO_PROVIDER =
  "something answers there, and it is no OpenID provider under this address. Compare the issuer, to the letter, with the one the provider names";
const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing answers there: the connection is refused. Is the address right, and may the gate's machine reach it?",
  ECONNRESET: "it breaks the connection off. Is it `https` there, or `http`?",
  ENOTFOUND: "no machine has that name",
  EAI_AGAIN: "the gate's machine cannot look names up at this moment",
  EHOSTUNREACH: "no way leads there from the gate's machine",
  ETIMEDOUT: "nothing answers there in time. May the gate's machine reach it?",
  UND_ERR_CONNECT_TIMEOUT: "nothing answers there in time. May the gate's machine reach it?",
  "no answer in time": "nothing answers there in time. May the gate's machine reach it?",
  OAUTH_RESPONSE_IS_NOT_JSON: NO_PROVIDER,
  OAUTH_RESPONSE_IS_NOT_CONFORM: NO_PROVIDER,
  OAUTH_PARSE_ERROR: NO_PROVIDER,
  OAUTH_INVALID_RESPONSE: NO_PROVIDER,
  OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED: "the provider there calls itself by another issuer. Put in what it says, to the letter",
};

/** What whoever sets it up can do something with; `undefined`: it is known by its code only. */
function plainly(word: string | undefined): string | undefined {
  if (word === undefined) return undefined;
  if (/CERT|SELF_SIGNED|ALTNAME|UNABLE_TO_/.test(word)) {
    return `its certificate is not accepted (${word}). Does the gate's machine know the authority that made it?`;
  }
  const words = Object.hasOwn(WORDS, word) ? WORDS[word] : undefined;
  return words && `${words} (${word})`;
}

const UNKNOWN_CLIENT = "it does not know this client id with this secret. Compare both with what the provider shows of the client";

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
