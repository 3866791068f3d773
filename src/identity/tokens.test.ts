import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { newId } from "../kernel/ids.ts";
import { systemRandom } from "../kernel/random.ts";
import { Secret } from "../kernel/secret.ts";
import type { Token } from "./model.ts";
import { effectivePermissions, hashMatches, newTokenText, parseToken, tokenMatches } from "./tokens.ts";

const id = newId("tok", systemRandom);
const { text, hash } = newTokenText(id, systemRandom);
const stored = { id, hash } as Token;

describe("the text of a token", () => {
  test("says what it is, and holds 32 random bytes", () => {
    expect(text.reveal()).toMatch(/^sp_[0-9a-z]{10}_[A-Za-z0-9_-]{43}[0-9a-z]{7}$/);
    const parsed = parseToken(text.reveal());
    expect(parsed?.id).toBe(id);
    expect(Buffer.from(parsed?.secret.reveal() ?? "", "base64url")).toHaveLength(32);
    expect(hash).not.toContain(parsed?.secret.reveal());
  });

  test("has a checksum a scanner can compute: CRC-32 in base 36 of all before it", () => {
    // zlib.crc32(b"sp_0123456789_" + b"A" * 43) in Python
    const body = `sp_0123456789_${"A".repeat(43)}`;
    expect(parseToken(`${body}032nvjo`)?.id).toBe("tok-0123456789");
  });

  test("changed in any one place is not a token", () => {
    fc.assert(
      fc.property(fc.nat(text.reveal().length - 1), fc.constantFrom("a", "Z", "0", "_", "-", ".", " ", "\n"), (at, character) => {
        const whole = text.reveal();
        fc.pre(whole[at] !== character);
        expect(parseToken(whole.slice(0, at) + character + whole.slice(at + 1))).toBeUndefined();
      }),
      { numRuns: 500 },
    );
    for (const other of ["", "sp_", `${text.reveal()}x`, ` ${text.reveal()}`, `${text.reveal()}\n`, text.reveal().toUpperCase()]) {
      expect(parseToken(other)).toBeUndefined();
    }
  });

  test("matches its own hash only, and nothing where there is none", () => {
    const parsed = parseToken(text.reveal());
    if (parsed === undefined) throw new Error("not parsed");
    expect(tokenMatches(parsed, stored)).toBe(true);
    expect(tokenMatches({ ...parsed, secret: new Secret("A".repeat(43)) }, stored)).toBe(false);
    expect(tokenMatches(parsed, undefined)).toBe(false);
    expect(hashMatches(parsed.secret, undefined)).toBe(false);
  });
});

describe("scopes", () => {
  const permission = fc.constantFrom("audit.read", "user.write", "session.kill", "config.read");

  test("never give more than the owner has, nor more than they name", () => {
    fc.assert(
      fc.property(fc.array(permission), fc.array(fc.oneof(permission, fc.constantFrom("self", "all", "*"))), (held, scopes) => {
        const effective = effectivePermissions(new Set(held), scopes);
        for (const each of effective) expect(held.includes(each) && (scopes.includes("all") || scopes.includes(each))).toBe(true);
      }),
    );
    expect(effectivePermissions(new Set(["audit.read"]), ["self", "all"])).toEqual(new Set(["audit.read"]));
    expect(effectivePermissions(new Set(["audit.read"]), [])).toEqual(new Set());
    expect(effectivePermissions(new Set(["audit.read"]), undefined)).toEqual(new Set(["audit.read"]));
  });
});
