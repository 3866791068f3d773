import { describe, expect, test } from "vitest";
import { parseConfig } from "../config/load.ts";
import { formatProblem } from "../config/problem.ts";
import type { PrincipalName } from "../kernel/ids.ts";
import type { FactorKind } from "../kernel/step-up.ts";
import { configDirectory, configHoldings, demandsFactor } from "./directory.ts";

const TEXT = `version: 1
gate: { name: gate.example, masterKey: "file:/key", public: { url: "https://gate.example" } }
groups: { owners: [olga], oncall: [ana] }
roles:
  owner: { gate: ["*"], secondFactor: { kinds: [passkey], address: bound } }
  look: { gate: [audit.read] }
  debug: { ssh: { account: infra, shell: true }, secondFactor: { use: login } }
holders: [{ role: owner, who: ["group:owners"] }, { role: look, who: ["group:owners"] }]
rules: [{ name: r, who: ["group:oncall"], roles: [debug], targets: { names: [web] }, max: 1h, approval: none }]
targets: { web: { kind: ssh, address: "10.0.0.5:22", hostKeys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHVYOQS6h3gLgvY4oCbS1m8rzcvUmhtrVsRz4rWQ5Iiu"] } }
`;
const parsed = parseConfig(TEXT, "s.yaml");
if (!parsed.ok) throw new Error(parsed.problems.map(formatProblem).join("\n"));
const { config } = parsed;
const directory = configDirectory(() => config, { groupsOf: () => [] });
const holdings = configHoldings(
  () => config,
  directory,
  () => 1000,
);
const olga = { name: "olga" as PrincipalName, type: "human" as const, groups: ["owners"] };
const login = (kind?: FactorKind, madeAt = "192.0.2.7:1") => ({
  factors: kind === undefined ? [] : [{ kind, at: 0 }],
  remote: "192.0.2.7:2",
  madeAt,
});

describe("an owner whose role takes a passkey", () => {
  test("holds by a login without one what other roles of theirs give, and no more", () => {
    expect([...holdings.permissionsOf(olga, login())]).toEqual(["audit.read"]);
    expect([...holdings.permissionsOf(olga, login("totp"))]).toEqual(["audit.read"]);
    expect(holdings.permissionsOf(olga, {}).has("user.write")).toBe(false);
    expect(holdings.permissionsOf(olga, login("passkey")).has("user.write")).toBe(true);
    // From elsewhere a token that leaked is of no use, whatever it has shown.
    expect(holdings.permissionsOf(olga, login("passkey", "198.51.100.1:1")).has("user.write")).toBe(false);
  });

  test("is told what to show for the rest", () => {
    expect(holdings.lacking?.(olga, "user.write", login())).toMatchObject({ code: "second-factor-needed", stepUp: { kinds: ["passkey"] } });
    expect(holdings.lacking?.(olga, "user.write", login("passkey", "198.51.100.1:1"))).toMatchObject({ code: "wrong-address" });
    expect(holdings.lacking?.(olga, "audit.read", login())).toBeUndefined();
    expect(holdings.lacking?.({ ...olga, name: "eve" as PrincipalName, groups: [] }, "user.write", login())).toBeUndefined();
  });

  test("is an owner all the same: nobody less takes over the account", () => {
    expect(holdings.isOwner(olga.name)).toBe(true);
    expect(holdings.permissionsOf(olga, "whatever").has("user.write")).toBe(true);
  });
});

test("who may hold, or ask for, a role that takes a second factor keeps the last one", () => {
  expect(demandsFactor(config, olga.name, ["owners"])).toBe(true);
  expect(demandsFactor(config, "ana" as PrincipalName, ["oncall"])).toBe(true);
  expect(demandsFactor(config, "eve" as PrincipalName, [])).toBe(false);
});
