import { describe, expect, test } from "vitest";
import { AccessWorld, testRule, testTarget } from "../../test/kit/access-world.ts";
import type { TargetName } from "../kernel/ids.ts";
import { parseApproval } from "./approval.ts";
import { addApproval, demandsOfHeld, refuseApprover, stillMissing, type Awaiting } from "./approvals.ts";
import type { ApprovalExpression, Grant } from "./model.ts";

const world = new AccessWorld();
const ana = world.person("ana").name;

function of(text: string): ApprovalExpression {
  const parsed = parseApproval(text);
  if (!parsed.ok || !parsed.expression) throw new Error(text);
  return parsed.expression;
}

function awaiting(...texts: string[]): Awaiting {
  return { asker: ana, demands: texts.map(of), approvals: [] };
}

describe("approvals as they come in", () => {
  const lea = { ...world.person("lea"), groups: ["leads", "security"] };
  const max = { ...world.person("max"), groups: ["leads"] };

  test("one person fills one place, once; the last one completes it", () => {
    const asked = awaiting("1 of leads and 1 of security");
    const first = addApproval(asked, lea, 1);
    if (!first.allowed) throw new Error(first.code);
    expect(first.complete).toBe(false);
    const one = { ...asked, approvals: first.approvals };
    expect(addApproval(one, lea, 2)).toMatchObject({ code: "wrong-state" });
    expect(addApproval(one, max, 2)).toMatchObject({ complete: true, approvals: [{ by: "lea" }, { by: "max", groups: ["leads"], at: 2 }] });
  });

  test("never by who asked, nor by who has no place, nor where nobody is asked for", () => {
    expect(refuseApprover(awaiting("1 of leads"), { name: ana, groups: ["leads"] })).toMatchObject({ code: "own-request" });
    expect(refuseApprover(awaiting("1 of leads"), { ...max, groups: ["oncall"] })).toMatchObject({ code: "not-approver" });
    expect(addApproval(awaiting(), max, 1)).toMatchObject({ code: "not-approver" });
  });

  test("what is still to come, in words", () => {
    expect(stillMissing(awaiting("2 of leads"))).toBe("2 of leads");
    expect(stillMissing({ ...awaiting("2 of leads"), approvals: [{ by: max.name, at: 1, groups: ["leads"] }] })).toBe("1 of leads");
    expect(stillMissing(awaiting("1 of leads or 1 of security"))).toBe("1 of leads, or 1 of security");
    expect(stillMissing(awaiting("1 of leads or 1 of security", "1 of owners"))).toBe("(1 of leads, or 1 of security) and 1 of owners");
    expect(stillMissing({ ...awaiting("1 of leads"), approvals: [{ by: max.name, at: 1, groups: ["leads"] }] })).toBe("");
  });
});

describe("whose yes a held action takes", () => {
  const shop = "shop" as TargetName;
  const grant = { role: { name: "debug" } } as Grant;
  const demands = (rule: Parameters<typeof testRule>[0], labels = { service: "checkout" }): readonly ApprovalExpression[] => {
    const book = { ...world.rulebook(), rules: [testRule(rule)], targets: new Map([["shop", testTarget("shop", labels)]]) };
    return demandsOfHeld(book, world.person("ana"), grant, shop);
  };

  test("as the access itself, unless the rule says otherwise", () => {
    expect(demands({ approval: "2 of leads" })).toEqual([of("2 of leads")]);
    expect(demands({ approval: "2 of leads", holds: of("1 of security") })).toEqual([of("1 of security")]);
    expect(demands({ approval: "none", holds: of("1 of leads") })).toEqual([of("1 of leads")]);
  });

  test("`owners` is the group that the target's label names", () => {
    const labels = { service: "checkout", owner: "security" };
    expect(demands({ holds: of("1 of owners") }, labels)).toEqual([of("1 of security")]);
    expect(demands({ holds: of("1 of owners") })).toEqual([]);
  });

  test("nobody's without an approval, a rule or the target", () => {
    expect(demands({ approval: "none" })).toEqual([]);
    expect(demands({ roles: ["other"] })).toEqual([]);
    expect(demandsOfHeld({ ...world.rulebook(), targets: new Map() }, world.person("ana"), grant, shop)).toEqual([]);
  });
});
