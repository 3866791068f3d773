import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { deny } from "../../../kernel/result.ts";
import { Pipeline, type Ending } from "./pipeline.ts";

function pipeline() {
  const endings: [string, Ending][] = [];
  return { endings, at: new Pipeline<string>((statement, how) => endings.push([statement, how])) };
}

describe("simple queries", () => {
  test("end with ReadyForQuery, whatever came before", () => {
    const { at, endings } = pipeline();
    at.asked({ asked: "query", statement: "a" });
    at.asked({ asked: "query", statement: "b" });
    at.described();
    at.commandEnded();
    at.commandEnded();
    at.ready();
    expect(at.failed()).toBeUndefined();
    at.ready();
    expect(endings).toEqual([
      ["a", "done"],
      ["b", "failed"],
    ]);
    expect(at.isIdle).toBe(true);
  });

  test("a refusal is told once, in its place", () => {
    const { at } = pipeline();
    const refusal = deny("role-denies");
    at.asked({ asked: "query", statement: "a" });
    at.asked({ asked: "query", refusal });
    at.commandEnded();
    at.ready();
    expect(at.failed()).toBe(refusal);
    at.ready();
  });
});

describe("the extended protocol", () => {
  test("an error skips what was sent up to the next Sync, and nothing behind it", () => {
    const { at, endings } = pipeline();
    const refusal = deny("role-denies");
    at.asked({ asked: "parse", refusal });
    at.asked({ asked: "bind" });
    at.asked({ asked: "execute", statement: "a" });
    at.asked({ asked: "sync" });
    at.asked({ asked: "execute", statement: "b" });
    expect(at.failed()).toBe(refusal);
    at.ready();
    at.commandEnded();
    expect(endings).toEqual([
      ["a", "skipped"],
      ["b", "done"],
    ]);
  });

  test("also when it comes before the rest was sent, and the answer to the Sync after more was", () => {
    const { at, endings } = pipeline();
    at.asked({ asked: "parse" });
    at.failed();
    at.asked({ asked: "execute", statement: "a" });
    at.asked({ asked: "query", statement: "b" });
    at.asked({ asked: "sync" });
    at.asked({ asked: "execute", statement: "c" });
    at.ready();
    at.commandEnded();
    expect(endings).toEqual([
      ["a", "skipped"],
      ["b", "skipped"],
      ["c", "done"],
    ]);
  });

  test("a description ends a Describe, and begins the result of a query", () => {
    const { at } = pipeline();
    at.asked({ asked: "describe" });
    at.described();
    expect(at.isIdle).toBe(true);
    expect(() => at.described()).toThrow("nobody asked for");
  });

  test.each([
    ["ParseComplete", (at: Pipeline<string>) => at.completed("parse")],
    ["CommandComplete", (at: Pipeline<string>) => at.commandEnded()],
    ["ReadyForQuery", (at: Pipeline<string>) => at.ready()],
  ])("%s that answers nothing is refused", (_name, answer) => {
    const { at } = pipeline();
    expect(() => answer(at)).toThrow(expect.objectContaining({ code: "protocol-error" }));
    at.asked({ asked: "bind" });
    expect(() => answer(at)).toThrow(expect.objectContaining({ code: "protocol-error" }));
  });

  test("an error that answers nothing is the target's last word", () => {
    expect(pipeline().at.failed()).toBeUndefined();
  });
});

test("each statement ends once, however many there are and wherever it fails", () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 3000 }), (fails) => {
      const { at, endings } = pipeline();
      for (const index of fails.keys()) at.asked({ asked: "query", statement: String(index) });
      for (const failed of fails) {
        if (failed) at.failed();
        else at.commandEnded();
        at.ready();
      }
      expect(endings).toEqual(fails.map((failed, index) => [String(index), failed ? "failed" : "done"]));
    }),
    { numRuns: 20 },
  );
});

test("too much in flight is refused", () => {
  const { at } = pipeline();
  for (let count = 0; count < 100_000; count += 1) at.asked({ asked: "sync" });
  expect(() => at.asked({ asked: "sync" })).toThrow(expect.objectContaining({ code: "protocol-error" }));
});
