import { beforeEach, describe, expect, test } from "vitest";
import { AccessWorld, DAY, DEBUG, HOUR, testRule, testTarget } from "../../test/kit/access-world.ts";
import { GateError } from "../kernel/errors.ts";
import type { RequestId, TargetName } from "../kernel/ids.ts";
import { deny } from "../kernel/result.ts";
import { scopeInForce } from "./in-force.ts";
import type { AccessRequest, Grant } from "./model.ts";
import { remainingMs } from "./remaining.ts";
import type { RequestResult } from "./service.ts";

let world: AccessWorld;
const WEB = "web-1" as TargetName;
const draft = { reason: "checkout is slow", role: "debug", targets: ["web-1"], durationMs: HOUR };

beforeEach(() => {
  world = new AccessWorld();
});

async function ask(change: Partial<typeof draft> & { breakGlass?: boolean; ticket?: string } = {}, who = "ana"): Promise<RequestResult> {
  return world.service.request(world.person(who), { ...draft, ...change });
}

async function asked(change: Parameters<typeof ask>[0] = {}, who = "ana"): Promise<AccessRequest> {
  const result = await ask(change, who);
  if (!result.allowed) throw new Error(`${result.code}: ${result.detail}`);
  return result.request;
}

async function granted(change: Parameters<typeof ask>[0] = {}): Promise<Grant> {
  const result = await world.service.approve((await asked(change)).id, world.person("lea"));
  if (!result.allowed || !result.grant) throw new Error("Not granted");
  return result.grant;
}

async function broken(): Promise<Grant> {
  const result = await ask({ breakGlass: true });
  if (!result.allowed || !result.grant) throw new Error("Not granted");
  return result.grant;
}

function kinds(): string[] {
  return world.store.events.map((event) => event.kind);
}

describe("request and approval", () => {
  test("asked, approved, usable; each step one save with its events", async () => {
    const request = await asked({ ticket: "INC-7" });
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
    expect(await ask()).toMatchObject({ allowed: true, request: { state: "approved" }, grant: { approvers: [] } });
    expect(world.store.saves).toBe(1);
  });

  test("the first rule that matches decides, not the kindest", async () => {
    world.rules = [testRule({ name: "strict", approval: "1 of leads and 1 of security" }), testRule({ name: "kind", approval: "none" })];
    expect((await asked()).demands).toHaveLength(1);
  });

  test("several targets: every distinct demand, the smallest maximum", async () => {
    world.rules = [
      testRule({ name: "web", targets: { names: ["web-1"] }, approval: "1 of leads", maxDurationMs: 2 * HOUR }),
      testRule({ name: "rest", targets: { labels: { service: "checkout" } }, approval: "1 of security", maxDurationMs: 4 * HOUR }),
    ];
    const request = await asked({ targets: ["service=checkout"] });
    expect(request.scope.map(({ target, rule }) => `${target.name}:${rule}`)).toEqual(["web-1:web", "web-2:rest"]);
    expect(request.demands).toHaveLength(2);
    expect(await ask({ targets: ["service=checkout"], durationMs: 3 * HOUR })).toMatchObject({ code: "bad-request", rule: "web" });
  });

  test("`owners` is the group that the target's label names, for each target", async () => {
    world.rules = [testRule({ approval: "1 of owners" })];
    const request = await asked({ targets: ["web-1", "web-2"] });
    expect(request.demands).toEqual([
      { kind: "quorum", count: 1, groups: ["leads"] },
      { kind: "quorum", count: 1, groups: ["security"] },
    ]);
    world.targets = [testTarget("web-1", { service: "checkout" })];
    expect(await ask()).toMatchObject({ allowed: false, code: "no-rule" });
  });

  test("labels are resolved once: a target that gets the label later is not covered", async () => {
    const grant = await granted({ targets: ["service=checkout"] });
    world.targets = [...world.targets, testTarget("web-3", { service: "checkout" })];
    expect(await world.service.usable(grant.principal, "web-3" as TargetName)).toEqual([]);
    expect(scopeInForce(grant, "web-3", world.rulebook(), world.person("ana"))).toMatchObject({ code: "grant-narrowed" });
  });

  test("a target that does not exist and one nobody lets you request get the same answer", async () => {
    const [unknown, forbidden] = [await ask({ targets: ["db-9"] }), await ask({ targets: ["db-1"] })];
    expect(JSON.stringify(unknown).replaceAll("db-9", "X")).toBe(JSON.stringify(forbidden).replaceAll("db-1", "X"));
    expect(await ask({ targets: ["wbe-1"] })).toMatchObject({
      code: "no-rule",
      detail: expect.stringContaining('did you mean "web-1"') as string,
    });
  });

  test("words that act where they are shown, or nothing at all, are refused", async () => {
    for (const reason of ["", "  ", "a\u001B[2Jb", "a\nb", "\u202Etxt", "x".repeat(1001)])
      expect(await ask({ reason })).toMatchObject({ code: "bad-request" });
    expect(JSON.stringify(world.store.events)).not.toMatch(/\\u001b/i);
    expect(await ask({ targets: ["x\u001B"] })).toMatchObject({ code: "bad-request" });
    expect(await ask({ targets: ["service=checkout,"] })).toMatchObject({ code: "bad-request" });
    expect(await ask({ targets: [] })).toMatchObject({ code: "bad-request" });
    expect(await ask({ durationMs: Number.NaN })).toMatchObject({ code: "bad-request" });
  });

  test("a refused request is in the log, with its code", async () => {
    await ask({ role: "root" });
    expect(world.store.events).toMatchObject([
      { kind: "request.refused", principal: "ana", decision: "deny", body: { role: "root", code: "no-rule" } },
    ]);
  });

  test("a preview answers the same and changes nothing", async () => {
    expect(await world.service.preview(world.person("bob"), draft)).toMatchObject({
      approval: "1 of leads",
      approvers: ["lea"],
      maxDurationMs: 4 * HOUR,
      rules: ["rule"],
    });
    expect(await world.service.preview(world.person("sam"), draft)).toMatchObject({ allowed: false, code: "no-rule" });
    expect(world.store.saves).toBe(0);
  });
});

