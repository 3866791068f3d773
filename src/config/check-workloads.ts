import { parseDuration } from "../kernel/units.ts";
import { isLoopback } from "./address.ts";
import { checkPrincipal, type Findings } from "./findings.ts";
import type { Path } from "./problem.ts";
import type { ConfigText, WorkloadText } from "./schema.ts";

const LEAST_AGE_MS = 60_000;
const MOST_AGE_MS = 86_400_000;

/**
 * Claims that say nothing of who it is: of the token itself, or of what is being done, which anybody's job can do as well.
 * OpenID Connect Core §2, RFC 7519 §4.1, and what GitHub and GitLab put beside them.
 */
const SAYS_NOT_WHO: ReadonlySet<string> = new Set(
  (
    "iss aud exp nbf iat jti typ azp nonce " +
    "acr amr auth_time at_hash c_hash sid scope scp email_verified " +
    "token_use event_name ref ref_type ref_path ref_protected base_ref head_ref sha " +
    "run_id run_number run_attempt runner_environment environment environment_protected deployment_tier environment_action repository_visibility " +
    "project_visibility job_id job_source pipeline_id pipeline_source"
  ).split(" "),
);

/** Issuers that sign for everybody in the world: of each, the claims that only one owner's workloads can have. */
const PUBLIC_ISSUERS: ReadonlyMap<string, readonly string[]> = new Map([
  [
    "token.actions.githubusercontent.com",
    ["sub", "repository", "repository_id", "repository_owner", "repository_owner_id", "job_workflow_ref", "workflow_ref", "enterprise_id"],
  ],
  ["gitlab.com", ["sub", "project_path", "project_id", "namespace_path", "namespace_id", "ci_config_ref_uri"]],
  ["accounts.google.com", ["sub", "email"]],
  ["agent.buildkite.com", ["sub", "organization_id", "organization_slug", "pipeline_id"]],
  ["app.terraform.io", ["sub", "terraform_organization_id", "terraform_project_id", "terraform_workspace_id"]],
]);

/** How services and agents prove themselves: by one way each, and by something that nobody else has. */
export function checkWorkloads(config: ConfigText, findings: Findings): void {
  for (const [name, workload] of Object.entries(config.workloads)) {
    const path = ["workloads", name];
    checkPrincipal(config, name, path, findings);
    if (Object.values(config.agents).some((agent) => agent.for === name)) {
      findings.problem(path, "a service or an agent: an agent acts for this one, who is a person", { key: true });
    }
    if ((workload.issuer === undefined) === (workload.certificate === undefined)) {
      findings.problem(path, "exactly one of `issuer` and `certificate`");
    } else if (workload.certificate) checkCertificate(config, workload, path, findings);
    else checkTokens(workload, path, findings);
  }
}

function checkCertificate({ gate }: ConfigText, { certificate, ...workload }: WorkloadText, path: Path, findings: Findings): void {
  for (const key of ["audience", "claims", "maxAge"] as const) {
    if (workload[key] !== undefined) findings.problem([...path, key], "nothing here: a certificate has none", { key: true });
  }
  if ((certificate?.uri === undefined) === (certificate?.dns === undefined)) {
    findings.problem([...path, "certificate"], "exactly one of `uri` and `dns`: which certificate of the authority's it is");
  }
  if (gate.tls === undefined) findings.problem([...path, "certificate"], "`gate.tls`: without TLS nobody shows a certificate");
}

function checkTokens({ issuer = "", claims = {}, maxAge }: WorkloadText, path: Path, findings: Findings): void {
  const url = URL.parse(issuer);
  const isSafe = url && (url.protocol === "https:" || isLoopback(`${url.hostname}:0`));
  if (!isSafe || url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    findings.problem([...path, "issuer"], "an https address without a password, a query or a fragment (http only to loopback)");
  }
  const owned = url ? PUBLIC_ISSUERS.get(url.hostname) : undefined;
  const isIdentifying = (claim: string): boolean => (owned ? owned.includes(claim) : !SAYS_NOT_WHO.has(claim));
  if (!Object.entries(claims).some(([claim, value]) => typeof value === "string" && isIdentifying(claim))) {
    const expected = owned
      ? `one of ${owned.join(", ")} among its claims: everybody has tokens of this issuer`
      : "a claim that says who it is, such as `sub`: as it is, any token of this issuer would do";
    const named = Object.keys(claims);
    findings.problem(named.length > 0 ? [...path, "claims"] : path, expected, { found: named.join(", ") || "none" });
  }
  const ageMs = maxAge === undefined ? LEAST_AGE_MS : (parseDuration(maxAge) ?? 0);
  if (ageMs < LEAST_AGE_MS || ageMs > MOST_AGE_MS) findings.problem([...path, "maxAge"], "a duration from 1m to 24h");
}
