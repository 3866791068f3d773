/** Identity providers in `sallyport.yaml`: what is refused, what counts as widening. */
import { describe, expect, test } from "vitest";
import { diffConfig } from "./diff.ts";
import { parseConfig } from "./load.ts";
import type { Config } from "./model.ts";

const CORP = "{ name: corp, kind: oidc, issuer: https://id.example, clientId: gate, groups: { eng: oncall } }";

function yaml(providers: readonly string[], rules = true): string {
  return `version: 1
gate:
  name: gate.example
  masterKey: file:/etc/sallyport/key
  anchors: [{ name: a, file: /mnt/a }]
  providers:
${providers.length === 0 ? "    []" : providers.map((each) => `    - ${each}`).join("\n")}
groups: { oncall: [], leads: [lea] }
roles:
  debug: { ssh: { account: infra, shell: true } }
  reader: { gate: [audit.read] }
holders: [{ role: reader, who: ["group:oncall"] }]
rules: ${rules ? '[{ name: r, who: ["group:oncall"], roles: [debug], targets: { names: [web] }, max: 1h, approval: 1 of leads }]' : "[]"}
targets: { web: { kind: ssh, address: "10.0.0.1:22", hostKeys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIWzCBt0XQsMKHqFBOAWiF3bV1SkVCKJcYCsZ1vAdvZU"] } }
`;
}

function load(...providers: string[]): Config {
  const parsed = parseConfig(yaml(providers), "test.yaml");
  if (!parsed.ok) throw new Error(parsed.problems.map(({ path, expected }) => `${path}: ${expected}`).join("\n"));
  return parsed.config;
}

function problems(...providers: string[]): string[] {
  const parsed = parseConfig(yaml(providers), "test.yaml");
  return parsed.ok ? [] : parsed.problems.map(({ path, expected }) => `${path}: ${expected}`);
}

describe("checks", () => {
  test.each([
    ["{ name: corp, kind: oidc, clientId: gate }", "issuer"],
    ["{ name: corp, kind: oidc, issuer: http://id.example, clientId: gate }", "https"],
    ["{ name: corp, kind: oidc, issuer: https://user:secret@id.example, clientId: gate }", "https"],
    ["{ name: corp, kind: oidc, issuer: https://id.example, clientId: gate, groups: { eng: nowhere } }", "a group of this file"],
    ["{ name: corp, kind: oidc, issuer: https://id.example, clientId: gate, refresh: 6m }", "1s to 5m"],
    ["{ name: corp, kind: oidc, issuer: https://id.example, clientId: gate, refresh: 0s }", "1s to 5m"],
    ["{ name: corp, kind: oidc, issuer: https://id.example, clientId: gate, scopes: [profile] }", "openid"],
    ["{ name: corp, kind: oidc, issuer: https://id.example, clientId: gate, parameters: { redirect_uri: x } }", "not the gate's own"],
    ["{ name: corp, kind: oidc, issuer: https://id.example, clientId: gate, clientSecret: hunter2 }", "never the secret itself"],
    ["{ name: hub, kind: github, clientId: gate }", "clientSecret"],
    ["{ name: hub, kind: github, clientId: gate, clientSecret: env:X, secondFactor: { amr: [mfa] } }", "second factors"],
    ["{ name: hub, kind: saml, clientId: gate }", "oidc or github"],
  ])("%s is refused", (provider, expected) => {
    expect(problems(provider).join()).toContain(expected);
  });

  test("names that differ in case alone are one", () => {
    expect(problems(CORP, CORP.replace("corp", "Corp")).join()).toContain("no other entry");
  });

  test("defaults allow nothing", () => {
    const [corp] = load("{ name: corp, kind: oidc, issuer: https://id.example, clientId: gate }").gate.providers;
    expect(corp).toMatchObject({ create: false, groups: {}, secondFactor: { amr: [], acr: [] }, refreshMs: 300_000 });
  });
});

describe("what a change means", () => {
  test("a provider that puts people into a group widens by what the group may do", () => {
    const { widening } = diffConfig(load(), load(CORP));
    expect(widening).toContain('gate: people log in by "corp"');
    expect(widening.join("\n")).toMatch(/\(corp: eng\).*holds on the gate: audit\.read|\(corp: eng\) holds on the gate: audit\.read/);
    expect(widening.join("\n")).toMatch(/\(corp: eng\).*role "debug" on web: may be requested now/);
  });

  test("one more mapping widens, one fewer narrows, and any other setting counts as widening", () => {
    const two = CORP.replace("{ eng: oncall }", "{ eng: oncall, ops: leads }");
    expect(diffConfig(load(CORP), load(two)).widening.join("\n")).toContain('"corp" puts its "ops" into leads');
    expect(diffConfig(load(two), load(CORP))).toMatchObject({
      widening: [],
      narrowing: expect.arrayContaining(['gate: "corp" puts people into fewer groups']),
    });
    expect(diffConfig(load(CORP), load(CORP.replace("id.example", "evil.example"))).widening).toContain(
      'gate: identity provider "corp" changed',
    );
    expect(diffConfig(load(CORP), load()).narrowing).toContain('gate: nobody logs in by "corp" any more');
  });
});
