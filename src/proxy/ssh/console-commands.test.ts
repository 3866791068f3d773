import { describe, expect, it } from "vitest";
import type { AccessRequest, Grant } from "../../access/model.ts";
import type { Authenticated, Principal } from "../../identity/model.ts";
import type { SessionId } from "../../kernel/ids.ts";
import { deny } from "../../kernel/result.ts";
import type { GatePermission } from "../../policy/permissions.ts";
import { runConsoleCommand, type ConsoleAnswer, type ConsoleDeps } from "./console-commands.ts";
import { refusalLine, refusalText } from "./ssh-refuse.ts";

/** The console of a gate with one request of ana's, which lea may approve, and one session of ana's. */
class World {
  readonly permissions = new Map<string, readonly GatePermission[]>();
  readonly locked = new Set<string>();
  gateLocked = false;
  reason = "checkout is slow";
  readonly done: string[] = [];

  readonly #deps: ConsoleDeps = {
    principal: (name) => Promise.resolve({ name, type: "human", groups: [] }),
    lockOf: ({ name }) => (this.locked.has(name) ? deny("locked", { detail: "lost laptop" }) : undefined),
    gateLock: () => (this.gateLocked ? deny("gate-locked", { detail: "restored" }) : undefined),
    shown: async () => ({}),
    permissionsOf: ({ name }) => new Set(this.permissions.get(name)),
    pending: () => Promise.resolve([this.#request()]),
    isApprover: (_, { name }) => name === "lea",
    allows: () => ["may: a shell"],
    stillMissing: () => "1 of security",
    approvalInWords: () => "1 of leads",
    approve: (id, { name }, { durationMs }) => this.#do(`${name} approves ${id}${durationMs === undefined ? "" : ` for ${durationMs}`}`),
    deny: (id, { name }) => this.#do(`${name} denies ${id}`),
    grants: () => Promise.resolve([] as Grant[]),
    revoke: (id, { name }) => this.#do(`${name} revokes ${id}`),
    remainingMs: () => 0,
    sessions: () => [{ id: "s-0000000000" as SessionId, principal: "ana", target: "web-1", startedAt: 0 }],
    kill: (id, by, reason) => {
      this.done.push(`${by} kills ${id}: ${reason}`);
      return Promise.resolve(true);
    },
    now: () => 0,
    onFault: (error) => {
      throw error;
    },
  };

  run(who: string, line: string): Promise<ConsoleAnswer> {
    return runConsoleCommand(line, { principal: { name: who } as Principal } as Authenticated, this.#deps);
  }

  #request(): AccessRequest {
    const facts = { id: "req-0000000000", requester: "ana", role: { name: "debug" }, scope: [], durationMs: 60_000, reason: this.reason };
    return facts as unknown as AccessRequest;
  }

  #do(what: string): Promise<{ allowed: true }> {
    this.done.push(what);
    return Promise.resolve({ allowed: true });
  }
}

const EVERYTHING: GatePermission[] = ["request.read", "session.read", "session.kill", "grant.revoke"];
const ACTING = ["requests", "approve req-0000000000", "deny req-0000000000 no", "grants", "revoke gr-0000000000 no", "sessions"];

describe("the console", () => {
  it("does nothing for somebody who was locked after the login, whatever they hold", async () => {
    const world = new World();
    world.permissions.set("lea", EVERYTHING);
    world.locked.add("lea");
    for (const line of [...ACTING, "kill s-0000000000 no"]) {
      expect(await world.run("lea", line)).toMatchObject({ status: 3, text: expect.stringContaining("[locked]") as string });
    }
    expect(world.done).toEqual([]);
    expect(await world.run("lea", "whoami")).toMatchObject({ status: 0 });
  });

  it("shows, and changes nothing, while the gate is locked; who may lift the lock may go on", async () => {
    const world = new World();
    world.gateLocked = true;
    world.permissions.set("lea", EVERYTHING);
    world.permissions.set("olga", [...EVERYTHING, "lock.write"]);
    expect(await world.run("lea", "requests")).toMatchObject({ status: 0 });
    expect(await world.run("lea", "kill s-0000000000 no")).toMatchObject({ status: 3 });
    expect(await world.run("olga", "kill s-0000000000 no")).toMatchObject({ status: 0 });
    world.locked.add("olga");
    expect(await world.run("olga", "kill s-0000000000 no")).toMatchObject({ status: 3 });
  });

  it("tells whoever is asked what the role allows, and what is needed beside their approval", async () => {
    const world = new World();
    expect((await world.run("lea", "requests")).text).toContain("req-0000000000 allows\n  may: a shell");
    expect((await world.run("lea", "approve req-0000000000")).text).toBe("Your approval counts. Still needed: 1 of security.");
  });

  it("tells nobody of requests and sessions that are not theirs", async () => {
    const world = new World();
    expect((await world.run("eve", "requests")).text).toBe("No request waits for an answer.");
    expect((await world.run("eve", "sessions")).text).toBe("No live session.");
    for (const line of ["approve req-0000000000", "approve 0", "deny req-0000000000 no"]) {
      expect(await world.run("eve", line)).toMatchObject({ status: 3, text: expect.stringContaining("[not-found]") as string });
    }
    expect(await world.run("eve", "kill s-0000000000 no")).toMatchObject({ status: 3 });
    expect(await world.run("eve", "constructor")).toMatchObject({ status: 2 });
    expect(world.done).toEqual([]);
    expect(await world.run("lea", "approve 0")).toMatchObject({ status: 0 });
  });

  it.each([
    "approve",
    "approve req-0000000000 for",
    "approve req-0000000000 for 15m or so",
    "approve req-0000000000 soon",
    "deny",
    "deny 0",
  ])("approves and denies nothing for %j, though only one request waits", async (line) => {
    const world = new World();
    expect(await world.run("lea", line)).toMatchObject({ status: 2 });
    expect(world.done).toEqual([]);
  });

  it("approves for less time when told so", async () => {
    const world = new World();
    for (const line of ["approve 0 for 15m", "approve 0 15m", "approve 0"])
      expect(await world.run("lea", line)).toMatchObject({ status: 0 });
    expect(world.done).toEqual(
      [900_000, 900_000, undefined].map((ms) => `lea approves req-0000000000${ms === undefined ? "" : ` for ${ms}`}`),
    );
  });

  it("shows other people's words as text that does not act, and keeps its own people's so", async () => {
    const world = new World();
    world.reason = "a\u001b]0;owned\u0007\u202eb\u2028";
    expect((await world.run("lea", "requests")).text).toContain("a?]0;owned??b?");
    await world.run("ana", `kill s-0000000000 \u001b[2J${"x".repeat(5000)}`);
    expect(world.done[0]).toMatch(/^ana kills s-0000000000: \?\[2Jx+$/);
    expect(world.done[0]?.length).toBeLessThan(1100);
  });
});

it("a refusal shows what it quotes as one line that does not act", () => {
  const denial = deny("session-killed", { detail: "go\u001b[2J\r\naway\u202e", next: "sallyport\u0007" });
  expect(refusalText(denial).split("\r\n")).toHaveLength(3);
  // eslint-disable-next-line no-control-regex -- it is what must not be there
  expect(refusalText(denial) + refusalLine(denial)).not.toMatch(/[\u0000-\u0009\u000b\u000c\u000e-\u001f\u202e]/);
});
