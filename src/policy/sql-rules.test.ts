import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  anyAction,
  anyEntry,
  anyLists,
  anyRelation,
  anyStatement,
  asked,
  does,
  letsThrough,
  ORDER,
  placed,
  role,
  SCHEMAS,
  statement,
} from "../../test/kit/any-statements.ts";
import type { Action, Decision } from "./action.ts";
import { bothDecider, decide } from "./decide.ts";
import type { PostgresPermissions, Role } from "./role.ts";
import type { StatementFacts } from "./sql/statement.ts";

const SUPPORT = role({
  allow: ["read on public.*", "read on pg_catalog.*", "write on public.orders", "transaction", "function refund"],
  hold: ["write on public.customers", "function pg_terminate_backend", "ddl on staging.*"],
  deny: ["read on payroll.*", "read on public.salaries"],
});

/** By hand, from what the role says to a person who reads it. */
const EXPECTED: readonly [what: string, facts: StatementFacts, verdict: "allow" | "hold" | "deny", rule: string, detail?: RegExp][] = [
  ["reads what it may", statement(["read"], ["public.orders"]), "allow", "allow"],
  ["reads nothing", statement(["read"], []), "allow", "allow"],
  ["reads elsewhere", statement(["read"], ["audit.log"]), "deny", "allow", /reading audit\.log/],
  ["reads what is denied", statement(["read"], ["public.salaries"]), "deny", "deny[read on public.salaries]", /reading public\.salaries/],
  [
    "joins what is denied",
    statement(["read"], ["public.orders", "payroll.pay"]),
    "deny",
    "deny[read on payroll.*]",
    /reading payroll\.pay/,
  ],
  ["a name alone may be in payroll", statement(["read"], ["orders"]), "deny", "deny[read on payroll.*]", /reading orders, in whatever/],
  ["statistics of any table", statement(["read"], ["pg_catalog.pg_stats"], { beyond: ["read"] }), "deny", "deny[read on payroll.*]"],
  ["writes what it may", statement(["write"], ["public.orders write"]), "allow", "allow"],
  ["writes what waits", statement(["write"], ["public.customers write"]), "hold", "hold[write on public.customers]"],
  ["writes both", statement(["write"], ["public.orders write", "public.customers write"]), "hold", "hold[write on public.customers]"],
  ["writes anything else", statement(["write"], ["public.items write"]), "deny", "allow", /changing or locking rows of public\.items/],
  ["writes by a name alone", statement(["write"], ["orders write"]), "deny", "allow", /orders, in whatever schema/],
  ["truncates what others hang on", statement(["write"], ["public.orders write"], { beyond: ["write"] }), "deny", "allow", /does not name/],
  ["locks what it may write", statement(["read", "write"], ["public.orders read both"]), "allow", "allow"],
  [
    "locks what it may only read",
    statement(["read", "write"], ["public.items read both"]),
    "deny",
    "allow",
    /locking rows of public\.items/,
  ],
  ["finds rows of what it may write and not read", statement(["write"], ["audit.log write both"]), "deny", "allow"],
  ["calls what it may", statement(["read", "function"], [], { functions: ["refund"] }), "allow", "allow"],
  [
    "calls what waits",
    statement(["read", "function"], [], { functions: ["pg_terminate_backend"] }),
    "hold",
    "hold[function pg_terminate_backend]",
  ],
  [
    "calls it by its full name",
    statement(["read", "function"], [], { functions: ["pg_catalog.pg_terminate_backend"] }),
    "hold",
    "hold[function pg_terminate_backend]",
  ],
  [
    "calls another of that name",
    statement(["read", "function"], [], { functions: ["evil.pg_terminate_backend"] }),
    "deny",
    "allow",
    /evil\.pg_terminate_backend/,
  ],
  ["calls refund of another schema", statement(["read", "function"], [], { functions: ["evil.refund"] }), "deny", "allow", /evil\.refund/],
  ["calls what has a dot in its name", statement(["read", "function"], [], { functions: ['"evil.refund"'] }), "deny", "allow"],
  ["calls nobody knows what", statement(["read", "function"], []), "deny", "allow"],
  ["defines in staging", statement(["ddl"], ["staging.t write"]), "hold", "hold[ddl on staging.*]"],
  ["defines elsewhere", statement(["ddl"], ["public.t write"]), "deny", "allow", /definition of public\.t/],
  ["moves a table out of staging", statement(["ddl"], ["staging.t write", "public.t write"]), "deny", "allow", /public\.t/],
  ["defines what has no name", statement(["ddl"], [], { beyond: ["write"] }), "deny", "allow"],
  ["copies what it may read", statement(["read", "copy"], ["public.orders"]), "deny", "allow", /COPY/],
];

