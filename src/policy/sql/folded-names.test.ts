import { describe, expect, test } from "vitest";
import { foldedName } from "./folded-names.ts";

describe("a name that a database of single bytes reads as another", () => {
  test.each([
    ["select * from GEHÄLTER", "GEHÄLTER"],
    ["execute É", "É"],
    ["select 'ä', Ä", "Ä"],
    ['select "Ä", xÄy', "xÄy"],
    ["select $$Ä$$, a.Ö", "Ö"],
  ])("%s", (sql, name) => {
    expect(foldedName(sql, "LATIN1")).toBe(name);
    expect(foldedName(sql, "UTF8")).toBeUndefined();
    expect(foldedName(sql, "EUC_JP")).toBeUndefined();
  });

  test.each([
    "select 'Ä'",
    'select "Ä"',
    "select E'Ä', $a$Ä$a$, U&\"Ä\"",
    "select 1 -- Ä",
    "/* Ä */ select 1",
    "select größe, A from straße",
    "SELECT A",
  ])("not %s", (sql) => expect(foldedName(sql, "LATIN1")).toBeUndefined());

  test("without an encoding no letter beyond ASCII is what it seems", () => {
    expect(foldedName("select größe from t", "SQL_ASCII")).toBe("größe");
    expect(foldedName(`select "größe", 'ö' from t`, "SQL_ASCII")).toBeUndefined();
  });
});
