import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { PrincipalName } from "../kernel/ids.ts";
import { groupsIn, parseApproval, printApproval, withOwners } from "./approval.ts";
import type { Approval, ApprovalExpression } from "./model.ts";
import { expand, isMet, missing } from "./quorum.ts";

function parsed(text: string): ApprovalExpression {
  const result = parseApproval(text);
  if (!result.ok || !result.expression) throw new Error(`"${text}" is no expression`);
  return result.expression;
}

function by(name: string, ...groups: string[]): Approval {
  return { by: name as PrincipalName, at: 0, groups };
}

const GROUPS = ["a", "b", "c"];
const quorum = fc.record({
  kind: fc.constant("quorum" as const),
  count: fc.integer({ min: 1, max: 2 }),
  groups: fc.uniqueArray(fc.constantFrom(...GROUPS), { minLength: 1 }),
});
const { expression: anyExpression } = fc.letrec<{ expression: ApprovalExpression }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    quorum,
    fc.record({ kind: fc.constantFrom("and" as const, "or" as const), parts: fc.array(tie("expression"), { minLength: 2, maxLength: 2 }) }),
  ),
}));
const anyApprovals = fc
  .uniqueArray(fc.tuple(fc.constantFrom("p", "q", "r", "s", "me"), fc.uniqueArray(fc.constantFrom(...GROUPS))), {
    selector: ([name]) => name,
  })
  .map((people) => people.map(([name, groups]) => by(name, ...groups)));

describe("reading", () => {
  test("quorums, groups, and, or, parentheses", () => {
    expect(parsed("2 of leads and 1 of (security or owners)")).toEqual({
      kind: "and",
      parts: [
        { kind: "quorum", count: 2, groups: ["leads"] },
        { kind: "quorum", count: 1, groups: ["security", "owners"] },
      ],
    });
    expect(parsed(" ( 1 of a or 2 of b )and 1 of c")).toMatchObject({ kind: "and", parts: [{ kind: "or" }, { kind: "quorum" }] });
    expect(parseApproval("none")).toEqual({ ok: true });
  });

  test.each([
    ["", 0, /a number/],
    ["leads", 0, /a number/],
    ["0 of leads", 0, /a number/],
    ["-1 of leads", 0, /a number/],
    ["1.5 of leads", 0, /a number/],
    ["21 of leads", 0, /a number/],
    ["1 leads", 2, /"of"/],
    ["1 of", 4, /name of a group/],
    ["1 of (a, b)", 6, /name of a group/],
    ["1 of (a and b)", 8, /"or" or "\)"/],
    ["1 of a or 1 of b and 1 of c", 17, /parentheses/],
    ["1 of a 1 of b", 7, /"and", "or" or the end/],
    ["(1 of a", 7, /"\)"/],
    ["1 of none", 5, /name of a group/],
    ["none or 1 of a", 0, /a number/],
    ["1 of a and none", 11, /a number/],
  ])("%j is refused at character %i", (text, at, expected) => {
    expect(parseApproval(text)).toMatchObject({ ok: false, at, expected: expect.stringMatching(expected) as string });
  });

  test("what is too large to decide exactly is refused, not approximated", () => {
    const wide = Array.from({ length: 8 }, () => "(1 of a or 1 of b)").join(" and ");
    expect(parseApproval(wide).ok).toBe(false);
    expect(parseApproval("(".repeat(5000) + "1 of a").ok).toBe(false);
    expect(isMet({ kind: "and", parts: Array.from({ length: 8 }, () => parsed("1 of a or 1 of b")) }, [by("p", "a", "b")], "me")).toBe(
      false,
    );
  });

  test("printing and reading again gives the same", () => {
    fc.assert(
      fc.property(anyExpression, (expression) => {
        expect(parsed(printApproval(expression))).toEqual(expression);
      }),
    );
  });

  test("owners are replaced, also beside other groups", () => {
    expect(printApproval(withOwners(parsed("1 of (owners or leads) and 2 of owners"), "leads"))).toBe("1 of leads and 2 of leads");
    expect(groupsIn(parsed("1 of a and (1 of b or 1 of a)"))).toEqual(["a", "b"]);
  });
});

describe("meeting", () => {
  test("a person fills one place, whichever seats that leaves best", () => {
    const expression = parsed("1 of a and 1 of b");
    expect(isMet(expression, [by("p", "a", "b")], "me")).toBe(false);
    expect(isMet(expression, [by("p", "a", "b"), by("q", "a")], "me")).toBe(true);
    expect(isMet(expression, [by("q", "a"), by("p", "a", "b")], "me")).toBe(true);
    expect(isMet(expression, [by("p", "a"), by("q", "a")], "me")).toBe(false);
  });

  test("one person approving twice is one person", () => {
    expect(isMet(parsed("2 of a"), [by("p", "a"), by("p", "a")], "me")).toBe(false);
  });

  test("says what is missing, one line for each way", () => {
    expect(missing(parsed("2 of a and 1 of (b or c)"), [by("p", "a")], "me")).toEqual(["1 of a and 1 of (b or c)"]);
    expect(missing(parsed("2 of a or 1 of b"), [by("p", "a")], "me")).toEqual(["1 of a", "1 of b"]);
    expect(missing(parsed("1 of a"), [by("p", "a")], "me")).toEqual([]);
  });

  test("equals trying every way to seat the people", () => {
    fc.assert(
      fc.property(anyExpression, anyApprovals, (expression, approvals) => {
        expect(isMet(expression, approvals, "me")).toBe(byTrying(expression, approvals));
        expect(missing(expression, approvals, "me").length === 0).toBe(byTrying(expression, approvals));
      }),
      { numRuns: 2000 },
    );
  });

  test("the requester's own approval changes nothing", () => {
    fc.assert(
      fc.property(anyExpression, anyApprovals, (expression, approvals) => {
        const others = approvals.filter(({ by }) => by !== "me");
        expect(isMet(expression, [by("me", ...GROUPS), ...others], "me")).toBe(isMet(expression, others, "me"));
      }),
    );
  });

  test("another approval never undoes what is met", () => {
    fc.assert(
      fc.property(anyExpression, anyApprovals, (expression, approvals) => {
        const more = [...approvals, by("late", ...GROUPS)];
        expect(isMet(expression, approvals, "me") && !isMet(expression, more, "me")).toBe(false);
      }),
    );
  });
});

/** The definition itself: some alternative, some order of giving its places to different people. */
function byTrying(expression: ApprovalExpression, approvals: readonly Approval[]): boolean {
  const people = approvals.filter((approval) => approval.by !== "me");
  const seat = (places: readonly (readonly string[])[], left: readonly Approval[]): boolean => {
    const [place, ...rest] = places;
    if (!place) return true;
    return left.some(
      (person) =>
        place.some((group) => person.groups.includes(group)) &&
        seat(
          rest,
          left.filter((each) => each !== person),
        ),
    );
  };
  return (expand(expression) ?? []).some((places) => seat(places, people));
}
