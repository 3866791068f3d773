/** Where the columns of a text come from, in a small database whose masks these catalogues give. `loadModule` comes before. */
import { parseSync } from "libpg-query";
import type { CatalogueData, SharedCatalogue } from "../../src/policy/sql/masking/catalogue.ts";
import { maskedColumns } from "../../src/policy/sql/masking/masks.ts";
import { Tracing, type Traced } from "../../src/policy/sql/masking/trace.ts";

export const column = (number: number, name: string, text = true): CatalogueData["relations"][number]["columns"][number] => ({
  number,
  name,
  text,
});
export const CATALOGUE: CatalogueData = {
  relations: [
    {
      oid: 1,
      schema: "public",
      name: "people",
      columns: [column(1, "id", false), column(2, "name"), column(3, "email"), column(4, "phone")],
    },
    { oid: 2, schema: "public", name: "plain", columns: [column(1, "id", false), column(2, "note")] },
    { oid: 3, schema: "public", name: "peeking", columns: [column(1, "seen")], definition: "SELECT 1 OPERATOR(public.===) 2 AS seen" },
  ],
  inherits: [],
  functions: ["peek"],
  operators: ["===", "=", ">="],
  castTypes: ["peeked"],
};
/** With keys; `people` shows a masked column that may not be compared, `email`. */
export const KEYED: CatalogueData = {
  ...CATALOGUE,
  relations: CATALOGUE.relations.map((relation) => (relation.name === "peeking" ? relation : { ...relation, key: [1] })),
  functions: [],
  operators: [],
  castTypes: [],
};
export const SECRETIVE: CatalogueData = {
  ...KEYED,
  relations: [
    ...KEYED.relations,
    {
      oid: 4,
      schema: "public",
      name: "pay",
      key: [1],
      columns: [
        column(1, "id", false),
        column(2, "salary", false),
        { ...column(3, "fired", false), few: true },
        column(4, "iban"),
        column(5, "born", false),
        column(6, "name"),
      ],
    },
    {
      oid: 5,
      schema: "public",
      name: "sums",
      columns: [column(1, "all_of_it", false)],
      definition: "SELECT sum(salary) AS all_of_it FROM public.pay",
    },
    {
      oid: 6,
      schema: "public",
      name: "made",
      columns: [column(1, "more", false)],
      definition: "SELECT salary * 2 AS more FROM public.pay",
    },
  ],
};
const MASKED = maskedColumns(
  SECRETIVE,
  [
    { columns: "*.email", class: "email", mask: "domain", compare: "deny" },
    { columns: "*.phone", class: "phone", mask: "last4", compare: "equality" },
    { pattern: "^public\\.pay\\.(?:salary|fired|iban|born)$", class: "pay", mask: "null", compare: "deny" },
  ],
  [],
);

const parse = (sql: string): unknown => (parseSync(sql) as { stmts: { stmt: unknown }[] }).stmts[0]?.stmt;
const shared = (catalogue: CatalogueData): SharedCatalogue => {
  const text = Buffer.from(JSON.stringify(catalogue));
  const bytes = new SharedArrayBuffer(text.length);
  Buffer.from(bytes).set(text);
  return bytes;
};
export const trace = (sql: string, catalogue: CatalogueData = CATALOGUE): Traced =>
  new Tracing({ id: 1, catalogue: shared(catalogue), activeTypes: [], masked: MASKED, path: ["public"], vouched: [] }, parse).trace(
    parse(sql),
  );
export const NOBODYS: CatalogueData = { ...CATALOGUE, functions: [], operators: [], castTypes: [] };
