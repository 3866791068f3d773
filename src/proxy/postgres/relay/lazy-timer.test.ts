import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { LazyTimer } from "./lazy-timer.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("fires once, when the last moment that was set has come", () => {
  const past = vi.fn<() => void>();
  const timer = new LazyTimer(past);
  timer.set(100);
  vi.advanceTimersByTime(90);
  timer.set(100);
  vi.advanceTimersByTime(90);
  expect(past).not.toHaveBeenCalled();
  vi.advanceTimersByTime(20);
  expect(past).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(1000);
  expect(past).toHaveBeenCalledTimes(1);
});

test("a nearer moment is not missed for a timer that runs longer", () => {
  const past = vi.fn<() => void>();
  const timer = new LazyTimer(past);
  timer.set(1000);
  timer.set(10);
  vi.advanceTimersByTime(15);
  expect(past).toHaveBeenCalledTimes(1);
});

test("cleared or disposed of it does not fire; moments set anew need no timer of their own", () => {
  const past = vi.fn<() => void>();
  const timer = new LazyTimer(past);
  for (let each = 0; each < 1000; each += 1) timer.set(100);
  expect(vi.getTimerCount()).toBe(1);
  timer.clear();
  vi.advanceTimersByTime(1000);
  timer.set(100);
  timer[Symbol.dispose]();
  vi.advanceTimersByTime(1000);
  expect(past).not.toHaveBeenCalled();
});
