import { describe, expect, test } from "vitest";
import type { GrantId } from "../kernel/ids.ts";
import { resolveId } from "./short-id.ts";

const ids = ["gr-7xk0000001", "gr-7xm0000002", "gr-a000000003"] as GrantId[];
const candidates = (): Promise<readonly GrantId[]> => Promise.resolve(ids);

describe("resolveId", () => {
  test.each([
    ["gr-7xk", "gr-7xk0000001"],
    ["7xm", "gr-7xm0000002"],
    ["A", "gr-a000000003"],
    ["GR-A0", "gr-a000000003"],
  ])("%s is enough", async (text, id) => expect(await resolveId("gr", text, candidates)).toBe(id));

  test("a full id is not looked up", async () => {
    const never = (): Promise<never> => Promise.reject(new Error("asked"));
    expect(await resolveId("gr", "gr-zzzzzzzzzz", never)).toBe("gr-zzzzzzzzzz");
  });

  test("what fits several names them, and picks none", async () => {
    await expect(resolveId("gr", "7x", candidates)).rejects.toThrow("fits 2: gr-7xk0000001, gr-7xm0000002");
  });

  test("an id that is listed twice is one", async () => {
    expect(await resolveId("gr", "7xk", () => Promise.resolve([...ids, ...ids]))).toBe(ids[0]);
  });

  test("nothing fits", async () => {
    await expect(resolveId("gr", "b", candidates)).rejects.toMatchObject({ code: "not-found" });
  });

  test.each(["", "gr-", "s-7xk", "../x", "7 x", "gr-7xk00000011"])("%j is not an id", async (text) => {
    await expect(resolveId("gr", text, candidates)).rejects.toThrow("is not an id");
  });
});
