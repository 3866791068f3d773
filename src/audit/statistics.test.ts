import { describe, expect, it } from "vitest";
import { histogram, quantile } from "./statistics.ts";

describe("statistics", () => {
  it("a quantile is one of the values", () => {
    expect(quantile([], 0.5)).toBeUndefined();
    expect(quantile([7], 0.9)).toBe(7);
    expect(quantile([10, 1, 2, 3, 4, 5, 6, 7, 8, 9], 0.5)).toBe(5);
    expect(quantile([10, 1, 2, 3, 4, 5, 6, 7, 8, 9], 0.9)).toBe(9);
    expect(quantile([10, 9], 0)).toBe(9);
  });

  it("a histogram counts each once, a bound with what is below it", () => {
    expect(histogram([0, 10, 11, 20, 21], [10, 20])).toEqual([2, 2, 1]);
    expect(histogram([], [10])).toEqual([0, 0]);
  });
});
