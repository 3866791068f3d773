/** `workloads` of `sallyport.yaml`: what is refused, what counts as widening, what is shown. */
import { describe, expect, test } from "vitest";
import { diffConfig } from "./diff.ts";
import { explainConfig } from "./explain.ts";
import { parseConfig } from "./load.ts";
import type { Config } from "./model.ts";

const GITHUB = "https://token.actions.githubusercontent.com";
const TLS = "tls: { cert: env:C, key: env:K }";

function yaml(workloads: string, more = ""): string {
  return `version: 1
gate:
  name: gate.example
  masterKey: file:/etc/sallyport/key
  public: { url: "https://gate.example/" }
  anchors: [{ name: a, file: /mnt/a }]
  ${more}
groups: { builders: [deploy] }
roles: { debug: { ssh: { account: infra, shell: true } } }
agents: { robot: { for: ada } }
workloads: ${workloads}
targets: { web: { kind: ssh, address: "10.0.0.1:22", hostKeys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIWzCBt0XQsMKHqFBOAWiF3bV1SkVCKJcYCsZ1vAdvZU"] } }
`;
}

function load(workloads: string, more?: string): Config {
  const parsed = parseConfig(yaml(workloads, more), "test.yaml");
  if (!parsed.ok) throw new Error(parsed.problems.map(({ path, expected }) => `${path}: ${expected}`).join("\n"));
  return parsed.config;
}

function problems(workloads: string, more?: string): string[] {
  const parsed = parseConfig(yaml(workloads, more), "test.yaml");
  return parsed.ok ? [] : parsed.problems.map(({ path, expected }) => `${path}: ${expected}`);
}

const OURS = "{ deploy: { issuer: https://id.example, claims: { sub: deploy } } }";
const CERTIFICATE = "{ deploy: { certificate: { authority: file:/ca.pem, uri: spiffe://a/b } } }";

describe("a mapping that any token of its issuer satisfies does not load", () => {
  test.each([
    ["no claims", "{ deploy: { issuer: https://id.example } }"],
    ["none named", "{ deploy: { issuer: https://id.example, claims: {} } }"],
    ["the issuer and audience again", "{ deploy: { issuer: https://id.example, claims: { iss: https://id.example, aud: x } } }"],
    ["what is done, and not by whom", "{ deploy: { issuer: https://git.example, claims: { ref: main, ref_protected: 'true' } } }"],
    ["a truth", "{ deploy: { issuer: https://id.example, claims: { is_service: true } } }"],
    [
      "GitHub: an environment anybody can have",
      `{ deploy: { issuer: ${GITHUB}, claims: { environment: production, ref: refs/heads/main } } }`,
    ],
    ["GitHub: a person who ran it", `{ deploy: { issuer: ${GITHUB}, claims: { actor: ada } } }`],
    ["GitHub: of an enterprise's own issuer", `{ deploy: { issuer: ${GITHUB}/acme, claims: { workflow: deploy } } }`],
    ["gitlab.com: a person's mail", "{ deploy: { issuer: https://gitlab.com, claims: { user_email: ada@example.com } } }"],
  ])("%s", (_, workloads) => {
    expect(problems(workloads).join()).toMatch(/any token of this issuer would do|everybody has tokens of this issuer/);
  });

  test.each([
    ["sub", `{ deploy: { issuer: ${GITHUB}, claims: { sub: "repo:acme/shop:environment:production" } } }`],
    ["a repository", `{ deploy: { issuer: ${GITHUB}, claims: { repository_id: "1", environment: production } } }`],
    ["a project", '{ deploy: { issuer: https://gitlab.com, claims: { project_id: "22", ref_protected: "true" } } }'],
    ["a claim of one's own issuer", "{ deploy: { issuer: https://id.example, claims: { kubernetes.io.namespace: shop } } }"],
  ])("and with who it is, it does: %s", (_, workloads) => {
    expect(problems(workloads)).toEqual([]);
  });
});

