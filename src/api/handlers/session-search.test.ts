import { describe, expect, it } from "vitest";
import type { AuditEvent, LoggedEvent } from "../../audit/event.ts";
import type { EventQuery } from "../../audit/port.ts";
import { sessionSearch } from "../../contract/session-search.ts";
import type { Reply } from "../../contract/types.ts";
import type { GrantId, PrincipalName, RecordingId, SessionId, TargetName } from "../../kernel/ids.ts";
import type { GatePermission } from "../../policy/permissions.ts";
import type { SessionRow } from "../../session/port.ts";
import type { Call } from "../handler.ts";
import { sessionSearchHandlers } from "./session-search.ts";

type Answer = Reply<"sessions.search">;

/** Sessions of ana and bob by turns, the newest first; each output line is found in the recording it names. */
class World {
  now = 1_000_000;
  readonly viewed: AuditEvent[] = [];
  events: LoggedEvent[] = [];
  output = new Map<number, string[]>();
  /** What looking through one recording takes. */
  tookMs = 0;
  readonly rows: SessionRow[];
  readonly queries: EventQuery[] = [];

  constructor(count: number) {
    this.rows = Array.from({ length: count }, (_, number) => row(number)).toReversed();
  }

  readonly handlers = sessionSearchHandlers({
    gate: { now: () => this.now },
    access: {
      findGrant: async (id) => ({ reason: `reason of ${id}`, ticket: "INC-7" }) as never,
    },
    sessions: {
      liveFacts: () => undefined,
      listSessions: async ({ principal, following, limit }) =>
        this.rows
          .filter((each) => (principal ?? each.principal) === each.principal && each.startedAt < (following?.startedAt ?? Infinity))
          .slice(0, limit),
    },
    audit: {
      append: async (events) => void this.viewed.push(...events),
      query: async (query) => {
        this.queries.push(query);
        return this.events.filter(({ session }) => (query.session ?? session) === session).slice(0, query.limit);
      },
    },
    recordings: {
      searchOne: async ({ recording, limit, withinMs }) => {
        this.now += this.tookMs;
        const lines = this.output.get(Number(recording.slice(4))) ?? [];
        return { hits: lines.slice(0, limit).map((text) => ({ atUs: 5, channel: 1, text })), isWhole: withinMs > 0 };
      },
    },
  });

  async search(query: object, permissions: GatePermission[] = ["recording.view"]): Promise<Answer> {
    const call = {
      query: sessionSearch.parse(query),
      caller: { principal: { name: "ana", groups: [] }, permissions: new Set(permissions), lacking: () => undefined },
      signal: new AbortController().signal,
    } as unknown as Call<"sessions.search">;
    const answer = await this.handlers["sessions.search"](call);
    if ("allowed" in answer) throw new Error(answer.code);
    return answer;
  }
}

function id(prefix: string, number: number): string {
  return `${prefix}-${String(number).padStart(10, "0")}`;
}

function row(number: number): SessionRow {
  return {
    id: id("s", number) as SessionId,
    grant: id("gr", number) as GrantId,
    principal: (number % 2 === 0 ? "ana" : "bob") as PrincipalName,
    target: "web-1" as TargetName,
    protocol: number % 3 === 0 ? "postgres" : "ssh",
    remote: "",
    startedAt: number * 1000,
    recording: id("rec", number) as RecordingId,
    ended: {
      at: number * 1000 + 500,
      how: "cut",
      code: number % 5 === 0 ? "session-killed" : "grant-ended",
      durationMs: 500,
      bytesIn: 0,
      bytesOut: 0,
    },
  };
}

function exec(number: number, command: string, seq = number): LoggedEvent {
  const body = { channel: 0, environment: {}, withheld: [], command };
  return { seq, time: number * 1000 + 20, kind: "ssh.exec", session: id("s", number), body };
}

const numbers = ({ found }: Answer): number[] => found.map(({ session }) => session.startedAt / 1000);

