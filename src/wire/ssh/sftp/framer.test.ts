import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { GateError } from "../../../kernel/errors.ts";
import { Writer } from "../io/writer.ts";
import { joinAdjacent, SftpFramer, type SftpPiece } from "./framer.ts";
import { encodeInit, encodeRequest, type SftpRequest } from "./request.ts";
import { encodeStatus } from "./response.ts";

const text = (value: string): Buffer => Buffer.from(value);
const HANDLE = text("h1");
const write = (id: number, data: Buffer, handle = HANDLE): Buffer =>
  encodeRequest({ id, op: "write", handle, offset: 5n, length: data.length }, data);
const data = (id: number, bytes: Buffer): Buffer =>
  new Writer()
    .uint32(9 + bytes.length)
    .byte(103)
    .uint32(id)
    .string(bytes)
    .toBuffer();
const refused = expect.objectContaining({ code: "protocol-error" });

/** Whole packets again, with their data, so that splits can be compared. */
function regroup(pieces: SftpPiece[]): string[] {
  const packets: string[] = [];
  for (const piece of pieces) {
    if (piece.kind === "data") packets.push(`${packets.pop() ?? ""}${piece.bytes.toString("hex")}${piece.isLast ? "." : ""}`);
    else packets.push(`${piece.kind}:${piece.bytes.toString("hex")}${piece.kind === "head" ? `|${piece.dataLength}|` : ""}`);
  }
  return packets;
}

const stream: Buffer[] = [
  encodeInit(),
  write(1, text("some contents")),
  encodeRequest({ id: 2, op: "stat", path: text("/etc/hosts") }),
  write(3, Buffer.alloc(0)),
  write(4, text("x"), Buffer.alloc(0)),
  write(5, text("long handle"), Buffer.alloc(256, 1)),
  data(6, text("read back")),
  data(7, Buffer.alloc(0)),
  encodeStatus(8, 0, "Success"),
];

describe("every split gives the same packets and the same bytes", () => {
  const whole = Buffer.concat(stream);
  const expected = regroup(new SftpFramer().push(whole));

  test("as a whole: packets are what they were", () => {
    expect(expected.length).toBe(stream.length);
    expect(expected[1]).toMatch(/^head:.*\|13\|.*\.$/);
  });

  test("at each single byte, once", () => {
    for (let at = 0; at <= whole.length; at += 1) {
      const framer = new SftpFramer();
      const pieces = [...framer.push(Buffer.from(whole.subarray(0, at))), ...framer.push(Buffer.from(whole.subarray(at)))];
      expect(regroup(pieces)).toEqual(expected);
      expect(Buffer.concat(pieces.map((piece) => piece.bytes))).toEqual(whole);
      expect(framer.isInPacket).toBe(false);
    }
  });

  test("byte by byte, and the end is known to be one", () => {
    const framer = new SftpFramer();
    const pieces = [...whole].flatMap((byte) => framer.push(Buffer.of(byte)));
    expect(regroup(pieces)).toEqual(expected);
    const ends = new Set(stream.map((_, index) => Buffer.concat(stream.slice(0, index + 1)).length));
    const again = new SftpFramer();
    const clean = [...whole].flatMap((byte, index) => (again.push(Buffer.of(byte)), again.isInPacket ? [] : [index + 1]));
    expect(clean).toEqual([...ends]);
  });

  test("at random places, of random streams", () => {
    const packet = fc.oneof(
      fc.tuple(fc.nat(), fc.uint8Array({ maxLength: 300 })).map(([id, bytes]) => write(id, Buffer.from(bytes))),
      fc.tuple(fc.nat(), fc.uint8Array({ maxLength: 300 })).map(([id, bytes]) => data(id, Buffer.from(bytes))),
      fc.tuple(fc.nat(), fc.string({ maxLength: 40 })).map(([id, path]) => encodeRequest({ id, op: "remove", path: text(path) })),
    );
    fc.assert(
      fc.property(fc.array(packet, { maxLength: 12 }), fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }), (packets, sizes) => {
        const whole = Buffer.concat(packets);
        const framer = new SftpFramer();
        const pieces: SftpPiece[] = [];
        for (let at = 0, turn = 0; at < whole.length; turn += 1) {
          const size = sizes[turn % sizes.length] ?? 1;
          // A chunk of its own that is overwritten afterwards: pieces that are not views into it must be copies.
          pieces.push(...framer.push(Buffer.from(whole.subarray(at, at + size))));
          at += size;
        }
        expect(regroup(pieces)).toEqual(regroup(new SftpFramer().push(whole)));
        expect(Buffer.concat(pieces.map((piece) => piece.bytes))).toEqual(whole);
      }),
    );
  });
});

