import { expect, test } from "vitest";
import { HOSTILE_PATHS } from "../../../test/kit/hostile-paths.ts";
import { pathWithin } from "./path-within.ts";

const GATE = "https://gate.example";

test.each(HOSTILE_PATHS)("%j leads into the console, or to its first page", (text) => {
  const path = pathWithin(text);
  expect(path).toMatch(/^\/(?![/\\])[\x21-\x7e]*$/);
  expect(new URL(path, GATE).origin).toBe(GATE);
});

test("what is no address, and the login itself, are the first page", () => {
  for (const text of [null, "", "//evil.example", "/\\evil.example", "https://evil.example", "/login?returnTo=/login", "/\t/evil.example"])
    expect(pathWithin(text)).toBe("/");
  expect(pathWithin("/requests/req-0000000000?tab=why")).toBe("/requests/req-0000000000?tab=why");
});
