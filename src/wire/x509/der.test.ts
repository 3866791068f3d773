import { describe, expect, test } from "vitest";
import { bitString, boolean, integer, objectIdentifier, octetString, sequence, tagged, time, utf8String } from "./der.ts";

const hex = (bytes: Buffer): string => bytes.toString("hex");

describe("DER", () => {
  test.each([
    ["zero", [0], "020100"],
    ["127", [0x7f], "02017f"],
    ["128, whose highest bit is no sign", [0x80], "02020080"],
    ["without leading zeros", [0, 0, 1, 0], "02020100"],
    ["none at all", [], "020100"],
  ])("integer: %s", (_name, bytes, expected) => {
    expect(hex(integer(Buffer.from(bytes)))).toBe(expected);
  });

  test.each([
    ["2.5.4.3", "0603550403"],
    ["1.2.840.10045.4.3.2", "06082a8648ce3d040302"],
    ["1.3.6.1.5.5.7.3.2", "06082b06010505070302"],
  ])("object identifier %s", (dotted, expected) => {
    expect(hex(objectIdentifier(dotted))).toBe(expected);
  });

  test.each([
    [127, "047f"],
    [128, "048180"],
    [255, "0481ff"],
    [256, "04820100"],
    [65_536, "0483010000"],
  ])("a length of %d", (length, header) => {
    const bytes = octetString(Buffer.alloc(length));
    expect(hex(bytes).slice(0, header.length)).toBe(header);
    expect(bytes.length).toBe(length + header.length / 2);
  });

  test.each([
    ["2049-12-31T23:59:59Z", "170d3439313233313233353935395a"],
    ["2050-01-01T00:00:00Z", "180f32303530303130313030303030305a"],
    ["1970-01-01T00:00:00Z", "170d3730303130313030303030305a"],
    ["9999-12-31T23:59:59Z", "180f39393939313233313233353935395a"],
  ])("time %s", (text, expected) => {
    expect(hex(time(Date.parse(text) / 1000))).toBe(expected);
  });

  test("what is made of others", () => {
    expect(hex(sequence(boolean(true), utf8String("é")))).toBe("30070101ff0c02c3a9");
    expect(hex(tagged(3, sequence()))).toBe("a3023000");
    expect(hex(tagged(0, Buffer.of(1, 2), "primitive"))).toBe("80020102");
    expect(hex(bitString(Buffer.of(0x80), 7))).toBe("03020780");
  });
});
