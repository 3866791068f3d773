import { expect, test } from "vitest";
import { TestClock } from "../../test/kit/test-clock.ts";
import { TrialBudgets, type Trier } from "./trial-budgets.ts";

const ANA: Trier = { target: "orders-db", person: "ana" };

test("what somebody has spent is refused, for them and for this kind at this target alone, until it comes back", () => {
  const clock = new TestClock();
  const budgets = new TrialBudgets(() => clock.elapsed());
  for (let n = 0; n < 9; n += 1) budgets.spend("definition", ANA, 600);
  expect(budgets.refused("definition", ANA)).toMatchObject({ code: "rate-limited", next: "the same in 9 s" });
  for (const other of [
    { ...ANA, person: "bob" },
    { ...ANA, target: "users-db" },
  ]) {
    expect(budgets.refused("definition", other)).toBeUndefined();
  }
  expect(budgets.refused("change", ANA)).toBeUndefined();
  clock.pass(9000);
  expect(budgets.refused("definition", ANA)).toBeUndefined();
  budgets.spend("definition", ANA, 600);
  expect(budgets.refused("definition", ANA)).toMatchObject({ code: "rate-limited" });
});

test("many people together have an allowance too", () => {
  const budgets = new TrialBudgets(() => 0);
  for (let n = 0; n < 17; n += 1) budgets.spend("definition", { ...ANA, person: `p${n}` }, 600);
  expect(budgets.refused("definition", { ...ANA, person: "lea" })).toMatchObject({
    detail: expect.stringMatching(/^everybody's trials of definitions have kept rows or tables of orders-db locked/),
  });
});

test("quick ones are never refused", () => {
  const clock = new TestClock();
  const budgets = new TrialBudgets(() => clock.elapsed());
  for (let n = 0; n < 10_000; n += 1) {
    expect(budgets.refused("definition", ANA)).toBeUndefined();
    budgets.spend("definition", ANA, 5);
    clock.pass(100);
  }
});
