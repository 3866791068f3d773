import { beforeEach, describe, expect, test } from "vitest";
import { AccessWorld, DAY, DEBUG, DRAFT, HOUR, testRule, testTarget } from "../../test/kit/access-world.ts";
import { GateError } from "../kernel/errors.ts";
import type { RequestId, TargetName } from "../kernel/ids.ts";
import { deny } from "../kernel/result.ts";
import { scopeInForce } from "./in-force.ts";

let world: AccessWorld;
const WEB = "web-1" as TargetName;

beforeEach(() => {
  world = new AccessWorld();
});

function kinds(): string[] {
  return world.store.events.map((event) => event.kind);
}

describe("request and approval", () => {
  test("asked, approved, usable; each step one save with its events", async () => {
    const request = await world.asked({ ticket: "INC-7" });
    expect(request).toMatchObject({ state: "pending", version: 1, scope: [{ account: "infra", rule: "rule" }] });
    expect(await world.service.usable(request.requester, WEB)).toEqual([]);
    const approved = await world.service.approve(request.id, world.person("lea"));
    expect(approved).toMatchObject({
      allowed: true,
      request: { state: "approved" },
      grant: { approvers: ["lea"], end: world.clock.now() + HOUR },
    });
    expect((await world.service.usable(request.requester, WEB)).length).toBe(1);
    expect(await world.service.usable(request.requester, "web-2" as TargetName)).toEqual([]);
    expect(kinds()).toEqual(["request.created", "request.approved", "grant.started"]);
    expect(world.store.saves).toBe(2);
  });

  test("no approval demanded: a grant at once, in one save", async () => {
    world.rules = [testRule({ approval: "none" })];
    expect(await world.ask()).toMatchObject({ allowed: true, request: { state: "approved" }, grant: { approvers: [] } });
    expect(world.store.saves).toBe(1);
  });

  test("the first rule that matches decides, not the kindest", async () => {
    world.rules = [testRule({ name: "strict", approval: "1 of leads and 1 of security" }), testRule({ name: "kind", approval: "none" })];
    expect((await world.asked()).demands).toHaveLength(1);
  });

  test("several targets: every distinct demand, the smallest maximum", async () => {
    world.rules = [
      testRule({ name: "web", targets: { names: ["web-1"] }, approval: "1 of leads", maxDurationMs: 2 * HOUR }),
      testRule({ name: "rest", targets: { labels: { service: "checkout" } }, approval: "1 of security", maxDurationMs: 4 * HOUR }),
    ];
    const request = await world.asked({ targets: ["service=checkout"] });
    expect(request.scope.map(({ target, rule }) => `${target.name}:${rule}`)).toEqual(["web-1:web", "web-2:rest"]);
    expect(request.demands).toHaveLength(2);
    expect(await world.ask({ targets: ["service=checkout"], durationMs: 3 * HOUR })).toMatchObject({ code: "bad-request", rule: "web" });
  });

  test("`owners` is the group that the target's label names, for each target", async () => {
    world.rules = [testRule({ approval: "1 of owners" })];
    const request = await world.asked({ targets: ["web-1", "web-2"] });
    expect(request.demands).toEqual([
      { kind: "quorum", count: 1, groups: ["leads"] },
      { kind: "quorum", count: 1, groups: ["security"] },
    ]);
    world.targets = [testTarget("web-1", { service: "checkout" })];
    expect(await world.ask()).toMatchObject({ allowed: false, code: "no-rule" });
  });

  test("labels are resolved once: a target that gets the label later is not covered", async () => {
    const grant = await world.granted({ targets: ["service=checkout"] });
    world.targets = [...world.targets, testTarget("web-3", { service: "checkout" })];
    expect(await world.service.usable(grant.principal, "web-3" as TargetName)).toEqual([]);
    expect(scopeInForce(grant, "web-3", world.rulebook(), world.person("ana"))).toMatchObject({ code: "grant-narrowed" });
  });

  test("a target that does not exist and one nobody lets you request get the same answer", async () => {
    const [unknown, forbidden] = [await world.ask({ targets: ["db-9"] }), await world.ask({ targets: ["db-1"] })];
    expect(JSON.stringify(unknown).replaceAll("db-9", "X")).toBe(JSON.stringify(forbidden).replaceAll("db-1", "X"));
    expect(await world.ask({ targets: ["wbe-1"] })).toMatchObject({
      code: "no-rule",
      detail: expect.stringContaining('did you mean "web-1"') as string,
    });
  });

  test("words that act where they are shown, or nothing at all, are refused", async () => {
    for (const reason of ["", "  ", "a\u001B[2Jb", "a\nb", "\u202Etxt", "x".repeat(1001)])
      expect(await world.ask({ reason })).toMatchObject({ code: "bad-request" });
    expect(JSON.stringify(world.store.events)).not.toMatch(/\\u001b/i);
    expect(await world.ask({ targets: ["x\u001B"] })).toMatchObject({ code: "bad-request" });
    expect(await world.ask({ targets: ["service=checkout,"] })).toMatchObject({ code: "bad-request" });
    expect(await world.ask({ targets: [] })).toMatchObject({ code: "bad-request" });
    expect(await world.ask({ durationMs: Number.NaN })).toMatchObject({ code: "bad-request" });
  });

  test("a refused request is in the log, with its code", async () => {
    await world.ask({ role: "root" });
    expect(world.store.events).toMatchObject([
      { kind: "request.refused", principal: "ana", decision: "deny", body: { role: "root", code: "no-rule" } },
    ]);
  });

  test("a preview answers the same and changes nothing", async () => {
    expect(await world.service.preview(world.person("bob"), DRAFT)).toMatchObject({
      approval: "1 of leads",
      approvers: ["lea"],
      maxDurationMs: 4 * HOUR,
      rules: ["rule"],
    });
    expect(await world.service.preview(world.person("sam"), DRAFT)).toMatchObject({ allowed: false, code: "no-rule" });
    expect(world.store.saves).toBe(0);
  });
});

