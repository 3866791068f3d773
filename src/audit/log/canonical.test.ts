import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalJson, parseCanonical } from "./canonical.ts";

const text = (value: unknown): string => canonicalJson(value).toString("utf8");

/** RFC 8785 appendix B: the bits of a double, and its one text. */
const NUMBERS: readonly (readonly [string, string])[] = [
  ["0000000000000000", "0"],
  ["8000000000000000", "0"],
  ["0000000000000001", "5e-324"],
  ["8000000000000001", "-5e-324"],
  ["7fefffffffffffff", "1.7976931348623157e+308"],
  ["ffefffffffffffff", "-1.7976931348623157e+308"],
  ["4340000000000000", "9007199254740992"],
  ["c340000000000000", "-9007199254740992"],
  ["4430000000000000", "295147905179352830000"],
  ["44b52d02c7e14af5", "9.999999999999997e+22"],
  ["44b52d02c7e14af6", "1e+23"],
  ["44b52d02c7e14af7", "1.0000000000000001e+23"],
  ["444b1ae4d6e2ef4e", "999999999999999700000"],
  ["444b1ae4d6e2ef4f", "999999999999999900000"],
  ["444b1ae4d6e2ef50", "1e+21"],
  ["3eb0c6f7a0b5ed8c", "9.999999999999997e-7"],
  ["3eb0c6f7a0b5ed8d", "0.000001"],
  ["41b3de4355555553", "333333333.3333332"],
  ["41b3de4355555554", "333333333.33333325"],
  ["41b3de4355555555", "333333333.3333333"],
  ["41b3de4355555556", "333333333.3333334"],
  ["41b3de4355555557", "333333333.33333343"],
  ["becbf647612f3696", "-0.0000033333333333333333"],
  ["43143ff3c1cb0959", "1424953923781206.2"],
];

describe("RFC 8785", () => {
  test.each(NUMBERS)("appendix B: %s is %s", (bits, expected) => {
    expect(text(Buffer.from(bits, "hex").readDoubleBE())).toBe(expected);
  });

  test.each([NaN, Infinity, -Infinity])("appendix B: %s is refused", (value) => {
    expect(() => text({ value })).toThrow(/not allowed/);
  });

  test("section 3.2.2: literals, numbers and strings", () => {
    const input = String.raw`{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],
      "string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}`;
    expect(text(JSON.parse(input))).toBe(
      String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
    );
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
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
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