describe("who may approve", () => {
  test("nobody their own, also with a place in the expression", async () => {
    const request = await asked({}, "bob");
    expect(await world.service.approve(request.id, world.person("bob"))).toMatchObject({ code: "own-request" });
    expect(await world.service.deny(request.id, world.person("bob"), "no")).toMatchObject({ code: "own-request" });
  });

  test("nobody without a place", async () => {
    expect(await world.service.approve((await asked()).id, world.person("sam"))).toMatchObject({ code: "not-approver" });
  });

  test("groups are those of this moment, not those somebody logged in with", async () => {
    const request = await asked();
    const stale = world.person("lea");
    world.groups.set("leads", ["bob"]);
    expect(await world.service.approve(request.id, stale)).toMatchObject({ code: "not-approver" });
    expect(await world.service.approve(request.id, { name: stale.name, groups: ["leads", "security"] })).toMatchObject({
      code: "not-approver",
    });
  });

  test("one person in two groups fills one place", async () => {
    world.rules = [testRule({ approval: "1 of leads and 1 of security" })];
    const request = await asked();
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
    const { id } = await asked();
    for (const name of ["sam", "sue"]) await world.service.approve(id, world.person(name));
    expect(await world.service.approve(id, world.person("lou"))).toMatchObject({ request: { state: "approved" } });
  });

  test("a demand that became stricter while the request waited must be met too", async () => {
    const { id } = await asked();
    world.rules = [testRule({ approval: "1 of leads and 1 of security" })];
    expect(await world.service.approve(id, world.person("lea"))).toMatchObject({ request: { state: "pending" } });
    expect(await world.service.approve(id, world.person("sam"))).toMatchObject({ request: { state: "approved" } });
  });

  test("and one that became laxer stays as it was asked", async () => {
    world.rules = [testRule({ approval: "1 of leads and 1 of security" })];
    const { id } = await asked();
    world.rules = [testRule({ approval: "1 of leads" })];
    expect(await world.service.approve(id, world.person("lea"))).toMatchObject({ request: { state: "pending" } });
  });

  test("a requester who was disabled, locked or left the rule is not approved", async () => {
    const { id } = await asked();
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
    const { id } = await asked();
    const [web, ...others] = world.targets;
    world.targets = [{ ...(web as NonNullable<typeof web>), address: "evil.test:22" }, ...others];
    expect(await world.service.approve(id, world.person("lea"))).toMatchObject({ code: "grant-narrowed" });
  });

  test("an approver shortens and narrows, never lengthens or widens; earlier approvals stay valid", async () => {
    world.rules = [testRule({ approval: "2 of (leads or security)" })];
    const { id } = await asked({ targets: ["web-1", "web-2"] });
    const lea = world.person("lea");
    expect(await world.service.approve(id, lea, { durationMs: 2 * HOUR })).toMatchObject({ code: "bad-request" });
    expect(await world.service.approve(id, lea, { targets: ["web-1", "db-1"] })).toMatchObject({ code: "bad-request" });
    expect(await world.service.approve(id, lea, { targets: [] })).toMatchObject({ code: "bad-request" });
    expect(await world.service.approve(id, lea)).toMatchObject({ request: { state: "pending" } });
    const done = await world.service.approve(id, world.person("sam"), { durationMs: HOUR / 2, targets: ["web-1"] });
    expect(done).toMatchObject({ grant: { end: world.clock.now() + HOUR / 2, scope: [{ target: { name: "web-1" } }] } });
  });

  test("a lapsed, denied, cancelled or approved request is not approved again", async () => {
    const [lapsed, denied, cancelled, approved] = [await asked(), await asked(), await asked(), await asked()];
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
    const { id } = await asked();
    expect(await world.service.cancel(id, world.person("lea"), "x")).toMatchObject({ code: "not-permitted" });
    expect(await world.service.deny(id, world.person("sam"), "x")).toMatchObject({ code: "not-approver" });
    expect(await world.service.deny("req-unknown" as RequestId, world.person("lea"), "x")).toMatchObject({ code: "not-found" });
  });
});

