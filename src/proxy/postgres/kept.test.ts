import { expect, test } from "vitest";
import { Kept } from "./kept.ts";

const tooLarge = expect.objectContaining({ code: "too-large" });

test("is bounded in number and in bytes, and what is forgotten or replaced makes room", () => {
  const kept = new Kept<string>({ entries: 2, bytes: 100 });
  kept.keep("a", "one", 60);
  kept.keep("b", "two", 40);
  expect(() => kept.keep("c", "three", 0)).toThrow(tooLarge);
  kept.forget("b");
  expect(() => kept.keep("c", "three", 41)).toThrow(tooLarge);
  kept.keep("c", "three", 40);
  kept.keep("a", "another", 60);
  expect([kept.find("a"), kept.find("b"), kept.find("c")]).toEqual(["another", undefined, "three"]);
  kept.forget("nothing");
  expect(() => kept.keep("a", "larger", 61)).toThrow(tooLarge);
});
