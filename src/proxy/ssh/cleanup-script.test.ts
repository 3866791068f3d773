import { describe, expect, test } from "vitest";
import { CLEANUP_COMMAND, parseCleanupOutput } from "./cleanup-script.ts";

describe("CLEANUP_COMMAND", () => {
  test("is one line in one pair of single quotes, so that any login shell takes it", () => {
    expect(CLEANUP_COMMAND.match(/'/g)).toHaveLength(2);
    expect(CLEANUP_COMMAND).not.toMatch(/[\n!]/);
  });
});

describe("parseCleanupOutput", () => {
  test("nothing was there", () => expect(parseCleanupOutput("done\n")).toEqual({ outcome: "none", processes: [] }));

  test("processes were ended", () =>
    expect(parseCleanupOutput("ended 12 sleep\nended 13 my prog\ndone\n")).toEqual({
      outcome: "ended",
      processes: ["sleep (12)", "my prog (13)"],
    }));

  test("some are left", () =>
    expect(parseCleanupOutput("ended 12 sleep\nended 13 stuck\nleft 13 stuck\ndone\n")).toEqual({
      outcome: "left",
      processes: ["stuck (13)"],
    }));

  test("output that stops says so", () =>
    expect(parseCleanupOutput("ended 12 sleep\nend", "the host took too long")).toEqual({
      outcome: "left",
      processes: ["sleep (12)"],
      detail: "the host took too long",
    }));

  test("names cannot carry control characters, nor a host flood the log", () => {
    const flood = Array.from({ length: 100 }, (_, index) => `ended ${index} \u001B[2J${"x".repeat(500)}`).join("\n");
    const report = parseCleanupOutput(`${flood}\ndone\n`);
    expect(report.processes).toHaveLength(32);
    expect(report.detail).toBe("and 68 more");
    expect(JSON.stringify(report)).not.toContain("u001b");
    expect(JSON.stringify(report).length).toBeLessThan(2500);
  });
});
