import { expect, test } from "vitest";
import { wrapText } from "./wrap.ts";

test("lines that fit are left as they are", () => {
  expect(wrapText("  two  spaces stay\nso does a second line", 40)).toBe("  two  spaces stay\nso does a second line");
});

test("longer ones break between words and keep their indent", () => {
  expect(wrapText("  the role of your grant does not allow this", 24)).toBe("  the role of your grant\n  does not allow this");
});

test("a command in backticks stays whole, and so does a word that is too long", () => {
  expect(wrapText("Check it with `sallyport targets test orders-db` first", 30)).toBe(
    "Check it with\n`sallyport targets test orders-db`\nfirst",
  );
  expect(wrapText("see https://gate.example.com:7700/v1/openapi.json", 24)).toBe("see\nhttps://gate.example.com:7700/v1/openapi.json");
});

test("without a width, or one that is no width, nothing is broken", () => {
  const long = "word ".repeat(40).trim();
  expect([wrapText(long, undefined), wrapText(long, 0)]).toEqual([long, long]);
});
