import { describe, expect, test } from "vitest";
import type { CatalogueData } from "./catalogue.ts";
import { glob, maskedColumns, type MaskRule } from "./masks.ts";

describe("a name in a rule", () => {
  // oxlint-disable-next-line no-template-curly-in-string -- a name like any other
  test.each(["e-mail", "a/b", "a.b", "$", "(x)", "[x]", "a\\b", "^a|b+?{2}", "new\nline", "-- x", "é", "${x}"])(
    "%j is that name and no other",
    (name) => {
      expect(glob(`*.${name}`).test(`public.people.${name}`)).toBe(true);
      expect(glob(name).test(`${name}x`)).toBe(false);
      expect(glob(name).test(name.replace(/.$/su, "!"))).toBe(false);
    },
  );
});

describe("a column that refers to a masked one", () => {
  const column = (number: number, name: string): CatalogueData["relations"][number]["columns"][number] => ({ number, name, text: true });
  const catalogue: CatalogueData = {
    relations: [
      { oid: 1, schema: "public", name: "people", columns: [column(1, "email"), column(2, "name")], unique: [1] },
      {
        oid: 2,
        schema: "public",
        name: "orders",
        columns: [column(1, "buyer"), column(2, "note")],
        references: [{ column: 1, relation: 1, to: 1 }],
      },
      { oid: 3, schema: "public", name: "parcels", columns: [column(1, "to")], references: [{ column: 1, relation: 2, to: 1 }] },
    ],
    inherits: [],
    functions: [],
    operators: [],
    castTypes: [],
  };
  const email: MaskRule = { columns: "public.people.email", class: "email", mask: "domain", compare: "deny" };

  test("is masked as that is, over any number of steps; nothing else is", () => {
    const masked = maskedColumns(catalogue, [email], []);
    expect([...masked].map(([oid, columns]) => [oid, [...columns.keys()]])).toEqual([
      [1, [1]],
      [2, [1]],
      [3, [1]],
    ]);
    expect(masked.get(3)?.get(1)).toMatchObject({ mask: "domain", class: "email", column: "public.parcels.to", matched: true });
    expect(maskedColumns(catalogue, [email], ["email"]).size).toBe(0);
  });

  test("is what a rule says of it, also one whose class the role shows", () => {
    const own: MaskRule = { columns: "public.orders.buyer", class: "buyer", mask: "null", compare: "deny" };
    expect(maskedColumns(catalogue, [email, own], []).get(2)?.get(1)).toMatchObject({ mask: "null" });
    expect(maskedColumns(catalogue, [email, own], ["buyer"]).get(2)).toBeUndefined();
  });
});
