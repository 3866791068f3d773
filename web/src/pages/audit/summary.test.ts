import { describe, expect, test } from "vitest";
import { fromLocal, queryOf, toLocal, FILTERS, type Filters } from "./filters.ts";
import { summaryOf } from "./summary.ts";

const none = Object.fromEntries(FILTERS.map((name) => [name, ""])) as Filters;

describe("an event in a line", () => {
  test("says first what was done", () => {
    expect(summaryOf({ channel: 0, environment: {}, command: "tail -f\n/var/log/x" })).toBe("tail -f /var/log/x · channel 0");
    expect(summaryOf({ lock: "lock-1", reason: "stolen", until: 5 })).toBe("stolen · lock lock-1 · until 5");
  });

  test("is short, and nothing where there is nothing", () => {
    expect(summaryOf({ command: "x".repeat(1_000) })).toHaveLength(161);
    expect(summaryOf({})).toBe("");
    expect(summaryOf(undefined)).toBe("");
  });
});

describe("the filters of the address", () => {
  test("become what the search is asked for", () => {
    expect(queryOf(none)).toEqual({});
    expect(
      queryOf({ ...none, who: "ana", kind: "ssh.exec, ssh.shell", decision: "deny", since: "2026-11-27T09:00Z", table: "orders" }),
    ).toEqual({
      principal: "ana",
      kinds: ["ssh.exec", "ssh.shell"],
      decision: "deny",
      since: Date.UTC(2026, 10, 27, 9),
      table: "orders",
    });
  });

  test("that say nothing sensible are not there", () => {
    expect(queryOf({ ...none, decision: "maybe", since: "yesterday", until: "-1", kind: " , " })).toEqual({});
  });

  test("hold a moment, whatever the zone of who looks", () => {
    const moment = "2026-11-27T09:00Z";
    expect(fromLocal(toLocal(moment))).toBe(moment);
    expect([toLocal("x"), fromLocal("x")]).toEqual(["", ""]);
  });
});
