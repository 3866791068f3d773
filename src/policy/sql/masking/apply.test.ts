import { expect, test } from "vitest";
import { maskValue } from "./apply.ts";
import type { MASKS } from "./masks.ts";
import fc from "fast-check";

const KEY = Buffer.from("of one grant");
const masked = (mask: (typeof MASKS)[number], value: string): string | undefined => maskValue(mask, Buffer.from(value), KEY)?.toString();

test.each([
  ["full", "anything", "****"],
  ["full", "", "****"],
  ["null", "anything", undefined],
  ["last4", "4111 1111 1111 1234", "****1234"],
  ["last4", "4111111111111234          ", "****1234"],
  ["last4", "12345678", "****5678"],
  ["last4", "1234567", "****"],
  ["last4", "1234567   ", "****"],
  ["last4", "        ", "****"],
  ["last4", "", "****"],
  // A character may take four bytes: it is not cut, and not counted as four.
  ["last4", "abcdeß€😀é", "****ß€😀é"],
  ["last4", "😀😀😀😀😀😀😀", "****"],
  ["domain", "ana@example.org", "****@example.org"],
  ["domain", "a@b@example.org", "****@example.org"],
  ["domain", "@", "****@"],
  ["domain", "nobody", "****"],
] as const)("%s of %j", (mask, value, shown) => {
  expect(masked(mask, value)).toBe(shown);
});

test("hash is the same for the same value under one key, and another under another", () => {
  expect(masked("hash", "ana@example.org")).toBe(masked("hash", "ana@example.org"));
  expect(masked("hash", "ana@example.org")).not.toBe(masked("hash", "bo@example.org"));
  expect(maskValue("hash", Buffer.from("x"), Buffer.from("another"))).not.toEqual(maskValue("hash", Buffer.from("x"), KEY));
  expect(masked("hash", "x")).toHaveLength(16);
});

test("last4 shows what the last four characters of a text are, never more", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme-composite", maxLength: 40 }), (text) => {
      const characters = Array.from(text.replace(/ +$/, ""));
      expect(masked("last4", text)).toBe(characters.length < 8 ? "****" : `****${characters.slice(-4).join("")}`);
    }),
  );
});
