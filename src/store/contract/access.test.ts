import { describe, expect, test } from "vitest";
import type { GrantId, RequestId, SessionId } from "../../kernel/ids.ts";
import { DIALECTS, START } from "./openers.ts";
import { ada, bob, grant, note, request, session, web } from "./samples.ts";

const other = { id: "req-0000000002" as RequestId, requester: bob, createdAt: START + 1 };
const otherGrant = { id: "gr-0000000002" as GrantId, principal: bob, start: START + 1 };

describe.each(DIALECTS)("requests and grants on %s", (_, open) => {
  test("come back as they were saved, with their events", async () => {
    await using opened = await open();
    const { access, log } = opened.store;
    await access.save({ request: request() }, [note("asked")]);
    await access.save({ request: request({ version: 2, state: "approved" }), grant: grant() }, [note("approved"), note("started")]);
    expect(await access.findRequest(request().id)).toEqual(request({ version: 2, state: "approved" }));
    expect(await access.findGrant(grant().id)).toEqual(grant());
    expect(await access.findRequest(other.id)).toBeUndefined();
    expect(await access.findGrant(otherGrant.id)).toBeUndefined();
    const store = await opened.reopen();
    expect(await store.access.findGrant(grant().id)).toEqual(grant());
    expect(log.head().size).toBe(3);
  });

  test.each([
    ["the same version again", 1],
    ["a version that skips one", 3],
  ])("refuses %s, and then logs nothing", async (_, version) => {
    await using opened = await open();
    const { access, log } = opened.store;
    await access.save({ request: request(), grant: grant() }, [note("first")]);
    const late = { request: request({ version, state: "denied" }) };
    await expect(access.save(late, [note("late")])).rejects.toMatchObject({ code: "conflict" });
    await expect(access.save({ grant: grant({ version, state: "ended" }) }, [note("late")])).rejects.toMatchObject({ code: "conflict" });
    expect(await access.findRequest(request().id)).toEqual(request());
    expect(await access.findGrant(grant().id)).toEqual(grant());
    expect(await log.query({ limit: 10 })).toMatchObject([{ body: { reason: "first" } }]);
  });

  test("one of several that start from the same version wins; request and grant change together or not at all", async () => {
    await using opened = await open();
    const { access, log } = opened.store;
    await access.save({ request: request() }, [note("asked")]);
    const race = Array.from({ length: 8 }, (_, index) =>
      access.save(
        { request: request({ version: 2, state: "approved", reason: `winner ${index}` }), grant: grant({ id: `gr-${index}` as GrantId }) },
        [note(`winner ${index}`)],
      ),
    );
    const neighbour = log.append([note("neighbour")]);
    const settled = await Promise.allSettled(race);
    expect(settled.map(({ status }) => status)).toEqual(["fulfilled", ...Array.from({ length: 7 }, () => "rejected")]);
    await neighbour;
    expect((await access.findRequest(request().id))?.reason).toBe("winner 0");
    expect(await access.listGrants({ limit: 10 })).toMatchObject([{ id: "gr-0" }]);
    const reasons = (await log.query({ limit: 10 })).map((event) => (event.body as { reason: string }).reason);
    expect(reasons).toEqual(["asked", "winner 0", "neighbour"]);
  });

  test("nothing changes when the events cannot be logged", async () => {
    await using opened = await open();
    const { access } = opened.store;
    const save = access.save({ request: request() }, [note("x", { principal: "a\nb" })]);
    await expect(save).rejects.toMatchObject({ code: "log-unavailable" });
    expect(await access.findRequest(request().id)).toBeUndefined();
  });

  test("are listed newest first, by state and person", async () => {
    await using opened = await open();
    const { access } = opened.store;
    const openGlass = { breakGlass: { openedAt: START } };
    await access.save({ request: request(), grant: grant(openGlass) }, []);
    await access.save({ request: request({ ...other, state: "denied" }), grant: grant({ ...otherGrant, state: "ended" }) }, []);
    const requests = async (filter: object): Promise<string[]> => (await access.listRequests({ ...filter, limit: 10 })).map(({ id }) => id);
    expect(await requests({})).toEqual([other.id, request().id]);
    expect(await requests({ state: "pending" })).toEqual([request().id]);
    expect(await requests({ requester: bob })).toEqual([other.id]);
    expect(await access.listRequests({ limit: 1 })).toHaveLength(1);
    const grants = async (filter: object): Promise<string[]> => (await access.listGrants({ ...filter, limit: 10 })).map(({ id }) => id);
    expect(await grants({})).toEqual([otherGrant.id, grant().id]);
    expect(await grants({ state: "active", principal: ada })).toEqual([grant().id]);
    expect(await grants({ principal: bob })).toEqual([otherGrant.id]);
    expect(await grants({ unreviewed: true })).toEqual([grant().id]);
    await access.save({ grant: grant({ version: 2, breakGlass: { openedAt: START, reviewedAt: START + 1 } }) }, []);
    expect(await grants({ unreviewed: true })).toEqual([]);
  });
});