describe("time", () => {
  test("asking again under a grant does not restart its time", async () => {
    const grant = await granted();
    world.clock.pass(HOUR / 2);
    const [usable] = await world.service.usable(grant.principal, WEB);
    expect(usable && remainingMs(usable, world.clock)).toBe(HOUR / 2);
  });

  test("it ends at the earlier of wall-clock and elapsed time; a clock set back gives nothing, set forward ends it", async () => {
    const grant = await granted();
    world.clock.jump(-DAY);
    expect(remainingMs(grant, world.clock)).toBe(HOUR);
    world.clock.pass(HOUR);
    expect(await world.service.usable(grant.principal, WEB)).toEqual([]);
    await world.service.tick();
    expect(world.store.grants.get(grant.id)).toMatchObject({ state: "ended", endedHow: "expired" });

    const second = await granted();
    world.clock.jump(DAY);
    expect(await world.service.usable(second.principal, WEB)).toEqual([]);
    await world.service.tick();
    world.clock.jump(-DAY);
    expect(await world.service.usable(second.principal, WEB)).toEqual([]);
    expect(world.store.grants.get(second.id)?.state).toBe("ended");
  });

  test("after a reboot the wall clock alone counts, and a clock before the start gives no more than the whole", async () => {
    const grant = await granted();
    world.clock.reboot();
    world.clock.pass(HOUR - 1000);
    expect(remainingMs(grant, world.clock)).toBe(1000);
    world.clock.jump(-DAY);
    expect(remainingMs(grant, world.clock)).toBe(HOUR);
  });

  test("expiry is saved although space is short", async () => {
    await granted();
    world.clock.pass(HOUR);
    await world.service.tick();
    expect(world.store.priorities.at(-1)).toBe("reserved");
  });
});

