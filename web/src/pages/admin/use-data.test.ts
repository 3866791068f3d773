import { describe, expect, test } from "vitest";
import { approvalBars, approvalsFinding, denialsFinding, sessionBars, sessionsFinding, targetsFinding, type Stats } from "./use-data.ts";

const DAY = 86_400_000;
const since = Date.UTC(2026, 10, 1);
const nothing: Stats = {
  since,
  until: since + 7 * DAY,
  by: "day",
  sessions: [],
  targets: [],
  approvals: { count: 0, histogram: [] },
  denials: [],
};
const statsOf = (more: object): Stats => ({ ...nothing, ...more });

describe("sessions over time", () => {
  test("have a bar for each stretch, also for those without any", () => {
    const bars = sessionBars(
      statsOf({
        sessions: [
          { at: since + DAY, kind: "ssh", count: 2 },
          { at: since + DAY, kind: "postgres", count: 3 },
        ],
      }),
    );
    expect(bars).toHaveLength(7);
    expect(bars.slice(0, 3)).toEqual([
      { label: "1 Nov", value: 0 },
      { label: "2 Nov", value: 5 },
      { label: "3 Nov", value: 0 },
    ]);
    expect(sessionsFinding(bars)).toBe("5 sessions, on 2 Nov");
  });

  test("by hour, begun in the middle of one", () => {
    const bars = sessionBars(
      statsOf({ by: "hour", since: since + 1_800_000, until: since + 3 * 3_600_000, sessions: [{ at: since, kind: "ssh", count: 1 }] }),
    );
    expect(bars.map(({ label }) => label)).toEqual(["1 Nov 00:00", "1 Nov 01:00", "1 Nov 02:00"]);
    expect(sessionsFinding(bars)).toBe("One session, on 1 Nov 00:00");
  });

  test("of nothing say so", () => {
    expect(sessionsFinding(sessionBars(nothing))).toBe("No sessions in this time");
    expect(sessionBars(statsOf({ until: since }))).toHaveLength(1);
  });
});

describe("what else was counted", () => {
  test("approvals: how long they took, in words and by how many", () => {
    const histogram = [{ upToMs: 60_000, count: 2 }, { upToMs: 900_000, count: 1 }, { count: 0 }];
    expect(approvalBars(statsOf({ approvals: { count: 3, histogram } })).map(({ label }) => label)).toEqual(["≤ 1m", "≤ 15m", "> 15m"]);
    expect(approvalsFinding(statsOf({ approvals: { count: 3, medianMs: 42_000, p90Ms: 600_000, histogram } }))).toBe(
      "Half of 3 approvals came within 42s, nine of ten within 10m",
    );
    expect(approvalsFinding(statsOf({ approvals: { count: 1, medianMs: 42_000, p90Ms: 42_000, histogram } }))).toMatch(/^One request/);
    expect(approvalsFinding(nothing)).toBe("Nothing was approved in this time");
  });

  test("targets and refusals", () => {
    const targets = [
      { target: "a", kind: "ssh", sessions: 3, people: 1 },
      { target: "b", kind: "ssh", sessions: 1, people: 1 },
    ];
    expect(targetsFinding(statsOf({ targets }))).toBe("a had 75 % of the sessions");
    expect(targetsFinding(statsOf({ targets: targets.slice(0, 1) }))).toBe("All sessions were on a");
    expect(targetsFinding(nothing)).toBe("No target was used in this time");
    expect(
      denialsFinding(
        statsOf({
          denials: [
            { of: "login", code: "x", count: 1 },
            { of: "session", code: "no-grant", count: 4 },
          ],
        }),
      ),
    ).toBe("5 refusals, most for no-grant: 4");
    expect(denialsFinding(nothing)).toBe("Nothing was refused in this time");
  });
});
