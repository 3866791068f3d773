import { describe, expect, it } from "vitest";
import { AccessWorld, HOUR, testRule, testTarget } from "../../test/kit/access-world.ts";
import { accessMatrix } from "./matrix.ts";

function world(): AccessWorld {
  const made = new AccessWorld();
  made.rules = [
    testRule({ name: "first", who: ["ana"], breakGlass: false }),
    testRule({ name: "second", who: ["group:oncall"], approval: "1 of owners" }),
    testRule({ name: "third", who: ["eve"], targets: { names: ["db-1"] }, approval: "1 of owners" }),
  ];
  made.targets = [...made.targets, testTarget("web-3", { service: "checkout" })];
  return made;
}

describe("the matrix of access", () => {
  const made = world();
  const rulebook = made.rulebook();
  const targets = [...rulebook.targets.values()];
  const matrixOf = (names: string[], limit = 100, role?: string) =>
    accessMatrix(
      rulebook,
      names.map((name) => made.person(name)),
      targets,
      { limit, role },
    );

  it("gives each person, target and role the first rule that matches, with who could approve and never the person", () => {
    const { entries, isPart } = matrixOf(["ana", "bob", "nobody"]);
    const same = { role: "debug", maxDurationMs: 4 * HOUR };
    const ana = {
      ...same,
      principal: "ana",
      rule: "first",
      verdict: "ask",
      demands: "1 of leads",
      approvers: ["bob", "lea"],
      breakGlass: false,
    };
    const bob = { ...same, principal: "bob", rule: "second", breakGlass: true };
    expect(isPart).toBe(false);
    expect(entries).toEqual([
      { ...ana, target: "web-1" },
      { ...ana, target: "web-2" },
      { ...ana, target: "web-3" },
      { ...bob, target: "web-1", verdict: "ask", demands: "1 of leads", approvers: ["lea"] },
      { ...bob, target: "web-2", verdict: "ask", demands: "1 of security", approvers: ["lea", "sam"] },
      // Its owners are asked for, and it has none.
      { ...bob, target: "web-3", verdict: "deny" },
    ]);
  });

  it("says what a request would find: nothing that a rule before it hides", () => {
    for (const { principal, target, role, rule } of matrixOf(["ana", "bob"]).entries) {
      const found = rulebook.targets.get(target);
      expect([role, found?.name, rule]).toEqual(["debug", target, principal === "ana" ? "first" : "second"]);
    }
    expect(matrixOf(["eve"]).entries).toMatchObject([{ target: "db-1", rule: "third", verdict: "deny" }]);
  });

  it("says when there is more, and keeps to a role that is asked for", () => {
    const { entries } = matrixOf(["ana"]);
    expect(matrixOf(["ana"], 1)).toEqual({ entries: entries.slice(0, 1), isPart: true });
    expect(matrixOf(["ana"], 100, "another").entries).toEqual([]);
  });
});
