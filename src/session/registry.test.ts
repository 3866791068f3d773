import { describe, expect, it } from "vitest";
import { SessionWorld } from "../../test/kit/session-world.ts";
import { DEBUG, HOUR, testRule } from "../../test/kit/access-world.ts";
import type { AuditEvent } from "../audit/event.ts";
import { GateError } from "../kernel/errors.ts";
import { deny, type Denial } from "../kernel/result.ts";

async function withGrant(change: Partial<typeof DEBUG> = {}): Promise<SessionWorld> {
  const world = new SessionWorld();
  world.access.roles = [{ ...DEBUG, ...change }];
  world.access.service.subscribe(({ grant }) => grant && world.registry.grantChanged(grant));
  await world.access.granted();
  return world;
}

const shell = (): AuditEvent => ({ kind: "ssh.shell", body: { channel: 0, environment: {}, withheld: [] } });
const refused = ({ code }: Denial): AuditEvent => ({ kind: "ssh.refused", body: { request: "shell", code, detail: "" } });

describe("what cuts a session", () => {
  it("its grant's time, by elapsed time too", async () => {
    const world = await withGrant();
    const session = await world.open("ana", "web-1");
    const told: Denial[] = [];
    session.onCut((denial) => told.push(denial));
    world.access.clock.pass(HOUR - 1);
    world.registry.tick();
    expect(session.ended).toBe(false);
    world.access.clock.jump(-HOUR);
    world.access.clock.pass(1);
    world.registry.tick();
    expect(told).toMatchObject([{ code: "grant-ended" }]);
    expect(await world.endOf(session)).toBe("grant-ended");
  });

  it("revoking, at once", async () => {
    const world = await withGrant();
    const session = await world.open("ana", "web-1");
    const { id } = session.grant;
    await world.access.service.revoke(id, { name: session.grant.principal, groups: [] }, "done");
    expect(session.ended).toBe(true);
  });

  it("a kill, which is in the log before it happens", async () => {
    const world = await withGrant();
    const session = await world.open("ana", "web-1");
    session.onCut(() => expect(world.events.at(-1)?.kind).toBe("session.kill-asked"));
    expect(await world.registry.kill(session.id, "sam", "suspicious")).toBe(true);
    expect(await world.endOf(session)).toBe("session-killed");
    expect(await world.registry.kill(session.id, "sam", "again")).toBe(false);
  });

  it("a lock, a disabled person, a lost group, a removed rule", async () => {
    const changes: ((world: SessionWorld) => void)[] = [
      (world) => world.access.locked.set("ana", deny("locked")),
      (world) => world.access.locked.set("web-1", deny("locked")),
      (world) => world.access.disabled.add("ana"),
      (world) => world.access.groups.set("oncall", []),
      (world) => (world.access.rules = [testRule({ roles: ["other"] })]),
      (world) => (world.access.roles = []),
    ];
    for (const change of changes) {
      const world = await withGrant();
      const session = await world.open("ana", "web-1");
      await world.registry.recheckAll();
      expect(session.ended).toBe(false);
      change(world);
      await world.registry.recheckAll();
      expect(session.ended).toBe(true);
    }
  });

  it("a role that no longer allows what is going on", async () => {
    const world = await withGrant();
    const session = await world.open("ana", "web-1");
    expect(await session.act({ kind: "ssh.shell" }, shell, refused)).toBeUndefined();
    session.stand(0, { kind: "ssh.shell" });
    world.access.roles = [{ ...DEBUG, ssh: { account: "infra", shell: false, exec: true, files: "write", env: [] } }];
    await world.registry.recheckAll();
    expect(await world.endOf(session)).toBe("grant-narrowed");
  });

  it("silence, when the role says so; a byte starts the time anew", async () => {
    const world = await withGrant({ idleMs: 60_000 });
    const session = await world.open("ana", "web-1");
    world.access.clock.pass(50_000);
    session.spend("in", 1);
    world.registry.tick();
    world.access.clock.pass(50_000);
    world.registry.tick();
    expect(session.ended).toBe(false);
    world.access.clock.pass(11_000);
    world.registry.tick();
    expect(await world.endOf(session)).toBe("idle-timeout");
  });

  it("bytes and seconds, summed over the grant's sessions", async () => {
    const world = await withGrant({ budget: { bytes: 1000, seconds: 100 } });
    const [one, two] = [await world.open("ana", "web-1"), await world.open("ana", "web-1")];
    one.spend("out", 600);
    expect(two.ended).toBe(false);
    two.spend("in", 401);
    expect(await world.endOf(two)).toBe("budget-used-up");
    world.access.clock.pass(101_000);
    world.registry.tick();
    expect(await world.endOf(one)).toBe("budget-used-up");
  });

  it("the removal of the key it was opened with, and of no other", async () => {
    const world = await withGrant();
    const session = await world.open("ana", "web-1");
    const { name } = session.permit.authenticated.principal;
    world.registry.credentialRemoved(name, "SHA256:another");
    expect(session.ended).toBe(false);
    world.registry.credentialRemoved(name, "SHA256:test");
    expect(await world.endOf(session)).toBe("locked");
  });

  it("a recording that cannot go on", async () => {
    const world = await withGrant();
    const session = await world.open("ana", "web-1");
    world.recordings.at(-1)?.onFailure(deny("recording-unavailable"));
    expect(await world.endOf(session)).toBe("recording-unavailable");
  });
});