describe("no copy, no holding", () => {
  test("contents in a chunk come as views into it, before the packet is whole", () => {
    const packet = write(1, Buffer.alloc(262_144, 7));
    const chunk = packet.subarray(0, 30_000);
    const pieces = new SftpFramer().push(chunk);
    expect(pieces.map((piece) => piece.kind)).toEqual(["head", "data"]);
    expect(pieces.every((piece) => piece.bytes.buffer === chunk.buffer)).toBe(true);
    expect(pieces[0]).toMatchObject({ dataLength: 262_144 });
    expect(pieces[1]).toMatchObject({ isLast: false });
  });

  test("a start that is held is a copy: the chunk may change", () => {
    const packet = encodeRequest({ id: 9, op: "stat", path: text("/etc/hosts") });
    const framer = new SftpFramer();
    const first = Buffer.from(packet.subarray(0, 10));
    expect(framer.push(first)).toEqual([]);
    first.fill(0);
    expect(framer.push(packet.subarray(10))).toEqual([{ kind: "packet", bytes: packet }]);
  });

  test("pieces of one chunk join into one view", () => {
    const chunk = Buffer.concat(stream);
    const joined = joinAdjacent(new SftpFramer().push(chunk).map((piece) => piece.bytes));
    expect(joined).toEqual([chunk]);
    expect(joined[0]?.buffer).toBe(chunk.buffer);
    const [a, c] = [chunk.subarray(0, 9), chunk.subarray(20, 30)];
    expect(joinAdjacent([a, Buffer.alloc(0), c])).toEqual([a, c]);
  });
});

describe("refused before anything is held", () => {
  const prefix = (length: number, type: number): Buffer => new Writer().uint32(length).byte(type).toBuffer();

  test.each([
    ["a packet without an id", prefix(4, 17)],
    ["a packet of no length", prefix(0, 17)],
    ["a long packet", prefix(262_145, 17)],
    ["an absurd packet", prefix(0xffff_ffff, 17)],
    ["an absurd WRITE", prefix(0xffff_ffff, 6)],
    ["a DATA too short for its head", prefix(8, 103)],
    ["a WRITE too short for its head", Buffer.concat([prefix(20, 6), Buffer.alloc(8)])],
    ["a WRITE with a long handle", new Writer().uint32(4000).byte(6).uint32(1).uint32(257).toBuffer()],
    ["a WRITE with less data than its packet", Buffer.concat([write(1, text("abc")).subarray(0, -7), Buffer.of(0, 0, 0, 2)])],
    ["a DATA with more data than its packet", new Writer().uint32(12).byte(103).uint32(1).uint32(4).toBuffer()],
  ])("%s", (_name, bytes) => {
    expect(() => new SftpFramer().push(bytes)).toThrow(refused);
    const framer = new SftpFramer();
    expect(() => [...bytes].map((byte) => framer.push(Buffer.of(byte)))).toThrow(refused);
  });

  test("arbitrary bytes give pieces or a protocol error, never more bytes than came", () => {
    const attempt = (chunks: Uint8Array[]): unknown => {
      const framer = new SftpFramer();
      try {
        return chunks.flatMap((chunk) => framer.push(Buffer.from(chunk))).reduce((sum, piece) => sum + piece.bytes.length, 0);
      } catch (error) {
        return error instanceof GateError ? error.code : error;
      }
    };
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 10 }), (chunks) => {
        const total = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
        const result = attempt(chunks);
        expect(result === "protocol-error" || (typeof result === "number" && result <= total)).toBe(true);
      }),
    );
  });
});

test("a request parsed from a head is the request that was encoded", () => {
  const request: SftpRequest = { id: 77, op: "write", handle: HANDLE, offset: 2n ** 40n, length: 3 };
  const [head] = new SftpFramer().push(encodeRequest(request, text("abc")));
  expect(head).toMatchObject({ kind: "head", dataLength: 3 });
});
