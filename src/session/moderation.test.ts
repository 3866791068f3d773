import { describe, expect, it } from "vitest";
import { DEBUG } from "../../test/kit/access-world.ts";
import { SessionWorld } from "../../test/kit/session-world.ts";
import { GateError } from "../kernel/errors.ts";
import type { PrincipalName } from "../kernel/ids.ts";
import type { Principal } from "../identity/model.ts";
import type { Moderation as Demand } from "../policy/role.ts";
import type { LiveSession } from "./live-session.ts";
import { MODERATOR_GRACE_MS, type Presence } from "./moderation.ts";

const LEADS: Demand = { who: ["group:leads", "eve"], absent: "pause" };

async function open(moderator: Demand = LEADS): Promise<{ world: SessionWorld; session: LiveSession; told: string[] }> {
  const world = new SessionWorld();
  world.access.roles = [{ ...DEBUG, moderator }];
  await world.access.granted();
  const session = await world.open("ana", "web-1");
  const told: string[] = [];
  session.control.onHalt((_, line) => void told.push(line));
  session.onWarning((text) => void told.push(text.trim()));
  return { world, session, told };
}

function person(world: SessionWorld, name: string): Principal {
  return { name: name as PrincipalName, type: "human", groups: world.access.groupsOf(name) };
}

async function join(world: SessionWorld, session: LiveSession, name: string): Promise<Presence> {
  const presence = await world.registry.moderation.join(session, person(world, name));
  if ("allowed" in presence) throw new Error(presence.code);
  return presence;
}

const kinds = (world: SessionWorld): string[] => world.events.map(({ kind }) => kind).filter((kind) => kind.includes("moderator"));

describe("a session that needs a moderator", () => {
  it("waits from its first moment, until somebody's coming is in the log", async () => {
    const { world, session, told } = await open();
    expect(session.control.isHalted).toBe(true);
    expect(told).toEqual(["sallyport: this session waits for a moderator (leads, eve)"]);
    world.during.log = async () => expect(session.control.isHalted).toBe(true);
    await join(world, session, "lea");
    expect(session.control.isHalted).toBe(false);
    expect(told.at(-1)).toBe("sallyport: lea moderates this session: it goes on");
    expect(world.events.at(-1)).toMatchObject({ kind: "session.moderator-joined", principal: "ana", body: { by: "lea" } });
  });

  it("goes on waiting when the log cannot take it", async () => {
    const { world, session } = await open();
    world.logFails = new GateError("log-unavailable");
    await expect(world.registry.moderation.join(session, person(world, "lea"))).rejects.toMatchObject({ code: "log-unavailable" });
    expect(session.control.isHalted).toBe(true);
  });

  it("nobody moderates their own, nor somebody who is not named", async () => {
    const { world, session } = await open({ who: ["group:oncall", "group:leads"], absent: "pause" });
    const refusal = async (name: string) => world.registry.moderation.join(session, person(world, name));
    expect(await refusal("ana")).toMatchObject({ code: "own-request" });
    expect(await refusal("sam")).toMatchObject({ code: "not-approver" });
    expect(session.control.isHalted).toBe(true);
  });

  it("no agent moderates, be it somebody's who is named, and nobody their own agent's session", async () => {
    const { world, session } = await open({ who: ["group:leads", "robot"], absent: "pause" });
    const { moderation } = world.registry;
    const robot: Principal = { name: "robot" as PrincipalName, type: "agent", groups: ["leads"] };
    expect(await moderation.join(session, robot)).toMatchObject({ code: "not-approver" });
    const { principal } = session.permit.authenticated;
    Object.assign(principal, { actsFor: { name: "lea", groups: ["leads"], approves: true } });
    expect(await moderation.join(session, person(world, "lea"))).toMatchObject({ code: "own-request" });
    expect(session.control.isHalted).toBe(true);
  });

  it("stands still at once when the last one leaves, and not before", async () => {
    const { world, session } = await open();
    const [lea, eve] = [await join(world, session, "lea"), await join(world, session, "eve")];
    expect(world.registry.moderation.viewOf(session)).toMatchObject({ present: [{ who: "lea" }, { who: "eve" }], absent: "pause" });
    lea.leave("left");
    expect(session.control.isHalted).toBe(false);
    eve.leave("left");
    expect(session.control.isHalted).toBe(true);
    world.pass(600_000);
    expect(session.ended).toBe(false);
    await join(world, session, "bob");
    expect(session.control.isHalted).toBe(false);
    expect(kinds(world)).toEqual([
      "session.moderator-joined",
      "session.moderator-joined",
      "session.moderator-left",
      "session.moderator-left",
      "session.moderator-joined",
    ]);
  });

  it("ends some seconds after the last one left, where its role says so, unless somebody comes", async () => {
    const { world, session } = await open({ ...LEADS, absent: "end" });
    (await join(world, session, "lea")).leave("left");
    expect(session.control.isHalted).toBe(true);
    world.pass(MODERATOR_GRACE_MS - 1);
    (await join(world, session, "eve")).leave("left");
    world.pass(MODERATOR_GRACE_MS - 1);
    expect(session.ended).toBe(false);
    world.pass(1);
    expect(await world.endOf(session)).toBe("no-moderator");
  });

  it("a stream that the gate breaks off may be taken up again, and is no leaving till then", async () => {
    const { world, session } = await open();
    const first = await join(world, session, "lea");
    first.leave("renew");
    first.leave("left");
    world.pass(MODERATOR_GRACE_MS - 1);
    const second = await join(world, session, "lea");
    world.pass(MODERATOR_GRACE_MS);
    expect(session.control.isHalted).toBe(false);
    second.leave("renew");
    world.pass(MODERATOR_GRACE_MS);
    expect(session.control.isHalted).toBe(true);
    await new Promise((resolve) => setImmediate(resolve));
    expect(kinds(world)).toEqual(["session.moderator-joined", "session.moderator-left"]);
  });

  it("whoever may not moderate any more is not present any more", async () => {
    const { world, session } = await open();
    await join(world, session, "lea");
    world.access.groups.set("leads", ["bob"]);
    await world.registry.recheckAll();
    expect(session.control.isHalted).toBe(true);
    await join(world, session, "bob");
    world.access.disabled.add("bob");
    await world.registry.recheckAll();
    expect(session.control.isHalted).toBe(true);
  });

  it("a role that comes to need one halts what is live; one that needs none any more, as approved and now, does not", async () => {
    const world = new SessionWorld();
    await world.access.granted();
    const session = await world.open("ana", "web-1");
    expect(session.control.isHalted).toBe(false);
    world.access.roles = [{ ...DEBUG, moderator: LEADS }];
    await world.registry.recheckAll();
    expect(session.control.isHalted).toBe(true);
    world.access.roles = [DEBUG];
    await world.registry.recheckAll();
    expect(session.control.isHalted).toBe(false);
  });

  it("frozen too, needs both: thawed and moderated", async () => {
    const { world, session } = await open();
    await world.registry.controls.freeze(session.id, "sam", "x");
    await join(world, session, "lea");
    expect(session.control.isHalted).toBe(true);
    await world.registry.controls.thaw(session.id, "sam", "x");
    expect(session.control.isHalted).toBe(false);
  });
});
