import { describe, expect, it } from "vitest";
import { parseClaimed } from "./claimed.ts";

describe("parseClaimed", () => {
  it("reads each form", () => {
    expect(parseClaimed("web-1.prod")).toEqual({ target: "web-1.prod" });
    expect(parseClaimed("ana+web-1.prod")).toEqual({ user: "ana", target: "web-1.prod" });
    expect(parseClaimed("ana+web-1%gr-0123456789")).toEqual({ user: "ana", target: "web-1", grant: "gr-0123456789" });
  });

  it.each(["", "+", "a+", "+web", "a+b+c", "web%", "web%gr-1", "web%req-0123456789", "../x", "we b", "w\u0000", "a%b+c", "x".repeat(65)])(
    "refuses %j",
    (text) => {
      expect(parseClaimed(text)).toMatchObject({ allowed: false, code: "bad-request" });
    },
  );
});
