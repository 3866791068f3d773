import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { GateError } from "../../../kernel/errors.ts";
import { Reader } from "./reader.ts";
import { Writer } from "./writer.ts";
import { ANY_CHARACTER } from "../../../../test/kit/any-character.ts";

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");

describe("mpint", () => {
  // The non-negative vectors of RFC 4251 §5.
  test.each([
    ["00", "00 00 00 00"],
    ["09a378f9b2e332a7", "00 00 00 08 09 a3 78 f9 b2 e3 32 a7"],
    ["80", "00 00 00 02 00 80"],
  ])("%s", (value, encoded) => {
    expect(new Writer().mpint(hex(value)).toBuffer()).toEqual(hex(encoded));
    const magnitude = new Reader(hex(encoded)).readMpint();
    expect(Buffer.concat([Buffer.alloc(value.length / 2 - magnitude.length), magnitude])).toEqual(hex(value));
  });

  test.each([
    ["-1234, the negative vector of RFC 4251", "00 00 00 02 ed cc"],
    ["-deadbeef, the negative vector of RFC 4251", "00 00 00 05 ff 21 52 41 11"],
    ["a zero byte too many", "00 00 00 02 00 7f"],
    ["zero written as a byte", "00 00 00 01 00"],
    ["longer than the message", "00 00 00 03 01 02"],
  ])("refused: %s", (_name, encoded) => {
    expect(() => new Reader(hex(encoded)).readMpint()).toThrow(expect.objectContaining({ code: "protocol-error" }));
  });
});

describe("name-list", () => {
  // The vectors of RFC 4251 §5.
  test.each([
    [[], "00 00 00 00"],
    [["zlib"], "00 00 00 04 7a 6c 69 62"],
    [["zlib", "none"], "00 00 00 09 7a 6c 69 62 2c 6e 6f 6e 65"],
  ])("%j", (names, encoded) => {
    expect(new Writer().nameList(names).toBuffer()).toEqual(hex(encoded));
    expect(new Reader(hex(encoded)).readNameList()).toEqual(names);
  });

  test.each([",", "a,", ",a", "a,,b", "a b", "a\u0000", "ä", "x".repeat(129), Array(300).fill("a").join(","), "a,".repeat(9000) + "a"])(
    "refused: %#",
    (text) => {
      const encoded = new Writer().string(text).toBuffer();
      expect(() => new Reader(encoded).readNameList()).toThrow(expect.objectContaining({ code: "protocol-error" }));
    },
  );
});

test("a text that is not UTF-8 is refused, a byte order mark is kept", () => {
  expect(() => new Reader(hex("00 00 00 02 c3 28")).readUtf8()).toThrow(expect.objectContaining({ code: "protocol-error" }));
  expect(new Reader(hex("00 00 00 03 ef bb bf")).readUtf8()).toBe("\ufeff");
});

test("a tail is refused", () => {
  const reader = new Reader(hex("01 02"));
  reader.readByte();
  expect(() => reader.end()).toThrow(expect.objectContaining({ code: "protocol-error" }));
  expect(reader.rest()).toEqual(hex("02"));
  reader.end();
});

test("what is written is read back", () => {
  fc.assert(
    fc.property(
      fc.nat(255),
      fc.boolean(),
      fc.integer({ min: 0, max: 0xffff_ffff }),
      fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
      fc.uint8Array({ maxLength: 600 }),
      fc.string({ unit: ANY_CHARACTER }),
      fc.uint8Array({ maxLength: 80 }),
      (byte, flag, word, long, bytes, text, number) => {
        const encoded = new Writer(1)
          .byte(byte)
          .boolean(flag)
          .uint32(word)
          .uint64(long)
          .string(bytes)
          .string(text)
          .mpint(number)
          .raw(bytes)
          .toBuffer();
        const reader = new Reader(encoded);
        expect(reader.readByte()).toBe(byte);
        expect(reader.readBoolean()).toBe(flag);
        expect(reader.readUint32()).toBe(word);
        expect(reader.readUint64()).toBe(long);
        expect(reader.readString()).toEqual(Buffer.from(bytes));
        expect(reader.readUtf8()).toBe(text);
        const magnitude = reader.readMpint();
        expect(BigInt(`0x0${magnitude.toString("hex")}`)).toBe(BigInt(`0x0${Buffer.from(number).toString("hex")}`));
        expect(reader.rest()).toEqual(Buffer.from(bytes));
        reader.end();
      },
    ),
  );
});

test("arbitrary bytes either parse or are a protocol error", () => {
  const reads = ["readByte", "readBoolean", "readUint32", "readUint64", "readString", "readUtf8", "readMpint", "readNameList"] as const;
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), fc.array(fc.constantFrom(...reads), { maxLength: 8 }), (bytes, calls) => {
      const reader = new Reader(Buffer.from(bytes));
      let thrown: unknown;
      try {
        for (const call of calls) reader[call]();
      } catch (error) {
        thrown = error;
      }
      expect(thrown === undefined || (thrown instanceof GateError && thrown.code === "protocol-error")).toBe(true);
    }),
  );
});
