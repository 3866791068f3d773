import { beforeEach, describe, expect, test } from "vitest";
import { AccessWorld, DAY, DEBUG, HOUR, testRule } from "../../test/kit/access-world.ts";
import type { TargetName } from "../kernel/ids.ts";
import { deny } from "../kernel/result.ts";
import { remainingMs } from "./remaining.ts";

let world: AccessWorld;
const WEB = "web-1" as TargetName;

beforeEach(() => {
  world = new AccessWorld();
});

function kinds(): string[] {
  return world.store.events.map((event) => event.kind);
}

describe("time", () => {
  test("asking again under a grant does not restart its time", async () => {
    const grant = await world.granted();
    world.clock.pass(HOUR / 2);
    const [usable] = await world.service.usable(grant.principal, WEB);
    expect(usable && remainingMs(usable, world.clock)).toBe(HOUR / 2);
  });

  test("it ends at the earlier of wall-clock and elapsed time; a clock set back gives nothing, set forward ends it", async () => {
    const grant = await world.granted();
    world.clock.jump(-DAY);
    expect(remainingMs(grant, world.clock)).toBe(HOUR);
    world.clock.pass(HOUR);
    expect(await world.service.usable(grant.principal, WEB)).toEqual([]);
    await world.service.tick();
    expect(world.store.grants.get(grant.id)).toMatchObject({ state: "ended", endedHow: "expired" });

    const second = await world.granted();
    world.clock.jump(DAY);
    expect(await world.service.usable(second.principal, WEB)).toEqual([]);
    await world.service.tick();
    world.clock.jump(-DAY);
    expect(await world.service.usable(second.principal, WEB)).toEqual([]);
    expect(world.store.grants.get(second.id)?.state).toBe("ended");
  });

  test("after a reboot the wall clock alone counts, and a clock before the start gives no more than the whole", async () => {
    const grant = await world.granted();
    world.clock.reboot();
    world.clock.pass(HOUR - 1000);
    expect(remainingMs(grant, world.clock)).toBe(1000);
    world.clock.jump(-DAY);
    expect(remainingMs(grant, world.clock)).toBe(HOUR);
  });

  test("expiry is saved although space is short", async () => {
    await world.granted();
    world.clock.pass(HOUR);
    await world.service.tick();
    expect(world.store.priorities.at(-1)).toBe("reserved");
  });
});

describe("a running grant", () => {
  test("revoked is final, and says by whom and why", async () => {
    const { id } = await world.granted();
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
    expect(await world.service.revoke((await world.granted()).id, world.person("ana"), "done")).toMatchObject({
      grant: { endedHow: "given-back" },
    });
  });

  test("extended once by oneself, then only by approval, and never by its own holder's", async () => {
    const { id, end } = await world.granted();
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
    const { id } = await world.granted();
    world.rules = [testRule({ selfExtensions: 0 })];
    expect(await world.service.extend(id, world.person("ana"), { durationMs: HOUR, reason: "x" })).toMatchObject({
      request: { state: "pending" },
    });
  });

  test("an extension of a grant that has ended revives nothing and lapses", async () => {
    world.rules = [testRule({ selfExtensions: 0 })];
    const { id } = await world.granted();
    const asked = await world.service.extend(id, world.person("ana"), { durationMs: HOUR, reason: "x" });
    if (!asked.allowed) throw new Error(asked.code);
    world.clock.pass(HOUR);
    expect(await world.service.approve(asked.request.id, world.person("lea"))).toMatchObject({ code: "grant-ended" });
    await world.service.tick();
    expect(world.store.grants.get(id)?.state).toBe("ended");
    expect(world.store.requests.get(asked.request.id)?.state).toBe("lapsed");
  });

  test("narrowed: fewer targets and an earlier end, never the other way", async () => {
    const { id, end } = await world.granted({ targets: ["web-1", "web-2"] });
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
    const first = await world.granted();
    world.store.grants.set(first.id, { ...first, used: { bytes: 1000, seconds: 0 } });
    await world.service.tick();
    expect(world.store.grants.get(first.id)).toMatchObject({ state: "ended", endedHow: "used-up" });
    const second = await world.granted();
    world.disabled.add("ana");
    await world.service.tick();
    expect(world.store.grants.get(second.id)).toMatchObject({ state: "ended", endedHow: "requester-gone" });
  });

  test("today's smaller budget counts", async () => {
    const grant = await world.granted();
    world.store.grants.set(grant.id, { ...grant, used: { bytes: 500, seconds: 0 } });
    world.roles = [{ ...DEBUG, budget: { bytes: 400 } }];
    await world.service.tick();
    expect(world.store.grants.get(grant.id)?.endedHow).toBe("used-up");
  });
});

describe("break-glass", () => {
  test("at once and loudly, where the rule permits it", async () => {
    const grant = await world.broken();
    expect(grant).toMatchObject({ approvers: [], selfExtensionsLeft: 0, breakGlass: { openedAt: world.clock.now() } });
    expect(kinds()).toEqual(["request.created", "break-glass.opened"]);
    expect(world.store.priorities).toEqual(["reserved"]);
    world.rules = [testRule({ breakGlass: false })];
    expect(await world.ask({ breakGlass: true })).toMatchObject({ code: "no-rule" });
  });

  test("unreviewed it reminds once, becomes overdue once, then blocks ordinary requests but never another break-glass", async () => {
    const grant = await world.broken();
    world.clock.pass(DAY);
    await world.service.tick();
    await world.service.tick();
    expect(await world.ask()).toMatchObject({ allowed: true });
    world.clock.pass(2 * DAY);
    await world.service.tick();
    await world.service.tick();
    expect(world.store.events.filter((event) => event.kind === "break-glass.escalated").map(({ body }) => body)).toMatchObject([
      { level: "reminder" },
      { level: "overdue" },
    ]);
    expect(await world.ask()).toMatchObject({ code: "review-overdue", detail: grant.id });
    world.clock.jump(-3 * DAY);
    expect(await world.ask()).toMatchObject({ code: "review-overdue" });
    expect(await world.ask({ breakGlass: true })).toMatchObject({ allowed: true });
    expect(await world.ask({}, "bob")).toMatchObject({ allowed: true });
  });

  test("reviewed by an approver or a holder of grant.review, not by oneself, once; then requests work again", async () => {
    const { id } = await world.broken();
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
    expect(await world.ask()).toMatchObject({ allowed: true });
  });

  test("no agent reviews what its person broke, and no service anything, whatever they hold", async () => {
    const { id } = await world.broken();
    world.services.add("sam");
    world.reviewers.add("sam");
    const review = { verdict: "justified", note: "fine" } as const;
    expect(await world.service.review(id, world.person("sam"), review)).toMatchObject({ allowed: false, code: "not-approver" });
  });

  test("the rule's approvers may review", async () => {
    const { id } = await world.broken();
    expect(await world.service.review(id, world.person("lea"), { verdict: "unjustified", note: "why" })).toMatchObject({ allowed: true });
  });

  test("a lock stops a break-glass too", async () => {
    world.locked.set("ana", deny("locked"));
    expect(await world.ask({ breakGlass: true })).toMatchObject({ code: "locked" });
  });
});
