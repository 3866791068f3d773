import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatBytes, formatDuration, formatRelative, formatTime, parseDuration, parseTime } from "./duration.ts";
import { UsageError } from "./usage-error.ts";

describe("parseDuration", () => {
  test.each([
    ["90m", 5_400_000],
    ["2h", 7_200_000],
    ["1h30m", 5_400_000],
    ["45s", 45_000],
    ["7d", 604_800_000],
    ["1d2h3m4s5ms", 93_784_005],
    [" 500ms ", 500],
  ])("%s", (text, ms) => expect(parseDuration(text)).toBe(ms));

  test.each(["", "90", "m", "1.5h", "-1h", "1h-30m", "30m1h", "1h1h", "2 h", "0m", "0s", "1w", "1e3s", "9999999s", "१h"])(
    "refuses %j",
    (text) => {
      expect(() => parseDuration(text)).toThrow(UsageError);
    },
  );

  test("what is printed can be typed, and never says more than there is", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1000, max: 90 * 86_400_000 }), (ms) => {
        const shown = parseDuration(formatDuration(ms));
        expect(shown).toBeLessThanOrEqual(ms);
        // Two units are shown: what is left out is less than one of the smaller.
        expect(ms - shown).toBeLessThan(ms >= 86_400_000 ? 3_600_000 : ms >= 3_600_000 ? 60_000 : 1000);
      }),
    );
  });
});

test.each([
  [0, "0s"],
  [999, "0s"],
  [59_999, "59s"],
  [60_000, "1m"],
  [3_661_000, "1h1m"],
  [3_605_000, "1h"],
  [90_000_000, "1d1h"],
  [-5, "0s"],
])("formatDuration(%i) = %s", (ms, text) => expect(formatDuration(ms)).toBe(text));

describe("parseTime", () => {
  const now = Date.parse("2026-11-20T12:00:00Z");
  test.each([
    ["2h", now - 7_200_000],
    ["2026-11-20T10:00:00Z", now - 7_200_000],
    ["2026-11-20T10:00:00+02:00", now - 14_400_000],
    ["2026-11-20T10:00:00.250Z", now - 7_199_750],
  ])("%s", (text, at) => expect(parseTime(text, now)).toBe(at));

  test("without a zone it is local, and reads as it was typed", () => {
    fc.assert(
      fc.property(fc.integer({ min: 946_684_800, max: 4_102_444_800 }), (seconds) => {
        const shown = formatTime(seconds * 1000);
        expect(formatTime(parseTime(shown, now))).toBe(shown);
      }),
    );
    expect(formatTime(parseTime("2026-11-20", now))).toBe("2026-11-20 00:00:00");
  });

  test.each(["", "yesterday", "2026-13-01", "2026-11-20T25:00", "20.11.2026", "2026-11-20x"])("refuses %j", (text) => {
    expect(() => parseTime(text, now)).toThrow(UsageError);
  });
});

test("formatRelative says which side of now", () => {
  expect(formatRelative(1000, 61_000)).toBe("1m ago");
  expect(formatRelative(61_000, 1000)).toBe("in 1m");
});

test.each([
  [0, "0 B"],
  [1023, "1023 B"],
  [1536, "1.5 KiB"],
  [20 * 1024 * 1024, "20 MiB"],
  [5 * 1024 ** 4, "5.0 TiB"],
])("formatBytes(%i) = %s", (bytes, text) => expect(formatBytes(bytes)).toBe(text));
