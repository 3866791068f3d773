import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TestClock } from "../../test/kit/test-clock.ts";
import { sourceOf } from "./address.ts";
import { LoginThrottle } from "./throttle.ts";

const blocked = (answer: object): boolean => "allowed" in answer;
const MINUTE = 60_000;

describe("a guesser", () => {
  test("has five tries, then waits twice as long each time", () => {
    const clock = new TestClock();
    const throttle = new LoginThrottle(clock);
    for (let index = 0; index < 5; index += 1)
      expect(throttle.admit("192.0.2.1:1000", "alice")).toEqual({ source: "192.0.2.0/24", favoured: false });
    for (const seconds of [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]) {
      expect(throttle.admit("192.0.2.1:1000", "alice")).toMatchObject({ code: "too-many-attempts", detail: `try again in ${seconds} s` });
      clock.pass(seconds * 1000 - 1);
      expect(blocked(throttle.admit("192.0.2.1:1000", "alice"))).toBe(true);
      clock.pass(1);
      expect(blocked(throttle.admit("192.0.2.1:1000", "alice"))).toBe(false);
    }
  });

  test("gains nothing by another port, a neighbouring address, or many attempts at once", () => {
    const throttle = new LoginThrottle(new TestClock());
    const remotes = [
      "192.0.2.1:1",
      "192.0.2.1:2",
      "192.0.2.77:1",
      "::ffff:192.0.2.9:5",
      "192.0.2.3:4",
      "192.0.2.4:4",
      "[::ffff:192.0.2.5]:6",
    ];
    // All of them are admitted, or not, before the first has failed.
    expect(remotes.map((remote) => blocked(throttle.admit(remote, "alice")))).toEqual([false, false, false, false, false, true, true]);
  });

  test("gains nothing by setting the wall clock", () => {
    const clock = new TestClock();
    const throttle = new LoginThrottle(clock);
    for (let index = 0; index < 5; index += 1) throttle.admit("192.0.2.1:1", "alice");
    clock.jump(86_400_000);
    expect(blocked(throttle.admit("192.0.2.1:1", "alice"))).toBe(true);
  });

  test("who tries one password with many names spends the budget of the network", () => {
    const clock = new TestClock();
    const throttle = new LoginThrottle(clock);
    const tries = Array.from({ length: 100 }, (_, index) => !blocked(throttle.admit("2001:db8:0:1::5:1", `user-${index}`)));
    expect(tries.filter(Boolean)).toHaveLength(50);
    // Another /64 of the same /48 is the same network; another /48 is not.
    expect(blocked(throttle.admit("[2001:db8:0:2::5]:1", "alice"))).toBe(true);
    expect(blocked(throttle.admit("[2001:db8:1::5]:1", "alice"))).toBe(false);
    clock.pass(6000);
    expect(blocked(throttle.admit("[2001:db8:0:2::5]:1", "alice"))).toBe(false);
    expect(blocked(throttle.admit("[2001:db8:0:2::5]:1", "alice"))).toBe(true);
  });

  test("gets no new guesses when the person logs in from a known address of the same network", () => {
    const clock = new TestClock();
    const throttle = new LoginThrottle(clock);
    throttle.admit("192.0.2.1:1", "alice");
    throttle.succeeded("192.0.2.1:1", "alice");
    for (let index = 0; index < 5; index += 1) throttle.admit("192.0.2.66:1", "alice");
    throttle.admit("192.0.2.1:1", "alice");
    throttle.succeeded("192.0.2.1:1", "alice");
    expect(blocked(throttle.admit("192.0.2.66:1", "alice"))).toBe(true);
  });

  test("cannot make the gate's memory grow", () => {
    const throttle = new LoginThrottle(new TestClock(), { pairs: 100, networks: 50, users: 10 });
    for (let index = 0; index < 5000; index += 1)
      throttle.admit(`10.${index >> 8}.${index & 255}.1:1`, `${"x".repeat(index % 200)}${index}`);
    expect(throttle.size).toBeLessThanOrEqual(160);
  });
});

