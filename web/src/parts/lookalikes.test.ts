import { expect, test } from "vitest";
import { findLookalikes } from "./lookalikes.ts";

const found = (text: string): string[] =>
  findLookalikes(text)
    .filter(({ isLookalike }) => isLookalike)
    .map(({ text: word }) => word);

test.each<[string, string, string[]]>([
  ["a Cyrillic letter in a Latin name", "restart w\u0435b-1.prod now", ["w\u0435b-1.prod"]],
  ["a Latin letter in a Cyrillic word", "\u043f\u0440od", ["\u043f\u0440od"]],
  ["a Greek omicron among Latin letters", "pr\u03bfd", ["pr\u03bfd"]],
  ["full width", "\uff50\uff52\uff4f\uff44", ["\uff50\uff52\uff4f\uff44"]],
  ["letters of mathematics", "\u{1d429}rod", ["\u{1d429}rod"]],
  ["a hyphen that is none", "web\u20111.prod", ["web\u20111.prod"]],
  ["a slash that is none", "etc\u2215passwd", ["etc\u2215passwd"]],
])("%s", (_, text, words) => {
  expect(found(text)).toEqual(words);
});

test.each([
  "checkout answers 500",
  "\u043f\u0435\u0440\u0435\u0437\u0430\u043f\u0443\u0441\u043a \u0431\u0430\u0437\u044b web-1.prod",
  "\u03b5\u03c0\u03b1\u03bd\u03b5\u03ba\u03ba\u03af\u03bd\u03b7\u03c3\u03b7 web-1.prod",
  "5 \u03bcs, 50 \u03a9 and \u00b5s",
  "\u65e5\u672c\u8a9e web-1 \ud83d\ude80",
  "na\u00efve caf\u00e9 Gr\u00f6\u00dfe",
  "a \u2013 b \u2014 c",
])("nothing in %j", (text) => {
  expect(found(text)).toEqual([]);
});

test("all of the text is there, in order", () => {
  const text = "so w\u0435b-1 and \uff50\uff52od, \u0434\u0430";
  expect(
    findLookalikes(text)
      .map((piece) => piece.text)
      .join(""),
  ).toBe(text);
});
