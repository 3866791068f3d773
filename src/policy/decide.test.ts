import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Action } from "./action.ts";
import { bothDecider, decide, tightest } from "./decide.ts";
import { ACTIONS, ROLES } from "../../test/kit/golden-roles.ts";
import type { Role } from "./role.ts";

const debug = ROLES.find((role) => role.name === "debug") as Role;
const reader = ROLES.find((role) => role.name === "reader") as Role;
const anyAction = fc.constantFrom(...Object.values(ACTIONS).flatMap((actions) => Object.values(actions)));
const anyRole = fc.constantFrom(...ROLES);

describe("decide", () => {
  test("names the entry of the role that decided", () => {
    expect(decide(debug, { kind: "ssh.exec", command: "id" })).toEqual({ allowed: true, rule: "debug.ssh.exec" });
    expect(decide(reader, { kind: "ssh.exec", command: "id" })).toMatchObject({
      allowed: false,
      code: "role-denies",
      rule: "reader.ssh.exec",
    });
  });

  test("a command that was not UTF-8 never matches a list, even one that contains the replacement character", () => {
    const role: Role = { ...debug, ssh: { ...(debug.ssh as NonNullable<Role["ssh"]>), exec: ["cat \uFFFD"] } };
    expect(decide(role, { kind: "ssh.exec", command: "cat \uFFFD" }).allowed).toBe(false);
  });

  test("an action of no known family is denied", () => {
    expect(decide(debug, { kind: "redis.command" } as unknown as Action)).toMatchObject({ allowed: false, code: "not-supported" });
  });

  test("what a client called something does not reach the refusal as control characters", () => {
    const decision = decide(debug, { kind: "ssh.subsystem", name: "x\u001B[2J\n".repeat(50) });
    expect(JSON.stringify(decision)).not.toMatch(/\\u001b|\\n/);
    expect(JSON.stringify(decision).length).toBeLessThan(300);
  });
});

describe("bothDecider", () => {
  test("allows only what both allow, whichever was approved", () => {
    fc.assert(
      fc.property(anyRole, anyRole, anyAction, (approved, now, action) => {
        const each = new Set([decide(approved, action).allowed, decide(now, action).allowed]);
        const stricter = ([false, "hold", true] as const).find((verdict) => each.has(verdict));
        expect(bothDecider(approved, now)(action).allowed).toBe(stricter);
      }),
    );
  });

  test("a role that was removed allows nothing", () => {
    fc.assert(
      fc.property(anyRole, anyAction, (approved, action) => {
        expect(bothDecider(approved, undefined)(action).allowed).toBe(false);
      }),
    );
  });
});

describe("tightest", () => {
  test("takes the smaller of each limit", () => {
    expect(tightest({ bytes: 5, sessions: 2 }, { bytes: 3, seconds: 9 })).toEqual({ bytes: 3, sessions: 2, seconds: 9 });
    expect(tightest({}, {})).toEqual({});
    expect(tightest({ recordingBytes: 0 }, { recordingBytes: 7 })).toEqual({ recordingBytes: 0 });
  });
});
