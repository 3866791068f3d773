import { expect, it } from "vitest";
import { readCatalogue, type CatalogueData, type CatalogueRelation } from "../policy/sql/masking/catalogue.ts";
import { shareCatalogue } from "./shared-catalogue.ts";

const relation = (oid: number, columns: number): CatalogueRelation => ({
  oid,
  schema: "public",
  name: `ünïcode "${oid}"\n`,
  columns: Array.from({ length: columns }, (_, index) => ({ number: index + 1, name: `c${index}`, text: true })),
});
const catalogueOf = (relations: readonly CatalogueRelation[]): CatalogueData => ({
  relations,
  inherits: [[2, 1]],
  functions: ["f"],
  operators: [],
  castTypes: [],
});

it.each([
  ["nothing", []],
  ["one relation without a column", [relation(1, 0)]],
  ["one that is longer than what is written in one go", [relation(1, 5000)]],
  ["exactly as many as are, and one more", [relation(1, 3999), relation(2, 1), relation(3, 7)]],
  ["many", Array.from({ length: 1000 }, (_, oid) => relation(oid, 20))],
])("what comes out is what went in: %s", async (_what, relations) => {
  const catalogue = catalogueOf(relations);
  const { bytes, hash } = await shareCatalogue(catalogue);
  expect(readCatalogue(bytes)).toEqual(catalogue);
  expect((await shareCatalogue(catalogue)).hash).toBe(hash);
  expect((await shareCatalogue(catalogueOf([...relations, relation(9999, 1)]))).hash).not.toBe(hash);
});
