import { expect, test } from "vitest";
import type { StatementFacts } from "../policy/sql/statement.ts";
import { SearchPath } from "./search-path.ts";

const NOTHING: StatementFacts = { kind: "", classes: ["read"], relations: [], functions: [], settings: [], columns: [], secret: false };

test.each([
  ["a read", {}, ["public"]],
  ["another setting", { classes: ["session"], settings: ["work_mem"] }, ["public"]],
  ["SET search_path", { classes: ["session"], settings: ["search_path"] }, undefined],
  ["a setting that is not told", { classes: ["session"], settings: ["*"] }, undefined],
  ["RESET ALL", { classes: ["session"], settings: [""] }, undefined],
  ["DISCARD ALL", { kind: "DiscardStmt", classes: ["session"] }, undefined],
  ["SET ROLE", { classes: ["dcl"], settings: ["role"] }, undefined],
  ["code", { classes: ["opaque"] }, undefined],
  ["a function", { classes: ["read", "function"], functions: ["f"] }, undefined],
] as const)("%s", (_what, facts, path) => {
  const search = new SearchPath(() => ["public"]);
  search.ran([NOTHING, { ...NOTHING, ...facts }]);
  search.ran([NOTHING]);
  expect(search.now).toEqual(path);
});

test("what nobody has asked for is not known", () => {
  expect(new SearchPath(() => undefined).now).toBeUndefined();
});
