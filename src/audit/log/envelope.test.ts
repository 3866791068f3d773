import { describe, expect, test } from "vitest";
import type { AuditEvent } from "../event.ts";
import { bodyHash, parseEnvelope, sealEvent } from "./envelope.ts";

const place = { node: "n1", seq: 7, time: 1_700_000_000_000, salt: Buffer.alloc(32, 9) };
const event: AuditEvent = {
  kind: "request.denied",
  principal: "ada",
  request: "req-1",
  decision: "deny",
  body: { approver: "bob", reason: "no" },
};

describe("sealEvent", () => {
  test("is these bytes, for ever", () => {
    const { envelope, body } = sealEvent(event, place);
    expect(body.toString()).toBe('{"approver":"bob","reason":"no"}');
    expect(envelope.toString()).toBe(
      '{"bodyHash":"HASH","decision":"deny","kind":"request.denied","node":"n1","principal":"ada","request":"req-1","seq":7,"time":1700000000000,"v":1}'.replace(
        "HASH",
        bodyHash(place.salt, body),
      ),
    );
    expect(bodyHash(place.salt, body)).toBe("8c952a5273386e9a7472ca29c303a4726302f12f03e1d87126b97a6665537724");
  });

  test("says nothing of the body but its salted hash", () => {
    const other = sealEvent(event, { ...place, salt: Buffer.alloc(32, 8) });
    expect(other.envelope.toString()).not.toContain("bob");
    expect(other.envelope).not.toEqual(sealEvent(event, place).envelope);
  });

  test.each([
    ["a long name", { ...event, target: "x".repeat(257) }, /"target"/],
    ["an empty name", { ...event, target: "" }, /"target"/],
    ["a long name in UTF-8 only", { ...event, target: "é".repeat(200) }, /"target"/],
    ["a control character", { ...event, principal: "a\u001b[31m" }, /"principal"/],
    ["a lone surrogate", { ...event, rule: "\udc00" }, /"rule"/],
    ["a kind that is none", { ...event, kind: "Request Denied" }, /"kind"/],
    ["a body over 1 MiB", { ...event, body: { text: "x".repeat(1024 * 1024) } }, /1 MiB/],
    ["a body that is an array", { ...event, body: [] }, /not an object/],
    ["a body that JSON cannot say", { ...event, body: { n: NaN } }, /not JSON/],
  ])("refuses %s", (_, draft, message) => {
    expect(() => sealEvent(draft, place)).toThrow(message);
    expect(() => sealEvent(draft, place)).toThrow(/audit log cannot take/);
  });

  test("the largest names fit into 8 KiB", () => {
    const name = "\u20ac".repeat(85);
    const all = { principal: name, grant: name, session: name, target: name, request: name, rule: name };
    expect(sealEvent({ ...event, ...all }, { ...place, node: name }).envelope.length).toBeLessThan(8192);
  });
});

describe("parseEnvelope", () => {
  const good = sealEvent(event, place).envelope.toString();

  test("gives back what was sealed", () => {
    expect(parseEnvelope(Buffer.from(good))).toMatchObject({ seq: 7, kind: "request.denied", decision: "deny" });
  });

  test("every field stands where RFC 8785 has it", () => {
    const { body, ...subjects } = { ...event, grant: "gr-1", session: "se-1", target: "db", rule: 'r"é\u2028' } as const;
    expect(parseEnvelope(sealEvent({ ...subjects, body }, place).envelope)).toMatchObject(subjects);
  });

  test.each([
    [good.replace('"v":1', '"v":2'), "version"],
    [good.replace('"seq":7', '"seq":-7'), "seq"],
    [good.replace('"seq":7', '"seq":7.5'), "seq"],
    [good.replace('"deny"', '"maybe"'), "decision"],
    [good.replace('"request":', '"request2":'), "unknown field"],
    [good.replace('"ada"', "null"), "principal"],
    [good.replace('"bodyHash":"', '"bodyHash":"0'), "bodyHash"],
    [`${good} `, "canonical"],
    ["[]", "not an object"],
  ])("refuses %s", (bytes, problem) => {
    expect(parseEnvelope(Buffer.from(bytes))).toContain(problem);
  });
});
