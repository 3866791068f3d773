import { expect, test } from "vitest";
import type { StatementFacts } from "../policy/sql/statement.ts";
import { refuseSettings } from "./masked-settings.ts";

const changing = (...settings: string[]): StatementFacts[] => [
  { kind: "VariableSetStmt", classes: ["session"], relations: [], functions: [], settings, columns: [], secret: false },
];

test.each([
  ["search_path", "path"],
  ["*", "path"],
  ["enable_seqscan", "order"],
  ["enable_bitmapscan", "order"],
  ["random_page_cost", "order"],
  ["cpu_index_tuple_cost", "order"],
  ["effective_cache_size", "order"],
  ["cursor_tuple_fraction", "order"],
  ["geqo_seed", "order"],
])("%s stays as it is", (name, why) => {
  expect(refuseSettings(changing("datestyle", name))).toMatchObject({ code: "masked", detail: expect.stringContaining(why) as string });
});

test.each(["datestyle", "timezone", "statement_timeout", "work_mem", "application_name", "extra_float_digits"])("%s may change", (name) => {
  expect(refuseSettings(changing(name))).toBeUndefined();
});
