import fc from "fast-check";
import { expect, test } from "vitest";
import { anyAction, anyLists, letsThrough, role } from "../../test/kit/any-statements.ts";
import type { PostgresPermissions } from "../policy/role.ts";
import type { SecondFactorRule } from "../policy/second-factor.ts";
import { diffRoles } from "./diff-roles.ts";
import type { Config } from "./model.ts";

type Lists = Pick<PostgresPermissions, "allow" | "hold" | "deny">;

function diff(before: Lists, after: Lists): { widening: string[]; narrowing: string[] } {
  const config = (lists: Lists): Config => ({ roles: new Map([["support", role(lists)]]) }) as unknown as Config;
  const effects = { widening: [], narrowing: [] };
  diffRoles(config(before), config(after), effects);
  return effects;
}

test("whatever lets one statement more through, or lets one run at once that waited, counts as widening", () => {
  let wider = 0;
  fc.assert(
    fc.property(anyLists, anyLists, fc.subarray(["allow", "hold", "deny"] as const), anyAction, (before, other, changed, action) => {
      const after = { ...before, ...Object.fromEntries(changed.map((list) => [list, other[list]])) };
      if (letsThrough(after, action) <= letsThrough(before, action)) return;
      wider += 1;
      expect(diff(before, after).widening).not.toEqual([]);
    }),
    { numRuns: 20_000 },
  );
  // Some of the pairs that are drawn are such; how many is chance.
  expect(wider).toBeGreaterThan(0);
});

const BEFORE = {
  allow: ["read", "read on public.*", "write on public.*"],
  hold: ["write on public.customers"],
  deny: ["read on payroll.*"],
};

test.each([
  ["another relation", { allow: [...BEFORE.allow, "write on audit.log"] }, 'role "support": allows statements: write on audit.log'],
  ["another hold", { hold: [...BEFORE.hold, "ddl on staging.*"] }, 'role "support": allows, each after an approval: ddl on staging.*'],
  ["no denial", { deny: [] }, 'role "support": no longer denies statements: read on payroll.*'],
  ["no hold", { hold: [] }, 'role "support": no longer holds: write on public.customers'],
])("%s widens", (_what, change, words) => {
  expect(diff(BEFORE, { ...BEFORE, ...change })).toEqual({ widening: [words], narrowing: [] });
});

test.each([
  ["one relation less", { allow: ["read", "read on public.*"] }, 'role "support": no longer allows statements: write on public.*'],
  [
    "a hold of what was allowed",
    { hold: [...BEFORE.hold, "write on public.items"] },
    'role "support": holds for an approver: write on public.items',
  ],
  ["another denial", { deny: [...BEFORE.deny, "write on public.audit"] }, 'role "support": denies statements: write on public.audit'],
])("%s narrows", (_what, change, words) => {
  expect(diff(BEFORE, { ...BEFORE, ...change })).toEqual({ widening: [], narrowing: [words] });
});

const FACTOR = { kinds: ["passkey"], use: "login", sessionMs: 600_000, address: "bound" } as const;

test.each<[string, SecondFactorRule | undefined, string]>([
  ["no second factor", undefined, 'role "support": takes no second factor any more'],
  ["another kind", { ...FACTOR, kinds: ["passkey", "totp"] }, 'role "support": allows second factors: totp'],
  ["an older one", { ...FACTOR, sessionMs: 700_000 }, 'role "support": second factor within 700000 ms (sessionMs), before 600000'],
  ["use without one", { ...FACTOR, use: "none" }, 'role "support": is of use without a second factor'],
  ["other addresses", { ...FACTOR, address: "any" }, 'role "support": logins from any address'],
])("%s widens, and the way back narrows", (_what, after, words) => {
  const config = (secondFactor: SecondFactorRule | undefined): Config =>
    ({ roles: new Map([["support", { ...role(BEFORE), ...(secondFactor && { secondFactor }) }]]) }) as unknown as Config;
  const [there, back] = [
    { widening: [] as string[], narrowing: [] as string[] },
    { widening: [] as string[], narrowing: [] as string[] },
  ];
  diffRoles(config(FACTOR), config(after), there);
  expect(there).toEqual({ widening: [words], narrowing: [] });
  diffRoles(config(after), config(FACTOR), back);
  expect(back.widening).toEqual([]);
  expect(back.narrowing).toHaveLength(1);
});
