import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { JSON_CANONICAL, JSON_TEXT, NUMBERS } from "../../../test/vectors/log.ts";
import { canonicalJson, parseCanonical } from "./canonical.ts";
import { ANY_CHARACTER } from "../../../test/kit/any-character.ts";

const text = (value: unknown): string => canonicalJson(value).toString("utf8");

describe("RFC 8785", () => {
  test.each(NUMBERS)("appendix B: %s is %s", (bits, expected) => {
    expect(text(Buffer.from(bits, "hex").readDoubleBE())).toBe(expected);
  });

  test.each([NaN, Infinity, -Infinity])("appendix B: %s is refused", (value) => {
    expect(() => text({ value })).toThrow(/not allowed/);
  });

  test("section 3.2.2: literals, numbers and strings", () => {
    expect(text(JSON.parse(JSON_TEXT))).toBe(JSON_CANONICAL);
  });

  test("section 3.2.3: keys in UTF-16 order", () => {
    const keys = ["\u20ac", "\r", "\ufb33", "1", "\u{1f600}", "\u0080", "\u00f6"];
    const sorted: unknown = JSON.parse(text(Object.fromEntries(keys.map((key) => [key, key]))));
    expect(Object.values(sorted as object)).toEqual(["1", "\r", "\u0080", "\u00f6", "\u20ac", "\u{1f600}", "\ufb33"]);
    expect(text({ "\r": 1, "1": 2 })).toBe(String.raw`{"\r":1,"1":2}`);
  });

  test("a lone surrogate is refused", () => {
    expect(() => text({ name: "\ud800" })).toThrow(/surrogate/);
  });
});

describe("parseCanonical", () => {
  test("takes back whatever was written", () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: ANY_CHARACTER }), (value) => {
        const bytes = canonicalJson(value);
        expect(canonicalJson(parseCanonical(bytes))).toEqual(bytes);
      }),
    );
  });

  test.each(['{"b":1,"a":2}', '{"a": 1}', '{"a":1}\n', '{"a":1.0}', '{"a":1,"a":1}', '{"a":"\\u0041"}', "{", ""])("refuses %s", (other) => {
    expect(parseCanonical(Buffer.from(other))).toBeUndefined();
  });

  test("refuses bytes that are not UTF-8", () => {
    expect(parseCanonical(Buffer.from('{"a":"\xff"}', "latin1"))).toBeUndefined();
  });
});
