import { expect, test } from "vitest";
import type { AccessRule, Target } from "../access/model.ts";
import type { Rulebook } from "../access/rulebook.ts";
import type { PrincipalName } from "../kernel/ids.ts";
import type { Action } from "../policy/action.ts";
import type { Role } from "../policy/role.ts";
import { findAlternative } from "./alternative.ts";

const shop = { name: "shop-db", kind: "postgres", address: "10.0.0.6:5432", labels: {} } as unknown as Target;
const role = (name: string, permissions: Partial<NonNullable<Role["postgres"]>>): [string, Role] => [
  name,
  { name, postgres: { account: "app", allow: [], functions: [], databases: [], ...permissions } } as unknown as Role,
];
const rulebook = {
  targets: new Map([[shop.name, shop]]),
  roles: new Map([
    role("reads", { allow: ["read"] }),
    role("others-write", { allow: ["read", "write"] }),
    role("corrects", { allow: ["read"], hold: ["write"] }),
  ]),
  rules: [
    { name: "oncall", who: ["group:oncall"], roles: ["reads", "corrects"], targets: { names: ["shop-db"] } },
    { name: "leads", who: ["group:leads"], roles: ["others-write"], targets: { names: ["shop-db"] } },
  ] as unknown as AccessRule[],
  groups: new Map(),
} satisfies Rulebook;
const ana = { name: "ana" as PrincipalName, groups: ["oncall"] };
const doing = (each: string): Action =>
  ({ kind: "sql.statement", statements: [{ classes: [each], functions: [], settings: [] }] }) as unknown as Action;

test("the first role of the file that allows it, or holds it, and that this person may request", () => {
  expect(findAlternative(rulebook, ana, "shop-db", doing("write"))).toBe("sallyport psql --role corrects shop-db");
  expect(findAlternative(rulebook, { ...ana, groups: ["leads"] }, "shop-db", doing("write"))).toBe(
    "sallyport psql --role others-write shop-db",
  );
});

test("none, where no role allows it, nobody may request one, or the target is gone", () => {
  expect(findAlternative(rulebook, ana, "shop-db", doing("dcl"))).toBeUndefined();
  expect(findAlternative(rulebook, { ...ana, groups: [] }, "shop-db", doing("write"))).toBeUndefined();
  expect(findAlternative(rulebook, ana, "gone-db", doing("write"))).toBeUndefined();
});
