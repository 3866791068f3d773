import { expect, test } from "vitest";
import { freeMemory } from "./free-memory.ts";

test("a buffer of its own is empty afterwards, and so is every view on it", () => {
  const bytes = Buffer.allocUnsafeSlow(8192);
  const view = bytes.subarray(10, 20);
  freeMemory(bytes);
  expect([bytes.length, view.length]).toEqual([0, 0]);
});

test("a part of a larger buffer is left alone", () => {
  const whole = Buffer.alloc(16_384, 1);
  freeMemory(whole.subarray(0, 8192));
  freeMemory(whole.subarray(1));
  expect(whole.length).toBe(16_384);
  expect(whole[8191]).toBe(1);
});

test("small ones are left to the collector", () => {
  const bytes = Buffer.allocUnsafeSlow(64);
  freeMemory(bytes);
  expect(bytes.length).toBe(64);
});
