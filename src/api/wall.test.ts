import { describe, expect, test } from "vitest";
import type { AuditEvent, LoggedEvent } from "../audit/event.ts";
import type { Glance } from "../audit/recording/glance.ts";
import type { Caller } from "./handler.ts";
import type { GlanceUpdate } from "./services/sessions.ts";
import type { PrincipalName } from "../kernel/ids.ts";
import type { SessionRow } from "../session/port.ts";
import { Wall, type WallEvent, type WallQuery } from "./wall.ts";

const glance = (text: string, changes: Partial<Glance> = {}): Glance => ({
  cols: 80,
  rows: 24,
  anew: false,
  plain: false,
  output: Buffer.from(text),
  ...changes,
});

const row = (number: number, protocol = "ssh"): SessionRow =>
  ({
    id: `s-000000000${number}`,
    grant: "gr-0000000000",
    principal: "ana",
    target: "web-1.prod",
    protocol,
    remote: "192.0.2.1:1",
    startedAt: number,
    recording: `rec-000000000${number}`,
  }) as unknown as SessionRow;

/** A wall whose time is turned by hand. */
function wallOf(query: Partial<WallQuery> = {}, append: (events: readonly AuditEvent[]) => void = () => {}) {
  let live: readonly SessionRow[] = [];
  let turn = (): void => {};
  const shown = new Map<string, (update: GlanceUpdate) => void>();
  const watching = new Set<string>();
  const asked: AuditEvent[] = [];
  const leave = new AbortController();
  const wall = new Wall(
    {
      sessions: {
        listSessions: async () => live.toReversed(),
        liveFacts: () => undefined,
        watch: (id) => {
          watching.add(id);
          return { [Symbol.dispose]: () => void watching.delete(id) };
        },
      },
      recordings: {
        glances: async function* (session, signal) {
          const updates: GlanceUpdate[] = [];
          let wake = (): void => {};
          shown.set(session, (update) => {
            updates.push(update);
            wake();
          });
          signal.addEventListener("abort", () => wake());
          while (!signal.aborted) {
            yield* updates.splice(0);
            await new Promise<void>((resolve) => (wake = resolve));
          }
        },
      },
      audit: {
        append: async (events) => {
          append(events);
          asked.push(...events);
        },
      },
    },
    {
      caller: { principal: { name: "sec" as PrincipalName, type: "human", groups: [] } } as unknown as Caller,
      filter: {},
      limit: 2,
      ...query,
    },
  );
  const events = wall.follow(leave.signal, async (_, signal) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    turn = resolve;
    signal.addEventListener("abort", () => resolve());
    await promise;
  });
  return {
    asked,
    shown,
    next: async (): Promise<WallEvent | undefined> => (await events.next()).value ?? undefined,
    watching,
    /** Resolves when the wall has it. */
    show: (id: string) => async (screen: Glance) => {
      shown.get(id)?.({ screen, statements: [] });
      await new Promise(setImmediate);
    },
    now: (rows: readonly SessionRow[]): void => {
      live = rows;
      turn();
    },
    end: () => leave.abort(),
    leave: leave.signal,
  };
}

