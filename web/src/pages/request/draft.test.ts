import { expect, test } from "vitest";
import type { TargetName } from "../../../../src/kernel/ids.ts";
import { byService, matches, parseDuration, readDraft, rolesOnAll, writeDraft, type RoleView, type TargetView } from "./draft.ts";

function role(name: string, more: Partial<RoleView> = {}): RoleView {
  return { role: name, rule: "r", maxDurationMs: 3_600_000, breakGlass: true, allows: [`may: ${name}`], ...more };
}

function target(name: string, roles: RoleView[], labels: Record<string, string> = {}): TargetView {
  return { name: name as TargetName, kind: "ssh", address: "10.0.0.1:22", labels, roles };
}

test("an address says what it said when it was written", () => {
  const draft = { targets: ["web-1.prod", "web-2.prod"], role: "debug", durationMs: 5_400_000, breakGlass: true };
  expect(readDraft(writeDraft(draft))).toEqual(draft);
  expect(readDraft(new URLSearchParams("target=a,b&target=b&target="))).toEqual({ targets: ["a", "b"], role: "", breakGlass: false });
});

test.each(["", "1", "h", "-1h", "1h ", "1e3s", "0s", "99999999999h", "<script>"])("%j is no duration", (text) => {
  expect(parseDuration(text)).toBeUndefined();
});

test("durations add up", () => {
  expect(parseDuration("1h30m")).toBe(5_400_000);
});

test("a role is offered where it may be asked for on everything chosen, by the strictest of the rules", () => {
  const web = target("web", [role("debug", { approval: "1 of leads" }), role("look")]);
  const shop = target("shop", [role("debug", { maxDurationMs: 60_000, breakGlass: false, allows: ["at once: reading"] })]);
  expect(rolesOnAll([web, shop])).toEqual([
    { role: "debug", allows: ["may: debug", "at once: reading"], approvals: ["1 of leads"], maxDurationMs: 60_000, breakGlass: false },
  ]);
  expect(rolesOnAll([web]).map((each) => each.role)).toEqual(["debug", "look"]);
  expect(rolesOnAll([])).toEqual([]);
});

test("targets are found by name, kind and label, and stand under their service", () => {
  const web = target("web-1", [], { service: "checkout", env: "prod" });
  const mail = target("mail-1", [], { service: "basket" });
  const lone = target("lone", []);
  expect([web, mail, lone].filter((each) => matches(each, "service=checkout PROD"))).toEqual([web]);
  expect([web, mail, lone].filter((each) => matches(each, ""))).toHaveLength(3);
  expect(byService([web, lone, mail]).map(({ name }) => name)).toEqual(["basket", "checkout", undefined]);
});
