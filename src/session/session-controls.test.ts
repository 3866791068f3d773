import { describe, expect, it } from "vitest";
import { SessionWorld } from "../../test/kit/session-world.ts";
import { DEBUG } from "../../test/kit/access-world.ts";
import { GateError } from "../kernel/errors.ts";
import type { SessionId } from "../kernel/ids.ts";
import type { LiveSession } from "./live-session.ts";

async function open(): Promise<{ world: SessionWorld; session: LiveSession; told: [boolean, string][] }> {
  const world = new SessionWorld();
  world.access.roles = [{ ...DEBUG, idleMs: 60_000 }];
  await world.access.granted();
  const session = await world.open("ana", "web-1");
  const told: [boolean, string][] = [];
  session.control.onHalt((isHalted, line) => void told.push([isHalted, line]));
  return { world, session, told };
}

describe("freezing", () => {
  it("stops at once, and is in the log when it is answered", async () => {
    const { world, session, told } = await open();
    world.during.log = async () => expect(session.control.isHalted).toBe(true);
    expect(await world.registry.controls.freeze(session.id, "sam", "wrong host")).toBeUndefined();
    expect(session.control.frozen).toEqual({ by: "sam", reason: "wrong host", at: world.access.clock.now() });
    expect(told).toMatchObject([[true, expect.stringContaining("frozen by sam: wrong host")]]);
    expect(world.events.at(-1)).toMatchObject({
      kind: "session.frozen",
      principal: "ana",
      session: session.id,
      body: { by: "sam", reason: "wrong host" },
    });
  });

  it("that the log cannot take did not happen", async () => {
    const { world, session, told } = await open();
    world.logFails = new GateError("log-unavailable");
    await expect(world.registry.controls.freeze(session.id, "sam", "x")).rejects.toMatchObject({ code: "log-unavailable" });
    expect([session.control.isHalted, told.map(([isHalted]) => isHalted)]).toEqual([false, [true, false]]);
  });

  it("reaches a proxy that takes the session over later", async () => {
    const { world, session } = await open();
    await world.registry.controls.freeze(session.id, "sam", "x");
    const later: boolean[] = [];
    session.control.onHalt((isHalted) => void later.push(isHalted));
    expect(later).toEqual([true]);
  });

  it("is no idleness, and no reprieve", async () => {
    const { world, session } = await open();
    await world.registry.controls.freeze(session.id, "sam", "x");
    world.access.clock.pass(120_000);
    world.registry.tick();
    expect(session.ended).toBe(false);
    await world.registry.controls.thaw(session.id, "sam", "y");
    world.access.clock.pass(61_000);
    world.registry.tick();
    expect(await world.endOf(session)).toBe("idle-timeout");
  });

  it("twice, or of what is not live, is refused; so are two changes at one time", async () => {
    const { world, session } = await open();
    const { controls } = world.registry;
    const [first, second] = await Promise.all([controls.freeze(session.id, "sam", "x"), controls.thaw(session.id, "sam", "x")]);
    expect([first, second]).toMatchObject([undefined, { code: "conflict" }]);
    expect(await controls.freeze(session.id, "eve", "x")).toMatchObject({ code: "wrong-state" });
    expect(await controls.freeze("s-nothing" as SessionId, "sam", "x")).toMatchObject({ code: "wrong-state" });
  });
});

describe("thawing", () => {
  it("is in the log before anything passes", async () => {
    const { world, session, told } = await open();
    await world.registry.controls.freeze(session.id, "sam", "x");
    world.during.log = async () => expect(session.control.isHalted).toBe(true);
    expect(await world.registry.controls.thaw(session.id, "eve", "fine")).toBeUndefined();
    expect(told.at(-1)).toEqual([false, "sallyport: thawed by eve: this session goes on"]);
    expect(world.events.at(-1)).toMatchObject({ kind: "session.thawed", body: { by: "eve", reason: "fine" } });
  });

  it("nobody does it to their own session when somebody else froze it", async () => {
    const { world, session } = await open();
    await world.registry.controls.freeze(session.id, "sam", "x");
    expect(await world.registry.controls.thaw(session.id, "ana", "please")).toMatchObject({ code: "not-permitted" });
    expect(await world.registry.controls.thaw(session.id, "robot", "for ana", "ana")).toMatchObject({ code: "not-permitted" });
    expect(session.control.isHalted).toBe(true);
    await world.registry.controls.thaw(session.id, "sam", "x");
    await world.registry.controls.freeze(session.id, "ana", "coffee");
    expect(await world.registry.controls.thaw(session.id, "ana", "back")).toBeUndefined();
  });
});

describe("a message", () => {
  it("is in the log before it is shown, is one line, and does nothing to a terminal", async () => {
    const { world, session } = await open();
    const shown: string[] = [];
    session.control.onMessage((line) => {
      expect(world.events.at(-1)).toMatchObject({ kind: "session.messaged", body: { by: "sam" } });
      shown.push(line);
      return true;
    });
    const text = "two\nlines, \u001b[31mred\u202e \u009b2J";
    expect(await world.registry.controls.message(session.id, "sam", text)).toEqual({ shown: true });
    expect(shown).toEqual(["sallyport: sam says: two lines, ?[31mred? ?2J"]);
  });

  it("says when nobody reads it", async () => {
    const { world, session } = await open();
    expect(await world.registry.controls.message(session.id, "sam", "x")).toEqual({ shown: false });
  });
});