describe("a wall of live sessions", () => {
  test("who looks is in the log before anything of a session is shown; nothing is shown where the log does not take it", async () => {
    const wall = wallOf();
    wall.now([row(1)]);
    expect(await wall.next()).toMatchObject({ type: "session", session: { id: "s-0000000001" } });
    expect(wall.asked).toMatchObject([{ kind: "recording.viewed", principal: "sec", session: "s-0000000001" }]);
    const refused = wallOf({}, () => {
      throw new Error("the disk is full");
    });
    refused.now([row(1)]);
    await expect(refused.next()).rejects.toThrow("the disk is full");
    expect(refused.shown.size).toBe(0);
  });

  test("sessions come and go; those that run longest keep their place, and how many there are is said", async () => {
    const wall = wallOf();
    wall.now([row(1), row(2), row(3)]);
    expect(await wall.next()).toMatchObject({ type: "session", session: { id: "s-0000000001" } });
    expect(await wall.next()).toMatchObject({ type: "session", session: { id: "s-0000000002" } });
    expect(await wall.next()).toEqual({ type: "count", live: 3 });
    wall.now([row(2), row(3)]);
    expect(await wall.next()).toEqual({ type: "gone", session: "s-0000000001" });
    expect(await wall.next()).toMatchObject({ type: "session", session: { id: "s-0000000003" } });
    expect(wall.asked.map(({ session }) => session)).toEqual(["s-0000000001", "s-0000000002", "s-0000000003"]);
    // Who looks counts among those who watch, for as long as they do.
    expect([...wall.watching]).toEqual(["s-0000000002", "s-0000000003"]);
  });

  test("what was not taken yet grows to a bound, and then starts anew", async () => {
    const wall = wallOf();
    wall.now([row(1)]);
    await wall.next();
    await wall.next();
    const show = wall.show("s-0000000001");
    for (const text of ["one ", "two "]) await show(glance(text));
    expect(await wall.next()).toMatchObject({ type: "screen", anew: false, data: Buffer.from("one two ").toString("base64") });
    for (let count = 0; count < 10; count += 1) await show(glance("x".repeat(16_000)));
    const event = await wall.next();
    expect(event).toMatchObject({ type: "screen", anew: true });
    expect(event?.type === "screen" && event.data.length).toBeLessThan(100_000);
  });

  test("one that never rests leaves the others their turn, however slow the listener is", async () => {
    const wall = wallOf({ limit: 3 });
    const ids = ["s-0000000001", "s-0000000002", "s-0000000003"];
    wall.now([row(1), row(2), row(3)]);
    for (let count = 0; count < 4; count += 1) await wall.next();
    for (const id of ids) await wall.show(id)(glance("first"));
    const heard: string[] = [];
    for (let count = 0; count < 6; count += 1) {
      const event = await wall.next();
      if (event?.type === "screen") heard.push(event.session);
      for (const id of ids.slice(0, 2)) await wall.show(id)(glance("again"));
    }
    expect(heard).toEqual([...ids, ids[0], ids[1], ids[0]]);
  });

  test("of a database its statements, each once, as plain text", async () => {
    const said = (seq: number, statement: string): LoggedEvent =>
      ({ seq, time: seq, kind: "sql.statement", body: { statement } }) as unknown as LoggedEvent;
    const wall = wallOf();
    wall.now([row(1, "postgres")]);
    expect(await wall.next()).toMatchObject({ type: "session" });
    await wall.next();
    const outcome = { ...said(8, ""), kind: "sql.outcome" } as unknown as LoggedEvent;
    wall.shown.get("s-0000000001")?.({ statements: [said(5, "SELECT 1"), said(7, "SELECT '\u202Etxt'"), outcome] });
    expect(await wall.next()).toMatchObject({ type: "statement", seq: 5, text: "SELECT 1" });
    expect(await wall.next()).toMatchObject({ type: "statement", seq: 7, text: "SELECT '?txt'" });
    wall.shown.get("s-0000000001")?.({ statements: [said(9, "SELECT 3")] });
    expect(await wall.next()).toMatchObject({ seq: 9 });
  });

  test("of a transfer of files what is done to each, and what was refused, as plain text", async () => {
    const said = (seq: number, kind: string, body: object): LoggedEvent => ({ seq, time: seq, kind, body }) as unknown as LoggedEvent;
    const wall = wallOf();
    wall.now([row(1)]);
    await wall.next();
    await wall.next();
    wall.shown.get("s-0000000001")?.({
      statements: [
        said(1, "file.list", { channel: 1, path: "/etc" }),
        said(2, "file.open", { channel: 1, path: "/etc/\u202Egnp", mode: "write" }),
        said(3, "file.change", { channel: 1, operation: "rename", path: "/a", to: "/b" }),
        said(4, "ssh.refused", { request: "open", path: "/etc/shadow", code: "not-permitted", detail: "" }),
        said(5, "ssh.refused", { request: "x11-req", code: "not-permitted", detail: "" }),
        said(6, "file.list", { channel: 1, path: "/".repeat(100_000) }),
      ],
    });
    expect(await wall.next()).toEqual({ type: "file", session: "s-0000000001", seq: 1, time: 1, text: "lists /etc" });
    expect(await wall.next()).toMatchObject({ type: "file", text: "writes /etc/?gnp" });
    expect(await wall.next()).toMatchObject({ type: "file", text: "rename /a → /b" });
    expect(await wall.next()).toMatchObject({ type: "file", text: "open /etc/shadow", refused: true });
    const long = await wall.next();
    expect(long).toMatchObject({ type: "file", seq: 6 });
    expect(long?.type === "file" && long.text.length).toBeLessThan(300);
  });

  test("ends with its listener", async () => {
    const wall = wallOf();
    const next = wall.next();
    wall.end();
    // How many there are may still come.
    expect([undefined, "count"]).toContain((await next)?.type);
    expect(await wall.next()).toBeUndefined();
  });
});
