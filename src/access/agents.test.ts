/** An agent acts for a person: it has what both have, and what it asks for its person has not asked of somebody else. */
import { expect, test } from "vitest";
import { AccessWorld, testRule } from "../../test/kit/access-world.ts";
import { scopeInForce } from "./in-force.ts";

/** `robot` acts for ana; both are on call unless a test says otherwise. */
function world(approves = true): AccessWorld {
  const made = new AccessWorld();
  made.groups = new Map([...made.groups, ["robots", ["robot"]]]);
  made.rules = [testRule({ name: "robots", who: ["group:robots"], approval: "1 of leads", maxDurationMs: 3_600_000 }), ...made.rules];
  made.agents.set("robot", { for: "ana", approves });
  return made;
}

test("an agent gets what its person may have too, for the shorter time, with what both rules demand", async () => {
  const made = world();
  const asked = await made.ask({ durationMs: 600_000 }, "robot");
  expect(asked).toMatchObject({ allowed: true, request: { requester: "robot", actsFor: "ana", state: "pending" } });
  const preview = await made.service.preview(made.person("robot"), { role: "debug", targets: ["web-1"] });
  expect(preview).toMatchObject({ approval: expect.stringContaining("ana, for whom it acts"), breakGlass: false });
});

test("what its person may not have, it may not have either, and the other way round", async () => {
  const one = world();
  one.groups = new Map([...one.groups].map(([name, members]) => [name, members.filter((each) => each !== "ana")]));
  expect(await one.ask({}, "robot")).toMatchObject({ allowed: false, code: "no-rule" });
  const two = world();
  two.rules = two.rules.filter(({ name }) => name !== "robots");
  expect(await two.ask({}, "robot")).toMatchObject({ allowed: false, code: "no-rule" });
});

test("an agent breaks no glass and approves nothing", async () => {
  const made = world();
  expect(await made.ask({ breakGlass: true }, "robot")).toMatchObject({ allowed: false, code: "no-rule" });
  made.groups = new Map([...made.groups, ["leads", [...(made.groups.get("leads") ?? []), "robot"]]]);
  const asked = await made.ask({}, "ana");
  if (!asked.allowed) throw new Error(asked.code);
  expect(await made.service.approve(asked.request.id, made.person("robot"))).toMatchObject({ allowed: false, code: "not-approver" });
});

test("a service approves nothing", async () => {
  const made = world();
  made.services.add("lea");
  const asked = await made.ask({}, "ana");
  if (!asked.allowed) throw new Error(asked.code);
  expect(await made.service.approve(asked.request.id, made.person("lea"))).toMatchObject({ allowed: false, code: "not-approver" });
});

test("its person fills their own place, and no other: also as a lead", async () => {
  const made = world();
  made.groups = new Map([...made.groups, ["leads", [...(made.groups.get("leads") ?? []), "ana"]]]);
  const asked = await made.ask({}, "robot");
  if (!asked.allowed) throw new Error(asked.code);
  const first = await made.service.approve(asked.request.id, made.person("ana"));
  expect(first).toMatchObject({ allowed: true, request: { state: "pending", approvals: [{ by: "ana", groups: ["person:ana"] }] } });
  expect(await made.service.approve(asked.request.id, made.person("ana"))).toMatchObject({ allowed: false, code: "wrong-state" });
  const second = await made.service.approve(asked.request.id, made.person("lea"));
  expect(second).toMatchObject({ allowed: true, grant: { principal: "robot", actsFor: "ana" } });
});

test("where its person is not asked, they approve nothing of it", async () => {
  const made = world(false);
  made.groups = new Map([...made.groups, ["leads", [...(made.groups.get("leads") ?? []), "ana"]]]);
  const asked = await made.ask({}, "robot");
  if (!asked.allowed) throw new Error(asked.code);
  expect(await made.service.approve(asked.request.id, made.person("ana"))).toMatchObject({ allowed: false, code: "own-request" });
  expect(await made.service.approve(asked.request.id, made.person("lea"))).toMatchObject({ allowed: true, grant: { principal: "robot" } });
});

test("its person takes back what it asked for, and what it got; when it acts for somebody else, the grant is nothing", async () => {
  const made = world(false);
  const open = await made.ask({}, "robot");
  if (!open.allowed) throw new Error(open.code);
  expect(await made.service.cancel(open.request.id, made.person("ana"), "no")).toMatchObject({ allowed: true });
  const asked = await made.ask({}, "robot");
  if (!asked.allowed) throw new Error(asked.code);
  const approved = await made.service.approve(asked.request.id, made.person("lea"));
  if (!approved.allowed || !approved.grant) throw new Error("not approved");
  const { grant } = approved;
  expect(scopeInForce(grant, "web-1", made.rulebook(), made.person("robot"))).toMatchObject({ rule: "robots" });
  made.agents.set("robot", { for: "lea", approves: false });
  expect(scopeInForce(grant, "web-1", made.rulebook(), made.person("robot"))).toMatchObject({ allowed: false, code: "grant-narrowed" });
  expect(await made.service.revoke(grant.id, made.person("ana"), "enough")).toMatchObject({
    allowed: true,
    grant: { endedHow: "given-back" },
  });
});
