import { describe, expect, test } from "vitest";
import { MemoryLockStore } from "../../test/kit/memory-lock-store.ts";
import { TestClock } from "../../test/kit/test-clock.ts";
import type { LockId, PrincipalName } from "../kernel/ids.ts";
import { systemRandom } from "../kernel/random.ts";
import type { Lock } from "./lock.ts";
import { encodeLockSubject, LockService, parseLockSubject, type LockChange } from "./locks.ts";

const owner = { name: "olga" as PrincipalName };
const alice = { principal: "alice", groups: ["on-call", "web"] };

async function open(store = new MemoryLockStore(), clock = new TestClock()) {
  return { locks: await LockService.open({ store, clock, random: systemRandom }), store, clock };
}

function made(result: object): Lock {
  if ("allowed" in result) throw new Error("refused");
  return result as Lock;
}

describe("a lock", () => {
  test.each([
    ["alice", alice, true],
    ["group:web", alice, true],
    ["target:db-1", { ...alice, target: "db-1" }, true],
    ["bob", alice, false],
    ["group:db", alice, false],
    ["target:db-1", { ...alice, target: "db-2" }, false],
    ["target:db-1", alice, false],
    // A group, a person and a target of one name are three things.
    ["group:alice", alice, false],
    ["target:alice", alice, false],
    ["web", alice, false],
    ["gate", alice, false],
  ])("on %s", async (text, query, found) => {
    const { locks } = await open();
    const subject = parseLockSubject(text);
    if (subject === undefined) throw new Error("not a subject");
    const lock = made(await locks.lock(owner, subject, "incident 7"));
    expect(locks.find(query)).toEqual(found ? lock : undefined);
    expect(locks.gateLocked()).toEqual(text === "gate" ? lock : undefined);
  });

  test("is on record, told to listeners, and still there after a restart; lifting it likewise", async () => {
    const { locks, store, clock } = await open();
    const told: LockChange[] = [];
    using _listening = locks.subscribe((change) => void told.push(change));
    const lock = made(await locks.lock(owner, { kind: "target", name: "db-1" }, " odd queries "));
    const again = await open(store, clock);
    expect(again.locks.find({ ...alice, target: "db-1" })).toEqual(lock);
    await locks.lift(owner, lock.id, "it was a backup");
    expect(locks.list()).toEqual([]);
    expect(told.map(({ what }) => what)).toEqual(["created", "lifted"]);
    expect(store.events).toEqual([
      { kind: "lock.created", principal: "olga", target: "db-1", body: { lock: lock.id, subject: "target:db-1", reason: "odd queries" } },
      {
        kind: "lock.lifted",
        principal: "olga",
        target: "db-1",
        body: { lock: lock.id, subject: "target:db-1", reason: "it was a backup" },
      },
    ]);
    expect(await locks.lift(owner, lock.id, "twice")).toMatchObject({ code: "not-found" });
  });

  test("that cannot be recorded does not count, and one whose lifting cannot be recorded stays", async () => {
    const { locks, store } = await open();
    const lock = made(await locks.lock("gate", { kind: "gate" }, "restored"));
    store.failing = true;
    await expect(locks.lock(owner, { kind: "principal", name: "alice" }, "x")).rejects.toThrow("audit log");
    await expect(locks.lift(owner, lock.id, "x")).rejects.toThrow("audit log");
    expect(locks.list()).toEqual([lock]);
  });

  test("with an end ends by itself, by both clocks, and says so", async () => {
    const { locks, store, clock } = await open();
    const lock = made(await locks.lock(owner, { kind: "principal", name: "alice" }, "cool down", clock.now() + 60_000));
    clock.jump(86_400_000);
    expect(locks.find(alice)).toEqual(lock);
    clock.jump(-86_400_000);
    clock.jump(-3000);
    clock.pass(61_000);
    expect(locks.find(alice)).toEqual(lock);
    clock.pass(1999);
    expect(locks.find(alice)).toEqual(lock);
    clock.pass(1);
    expect(locks.find(alice)).toBeUndefined();
    await locks.tick();
    expect(store.events.at(-1)).toMatchObject({ kind: "lock.lifted", principal: "gate", body: { reason: "its time is up" } });
    expect(await store.listLocks()).toEqual([]);
  });

  test.each([
    ["no reason", { kind: "gate" }, " ", undefined],
    ["an endless reason", { kind: "gate" }, "x".repeat(501), undefined],
    ["an end that has passed", { kind: "gate" }, "x", 1],
    ["an end that is no time", { kind: "gate" }, "x", Number.NaN],
    ["no name", { kind: "principal", name: "a b" }, "x", undefined],
  ] as const)("is refused with %s", async (_, subject, reason, until) => {
    const { locks, store } = await open();
    expect(await locks.lock(owner, subject, reason, until)).toMatchObject({ code: "bad-request" });
    expect(store.events).toEqual([]);
  });

  test("unknown to the gate cannot be lifted", async () => {
    const { locks } = await open();
    expect(await locks.lift(owner, "lock-0000000000" as LockId, "x")).toMatchObject({ code: "not-found" });
  });
});

test("subjects are parsed exactly", () => {
  for (const text of ["alice", "group:leads", "target:web-1.prod", "gate"]) {
    const subject = parseLockSubject(text);
    expect(subject && encodeLockSubject(subject)).toBe(text);
  }
  for (const text of ["", "group:", "Group:x", "user:x", "group:a:b", "a b", "target:*", ":x", "gate:"])
    expect(parseLockSubject(text)).toBeUndefined();
});