describe("class × relation × function", () => {
  test.each(EXPECTED)("%s", (_what, facts, verdict, rule, detail) => {
    const decision = decide(SUPPORT, asked(facts));
    expect(decision.allowed).toBe({ allow: true, hold: "hold", deny: false }[verdict]);
    expect(decision.rule).toBe(`support.postgres.${rule}`);
    expect("detail" in decision ? decision.detail : "").toMatch(detail ?? /^/);
  });

  test("a name alone is looked for along the path, and may be in each of its schemas", () => {
    const orders = statement(["read"], ["orders"]);
    const along = (path: readonly string[]): Decision => decide(SUPPORT, { ...asked(orders), path } as Action);
    expect(along(["pg_catalog", "public"]).allowed).toBe(true);
    expect(along(["public", "payroll"])).toMatchObject({ allowed: false, rule: "support.postgres.deny[read on payroll.*]" });
    expect(along(["app", "public"])).toMatchObject({ allowed: false, next: "with its schema: <schema>.orders" });
    expect(along([]).allowed).toBe(false);
  });

  test.each([
    ["SET", statement(["session"], [], { settings: ["search_path"] })],
    ["code", statement(["opaque"], [])],
  ])("what may change the path (%s) leaves the names beside it unknown", (_what, moves) => {
    const both = role({ allow: ["read on public.*", "session", "opaque"] });
    const path = ["public"];
    expect(decide(both, { ...asked(moves), path } as Action).allowed).toBe(true);
    expect(decide(both, { ...asked(moves, statement(["read"], ["orders"])), path } as Action).allowed).toBe(false);
    expect(decide(both, { ...asked(moves, statement(["read"], ["public.orders"])), path } as Action).allowed).toBe(true);
  });

  test("a grant from before allows the functions that it named", () => {
    const old = role({ allow: ["read"] });
    const before: Role = { ...old, postgres: { ...(old.postgres as PostgresPermissions), functions: ["audit.stamp"] } };
    const stamp = asked(statement(["read", "function"], [], { functions: ["audit.stamp"] }));
    expect(decide(before, stamp).allowed).toBe(true);
    expect(decide(old, stamp).allowed).toBe(false);
  });

  test.each(["allow", "hold", "deny"] as const)("an entry of `%s` that cannot be read denies everything", (list) => {
    const lists = { allow: ["read"], hold: [], deny: [] };
    const unread = role({ ...lists, [list]: [...lists[list], "reed on public.*"] });
    expect(decide(unread, asked(statement(["read"], ["public.orders"]))).allowed).toBe(false);
  });
});

describe("whatever a role says", () => {
  test("one entry more in `deny` lets no more through", () => {
    fc.assert(
      fc.property(anyLists, anyEntry, anyAction, (lists, entry, action) => {
        const more = { ...lists, deny: [...lists.deny, entry] };
        expect(letsThrough(more, action)).toBeLessThanOrEqual(letsThrough(lists, action));
      }),
      { numRuns: 3000 },
    );
  });

  test("one entry more in `hold` makes nothing run at once", () => {
    fc.assert(
      fc.property(anyLists, anyEntry, anyAction, (lists, entry, action) => {
        const more = letsThrough({ ...lists, hold: [...lists.hold, entry] }, action);
        expect(more === ORDER.indexOf(true) && letsThrough(lists, action) !== more).toBe(false);
      }),
      { numRuns: 3000 },
    );
  });

  test("the order of the entries does not matter", () => {
    fc.assert(
      fc.property(anyLists, anyAction, ({ allow, hold, deny }, action) => {
        const turned = { allow: allow.toReversed(), hold: hold.toReversed(), deny: deny.toReversed() };
        expect(letsThrough(turned, action)).toBe(letsThrough({ allow, hold, deny }, action));
      }),
      { numRuns: 2000 },
    );
  });

  test("what is not known lets no more through: a schema that is not written, a path that may have changed", () => {
    fc.assert(
      fc.property(anyLists, anyStatement, fc.constantFrom(...SCHEMAS), (lists, facts, schema) => {
        const known = letsThrough(lists, asked({ ...facts, relations: facts.relations.map((each) => placed(each, schema)) }));
        const unknown = letsThrough(lists, asked({ ...facts, relations: facts.relations.map((each) => placed(each)) }));
        expect(unknown).toBeLessThanOrEqual(known);
      }),
      { numRuns: 3000 },
    );
  });

  test("one statement, relation or function more lets no more through", () => {
    fc.assert(
      fc.property(anyLists, anyStatement, anyRelation, anyStatement, (lists, facts, more, other) => {
        const alone = letsThrough(lists, asked(facts));
        expect(letsThrough(lists, asked(facts, other))).toBeLessThanOrEqual(alone);
        expect(letsThrough(lists, asked({ ...facts, beyond: ["read", "write"] }))).toBeLessThanOrEqual(alone);
        // Where nothing was named, one that is named may be let through where any would not.
        const isMore = (["read", "write"] as const).every(
          (access) => !does(more, access) || facts.relations.some((each) => does(each, access)),
        );
        const relations = isMore ? [...facts.relations, more] : facts.relations;
        expect(letsThrough(lists, asked({ ...facts, relations }))).toBeLessThanOrEqual(alone);
      }),
      { numRuns: 3000 },
    );
  });

  test("two roles let through what each of them does, and hold what either does", () => {
    fc.assert(
      fc.property(anyLists, anyLists, anyAction, (approved, now, action) => {
        const together = ORDER.indexOf(bothDecider(role(approved), role(now))(action).allowed);
        expect(together).toBe(Math.min(letsThrough(approved, action), letsThrough(now, action)));
      }),
      { numRuns: 3000 },
    );
  });
});
