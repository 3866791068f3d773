import { describe, expect, test } from "vitest";
import type { CatalogueData, CatalogueRelation } from "../policy/sql/masking/catalogue.ts";
import { maskedColumns, type MaskRule } from "../policy/sql/masking/masks.ts";
import { withFormerNames } from "./former-names.ts";

const table = (oid: number, name: string, columns: readonly string[], schema = "public"): CatalogueRelation => ({
  oid,
  schema,
  name,
  columns: columns.map((each, index) => ({ number: index + 1, name: each, text: true })),
});
const catalogue = (...relations: readonly CatalogueRelation[]): CatalogueData => ({
  relations,
  inherits: [],
  functions: [],
  operators: [],
  castTypes: [],
});
const RULE: MaskRule = { columns: "public.people.email", class: "email", mask: "full", compare: "deny" };
const maskedIn = (data: CatalogueData): readonly string[] =>
  data.relations.flatMap(({ oid, columns }) =>
    columns.filter(({ number }) => maskedColumns(data, [RULE], []).get(oid)?.has(number) === true).map(({ name }) => name),
  );
const BEFORE = catalogue(table(1, "people", ["id", "email", "city"]));

describe("a column that is renamed", () => {
  test.each([
    ["under another name", table(1, "people", ["id", "note", "city"]), ["note"]],
    ["in a table of another name", table(1, "persons", ["id", "email", "city"]), ["email"]],
    ["in another schema", table(1, "people", ["id", "email", "city"], "archive"), ["email"]],
    ["that has changed places with another", table(1, "people", ["id", "city", "email"]), ["city", "email"]],
  ])("stays masked %s", (_how, now, expected) => {
    expect(maskedIn(catalogue(now))).not.toEqual(expected);
    expect(maskedIn(withFormerNames(BEFORE, catalogue(now)))).toEqual(expected);
  });

  test("stays masked when it is renamed again, and has one name only when it is renamed back", () => {
    const once = withFormerNames(BEFORE, catalogue(table(1, "people", ["id", "note", "city"])));
    const twice = withFormerNames(once, catalogue(table(1, "people", ["id", "remark", "city"])));
    expect(maskedIn(twice)).toEqual(["remark"]);
    const back = withFormerNames(twice, BEFORE);
    expect(back.relations[0]?.columns[1]?.formerly).toEqual(["public.people.note", "public.people.remark"]);
  });

  test("is none where nothing of the relation is the same, and nothing where nothing has changed", () => {
    const others = catalogue(table(1, "invoices", ["id", "number", "gross"]), table(2, "people", ["id", "email", "city"]));
    expect(withFormerNames(BEFORE, others)).toBe(others);
    const same = catalogue(table(1, "people", ["id", "email", "city"]));
    expect(withFormerNames(BEFORE, same)).toBe(same);
  });
});
