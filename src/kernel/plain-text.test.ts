import { describe, expect, it } from "vitest";
import { plainLine, plainLines, plainText } from "./plain-text.ts";

describe("text for people", () => {
  it("does nothing to a terminal, and reads as what it is", () => {
    expect(plainText("a\u001b[2Jb\u009b1mc\u202ed\u2028e\ud800f\u0007\u200bg")).toBe("a?[2Jb?1mc?d?e?f??g");
    expect(plainText("Grüße, 日本 🚪")).toBe("Grüße, 日本 🚪");
  });

  it("keeps its lines where it may have some, and nothing of a carriage return that hides what was before it", () => {
    expect(plainLines("select 1\r\n\tfrom t;\rdrop\u0000")).toBe("select 1\n\tfrom t;?drop?");
    expect(plainLine("  a\n\tb\r\nc  ")).toBe("a b c");
  });
});