describe("checks", () => {
  test.each([
    ["{ deploy: {} }", "exactly one of `issuer` and `certificate`"],
    ["{ deploy: { issuer: https://id.example, claims: { sub: a }, certificate: { authority: file:/ca.pem, dns: a } } }", "exactly one of"],
    ["{ deploy: { issuer: http://id.example, claims: { sub: a } } }", "https"],
    ["{ deploy: { issuer: https://u:secret@id.example, claims: { sub: a } } }", "https"],
    ["{ deploy: { issuer: https://id.example?x=1, claims: { sub: a } } }", "https"],
    ["{ deploy: { issuer: https://id.example, claims: { sub: [a] } } }", "a text (quote numbers)"],
    ["{ deploy: { issuer: https://id.example, claims: { project_id: 22 } } }", "a text (quote numbers)"],
    ["{ deploy: { issuer: https://id.example, claims: { sub: '' } } }", "a text (quote numbers)"],
    ["{ deploy: { issuer: https://id.example, claims: { sub: a }, maxAge: 30s } }", "1m to 24h"],
    ["{ deploy: { issuer: https://id.example, claims: { sub: a }, maxAge: 2d } }", "1m to 24h"],
    ["{ web: { issuer: https://id.example, claims: { sub: a } } }", "is a target"],
    ["{ gate: { issuer: https://id.example, claims: { sub: a } } }", "the gate's own name"],
    ["{ ada: { issuer: https://id.example, claims: { sub: a } } }", "who is a person"],
    ["{ deploy: { isuer: https://id.example } }", "issuer"],
    [CERTIFICATE, "`gate.tls`"],
  ])("%s is refused", (workloads, expected) => {
    expect(problems(workloads).join()).toContain(expected);
  });

  test.each([
    ["{ deploy: { certificate: { authority: file:/ca.pem } } }", "exactly one of `uri` and `dns`"],
    ["{ deploy: { certificate: { authority: file:/ca.pem, uri: spiffe://a/b, dns: a } } }", "exactly one of `uri` and `dns`"],
    ["{ deploy: { certificate: { authority: env:CA, uri: spiffe://a/b } } }", "file:/path"],
    ["{ deploy: { certificate: { authority: file:/ca.pem, dns: '*.example.org' } } }", "without `*`"],
    ["{ deploy: { certificate: { authority: file:/ca.pem, uri: spiffe://a/b }, claims: { sub: a } } }", "nothing here"],
  ])("with TLS %s is refused", (workloads, expected) => {
    expect(problems(workloads, TLS).join()).toContain(expected);
    expect(problems(CERTIFICATE, TLS)).toEqual([]);
  });

  test("a mistake of shape here does not hide others elsewhere", () => {
    const text = yaml("{ deploy: { issuer: 7 } }").replace("[deploy]", "[deploy, deploy]");
    const parsed = parseConfig(text, "test.yaml");
    expect(parsed.ok ? [] : parsed.problems.map(({ path }) => path)).toEqual(["groups.builders[1]", "workloads.deploy.issuer"]);
  });
});

describe("what it means", () => {
  test("tokens are for the gate's address and an hour old at most, where nothing else is written", () => {
    expect(load(OURS).workloads.get("deploy")).toEqual({
      issuer: "https://id.example",
      audience: "https://gate.example",
      claims: { sub: "deploy" },
      maxAgeMs: 3_600_000,
    });
  });

  test("who comes, or proves itself by something else, is wider; who goes, narrower", () => {
    const [none, one, other] = [load("{}"), load(OURS), load(OURS.replace("sub: deploy", "sub: other"))];
    const effects = (before: Config, after: Config): [string, string] => {
      const { widening, narrowing } = diffConfig(before, after);
      return [widening.join(), narrowing.join()];
    };
    expect(effects(none, one)).toEqual(["workload: deploy logs in by https://id.example", ""]);
    expect(effects(one, other)).toEqual(["workload: deploy proves itself by something else", ""]);
    expect(effects(one, none)).toEqual(["", "workload: deploy no longer logs in by what its platform says"]);
    expect(diffConfig(one, other).lines).toEqual(["~ workloads.deploy.claims.sub: deploy → other"]);
    expect(one.hash).not.toBe(other.hash);
  });

  test("it is explained as it is written", () => {
    const explained = explainConfig(yaml(CERTIFICATE, TLS), "test.yaml");
    const lines = explained.ok ? explained.lines.filter((line) => line.startsWith("workloads")) : [];
    expect(lines).toEqual([
      "workloads.deploy.certificate.authority: file:/ca.pem  (test.yaml:11)",
      "workloads.deploy.certificate.uri: spiffe://a/b  (test.yaml:11)",
    ]);
  });
});
