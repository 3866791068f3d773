import { describe, expect, test } from "vitest";
import { isSameAddress } from "../kernel/address.ts";
import type { FactorKind, ShownFactor } from "../kernel/step-up.ts";
import { refuseFactor, refuseTargetFactor, type FactorMoment, type SecondFactorRule } from "./second-factor.ts";

const NOW = 1_000_000_000;
const MINUTE = 60_000;
const shown = (kind: FactorKind, ageMs: number): ShownFactor => ({ kind, at: NOW - ageMs });
const role = (rule: Partial<SecondFactorRule>) => ({
  name: "debug",
  secondFactor: { use: "none" as const, address: "any" as const, ...rule },
});

function ask(rule: Partial<SecondFactorRule>, moment: FactorMoment, ...factors: ShownFactor[]): string {
  return refuseFactor([role(rule)], moment, { factors }, NOW)?.code ?? "will do";
}

test("a role that asks for nothing takes any login, one that is not there too", () => {
  expect(refuseFactor([{ name: "debug" }, undefined], "session", {}, NOW)).toBeUndefined();
  expect(ask({}, "session")).toBe("will do");
});

describe("use: login", () => {
  test.each<[FactorMoment, string]>([
    ["use", "second-factor-needed"],
    ["session", "second-factor-needed"],
    ["break-glass", "second-factor-needed"],
    // Whoever approves does not use it.
    ["approve", "will do"],
  ])("at the moment `%s` without a factor: %s", (moment, answer) => {
    expect(ask({ use: "login" }, moment)).toBe(answer);
  });

  test("once a login, however long ago; a recovery code stands in where no kinds are named, and only there", () => {
    expect(ask({ use: "login" }, "session", shown("totp", 600 * MINUTE))).toBe("will do");
    expect(ask({ use: "login" }, "session", shown("recovery", 0))).toBe("will do");
    expect(ask({ use: "login", kinds: ["passkey"] }, "session", shown("recovery", 0))).toBe("second-factor-needed");
    expect(ask({ use: "login", kinds: ["passkey"] }, "session", shown("totp", 0))).toBe("second-factor-needed");
    expect(ask({ use: "login", kinds: ["passkey", "provider"] }, "session", shown("provider", 0))).toBe("will do");
  });
});

describe("how fresh", () => {
  const moments = [
    ["approve", "approveMs"],
    ["break-glass", "breakGlassMs"],
    ["session", "sessionMs"],
  ] as const;
  test.each(moments)("at the moment `%s` only `%s` counts", (moment, key) => {
    for (const [, other] of moments) {
      const rule = { [other]: 10 * MINUTE };
      expect(ask(rule, moment, shown("passkey", 11 * MINUTE))).toBe(other === key ? "step-up-needed" : "will do");
      expect(ask(rule, moment, shown("passkey", 10 * MINUTE))).toBe("will do");
    }
  });

  test("what is needed is said for people and for programs", () => {
    const refused = refuseFactor(
      [role({ sessionMs: 10 * MINUTE, kinds: ["passkey"] })],
      "session",
      { factors: [shown("passkey", 11 * MINUTE)] },
      NOW,
    );
    expect(refused).toMatchObject({ rule: "debug.secondFactor", stepUp: { kinds: ["passkey"], withinMs: 10 * MINUTE } });
    expect(refused?.detail).toBe('a session with role "debug" takes a passkey, shown within the last 10m');
  });

  test("a factor from the future is no factor: the clock was set back", () => {
    expect(ask({ sessionMs: 10 * MINUTE }, "session", shown("passkey", -60 * MINUTE))).toBe("second-factor-needed");
    expect(ask({ sessionMs: 10 * MINUTE }, "session", shown("passkey", -1000))).toBe("will do");
  });
});

test("of the role as approved and the role now, both have to be met", () => {
  const [strict, kind] = [role({ use: "login", sessionMs: MINUTE }), role({})];
  const login = { factors: [shown("totp", 2 * MINUTE)] };
  expect(refuseFactor([strict, kind], "session", login, NOW)).toMatchObject({ code: "step-up-needed" });
  expect(refuseFactor([kind, strict], "session", login, NOW)).toMatchObject({ code: "step-up-needed" });
});

test("a target asks of every role, for the kinds that the role names", () => {
  const target = { name: "db-1", stepUpMs: 10 * MINUTE };
  expect(refuseTargetFactor(target, { name: "debug" }, { factors: [shown("recovery", 0)] }, NOW)).toBeUndefined();
  expect(refuseTargetFactor(target, role({ kinds: ["passkey"] }), { factors: [shown("totp", 0)] }, NOW)).toMatchObject({
    rule: "db-1.stepUp",
  });
  expect(refuseTargetFactor({ name: "db-1" }, undefined, {}, NOW)).toBeUndefined();
});

describe("address: bound", () => {
  const from = (madeAt: string | undefined, remote: string | undefined): string =>
    refuseFactor([role({ address: "bound" })], "use", { madeAt, remote }, NOW)?.code ?? "will do";

  test("what the gate made is of use where it was made, and nowhere else", () => {
    expect(from("192.0.2.7:1", "192.0.2.7:2")).toBe("will do");
    expect(from("192.0.2.7:1", "192.0.2.8:1")).toBe("wrong-address");
    expect(from("192.0.2.7:1", undefined)).toBe("wrong-address");
    // A key of one's own was made by nobody here.
    expect(from(undefined, "192.0.2.8:1")).toBe("will do");
  });

  test.each([
    ["192.0.2.7:1", "[::ffff:192.0.2.7]:2", true],
    ["[2001:db8:0:1::1]:1", "[2001:db8:0:1:ffff::9]:2", true],
    ["[2001:db8:0:1::1]:1", "[2001:db8:0:2::1]:1", false],
    ["[2001:db8::1]:1", "192.0.2.7:1", false],
    ["unknown", "unknown", false],
    ["", "", false],
  ])("%j and %j are the same address: %s", (a, b, same) => {
    expect(isSameAddress(a, b)).toBe(same);
  });
});
