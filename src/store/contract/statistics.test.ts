import { describe, expect, test } from "vitest";
import type { RequestId, SessionId, TargetName } from "../../kernel/ids.ts";
import { DIALECTS, START } from "./openers.ts";
import { bob, note, request, session } from "./samples.ts";

const HOUR = 3_600_000;
const ALL = { since: 0, until: START + 1000 * HOUR };

describe.each(DIALECTS)("statistics on %s", (_, open) => {
  test("count sessions by target and stretch, and people by target", async () => {
    await using opened = await open();
    const { sessions, statistics } = opened.store;
    const first = START - (START % HOUR);
    const other = "db-1" as TargetName;
    const rows = [
      { startedAt: first },
      { startedAt: first + HOUR - 1, principal: bob },
      { startedAt: first + HOUR },
      { startedAt: first + HOUR, target: other },
    ];
    for (const [index, row] of rows.entries()) await sessions.start(session({ id: `s-000000010${index}` as SessionId, ...row }), []);
    const { target } = session();
    expect(await statistics.sessions(ALL, HOUR)).toEqual([
      { target, at: first, count: 2 },
      { target: other, at: first + HOUR, count: 1 },
      { target, at: first + HOUR, count: 1 },
    ]);
    expect(await statistics.sessions({ since: first + HOUR, until: first + HOUR + 1 }, HOUR)).toHaveLength(2);
    expect(await statistics.targets(ALL, 1)).toEqual([{ target, sessions: 3, people: 2 }]);
  });

  test("tell how long approvals took, to the last yes, of what was approved in the end", async () => {
    await using opened = await open();
    const { clock, store } = opened;
    const yes = (id: RequestId) =>
      store.log.append([{ kind: "request.approved", request: id, body: { approver: "lea", groups: [], complete: true } }]);
    const [one, two] = ["req-0000000001" as RequestId, "req-0000000002" as RequestId];
    await store.access.save({ request: request({ id: one, createdAt: START }) }, []);
    await store.access.save({ request: request({ id: two, createdAt: START }) }, []);
    clock.time = START + 1000;
    await yes(one);
    await yes(two);
    clock.time = START + 5000;
    await yes(one);
    await store.access.save({ request: request({ id: one, createdAt: START, version: 2, state: "approved" }) }, []);
    expect(await store.statistics.approvalTimes(ALL, 10)).toEqual([5000]);
    expect(await store.statistics.approvalTimes({ since: START + 1, until: Infinity }, 10)).toEqual([]);
  });

  test("count refusals by code; what is erased is left out", async () => {
    await using opened = await open();
    const { log, statistics } = opened.store;
    const refused = (code: string) => ({ kind: "ssh.refused", body: { request: "exec", code, detail: "" } }) as const;
    await log.append([refused("role-denies"), refused("role-denies"), refused("masked"), note("something else")]);
    await log.record([{ kind: "session.refused", body: { protocol: "ssh", remote: "", code: "no-grant", detail: "" } }]);
    await log.erase(2, { kind: "audit.erased", body: { seq: 2, reason: "asked for" } });
    expect(await statistics.denials(ALL, 10)).toEqual([
      { kind: "ssh.refused", code: "role-denies", count: 2 },
      { kind: "session.refused", code: "no-grant", count: 1 },
    ]);
    expect(await statistics.denials(ALL, 1)).toEqual([{ kind: "session.refused", code: "no-grant", count: 1 }]);
  });
});