describe("who may approve", () => {
  test("nobody their own, also with a place in the expression", async () => {
    const request = await world.asked({}, "bob");
    expect(await world.service.approve(request.id, world.person("bob"))).toMatchObject({ code: "own-request" });
    expect(await world.service.deny(request.id, world.person("bob"), "no")).toMatchObject({ code: "own-request" });
  });

  test("nobody without a place", async () => {
    expect(await world.service.approve((await world.asked()).id, world.person("sam"))).toMatchObject({ code: "not-approver" });
  });

  test("groups are those of this moment, not those somebody logged in with", async () => {
    const request = await world.asked();
    const stale = world.person("lea");
    world.groups.set("leads", ["bob"]);
    expect(await world.service.approve(request.id, stale)).toMatchObject({ code: "not-approver" });
    expect(await world.service.approve(request.id, { name: stale.name, groups: ["leads", "security"] })).toMatchObject({
      code: "not-approver",
    });
  });

  test("one person in two groups fills one place", async () => {
    world.rules = [testRule({ approval: "1 of leads and 1 of security" })];
    const request = await world.asked();
    expect(await world.service.approve(request.id, world.person("lea"))).toMatchObject({ allowed: true, request: { state: "pending" } });
    expect(await world.service.approve(request.id, world.person("lea"))).toMatchObject({ code: "wrong-state" });
    expect(await world.service.approve(request.id, world.person("sam"))).toMatchObject({
      request: { state: "approved" },
      grant: { approvers: ["lea", "sam"] },
    });
  });

  test("more approvals than a quorum needs do not keep it from completing", async () => {
    world.rules = [testRule({ approval: "1 of leads and 2 of security" })];
    world.groups.set("leads", ["lea", "lou"]).set("security", ["sam", "sue", "lou"]);
    const { id } = await world.asked();
    for (const name of ["sam", "sue"]) await world.service.approve(id, world.person(name));
    expect(await world.service.approve(id, world.person("lou"))).toMatchObject({ request: { state: "approved" } });
  });

  test("a demand that became stricter while the request waited must be met too", async () => {
    const { id } = await world.asked();
    world.rules = [testRule({ approval: "1 of leads and 1 of security" })];
    expect(await world.service.approve(id, world.person("lea"))).toMatchObject({ request: { state: "pending" } });
    expect(await world.service.approve(id, world.person("sam"))).toMatchObject({ request: { state: "approved" } });
  });

  test("and one that became laxer stays as it was asked", async () => {
    world.rules = [testRule({ approval: "1 of leads and 1 of security" })];
    const { id } = await world.asked();
    world.rules = [testRule({ approval: "1 of leads" })];
    expect(await world.service.approve(id, world.person("lea"))).toMatchObject({ request: { state: "pending" } });
  });

  test("a requester who was disabled, locked or left the rule is not approved", async () => {
    const { id } = await world.asked();
    world.disabled.add("ana");
    expect(await world.service.approve(id, world.person("lea"))).toMatchObject({ code: "wrong-state" });
    world.disabled.clear();
    world.locked.set("web-1", deny("locked"));
    expect(await world.service.approve(id, world.person("lea"))).toMatchObject({ code: "locked" });
    world.locked.clear();
    world.locked.set("lea", deny("locked"));
    expect(await world.service.approve(id, world.person("lea"))).toMatchObject({ code: "locked" });
    world.locked.clear();
    world.groups.set("oncall", []);
    expect(await world.service.approve(id, world.person("lea"))).toMatchObject({ code: "no-rule" });
    expect(world.store.grants.size).toBe(0);
  });

  test("what is approved is what was asked for: a target that changed meanwhile is not approved", async () => {
    const { id } = await world.asked();
    const [web, ...others] = world.targets;
    world.targets = [{ ...(web as NonNullable<typeof web>), address: "evil.test:22" }, ...others];
    expect(await world.service.approve(id, world.person("lea"))).toMatchObject({ code: "grant-narrowed" });
  });

  test("an approver shortens and narrows, never lengthens or widens; earlier approvals stay valid", async () => {
    world.rules = [testRule({ approval: "2 of (leads or security)" })];
    const { id } = await world.asked({ targets: ["web-1", "web-2"] });
    const lea = world.person("lea");
    expect(await world.service.approve(id, lea, { durationMs: 2 * HOUR })).toMatchObject({ code: "bad-request" });
    expect(await world.service.approve(id, lea, { targets: ["web-1", "db-1"] })).toMatchObject({ code: "bad-request" });
    expect(await world.service.approve(id, lea, { targets: [] })).toMatchObject({ code: "bad-request" });
    expect(await world.service.approve(id, lea)).toMatchObject({ request: { state: "pending" } });
    const done = await world.service.approve(id, world.person("sam"), { durationMs: HOUR / 2, targets: ["web-1"] });
    expect(done).toMatchObject({ grant: { end: world.clock.now() + HOUR / 2, scope: [{ target: { name: "web-1" } }] } });
  });

  test("a lapsed, denied, cancelled or approved request is not approved again", async () => {
    const [lapsed, denied, cancelled, approved] = [await world.asked(), await world.asked(), await world.asked(), await world.asked()];
    const lea = world.person("lea");
    await world.service.deny(denied.id, lea, "not now");
    await world.service.cancel(cancelled.id, world.person("ana"), "found it");
    await world.service.approve(approved.id, lea);
    world.clock.pass(DAY);
    for (const { id } of [lapsed, denied, cancelled, approved])
      expect(await world.service.approve(id, lea)).toMatchObject({ code: "wrong-state" });
    await world.service.tick();
    expect(world.store.requests.get(lapsed.id)?.state).toBe("lapsed");
  });

  test("only its requester cancels a request, only an approver denies it", async () => {
    const { id } = await world.asked();
    expect(await world.service.cancel(id, world.person("lea"), "x")).toMatchObject({ code: "not-permitted" });
    expect(await world.service.deny(id, world.person("sam"), "x")).toMatchObject({ code: "not-approver" });
    expect(await world.service.deny("req-unknown" as RequestId, world.person("lea"), "x")).toMatchObject({ code: "not-found" });
  });
});

