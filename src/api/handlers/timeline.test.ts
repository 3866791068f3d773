import { describe, expect, it } from "vitest";
import type { AuditEvent, LoggedEvent } from "../../audit/event.ts";
import type { Reply } from "../../contract/types.ts";
import type { SessionRow } from "../../session/port.ts";
import type { Call } from "../handler.ts";
import { timelineHandlers } from "./timeline.ts";

const SESSION = { id: "s-0000000000", grant: "gr-0000000000", principal: "ana", target: "web-1", protocol: "ssh", startedAt: 1_000 };

/** A request (0), then as many commands as are told (from 1), each followed by its exit. `present`: as its moderators. */
function world(commands: number, present: string[] = []): (query: object, me?: string) => Promise<Reply<"sessions.timeline">> {
  const log: LoggedEvent[] = [
    {
      seq: 0,
      time: 0,
      kind: "request.created",
      principal: "ana",
      body: { reason: "slow", role: "debug", targets: ["web-1"], durationMs: 1, type: "ordinary" },
    } satisfies AuditEvent & { seq: number; time: number },
  ];
  for (let number = 0; number < commands; number += 1) {
    const time = 1_000 + number;
    const start = { channel: number, environment: {}, withheld: [], command: `c${number}` };
    const end = { channel: number, status: 0, bytesIn: 0, bytesOut: 0, bytesError: 0 };
    log.push({ seq: 1 + 2 * number, time, kind: "ssh.exec", session: SESSION.id, body: start });
    log.push({ seq: 2 + 2 * number, time, kind: "ssh.exit", session: SESSION.id, body: end });
  }
  const moderation = { by: ["group:leads"], present: present.map((who) => ({ who, since: 0 })), absent: "pause" };
  const facts = { watchers: [], isSilent: false, moderation };
  const handlers = timelineHandlers({
    access: { findGrant: async () => undefined, mayReview: () => false, remainingMs: () => 0 },
    sessions: { findSession: async () => SESSION as unknown as SessionRow, liveFacts: () => facts } as never,
    audit: {
      query: async ({ session, kinds, from = 0, order, limit }) => {
        const found = log.filter((each) => each.session === session && kinds?.some((kind) => kind === each.kind) && each.seq >= from);
        return (order === "desc" ? found.toReversed() : found).slice(0, limit);
      },
    },
  });
  return async (query, me = "ana") => {
    const caller = { principal: { name: me, groups: ["leads"] }, permissions: new Set() };
    const call = { caller, params: { id: SESSION.id }, query: { latest: false, ...query } } as unknown as Call<"sessions.timeline">;
    const answer = await handlers["sessions.timeline"](call);
    if ("allowed" in answer) throw new Error(answer.code);
    return answer;
  };
}

const texts = ({ entries }: Reply<"sessions.timeline">): string[] =>
  entries.map((each) => (each.type === "action" ? `${each.text}${each.ended ? " ended" : ""}` : each.type));

describe("a timeline of somebody else's session", () => {
  it("is for the moderator who is present, and not for one who could be", async () => {
    const ask = world(1, ["lea"]);
    expect(texts(await ask({ limit: 3 }, "lea"))).toEqual(["c0 ended"]);
    await expect(ask({ limit: 3 }, "bob")).rejects.toThrow("not-found");
    await expect(world(1)({ limit: 3 }, "lea")).rejects.toThrow("not-found");
  });
});

describe("a timeline, page by page", () => {
  it("goes on where the page before ended", async () => {
    const ask = world(5);
    const first = await ask({ limit: 3 });
    expect([texts(first), first.next]).toEqual([["c0 ended", "c1 ended", "c2 ended"], 7]);
    const second = await ask({ limit: 3, from: first.next });
    expect([texts(second), second.next]).toEqual([["c3 ended", "c4 ended"], undefined]);
  });

  it("begins with its end where that is asked for, in order, and says that there was more", async () => {
    const ask = world(5);
    const latest = await ask({ limit: 2, latest: true });
    expect([texts(latest), latest.next, latest.earlier]).toEqual([["c3 ended", "c4 ended"], undefined, true]);
    const all = await ask({ limit: 5, latest: true });
    expect([texts(all).length, all.earlier]).toEqual([5, undefined]);
  });
});