describe("a person", () => {
  test("who mistypes a few times and then succeeds starts afresh", () => {
    const throttle = new LoginThrottle(new TestClock());
    for (let round = 0; round < 20; round += 1) {
      for (let index = 0; index < 4; index += 1) expect(blocked(throttle.admit("192.0.2.1:1", "alice"))).toBe(false);
      throttle.admit("192.0.2.1:1", "alice");
      throttle.succeeded("192.0.2.1:1", "alice");
    }
  });

  test("is known at an address for thirty days, also from the log of an earlier run", () => {
    const clock = new TestClock();
    const throttle = new LoginThrottle(clock);
    const favoured = (remote: string): unknown => (throttle.admit(remote, "alice") as { favoured?: boolean }).favoured;
    throttle.learn("192.0.2.1:1", "alice", 29 * 86_400_000);
    throttle.learn("198.51.100.1:1", "alice", 31 * 86_400_000);
    expect([favoured("192.0.2.1:9"), favoured("198.51.100.1:9")]).toEqual([true, false]);
    clock.pass(2 * 86_400_000);
    expect(favoured("192.0.2.1:9")).toBe(false);
  });

  test("is not slowed by attempts that the gate itself turned away", () => {
    const throttle = new LoginThrottle(new TestClock());
    for (let index = 0; index < 200; index += 1) {
      expect(blocked(throttle.admit("192.0.2.1:1", "alice"))).toBe(false);
      throttle.refund("192.0.2.1:1", "alice");
    }
  });

  test("nothing anybody does elsewhere, under whatever name, blocks somebody at an address they have used", () => {
    const octet = fc.integer({ min: 0, max: 3 });
    const attack = fc.record({
      remote: fc.oneof(
        fc.tuple(octet, octet).map(([a, b]) => `192.0.${a}.${b + 10}:4711`),
        fc.tuple(octet, octet).map(([a, b]) => `[2001:db8:${a}:${b}::66]:4711`),
        fc.string(),
      ),
      claimed: fc.oneof(fc.constant("alice"), fc.string({ maxLength: 80 }), fc.constantFrom("bob", "carol")),
      // Attackers have accounts of their own, and may log in with them.
      outcome: fc.constantFrom("fails", "fails", "fails", "busy", "succeeds"),
      passMs: fc.constantFrom(0, 0, 0, 500, MINUTE),
    });
    fc.assert(
      fc.property(fc.array(attack, { maxLength: 400 }), fc.constantFrom("192.0.2.7:22", "[2001:db8:9::7]:22"), (attacks, home) => {
        const clock = new TestClock();
        const throttle = new LoginThrottle(clock, { pairs: 16, networks: 8, users: 8 });
        throttle.admit(home, "alice");
        throttle.succeeded(home, "alice");
        for (const { remote, claimed, outcome, passMs } of attacks) {
          clock.pass(passMs);
          const answer = throttle.admit(remote, claimed);
          if (blocked(answer) || outcome === "fails") continue;
          if (outcome === "busy") throttle.refund(remote, claimed);
          else if (claimed !== "alice" && ["bob", "carol"].includes(claimed)) throttle.succeeded(remote, claimed);
        }
        expect(throttle.admit(home, "alice")).toMatchObject({ favoured: true });
      }),
      { numRuns: 300 },
    );
  });

  test("at a new address is blocked only by failures of that network under that name, or by very many of that network", () => {
    const throttle = new LoginThrottle(new TestClock());
    for (let index = 0; index < 3000; index += 1) throttle.admit(`10.0.${index % 250}.${index % 13}:1`, "alice");
    expect(blocked(throttle.admit("10.1.0.1:1", "alice"))).toBe(false);
  });
});

test.each([
  ["192.0.2.1:22", "192.0.2.1", "192.0.2.0/24", "192.0.2.0/24"],
  ["::ffff:192.0.2.1:22", "192.0.2.1", "192.0.2.0/24", "192.0.2.0/24"],
  ["[2001:DB8:0:1::5]:22", "2001:db8:0:1::/64", "2001:db8:0:1::/64", "2001:db8:0::/48"],
  ["2001:0db8:0000:0001:aaaa:bbbb:cccc:dddd:22", "2001:db8:0:1::/64", "2001:db8:0:1::/64", "2001:db8:0::/48"],
  ["::1:22", "0:0:0:0::/64", "0:0:0:0::/64", "0:0:0::/48"],
  ["[fe80::1%eth0]:22", "fe80:0:0:0::/64", "fe80:0:0:0::/64", "fe80:0:0::/48"],
  ["[64:ff9b::192.0.2.1]:22", "64:ff9b:0:0::/64", "64:ff9b:0:0::/64", "64:ff9b:0::/48"],
  ["pipe", "unknown", "unknown", "unknown"],
  ["", "unknown", "unknown", "unknown"],
])("%s is counted as %s, %s, %s", (remote, exact, network, wide) => {
  expect(sourceOf(remote)).toEqual({ exact, network, wide });
});
