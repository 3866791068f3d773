import { describe, expect, it } from "vitest";
import { DEBUG } from "../../test/kit/access-world.ts";
import { SessionWorld } from "../../test/kit/session-world.ts";
import type { LiveSession } from "./live-session.ts";

async function open(watch?: "silent"): Promise<{ world: SessionWorld; session: LiveSession; told: string[] }> {
  const world = new SessionWorld();
  world.access.roles = [{ ...DEBUG, ...(watch && { watch }) }];
  await world.access.granted();
  const session = await world.open("ana", "web-1");
  const told: string[] = [];
  session.onWarning((text) => void told.push(text.trim()));
  return { world, session, told };
}

describe("watching", () => {
  it("is told once for each who does, and when they are gone; a stream taken up again is no news", async () => {
    const { world, session, told } = await open();
    const { watchers } = world.registry;
    const [one, two] = [watchers.join(session, "sam"), watchers.join(session, "sam")];
    expect(watchers.of(session.id)).toEqual([{ who: "sam", since: world.access.clock.now() }]);
    one[Symbol.dispose]();
    one[Symbol.dispose]();
    world.pass(60_000);
    two[Symbol.dispose]();
    world.pass(4_000);
    const again = watchers.join(session, "sam");
    world.pass(60_000);
    expect(told).toEqual(["sallyport: sam watches this session"]);
    again[Symbol.dispose]();
    world.pass(5_000);
    expect(told.at(-1)).toBe("sallyport: sam no longer watches");
    expect(watchers.of(session.id)).toEqual([]);
  });

  it("one's own session is not watching; of a session that ended nobody is a watcher", async () => {
    const { world, session, told } = await open();
    world.registry.watchers.join(session, "ana");
    expect([world.registry.watchers.of(session.id), told]).toEqual([[], []]);
    world.registry.watchers.join(session, "sam");
    await session.close();
    expect(world.registry.watchers.of(session.id)).toEqual([]);
  });

  it("is silent only where the role says so, as it was approved and now", async () => {
    const { world, session, told } = await open("silent");
    world.registry.watchers.join(session, "sam");
    expect([told, world.registry.watchers.of(session.id).length]).toEqual([[], 1]);
    world.access.roles = [DEBUG];
    world.registry.watchers.join(session, "eve");
    expect(told).toEqual(["sallyport: eve watches this session"]);
  });
});
