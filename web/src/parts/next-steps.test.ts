import { expect, test } from "vitest";
import { ERRORS } from "../../../src/kernel/errors.ts";
import { NEXT_STEPS } from "./next-steps.ts";

test("whoever uses the console is sent to a place of the console, not to a command", () => {
  const commands = Object.entries(ERRORS).filter(([, { hint }]) => hint.includes("`sallyport "));
  expect(commands.map(([code]) => code).filter((code) => NEXT_STEPS[code] === undefined)).toEqual([]);
  expect(Object.values(NEXT_STEPS).filter((text) => text.includes("sallyport "))).toEqual([]);
});
