import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { GateError } from "../../../kernel/errors.ts";
import { Writer } from "../io/writer.ts";
import { SftpFramer } from "./framer.ts";
import { displayPath } from "./messages.ts";
import { encodeInit, encodeRequest, parseInit, parseRequest, type SftpRequest } from "./request.ts";
import { encodeStatus, parseResponse, parseVersion } from "./response.ts";

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");
const refused = expect.objectContaining({ code: "protocol-error" });

const id = fc.integer({ min: 0, max: 0xffff_ffff });
const path = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes.map((byte) => byte || 1)));
const handle = fc.uint8Array({ maxLength: 256 }).map((bytes) => Buffer.from(bytes));
const word = fc.integer({ min: 0, max: 0xffff_ffff });
const long = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const attributes = fc
  .tuple(
    fc.option(
      long.map((size) => ({ size })),
      { nil: {} },
    ),
    fc.option(fc.record({ uid: word, gid: word }), { nil: {} }),
    fc.option(
      word.map((permissions) => ({ permissions })),
      { nil: {} },
    ),
    fc.option(fc.record({ atime: word, mtime: word }), { nil: {} }),
  )
  .map((parts) => Object.assign({}, ...parts) as object);
const op = <const Names extends readonly string[]>(...names: Names): fc.Arbitrary<Names[number]> => fc.constantFrom(...names);

const requests = fc.oneof(
  fc.record({ id, op: op("lstat", "stat", "opendir", "remove", "rmdir", "realpath", "readlink", "statvfs", "expand-path"), path }),
  fc.record({ id, op: op("close", "fstat", "readdir", "fstatvfs", "fsync"), handle }),
  fc.record({ id, op: op("open"), path, flags: word, attributes }),
  fc.record({ id, op: op("read"), handle, offset: long, length: word }),
  fc.record({ id, op: op("setstat", "lsetstat", "mkdir"), path, attributes }),
  fc.record({ id, op: op("fsetstat"), handle, attributes }),
  fc.record({ id, op: op("rename", "posix-rename", "hardlink"), from: path, to: path }),
  fc.record({ id, op: op("symlink"), target: path, link: path }),
  fc.record({ id, op: op("copy-data"), handle, offset: long, length: long, toHandle: handle, toOffset: long }),
  fc.record({ id, op: op("limits") }),
  fc.record({ id, op: op("home-directory"), user: path }),
) as fc.Arbitrary<SftpRequest>;

describe("requests", () => {
  test("what is encoded is read back, and nothing shorter or longer is", () => {
    fc.assert(
      fc.property(requests, (request) => {
        const packet = encodeRequest(request);
        expect(parseRequest(packet)).toEqual(request);
        const resized = (body: Buffer): Buffer => Buffer.concat([new Writer().uint32(body.length).toBuffer(), body]);
        for (let length = 1; length < packet.length - 4; length += 1) {
          expect(() => parseRequest(resized(packet.subarray(4, 4 + length)))).toThrow(refused);
        }
        expect(() => parseRequest(resized(Buffer.concat([packet.subarray(4), Buffer.of(0)])))).toThrow(refused);
        expect(() => parseRequest(Buffer.concat([packet, Buffer.of(0)]))).toThrow(refused);
      }),
      { numRuns: 60 },
    );
  });

  test("a WRITE is read from its head alone", () => {
    fc.assert(
      fc.property(id, handle, long, fc.uint8Array({ maxLength: 99 }), (id, handle, offset, data) => {
        const request: SftpRequest = { id, op: "write", handle, offset, length: data.length };
        const [head] = new SftpFramer().push(encodeRequest(request, data));
        expect(parseRequest(head?.bytes ?? Buffer.alloc(0))).toEqual(request);
        expect(parseRequest(encodeRequest(request, data))).toEqual(request);
        expect(() => parseRequest(encodeRequest({ ...request }, data).subarray(0, 20))).toThrow(refused);
      }),
    );
  });

  test("byte layouts, written out from the draft", () => {
    const open: SftpRequest = { id: 1, op: "open", path: Buffer.from("/a"), flags: 0x1a, attributes: { permissions: 0o644 } };
    expect(encodeRequest(open).toString("hex")).toBe(hex("00000017 03 00000001 00000002 2f61 0000001a 00000004 000001a4").toString("hex"));
    const rename: SftpRequest = { id: 2, op: "posix-rename", from: Buffer.from("a"), to: Buffer.from("b") };
    const name = Buffer.from("posix-rename@openssh.com").toString("hex");
    expect(encodeRequest(rename).toString("hex")).toBe(`0000002bc80000000200000018${name}00000001610000000162`);
    expect(encodeInit().toString("hex")).toBe("000000050100000003");
    expect(encodeStatus(7, 3, "no").toString("hex")).toBe("00000015650000000700000003000000026e6f00000002656e");
  });

  test("what nobody knows is parsed as that, with its name", () => {
    const unknown = (type: number, body: Buffer): Buffer =>
      new Writer()
        .uint32(5 + body.length)
        .byte(type)
        .uint32(9)
        .raw(body)
        .toBuffer();
    expect(parseRequest(unknown(21, hex("00000001")))).toEqual({ id: 9, op: "unknown", name: "21" });
    expect(parseRequest(unknown(200, new Writer().string("vendor@example.org").string("x").toBuffer()))).toEqual({
      id: 9,
      op: "unknown",
      name: "vendor@example.org",
    });
    expect(parseRequest(unknown(1, Buffer.alloc(0)))).toMatchObject({ op: "unknown" });
    expect(parseRequest(unknown(101, Buffer.alloc(0)))).toMatchObject({ op: "unknown" });
  });

  test("a NUL in a path, a path or handle too long, unknown attributes", () => {
    const stat = (path: Buffer): Buffer => encodeRequest({ id: 1, op: "stat", path });
    expect(() => parseRequest(stat(Buffer.from("/etc/hosts\0.txt")))).toThrow(refused);
    expect(() => parseRequest(stat(Buffer.alloc(4097, 97)))).toThrow(refused);
    expect(parseRequest(stat(Buffer.alloc(4096, 97)))).toMatchObject({ op: "stat" });
    expect(() => parseRequest(encodeRequest({ id: 1, op: "close", handle: Buffer.alloc(257) }))).toThrow(refused);
    const open = encodeRequest({ id: 1, op: "open", path: Buffer.from("a"), flags: 1, attributes: {} });
    open.writeUInt32BE(0x10, open.length - 4);
    expect(() => parseRequest(open)).toThrow(refused);
  });
});