describe("a running grant", () => {
  test("revoked is final, and says by whom and why", async () => {
    const { id } = await granted();
    expect(await world.service.revoke(id, world.person("sam"), "leaked laptop")).toMatchObject({
      grant: { state: "ended", endedHow: "revoked" },
    });
    expect(await world.service.revoke(id, world.person("sam"), "again")).toMatchObject({ code: "grant-ended" });
    expect(await world.service.extend(id, world.person("ana"), { durationMs: HOUR, reason: "more" })).toMatchObject({
      code: "grant-ended",
    });
    expect(await world.service.narrow(id, world.person("ana"), { end: world.clock.now() + 1, reason: "x" })).toMatchObject({
      code: "grant-ended",
    });
    expect(world.store.events.find(({ kind }) => kind === "grant.ended")).toMatchObject({
      kind: "grant.ended",
      principal: "ana",
      body: { by: "sam", reason: "leaked laptop" },
    });
  });

  test("given back by its holder", async () => {
    expect(await world.service.revoke((await granted()).id, world.person("ana"), "done")).toMatchObject({
      grant: { endedHow: "given-back" },
    });
  });

  test("extended once by oneself, then only by approval, and never by its own holder's", async () => {
    const { id, end } = await granted();
    const ana = world.person("ana");
    expect(await world.service.extend(id, world.person("bob"), { durationMs: HOUR, reason: "x" })).toMatchObject({ code: "not-found" });
    expect(await world.service.extend(id, ana, { durationMs: 5 * HOUR, reason: "x" })).toMatchObject({ code: "bad-request" });
    expect(await world.service.extend(id, ana, { durationMs: HOUR, reason: "not done" })).toMatchObject({
      request: { state: "approved", type: "extension" },
      grant: { id, end: end + HOUR, selfExtensionsLeft: 0 },
    });
    const second = await world.service.extend(id, ana, { durationMs: HOUR, reason: "still not" });
    if (!second.allowed) throw new Error(second.code);
    expect(second).toMatchObject({ request: { state: "pending", extends: id } });
    expect(second.grant).toBeUndefined();
    expect(await world.service.approve(second.request.id, ana)).toMatchObject({ code: "own-request" });
    expect(await world.service.approve(second.request.id, world.person("lea"), { durationMs: HOUR / 2 })).toMatchObject({
      grant: { id, end: end + 1.5 * HOUR, version: 3 },
    });
    expect(world.store.grants.size).toBe(1);
  });

  test("a self-extension that the rule no longer gives is asked for like any other", async () => {
    const { id } = await granted();
    world.rules = [testRule({ selfExtensions: 0 })];
    expect(await world.service.extend(id, world.person("ana"), { durationMs: HOUR, reason: "x" })).toMatchObject({
      request: { state: "pending" },
    });
  });

  test("an extension of a grant that has ended revives nothing and lapses", async () => {
    world.rules = [testRule({ selfExtensions: 0 })];
    const { id } = await granted();
    const asked = await world.service.extend(id, world.person("ana"), { durationMs: HOUR, reason: "x" });
    if (!asked.allowed) throw new Error(asked.code);
    world.clock.pass(HOUR);
    expect(await world.service.approve(asked.request.id, world.person("lea"))).toMatchObject({ code: "grant-ended" });
    await world.service.tick();
    expect(world.store.grants.get(id)?.state).toBe("ended");
    expect(world.store.requests.get(asked.request.id)?.state).toBe("lapsed");
  });

  test("narrowed: fewer targets and an earlier end, never the other way", async () => {
    const { id, end } = await granted({ targets: ["web-1", "web-2"] });
    const sam = world.person("sam");
    expect(await world.service.narrow(id, sam, { end: end + 1, reason: "x" })).toMatchObject({ code: "bad-request" });
    expect(await world.service.narrow(id, sam, { targets: ["db-1"], reason: "x" })).toMatchObject({ code: "bad-request" });
    const narrowed = await world.service.narrow(id, sam, { targets: ["web-2"], end: end - HOUR / 2, reason: "enough" });
    if (!narrowed.allowed) throw new Error(narrowed.code);
    expect(narrowed.grant.scope.map(({ target }) => target.name)).toEqual(["web-2"]);
    world.clock.jump(-DAY);
    expect(remainingMs(narrowed.grant, world.clock)).toBe(HOUR / 2);
  });

  test("ends when its budget is used up, or its holder was disabled", async () => {
    const first = await granted();
    world.store.grants.set(first.id, { ...first, used: { bytes: 1000, seconds: 0 } });
    await world.service.tick();
    expect(world.store.grants.get(first.id)).toMatchObject({ state: "ended", endedHow: "used-up" });
    const second = await granted();
    world.disabled.add("ana");
    await world.service.tick();
    expect(world.store.grants.get(second.id)).toMatchObject({ state: "ended", endedHow: "requester-gone" });
  });

  test("today's smaller budget counts", async () => {
    const grant = await granted();
    world.store.grants.set(grant.id, { ...grant, used: { bytes: 500, seconds: 0 } });
    world.roles = [{ ...DEBUG, budget: { bytes: 400 } }];
    await world.service.tick();
    expect(world.store.grants.get(grant.id)?.endedHow).toBe("used-up");
  });
});

