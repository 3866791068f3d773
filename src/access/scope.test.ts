import { describe, expect, test } from "vitest";
import type { Role } from "../policy/role.ts";
import { testRule, testTarget } from "../../test/kit/access-world.ts";
import type { Target } from "./model.ts";
import type { Rulebook } from "./rulebook.ts";
import { resolveTargets, scopedTarget } from "./scope.ts";

const plain = { gate: [], budget: {}, recording: { exec: "head" } } as const;
const SHELL: Role = { name: "shell", ssh: { account: "infra", shell: true, exec: false, files: "none", env: [] }, ...plain };
const READ: Role = { name: "read", postgres: { account: "app", allow: ["read"], databases: [] }, ...plain };
const BOTH: Role = { ...SHELL, ...READ, name: "both" };

const labels = { service: "checkout" };
const host = testTarget("web-1", labels);
const database: Target = {
  ...testTarget("orders-db", labels),
  kind: "postgres",
  hostKeys: [],
  postgres: { database: "orders", tls: "verify-full" },
};
const rulebook = {
  targets: new Map([host, database].map((each) => [each.name, each])),
  roles: new Map([SHELL, READ, BOTH].map((role) => [role.name, role])),
  rules: [testRule({ roles: ["shell", "read", "both"], targets: { labels } })],
} as unknown as Rulebook;
const ana = { name: "ana" as never, groups: ["oncall"] };

describe("a rule that selects a host and a database", () => {
  const resolved = (role: string, wanted: string) => {
    const found = resolveTargets(rulebook, ana, role, [wanted]);
    return "allowed" in found ? found.code : found.map(({ target }) => target.name);
  };

  test.each([
    ["shell", ["web-1"]],
    ["read", ["orders-db"]],
    ["both", ["web-1", "orders-db"]],
  ])("gives %s on what it says something about", (role, names) => {
    expect(resolved(role, "service=checkout")).toEqual(names);
  });

  test("and not on the other, also by name", () => {
    expect(resolved("shell", "orders-db")).toBe("no-rule");
    expect(resolved("read", "web-1")).toBe("no-rule");
  });

  test("with the account of each kind", () => {
    const [rule] = rulebook.rules;
    if (!rule) throw new Error("no rule");
    expect(scopedTarget({ target: host, rule }, BOTH)).toMatchObject({ account: "infra" });
    expect(scopedTarget({ target: database, rule }, BOTH)).toMatchObject({ account: "app" });
  });
});