describe("opening", () => {
  it("logs start and recording before the session exists", async () => {
    const world = await withGrant();
    await world.open("ana", "web-1");
    expect(world.events.map(({ kind }) => kind)).toEqual(["session.started", "recording.started"]);
  });

  it("is refused when the log cannot take it, and leaves nothing behind", async () => {
    const world = await withGrant();
    world.logFails = new GateError("log-unavailable");
    await expect(world.open("ana", "web-1")).rejects.toThrow("log-unavailable");
    expect(world.registry.list()).toEqual([]);
    expect(world.discarded).toEqual([world.recordings.at(-1)?.recording]);
  });

  it("that the log did not take the end of is recorded as ended when the log is back", async () => {
    const world = await withGrant();
    const session = await world.open("ana", "web-1");
    world.logFails = new GateError("log-unavailable");
    session.cut(deny("recording-unavailable"));
    await session.close();
    await world.registry.recordEnds();
    expect(world.rows.get(session.id)?.ended).toBeUndefined();
    world.logFails = undefined;
    await world.registry.recordEnds();
    expect(world.rows.get(session.id)?.ended).toMatchObject({ code: "recording-unavailable" });
    await world.registry.recordEnds();
    expect(world.events.filter(({ kind }) => kind === "session.ended").length).toBe(1);
  });

  it("two at once cannot both take the last place", async () => {
    const world = await withGrant({ budget: { sessions: 1 } });
    const permits = [await world.authorize("ana", "web-1"), await world.authorize("ana", "web-1")];
    const opened = await Promise.all(
      permits.map(async (permit) =>
        "allowed" in permit ? permit : world.registry.open(permit, { protocol: "test", remote: "", client: "" }),
      ),
    );
    expect(opened.filter((each) => "allowed" in each)).toMatchObject([{ code: "too-many-sessions" }]);
    expect(await world.authorize("ana", "web-1")).toMatchObject({ code: "too-many-sessions" });
  });

  it("a grant that ended while the start was written opens nothing", async () => {
    const world = await withGrant();
    const permit = await world.authorize("ana", "web-1");
    if ("allowed" in permit) throw new Error("no permit");
    world.access.locked.set("ana", deny("locked"));
    const session = await world.registry.open(permit, { protocol: "test", remote: "", client: "" });
    expect(session).toMatchObject({ ended: true });
  });
});

describe("acting", () => {
  it("is refused, and said so in the log, by role", async () => {
    const world = await withGrant({ ssh: { account: "infra", shell: false, exec: false, files: "none", env: [] } });
    const session = await world.open("ana", "web-1");
    expect(await session.act({ kind: "ssh.shell" }, shell, refused)).toMatchObject({ code: "role-denies" });
    expect(world.events.at(-1)).toMatchObject({ kind: "ssh.refused", decision: "deny", session: session.id, principal: "ana" });
  });

  it("is refused when the log cannot take it", async () => {
    const world = await withGrant();
    const session = await world.open("ana", "web-1");
    world.logFails = new GateError("disk-reserve");
    expect(await session.act({ kind: "ssh.shell" }, shell, refused)).toMatchObject({ code: "disk-reserve" });
  });

  it("is refused when the session was cut while the log was written", async () => {
    const world = await withGrant();
    const session = await world.open("ana", "web-1");
    const acting = session.act({ kind: "ssh.shell" }, shell, refused);
    session.cut(deny("session-killed"));
    expect(await acting).toMatchObject({ allowed: false });
  });

  it("warns once before the end, and again after an extension", async () => {
    const world = await withGrant();
    const session = await world.open("ana", "web-1");
    const said: string[] = [];
    session.onWarning((text) => said.push(text));
    world.access.clock.pass(HOUR - 299_000);
    world.registry.tick();
    world.registry.tick();
    expect(said).toHaveLength(1);
    world.access.clock.pass(240_000);
    world.registry.tick();
    expect(said).toHaveLength(2);
    session.updateGrant({ ...session.grant, end: session.grant.end + HOUR }, Infinity);
    session.warnOfEnd(299_000);
    expect(said).toHaveLength(3);
  });
});