describe("break-glass", () => {
  test("at once and loudly, where the rule permits it", async () => {
    const grant = await broken();
    expect(grant).toMatchObject({ approvers: [], selfExtensionsLeft: 0, breakGlass: { openedAt: world.clock.now() } });
    expect(kinds()).toEqual(["request.created", "break-glass.opened"]);
    expect(world.store.priorities).toEqual(["reserved"]);
    world.rules = [testRule({ breakGlass: false })];
    expect(await ask({ breakGlass: true })).toMatchObject({ code: "no-rule" });
  });

  test("unreviewed it reminds once, becomes overdue once, then blocks ordinary requests but never another break-glass", async () => {
    const grant = await broken();
    world.clock.pass(DAY);
    await world.service.tick();
    await world.service.tick();
    expect(await ask()).toMatchObject({ allowed: true });
    world.clock.pass(2 * DAY);
    await world.service.tick();
    await world.service.tick();
    expect(world.store.events.filter((event) => event.kind === "break-glass.escalated").map(({ body }) => body)).toMatchObject([
      { level: "reminder" },
      { level: "overdue" },
    ]);
    expect(await ask()).toMatchObject({ code: "review-overdue", detail: grant.id });
    world.clock.jump(-3 * DAY);
    expect(await ask()).toMatchObject({ code: "review-overdue" });
    expect(await ask({ breakGlass: true })).toMatchObject({ allowed: true });
    expect(await ask({}, "bob")).toMatchObject({ allowed: true });
  });

  test("reviewed by an approver or a holder of grant.review, not by oneself, once; then requests work again", async () => {
    const { id } = await broken();
    world.clock.pass(4 * DAY);
    await world.service.tick();
    const review = { verdict: "justified", note: "it was burning" } as const;
    world.reviewers.add("ana");
    expect(await world.service.review(id, world.person("ana"), review)).toMatchObject({ code: "own-request" });
    expect(await world.service.review(id, world.person("sam"), review)).toMatchObject({ code: "not-permitted" });
    world.reviewers.add("sam");
    expect(await world.service.review(id, world.person("sam"), review)).toMatchObject({
      grant: { breakGlass: { verdict: "justified", reviewedBy: "sam" } },
    });
    expect(await world.service.review(id, world.person("lea"), review)).toMatchObject({ code: "wrong-state" });
    expect(await ask()).toMatchObject({ allowed: true });
  });

  test("the rule's approvers may review", async () => {
    const { id } = await broken();
    expect(await world.service.review(id, world.person("lea"), { verdict: "unjustified", note: "why" })).toMatchObject({ allowed: true });
  });

  test("a lock stops a break-glass too", async () => {
    world.locked.set("ana", deny("locked"));
    expect(await ask({ breakGlass: true })).toMatchObject({ code: "locked" });
  });
});

describe("races and failures", () => {
  test("two approvals at once: the second is decided again on what the first left", async () => {
    world.rules = [testRule({ approval: "1 of leads and 1 of security" })];
    const { id } = await asked();
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
    const { id } = await asked();
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

  test("losing every race is a failure that says so, after five attempts", async () => {
    const { id } = await asked();
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
    await expect(ask()).rejects.toThrow("audit log");
    expect([heard, world.store.requests.size]).toEqual([[], 0]);
  });

  test("listeners hear what was saved, and of every active grant when the rules change", async () => {
    const heard: string[] = [];
    const listening = world.service.subscribe(({ request, grant }) => heard.push(grant?.id ?? request?.id ?? ""));
    const grant = await granted();
    heard.length = 0;
    await world.service.onRulebookChange();
    expect(heard).toEqual([grant.id]);
    listening[Symbol.dispose]();
    await world.service.revoke(grant.id, world.person("ana"), "done");
    expect(heard).toEqual([grant.id]);
  });

  test("one person's open requests are bounded", async () => {
    for (let count = 0; count < 50; count++) await asked();
    expect(await ask()).toMatchObject({ code: "rate-limited" });
    expect(await ask({}, "bob")).toMatchObject({ allowed: true });
  });
});
