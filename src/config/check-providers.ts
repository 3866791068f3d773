import { parseDuration } from "../kernel/units.ts";
import { isLoopback } from "./address.ts";
import type { Findings } from "./findings.ts";
import type { Path } from "./problem.ts";
import type { ConfigText, ProviderText } from "./schema.ts";

const MOST_REFRESH_MS = 5 * 60_000;
const LEAST_REFRESH_MS = 1_000;
/** What the gate itself says in an authorization request (RFC 6749 §4.1.1, RFC 7636, OpenID Connect Core §3.1.2.1). */
const OWN_PARAMETERS: ReadonlySet<string> = new Set([
  "client_id",
  "client_secret",
  "code_challenge",
  "code_challenge_method",
  "nonce",
  "redirect_uri",
  "request",
  "request_uri",
  "response_mode",
  "response_type",
  "scope",
  "state",
]);

/** Identity providers: who they are, and which of our groups they put people into. */
export function checkProviders(config: ConfigText, findings: Findings): void {
  const seen = new Set<string>();
  for (const [index, provider] of config.gate.providers.entries()) {
    const path = ["gate", "providers", index];
    // It is a part of addresses: two that differ in case alone would be taken for one.
    const name = provider.name.toLowerCase();
    if (seen.has(name)) findings.problem([...path, "name"], "a name no other entry of this list has");
    seen.add(name);
    checkIssuer(provider, path, findings);
    checkKind(provider, path, findings);
    for (const [theirs, ours] of Object.entries(provider.groups)) {
      if (!Object.hasOwn(config.groups, ours)) {
        findings.problem([...path, "groups", theirs], "a group of this file", { known: Object.keys(config.groups) });
      }
    }
    for (const parameter of Object.keys(provider.parameters)) {
      if (OWN_PARAMETERS.has(parameter))
        findings.problem([...path, "parameters", parameter], "a parameter that is not the gate's own", { key: true });
    }
    const refreshMs = parseDuration(provider.refresh) ?? 0;
    if (refreshMs < LEAST_REFRESH_MS || refreshMs > MOST_REFRESH_MS) findings.problem([...path, "refresh"], "a duration from 1s to 5m");
  }
}

function checkIssuer({ issuer, kind }: ProviderText, path: Path, findings: Findings): void {
  if (issuer === undefined) {
    if (kind === "oidc") findings.problem(path, "`issuer`: the address of the provider", { found: "none" });
    return;
  }
  const url = URL.canParse(issuer) ? new URL(issuer) : undefined;
  const isSafe = url && (url.protocol === "https:" || isLoopback(`${url.hostname}:0`));
  if (!isSafe || url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    findings.problem([...path, "issuer"], "an https address without a password, a query or a fragment (http only to loopback)");
  }
}

function checkKind({ kind, scopes, clientSecret, secondFactor }: ProviderText, path: Path, findings: Findings): void {
  if (kind === "oidc") {
    if (scopes?.includes("openid") === false) findings.problem([...path, "scopes"], "`openid` among them");
    return;
  }
  if (clientSecret === undefined) findings.problem(path, "`clientSecret`: GitHub takes no client without one", { found: "none" });
  if (secondFactor.amr.length + secondFactor.acr.length > 0)
    findings.problem([...path, "secondFactor"], "nothing here: GitHub says nothing of second factors");
}
