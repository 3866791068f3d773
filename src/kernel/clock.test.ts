import { expect, test } from "vitest";
import { keepTime } from "./clock.ts";

test("a clock that is dear to read is read every 20 ms, counts on between in whole milliseconds, and never goes back", () => {
  let awake = 0;
  let reads = 0;
  let dear = 1000;
  const elapsed = keepTime(
    () => {
      reads += 1;
      return dear;
    },
    () => awake,
  );
  const at = (time: number): number => {
    awake = time;
    return elapsed();
  };
  expect([at(0), at(19.5), reads]).toEqual([1000, 1019, 1]);
  // Rounded down by the kernel.
  dear = 1010;
  expect([at(20), at(25), at(35), reads]).toEqual([1019, 1019, 1025, 2]);
  // The machine slept for an hour.
  dear = 3_600_000;
  expect([at(40), reads]).toEqual([3_600_000, 3]);
});
