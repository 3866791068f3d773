/** What ends while a session is being opened: each wait on the way is a moment in which it may. */
import { describe, expect, it } from "vitest";
import { DEBUG } from "../../test/kit/access-world.ts";
import { SessionWorld } from "../../test/kit/session-world.ts";
import { GateError } from "../kernel/errors.ts";
import { deny } from "../kernel/result.ts";

async function withGrant(): Promise<SessionWorld> {
  const world = new SessionWorld();
  world.access.roles = [DEBUG];
  world.access.service.subscribe(({ grant }) => grant && world.registry.grantChanged(grant));
  await world.access.granted();
  return world;
}

type Step = (world: SessionWorld) => Promise<void> | void;

const revoke: Step = async (world) => {
  const [grant] = await world.access.service.usable("ana" as never, "web-1" as never);
  if (grant) await world.access.service.revoke(grant.id, { name: grant.principal, groups: [] }, "done");
};
const ends: Record<string, Step> = {
  "a revocation": revoke,
  "a lock": async (world) => {
    world.access.locked.set("ana", deny("locked"));
    await world.registry.recheckAll();
  },
  "somebody disabled": async (world) => {
    world.access.disabled.add("ana");
    await world.registry.recheckAll();
  },
  "the removal of the key that was shown": (world) => {
    world.removed.add("SHA256:test");
    world.registry.credentialRemoved("ana" as never, "SHA256:test");
  },
  "the gate's stop": (world) => void world.registry.stop(),
};

/** Opens a session while `step` happens, where it says; then: how many sessions are there still, live or in the store? */
async function leftAfter(at: "before" | "recording" | "store", step: Step): Promise<{ live: number; open: number }> {
  const world = await withGrant();
  const permit = await world.authorize("ana", "web-1");
  if ("allowed" in permit) throw new Error(permit.code);
  if (at === "before") await step(world);
  world.during = { [at]: async () => step(world) };
  const opened = await world.registry.open(permit, { protocol: "test", remote: "192.0.2.1:1", client: "test" });
  if (!("allowed" in opened) && opened.ended) await opened.close();
  return {
    live: world.registry.list().length,
    open: [...world.rows.values()].filter(({ ended }) => ended === undefined).length,
  };
}

describe("nothing that ends during the opening is outlived by the session", () => {
  for (const [what, step] of Object.entries(ends)) {
    for (const at of ["before", "recording", "store"] as const) {
      it(`${what} (${at})`, async () => {
        expect(await leftAfter(at, step)).toEqual({ live: 0, open: 0 });
      });
    }
  }
});

it("a session whose last check fails is not left behind", async () => {
  const fail: Step = (world) => {
    world.principalFails = new GateError("store-unavailable");
  };
  expect(await leftAfter("store", fail)).toEqual({ live: 0, open: 0 });
});

it("a session that cannot be held against a change is cut, and the others are held against it", async () => {
  const world = await withGrant();
  const first = await world.open("ana", "web-1");
  const second = await world.open("ana", "web-1");
  let calls = 0;
  world.access.locked.set("ana", deny("locked"));
  world.during = {
    principal: async () => {
      calls += 1;
      if (calls === 1) throw new GateError("store-unavailable");
    },
  };
  await world.registry.recheckAll();
  expect([first.ended, second.ended]).toEqual([true, true]);
});