describe.each(DIALECTS)("sessions on %s", (_, open) => {
  const ended = { how: "closed", durationMs: 2500, bytesIn: 10, bytesOut: 90, at: START + 2500 } as const;

  test("start once and end once; the grant is charged in the same commit and never loses it to a save", async () => {
    await using opened = await open();
    const { access, sessions, log } = opened.store;
    await access.save({ grant: grant({ used: { bytes: 1, seconds: 1 } }) }, []);
    await sessions.start(session(), [note("started")]);
    await expect(sessions.start(session(), [note("again")])).rejects.toMatchObject({ code: "already-exists" });
    const race = await Promise.allSettled([
      sessions.end(session().id, ended, [note("end")]),
      sessions.end(session().id, ended, [note("end")]),
    ]);
    expect(race.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
    await expect(sessions.end(session().id, ended, [note("end")], "reserved")).rejects.toMatchObject({ code: "wrong-state" });
    await expect(sessions.end("s-0000000009" as SessionId, ended, [])).rejects.toMatchObject({ code: "not-found" });
    expect(await sessions.find(session().id)).toEqual({ ...session(), ended });
    await access.save({ grant: grant({ version: 2, reason: "extended", used: { bytes: 0, seconds: 0 } }) }, []);
    expect(await access.findGrant(grant().id)).toMatchObject({ reason: "extended", used: { bytes: 101, seconds: 3.5 } });
    expect(log.head().size).toBe(2);
  });

  test("are listed newest first: live, by person, target, grant", async () => {
    await using opened = await open();
    const { sessions } = opened.store;
    const second = session({ id: "s-0000000002" as SessionId, principal: bob, startedAt: START + 1, grant: otherGrant.id });
    await sessions.start(session(), []);
    await sessions.start(second, []);
    await sessions.end(second.id, ended, []);
    const listed = async (filter: object): Promise<string[]> => (await sessions.list({ ...filter, limit: 10 })).map(({ id }) => id);
    expect(await listed({})).toEqual([second.id, session().id]);
    expect(await listed({ live: true })).toEqual([session().id]);
    expect(await listed({ live: false, target: web })).toEqual([second.id]);
    expect(await listed({ principal: bob })).toEqual([second.id]);
    expect(await listed({ before: START + 1 })).toEqual([session().id]);
    expect(await listed({ grant: grant().id })).toEqual([session().id]);
    const third = session({ id: "s-0000000003" as SessionId, startedAt: START + 1 });
    await sessions.start(third, []);
    expect(await listed({})).toEqual([second.id, third.id, session().id]);
    expect(await listed({ following: second })).toEqual([third.id, session().id]);
    expect(await listed({ following: third })).toEqual([session().id]);
    expect(await listed({ following: session() })).toEqual([]);
  });

  test("that were live when the gate went down end as lost, once", async () => {
    await using opened = await open();
    await opened.store.access.save({ grant: grant() }, []);
    await opened.store.sessions.start(session(), [note("started")]);
    opened.clock.time += 7000;
    await opened.store.log.append([note("a last sign of life")]);
    opened.clock.time += 60_000;
    const store = await opened.reopen();
    const recovered = await store.recoverSessions(async () => []);
    expect(recovered).toMatchObject([{ id: session().id, ended: { how: "lost", durationMs: 7000, at: START + 67_000 } }]);
    expect(await store.sessions.find(session().id)).toEqual(recovered[0]);
    expect(await store.log.query({ kinds: ["session.ended"], limit: 10 })).toMatchObject([
      { session: session().id, principal: "ada", grant: grant().id, target: web, body: { how: "lost" } },
    ]);
    expect((await store.access.findGrant(grant().id))?.used).toEqual({ bytes: 0, seconds: 7 });
    expect(await store.recoverSessions(async () => [])).toEqual([]);
  });

  test("that were lost end together with their last events; interrupted, the next start begins again", async () => {
    await using opened = await open();
    await opened.store.access.save({ grant: grant() }, []);
    await opened.store.sessions.start(session(), []);
    const interrupted = opened.store.recoverSessions(() => Promise.reject(new Error("the gate went down again")));
    await expect(interrupted).rejects.toThrow("went down again");
    const store = await opened.reopen();
    const before = store.log.head().size;
    expect(await store.recoverSessions(async ({ id }) => [note(`the end of ${id}`)])).toMatchObject([{ id: session().id }]);
    const events = await store.log.query({ from: before, limit: 10 });
    expect(events.map(({ kind }) => kind)).toEqual([note("").kind, "session.ended"]);
    expect(new Set(events.map(({ time }) => time)).size).toBe(1);
  });
});