describe("responses", () => {
  const packet = (type: number, body: Buffer): Buffer =>
    new Writer()
      .uint32(1 + body.length)
      .byte(type)
      .raw(body)
      .toBuffer();

  test.each<[string, Buffer, object]>([
    ["status", encodeStatus(7, 2, "No such file"), { id: 7, kind: "status", code: 2, message: "No such file" }],
    ["status of an old server", packet(101, hex("00000007 00000000")), { id: 7, kind: "status", code: 0, message: "" }],
    ["handle", packet(102, hex("00000007 00000002 0102")), { id: 7, kind: "handle", handle: hex("0102") }],
    ["data", packet(103, hex("00000007 00000002")).fill(11, 3, 4), { id: 7, kind: "data", length: 2 }],
    [
      "name",
      packet(104, hex("00000007 00000001 00000001 2f 00000000 00000000")),
      { id: 7, kind: "name", count: 1, first: Buffer.from("/") },
    ],
    ["attrs", packet(105, hex("00000007 00000001 0000000000000005")), { id: 7, kind: "attrs", attributes: { size: 5n } }],
    ["extended reply", packet(201, hex("00000007 aabb")), { id: 7, kind: "extended-reply" }],
  ])("%s", (_name, bytes, expected) => {
    expect(parseResponse(bytes)).toEqual(expected);
    for (let length = 0; length < 9; length += 1) expect(() => parseResponse(bytes.subarray(0, length))).toThrow(refused);
  });

  test("a request is no response", () => {
    expect(() => parseResponse(encodeRequest({ id: 1, op: "stat", path: Buffer.from("/") }))).toThrow(refused);
  });

  test("versions", () => {
    expect(parseInit(encodeInit(6))).toBe(6);
    expect(() => parseInit(encodeStatus(1, 0, ""))).toThrow(refused);
    expect(parseVersion(packet(2, hex("00000003 00000001 61 00000001 62")))).toBe(3);
    expect(() => parseVersion(encodeInit())).toThrow(refused);
  });
});

test("a path shown to people cannot act on their terminal", () => {
  expect(displayPath(Buffer.from("/tmp/ä b"))).toBe("/tmp/ä b");
  expect(displayPath(Buffer.from("/tmp/\u001b[2J\nx\u202egpj"))).toBe(String.raw`/tmp/\x1b[2J\x0ax\x202egpj`);
  expect(displayPath(hex("2f ff"))).toBe("/\ufffd");
});

test("arbitrary bytes either parse or are a protocol error", () => {
  const outcome = (work: () => unknown): unknown => {
    try {
      work();
      return "ok";
    } catch (error) {
      return error instanceof GateError ? error.code : error;
    }
  };
  fc.assert(
    fc.property(
      fc.constantFrom(...Array(21).keys(), 101, 102, 103, 104, 105, 200, 201),
      fc.uint8Array({ maxLength: 80 }),
      (type, bytes) => {
        const whole = Buffer.concat([
          new Writer()
            .uint32(1 + bytes.length)
            .byte(type)
            .toBuffer(),
          bytes,
        ]);
        const outcomes = [parseRequest, parseResponse, parseInit, parseVersion].map((parse) => outcome(() => parse(whole)));
        expect(outcomes.filter((code) => code !== "ok" && code !== "protocol-error")).toEqual([]);
      },
    ),
    { numRuns: 500 },
  );
});
