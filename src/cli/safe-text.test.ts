import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeJson, safeLine, safeText } from "./safe-text.ts";
import { ANY_CHARACTER } from "../../test/kit/any-character.ts";

// eslint-disable-next-line no-control-regex -- what must never be printed
const ACTS = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

test("whatever the text, nothing of it acts on a terminal", () => {
  fc.assert(
    fc.property(fc.string({ unit: ANY_CHARACTER, maxLength: 60 }), (text) => {
      expect(safeText(text)).not.toMatch(ACTS);
      expect(safeLine(text)).not.toContain("\n");
    }),
  );
});

test("ordinary text stays as it is, in any script", () => {
  for (const text of ["Checkout antwortet mit 500 – seit 14:02", "障害対応", "naïve café 🚪", "two\nlines"])
    expect(safeText(text)).toBe(text);
});

test("an escape is shown, so that a reader sees that it was there", () => {
  expect(safeLine("a\u001b]0;owned\u0007b\u202etxt\r\n\tc")).toBe("a\\x1b]0;owned\\x07b\\u202etxt\\r\\n\\tc");
});

test("JSON means the same, and does not act either", () => {
  fc.assert(
    fc.property(fc.string({ unit: ANY_CHARACTER, maxLength: 60 }), (text) => {
      const json = encodeJson({ text });
      expect(json).not.toMatch(ACTS);
      expect(JSON.parse(json)).toEqual({ text });
    }),
  );
});

test("times become ISO 8601; other numbers, and durations, stay", () => {
  const at = Date.parse("2026-11-20T14:02:07.123Z");
  expect(JSON.parse(encodeJson({ createdAt: at, time: at, end: at, durationMs: at, seq: at, start: 12, list: [{ at }] }))).toEqual({
    createdAt: "2026-11-20T14:02:07.123Z",
    time: "2026-11-20T14:02:07.123Z",
    end: "2026-11-20T14:02:07.123Z",
    durationMs: at,
    seq: at,
    start: 12,
    list: [{ at: "2026-11-20T14:02:07.123Z" }],
  });
});
