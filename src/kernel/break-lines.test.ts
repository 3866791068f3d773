import fc from "fast-check";
import { expect, test } from "vitest";
import { breakLines, lengthOf } from "./break-lines.ts";

test("breaks between words, and inside of those that are longer than a line", () => {
  expect(breakLines("cut: grant-revoked: Found it", 12)).toEqual(["cut:", "grant-revoke", "d: Found it"]);
  expect(breakLines("as it is", Infinity)).toEqual(["as it is"]);
  expect(breakLines("", 10)).toEqual([]);
});

test("no line is longer than asked, and nothing but spaces is lost", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 1, max: 40 }), (text, width) => {
      const lines = breakLines(text, width);
      for (const line of lines) expect(lengthOf(line)).toBeLessThanOrEqual(width);
      expect(lines.join("").replaceAll(" ", "")).toBe(text.replaceAll(" ", ""));
    }),
  );
});