describe("races and failures", () => {
  test("two approvals at once: the second is decided again on what the first left", async () => {
    world.rules = [testRule({ approval: "1 of leads and 1 of security" })];
    const { id } = await world.asked();
    let raced = false;
    world.store.beforeSave = ({ request }) => {
      const held = world.store.requests.get(id);
      if (raced || !request || !held) return;
      raced = true;
      world.store.requests.set(id, {
        ...held,
        version: held.version + 1,
        approvals: [{ by: world.person("sam").name, at: 1, groups: ["security"] }],
      });
    };
    expect(await world.service.approve(id, world.person("lea"))).toMatchObject({ request: { state: "approved", version: 3 } });
  });

  test("a request that was cancelled at the same moment is not approved", async () => {
    const { id } = await world.asked();
    let raced = false;
    world.store.beforeSave = () => {
      const held = world.store.requests.get(id);
      if (raced || !held) return;
      raced = true;
      world.store.requests.set(id, { ...held, version: held.version + 1, state: "cancelled" });
    };
    expect(await world.service.approve(id, world.person("lea"))).toMatchObject({ code: "wrong-state" });
    expect(world.store.grants.size).toBe(0);
  });

  test.each([
    ["left the group", () => world.groups.set("leads", []), "not-approver"],
    ["was disabled", () => world.disabled.add("lea"), "not-permitted"],
    ["was locked", () => world.locked.set("lea", deny("locked")), "locked"],
  ])("an approver who %s while the approval was being decided approves nothing", async (_what, end, code) => {
    const whileReading = (await world.asked()).id;
    const find = world.store.findRequest.bind(world.store);
    world.store.findRequest = async (id) => {
      const found = await find(id);
      if (id === whileReading) end();
      return found;
    };
    expect(await world.service.approve(whileReading, world.person("lea"))).toMatchObject({ code });
  });

  test("an approver who left the group while the first attempt lost a race is not one in the second", async () => {
    const { id } = await world.asked();
    world.store.beforeSave = () => {
      const held = world.store.requests.get(id);
      if (!held || held.version > 1) return;
      world.store.requests.set(id, { ...held, version: held.version + 1 });
      world.groups.set("leads", []);
    };
    expect(await world.service.approve(id, world.person("lea"))).toMatchObject({ code: "not-approver" });
    expect(world.store.grants.size).toBe(0);
  });

  test("losing every race is a failure that says so, after five attempts", async () => {
    const { id } = await world.asked();
    let attempts = 0;
    world.store.beforeSave = () => {
      attempts++;
      throw new GateError("conflict");
    };
    await expect(world.service.approve(id, world.person("lea"))).rejects.toThrow(GateError);
    expect(attempts).toBe(5);
  });

  test("when the log cannot take it nothing changed and nobody is told", async () => {
    const heard: unknown[] = [];
    using _listening = world.service.subscribe((change) => heard.push(change));
    world.store.beforeSave = () => {
      throw new GateError("log-unavailable");
    };
    await expect(world.ask()).rejects.toThrow("audit log");
    expect([heard, world.store.requests.size]).toEqual([[], 0]);
  });

  test("listeners hear what was saved, and of every active grant when the rules change", async () => {
    const heard: string[] = [];
    const listening = world.service.subscribe(({ request, grant }) => heard.push(grant?.id ?? request?.id ?? ""));
    const grant = await world.granted();
    heard.length = 0;
    await world.service.onRulebookChange();
    expect(heard).toEqual([grant.id]);
    listening[Symbol.dispose]();
    await world.service.revoke(grant.id, world.person("ana"), "done");
    expect(heard).toEqual([grant.id]);
  });

  test("one person's open requests are bounded", async () => {
    for (let count = 0; count < 50; count++) await world.asked();
    expect(await world.ask()).toMatchObject({ code: "rate-limited" });
    expect(await world.ask({}, "bob")).toMatchObject({ allowed: true });
  });
});

