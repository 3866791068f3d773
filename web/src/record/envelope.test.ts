import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalJson } from "../../../src/audit/log/canonical.ts";
import { sealEvent } from "../../../src/audit/log/envelope.ts";
import { JSON_CANONICAL, JSON_TEXT, NUMBERS } from "../../../test/vectors/log.ts";
import { fromText, type Bytes } from "./bytes.ts";
import { bodyHash, canonical, parseCanonical, parseEnvelope } from "./envelope.ts";
import { ANY_CHARACTER } from "../../../test/kit/any-character.ts";

const sealed = sealEvent(
  { kind: "request.denied", principal: "ada", request: "req-1", decision: "deny", body: { approver: "bob", reason: "no" } },
  { node: "n1", seq: 7, time: 1_700_000_000_000, salt: Buffer.alloc(32, 9) },
);
const bytesOf = (buffer: Buffer): Bytes => Uint8Array.from(buffer);

describe("RFC 8785", () => {
  test.each(NUMBERS)("appendix B: %s is %s", (bits, expected) => {
    expect(canonical(Buffer.from(bits, "hex").readDoubleBE())).toBe(expected);
  });

  test("section 3.2.2 and 3.2.3", () => {
    expect(canonical(JSON.parse(JSON_TEXT))).toBe(JSON_CANONICAL);
    const keys = ["\u20ac", "\r", "\ufb33", "1", "\u{1f600}", "\u0080", "\u00f6"];
    expect(Object.values(JSON.parse(canonical(Object.fromEntries(keys.map((key) => [key, key])))) as object)[0]).toBe("1");
    expect(canonical({ "\r": 1, "1": 2, "\u{1f600}": 3, "\ufb33": 4 })).toBe('{"\\r":1,"1":2,"\u{1f600}":3,"\ufb33":4}');
  });

  test("is what the gate writes, of any value", () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: ANY_CHARACTER }), (value) => {
        expect(Buffer.from(canonical(value)).equals(canonicalJson(value))).toBe(true);
      }),
    );
  });

  test.each([
    '{"b":1,"a":2}',
    '{"a": 1}',
    '{"a":1}\n',
    '{"a":1.0}',
    '{"a":1,"a":1}',
    '{"a":"\\u0041"}',
    '\ufeff{"a":1}',
    "[]",
    "1",
    "{",
    "",
  ])("no canonical object: %s", (text) => {
    expect(parseCanonical(fromText(text))).toBeUndefined();
  });

  test("bytes that are not UTF-8, and halves of characters, are none", () => {
    expect(parseCanonical(Uint8Array.from(Buffer.from('{"a":"\xff"}', "latin1")))).toBeUndefined();
    expect(parseCanonical(fromText('{"a":"\\ud800"}'))).toBeUndefined();
  });
});

describe("an envelope", () => {
  const good = sealed.envelope.toString();

  test("of the gate is read as it was sealed, and its body hashes to what it names", async () => {
    const envelope = parseEnvelope(bytesOf(sealed.envelope));
    expect(envelope).toMatchObject({ seq: 7, kind: "request.denied", principal: "ada", decision: "deny" });
    expect(await bodyHash(bytesOf(sealed.salt), bytesOf(sealed.body))).toBe(typeof envelope === "string" ? "" : envelope.bodyHash);
    expect(await bodyHash(bytesOf(sealed.salt.subarray(1)), bytesOf(sealed.body))).toBeUndefined();
  });

  test.each([
    [good.replace('"v":1', '"v":2'), "version"],
    [good.replace('"seq":7', '"seq":-7'), "place"],
    [good.replace('"seq":7', '"seq":7.5'), "place"],
    [good.replace('"deny"', '"maybe"'), "decision"],
    [good.replace('"request":', '"request2":'), "field that the format"],
    [good.replace('"ada"', "null"), "principal"],
    [good.replace('"ada"', '"a\u007f"'), "principal"],
    [good.replace('"bodyHash":"', '"bodyHash":"0'), "bodyHash"],
    [`${good} `, "canonical"],
    ["[]", "not an object"],
    [JSON.stringify({ rule: "x".repeat(9_000) }), "8 KiB"],
  ])("is refused: %s", (text, problem) => {
    expect(parseEnvelope(fromText(text))).toContain(problem);
  });
});
