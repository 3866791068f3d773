import { expect, test } from "vitest";
import type { Role } from "../role.ts";
import { mostOthers, type Tolerance } from "./tolerance.ts";

function role(tolerance?: Tolerance): Role {
  const postgres = { account: "app", allow: [], functions: [], databases: [], ...(tolerance && { preview: { tolerance } }) };
  return { name: "fix", postgres, gate: [], budget: {}, recording: { exec: "head" } };
}

test("the stricter of the role that was approved and the role of today; none where either says nothing", () => {
  expect(mostOthers([role({ rows: 5 }), role({ rows: 3 })], 100)).toBe(3);
  expect(mostOthers([role({ percent: 10 }), role({ rows: 30 })], 100)).toBe(10);
  expect(mostOthers([role({ percent: 10 }), role({ rows: 30 })], 9)).toBe(0);
  expect(mostOthers([role({ rows: 5 }), role()], 100)).toBe(0);
  expect(mostOthers([role({ rows: 5 }), undefined], 100)).toBe(0);
});