describe("a second factor", () => {
  const fresh = { use: "login", approveMs: 600_000, breakGlassMs: 600_000, address: "any" } as const;
  const withPasskey = (name: string, ageMs: number) => ({
    ...world.person(name),
    factors: [{ kind: "passkey" as const, at: world.clock.now() - ageMs }],
  });
  beforeEach(() => {
    world.roles = [{ ...DEBUG, secondFactor: fresh }];
  });

  test("has to be fresh at the moment of the approval, and nothing changes without it", async () => {
    const request = await world.asked({});
    expect(await world.service.approve(request.id, world.person("lea"))).toMatchObject({ code: "second-factor-needed" });
    expect(await world.service.approve(request.id, withPasskey("lea", 600_001))).toMatchObject({
      code: "step-up-needed",
      stepUp: { withinMs: 600_000 },
    });
    expect(kinds()).toEqual(["request.created"]);
    expect(await world.service.approve(request.id, withPasskey("lea", 600_000))).toMatchObject({ allowed: true });
  });

  test("is not asked of somebody who may not approve anyway, nor to say no", async () => {
    const request = await world.asked({});
    expect(await world.service.approve(request.id, world.person("sam"))).toMatchObject({ code: "not-approver" });
    expect(await world.service.approve(request.id, world.person("ana"))).toMatchObject({ code: "own-request" });
    expect(await world.service.deny(request.id, world.person("lea"), "no")).toMatchObject({ allowed: true });
  });

  test("what the role asks now counts, and what it asked when the request was made", async () => {
    const request = await world.asked({});
    world.roles = [DEBUG];
    expect(await world.service.approve(request.id, world.person("lea"))).toMatchObject({ code: "second-factor-needed" });
    const second = await world.asked({});
    world.roles = [{ ...DEBUG, secondFactor: fresh }];
    expect(await world.service.approve(second.id, world.person("lea"))).toMatchObject({ code: "second-factor-needed" });
  });

  test("breaks the glass only when fresh; the refusal is in the log", async () => {
    const draft = { ...DRAFT, breakGlass: true };
    expect(await world.service.request(world.person("ana"), draft)).toMatchObject({ code: "second-factor-needed" });
    expect(await world.service.request(withPasskey("ana", 600_001), draft)).toMatchObject({ code: "step-up-needed" });
    expect(kinds()).toEqual(["request.refused", "request.refused"]);
    expect(await world.service.request(withPasskey("ana", 0), draft)).toMatchObject({ allowed: true, grant: { breakGlass: {} } });
    // To ask for it takes nothing: somebody else decides.
    expect(await world.service.request(world.person("ana"), DRAFT)).toMatchObject({ allowed: true });
  });
});