describe("searching sessions", () => {
  it("without words lists them, newest first, page by page, by every filter", async () => {
    const world = new World(250);
    const first = await world.search({ all: true, protocol: "postgres", code: "session-killed", how: "cut", limit: 10 });
    expect(numbers(first)).toEqual([240, 225, 210, 195, 180, 165, 150, 135, 120, 105]);
    const second = await world.search({ all: true, protocol: "postgres", code: "session-killed", limit: 10, cursor: first.next });
    expect(numbers(second)).toEqual([90, 75, 60, 45, 30, 15, 0]);
    expect(second.next).toBeUndefined();
    expect(numbers(await world.search({ all: true, about: "inc-7 gr-0000000003" }))).toEqual([3]);
    expect(numbers(await world.search({ all: true, since: 249_400 }))).toEqual([249]);
    expect(numbers(await world.search({ all: true, how: "lost" }))).toEqual([]);
    expect(world.viewed).toEqual([]);
  });

  it("finds commands and what was shown, with the moment, as plain text; who looked is logged before the answer", async () => {
    const world = new World(4);
    world.events = [exec(2, `cat \u001b[2J${"x".repeat(300)} needle \u202e${"y".repeat(300)}`)];
    world.output.set(0, ["a needle in a line"]);
    const { found, searched } = await world.search({ words: "NEEDLE", all: true });
    expect(found.map(({ session, hits }) => [session.startedAt, hits])).toEqual([
      [2000, [{ source: "command", seq: 2, atUs: 20_000, channel: 0, text: expect.stringMatching(/^…x{59} needle \?y+…$/) }]],
      [0, [{ source: "output", atUs: 5, channel: 1, text: "a needle in a line" }]],
    ]);
    expect(found[0]).toMatchObject({ reason: "reason of gr-0000000002", ticket: "INC-7" });
    expect([searched, world.viewed.length]).toEqual([4, 4]);
    expect(world.viewed[0]).toMatchObject({ kind: "recording.viewed", principal: "ana", body: { how: "search" } });
  });

  it("of others only with the permission", async () => {
    const world = new World(4);
    world.output = new Map([0, 1, 2, 3].map((number) => [number, ["needle"]]));
    expect(numbers(await world.search({ words: "needle" }, []))).toEqual([2, 0]);
    await expect(world.search({ words: "needle", all: true }, ["session.read"])).rejects.toThrow("not-permitted");
    await expect(world.search({ words: "needle", principal: "bob" }, [])).rejects.toThrow("not-permitted");
    expect(world.viewed.map(({ session }) => session)).toEqual([id("s", 2), id("s", 0)]);
  });

  it("that there were sessions of others is told with session.read, and what they were about is not", async () => {
    const world = new World(2);
    const { found } = await world.search({ all: true }, ["session.read"]);
    expect(found.map(({ session, reason }) => [session.principal, reason])).toEqual([
      ["bob", undefined],
      ["ana", "reason of gr-0000000000"],
    ]);
    await expect(world.search({ all: true }, [])).rejects.toThrow("not-permitted");
    await expect(world.search({ about: "reason", all: true }, ["session.read"])).rejects.toThrow("not-permitted");
  });

  it("who reads the log and may not see recordings finds what others did, and what was shown to themself", async () => {
    const world = new World(4);
    world.events = [exec(1, "needle")];
    world.output = new Map([0, 1, 2, 3].map((number) => [number, ["a needle in a line"]]));
    const { found } = await world.search({ words: "needle", all: true }, ["audit.read"]);
    expect(found.map(({ session, hits }) => [session.principal, hits.map(({ source }) => source)])).toEqual([
      ["ana", ["output"]],
      ["bob", ["command"]],
      ["ana", ["output"]],
    ]);
    expect(world.viewed.map(({ session }) => session)).toEqual([id("s", 2), id("s", 0)]);
  });

  it("stops when looking through recordings has taken its time, and goes on behind that", async () => {
    const world = new World(10);
    world.output.set(0, ["needle"]);
    world.tookMs = 600;
    const looked: number[] = [];
    const found: number[] = [];
    let next: string | undefined;
    do {
      const page = await world.search({ words: "needle", all: true, ...(next !== undefined && { cursor: next }) });
      looked.push(page.searched);
      next = page.next;
      found.push(...numbers(page));
    } while (next !== undefined);
    expect([looked, found]).toEqual([[4, 4, 2], [0]]);
  });

  it("says where a session has more than is shown, and asks for each by itself where a word is everywhere", async () => {
    const world = new World(2);
    world.events = Array.from({ length: 2000 }, (_, seq) => exec(seq % 2, "needle", seq));
    const { found } = await world.search({ words: "needle", all: true });
    expect(found.map(({ hits, more }) => [hits.length, more])).toEqual([
      [20, true],
      [20, true],
    ]);
    expect(world.queries.map(({ session, limit }) => [session, limit])).toEqual([
      [undefined, 1000],
      [id("s", 1), 21],
      [id("s", 0), 21],
    ]);
  });
});
