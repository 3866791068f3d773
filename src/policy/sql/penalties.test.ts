import { expect, test } from "vitest";
import { Penalties } from "./penalties.ts";

test("waiting doubles up to a minute, ends, is nobody else's, and is forgotten", () => {
  let now = 0;
  const penalties = new Penalties(() => now);
  const [ana, lea] = [{}, {}];
  expect(penalties.waitMs(ana)).toBe(0);
  const waits = Array.from({ length: 8 }, () => {
    penalties.failed(ana);
    return penalties.waitMs(ana);
  });
  expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
  expect(penalties.waitMs(lea)).toBe(0);
  now += 59_000;
  expect(penalties.waitMs(ana)).toBe(1000);
  now += 1000;
  expect(penalties.waitMs(ana)).toBe(0);
  now += 600_000;
  penalties.failed(ana);
  expect(penalties.waitMs(ana)).toBe(1000);
});
