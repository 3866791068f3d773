import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RowsReader, type ResultPart } from "./rows.ts";

function message(type: string, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const header = Buffer.alloc(5);
  header.write(type, "latin1");
  header.writeUInt32BE(body.length + 4, 1);
  return Buffer.concat([header, body]);
}
const int16 = (value: number): Buffer => Buffer.from([value >> 8, value & 255]);
const int32 = (value: number): Buffer => Buffer.from([value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255]);
const column = (name: string, type: number, format: number): Buffer =>
  Buffer.concat([Buffer.from(`${name}\0`), int32(16384), int16(1), int32(type), int16(4), int32(-1), int16(format)]);
const value = (text: string | null): Buffer =>
  text === null ? int32(-1) : Buffer.concat([int32(Buffer.byteLength(text)), Buffer.from(text)]);

const RESULT = Buffer.concat([
  message("T", int16(2), column("id", 23, 0), column("größe", 25, 1)),
  message("D", int16(2), value("1"), value(null)),
  message("D", int16(2), value(""), value("zwölf")),
  message("C", Buffer.from("SELECT 2\0")),
  message("H", Buffer.from([0]), int16(0)),
  message("d", Buffer.from("1\n")),
  message("c"),
  message("C", Buffer.from("COPY 1\0")),
]);

const PARTS: readonly ResultPart[] = [
  {
    kind: "columns",
    columns: [
      { name: "id", type: 23, binary: false },
      { name: "größe", type: 25, binary: true },
    ],
  },
  { kind: "row", values: [Buffer.from("1"), null] },
  { kind: "row", values: [Buffer.alloc(0), Buffer.from("zwölf")] },
  { kind: "done", tag: "SELECT 2" },
  { kind: "copied", data: Buffer.from("1\n") },
  { kind: "done", tag: "COPY 1" },
];

describe("RowsReader", () => {
  test("message by message, wherever they are cut", () => {
    for (let at = 0; at <= RESULT.length; at += 1) {
      const reader = new RowsReader();
      expect([...reader.push(RESULT.subarray(0, at)), ...reader.push(RESULT.subarray(at))]).toEqual(PARTS);
    }
    const reader = new RowsReader();
    expect(Array.from(RESULT, (byte) => reader.push(Buffer.from([byte]))).flat()).toEqual(PARTS);
  });

  test("what is too long is left out, and what follows is read", () => {
    const long = message("D", int16(1), value("x".repeat(2 * 1024 * 1024)));
    const reader = new RowsReader();
    const parts = [...reader.push(long.subarray(0, 100_000)), ...reader.push(long.subarray(100_000)), ...reader.push(RESULT)];
    expect(parts).toEqual([{ kind: "left-out", bytes: long.length }, ...PARTS]);
  });

  test.each([
    ["a row that ends early", message("D", int16(3), value("1"))],
    ["a value longer than its row", message("D", int16(1), int32(99), Buffer.from("x"))],
    ["a name that does not end", message("T", int16(1), Buffer.from("id"))],
    ["no message of a result", message("E", Buffer.from("SERROR\0\0"))],
  ])("%s is left out", (_, bytes) => {
    const reader = new RowsReader();
    expect([...reader.push(bytes), ...reader.push(RESULT)]).toEqual([{ kind: "left-out", bytes: bytes.length }, ...PARTS]);
  });

  test("never throws, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 10 }), (pieces) => {
        const reader = new RowsReader();
        const found = pieces.flatMap((piece) => reader.push(Buffer.from(piece)));
        // Each message has five bytes at least.
        expect(5 * found.length).toBeLessThanOrEqual(pieces.reduce((sum, { length }) => sum + length, 0));
      }),
    );
  });
});
