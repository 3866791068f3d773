import { describe, expect, it } from "vitest";
import { SessionWorld } from "../../test/kit/session-world.ts";
import { DAY, DEBUG, HOUR, testRule, testTarget } from "../../test/kit/access-world.ts";
import { deny } from "../kernel/result.ts";

async function withGrant(): Promise<SessionWorld> {
  const world = new SessionWorld();
  await world.access.granted();
  return world;
}

describe("a permit", () => {
  it("carries what was approved", async () => {
    const world = await withGrant();
    const permit = await world.authorize("ana", "web-1");
    expect(permit).toMatchObject({ genuine: true, scoped: { account: "infra", target: { address: "web-1.test:22" } } });
  });

  it.each([
    ["nobody asked", "web-1", "bob", "no-grant"],
    ["another target", "web-2", "ana", "no-grant"],
    ["a grant that is not theirs", "web-1", "lea", "no-grant"],
    ["a name nobody gave", "web-9", "ana", "no-grant"],
  ])("is not made for %s", async (_, target, who, code) => {
    const world = await withGrant();
    expect(await world.authorize(who, target)).toMatchObject({ allowed: false, code });
  });

  it("is for one kind of target", async () => {
    const world = await withGrant();
    const claimed = { target: "web-1" as never };
    expect(await world.gatekeeper.authorize(world.authenticated("ana"), claimed, "postgres")).toMatchObject({ code: "not-supported" });
  });

  it("names the command that would ask", async () => {
    const world = new SessionWorld();
    expect(await world.authorize("ana", "web-1")).toMatchObject({ next: expect.stringContaining("--role debug --target web-1") });
  });

  it("is refused while two grants cover the target, and made for the one that is named", async () => {
    const world = await withGrant();
    const second = await world.access.granted();
    const several = await world.authorize("ana", "web-1");
    expect(several).toMatchObject({ allowed: false, code: "several-grants", detail: expect.stringContaining(`web-1%${second.id}`) });
    expect(await world.authorize("ana", `web-1%${second.id}`)).toMatchObject({ grant: { id: second.id } });
  });

  it("is refused once the grant's time is over, by either clock, and stays refused when the wall clock goes back", async () => {
    const world = await withGrant();
    world.access.clock.jump(2 * HOUR);
    expect(await world.authorize("ana", "web-1")).toMatchObject({ code: "no-grant" });
    await world.access.service.tick();
    world.access.clock.jump(-2 * HOUR);
    expect(await world.authorize("ana", "web-1")).toMatchObject({ code: "no-grant" });
  });

  it("is refused while the wall clock is behind the record", async () => {
    const world = await withGrant();
    world.lastTime = world.access.clock.now();
    world.access.clock.jump(-DAY);
    expect(await world.authorize("ana", "web-1")).toMatchObject({ code: "clock-behind" });
    world.access.clock.jump(DAY - 1000);
    expect(await world.authorize("ana", "web-1")).toMatchObject({ genuine: true });
  });

  it("is refused to the locked and the disabled, whatever they hold", async () => {
    const world = await withGrant();
    world.access.locked.set("web-1", deny("locked"));
    expect(await world.authorize("ana", "web-1")).toMatchObject({ code: "locked" });
    world.access.locked.clear();
    world.access.disabled.add("ana");
    expect(await world.authorize("ana", "web-1")).toMatchObject({ code: "locked" });
  });

  it("is refused when the target, the rule or the group changed since the approval", async () => {
    const world = await withGrant();
    const { targets, rules, groups } = world.access;
    world.access.targets = [{ ...testTarget("web-1", { service: "checkout" }), address: "elsewhere.test:22" }];
    expect(await world.authorize("ana", "web-1")).toMatchObject({ code: "grant-narrowed" });
    world.access.targets = targets;
    world.access.rules = [testRule({ who: ["group:security"] })];
    expect(await world.authorize("ana", "web-1")).toMatchObject({ code: "grant-narrowed" });
    world.access.rules = rules;
    world.access.groups = new Map([...groups, ["oncall", ["bob"]]]);
    expect(await world.authorize("ana", "web-1")).toMatchObject({ code: "grant-narrowed" });
    world.access.groups = groups;
    expect(await world.authorize("ana", "web-1")).toMatchObject({ genuine: true });
  });

  it("cannot be made by hand", async () => {
    const world = await withGrant();
    const permit = await world.authorize("ana", "web-1");
    if ("allowed" in permit) throw new Error("no permit");
    const forged = Object.assign(Object.create(Object.getPrototypeOf(permit) as object) as typeof permit, { grant: permit.grant });
    expect(() => forged.genuine).toThrow(TypeError);
  });
});

describe("a second factor", () => {
  const rule = { use: "login", sessionMs: 600_000, address: "bound" } as const;
  const permit = async (world: SessionWorld, login: object) =>
    world.gatekeeper.authorize({ ...world.authenticated("ana"), ...login }, { target: "web-1" as never }, "ssh");
  const passkey = (world: SessionWorld, ageMs: number) => ({ factors: [{ kind: "passkey", at: world.access.clock.now() - ageMs }] });

  it("is asked for by the role as it was approved, whatever it says now", async () => {
    const world = new SessionWorld();
    world.access.roles = [{ ...DEBUG, secondFactor: rule }];
    await world.access.granted();
    world.access.roles = [DEBUG];
    expect(await permit(world, {})).toMatchObject({ code: "second-factor-needed", rule: "debug.secondFactor" });
    expect(await permit(world, passkey(world, 600_001))).toMatchObject({ code: "step-up-needed", stepUp: { withinMs: 600_000 } });
    expect(await permit(world, passkey(world, 600_000))).toMatchObject({ genuine: true });
  });

  it("is asked for by the role as it is now, whatever was approved", async () => {
    const world = await withGrant();
    world.access.roles = [{ ...DEBUG, secondFactor: rule }];
    expect(await permit(world, {})).toMatchObject({ code: "second-factor-needed" });
    expect(await permit(world, { ...passkey(world, 0), madeAt: "192.0.2.1:1", remote: "192.0.2.2:1" })).toMatchObject({
      code: "wrong-address",
    });
    expect(await permit(world, passkey(world, 0))).toMatchObject({ genuine: true });
  });

  it("is asked for by the target, of every role", async () => {
    const world = await withGrant();
    world.access.targets = world.access.targets.map((target) => ({ ...target, stepUpMs: 60_000 }));
    expect(await permit(world, passkey(world, 60_001))).toMatchObject({ code: "step-up-needed", rule: "web-1.stepUp" });
    expect(await permit(world, passkey(world, 60_000))).toMatchObject({ genuine: true });
  });
});
