import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { GateError } from "../../kernel/errors.ts";
import * as backend from "./backend.ts";
import { Framer } from "./framer.ts";
import * as frontend from "./frontend.ts";
import {
  encodeCancelRequest,
  encodeNegotiateProtocolVersion,
  encodeSslRequest,
  encodeStartup,
  parseStartup,
  startupLength,
} from "./startup.ts";

const failure = expect.objectContaining({ code: "protocol-error" });
/** Of the GateError that it throws. */
function codeOf(work: () => unknown): string {
  try {
    work();
    return "none";
  } catch (error) {
    return error instanceof GateError ? error.code : String(error);
  }
}
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");

describe("before messages have types", () => {
  test("what libpq sends, byte for byte", () => {
    expect(encodeSslRequest()).toEqual(hex("00000008 04d2162f"));
    expect(parseStartup(hex("00000008 04d2162f"))).toEqual({ kind: "ssl-request" });
    expect(parseStartup(hex("00000008 04d21630"))).toEqual({ kind: "gssenc-request" });
    const startup = encodeStartup({ user: "ana", database: "orders" });
    expect(startup).toEqual(hex("00000022 00030000 7573657200 616e6100 646174616261736500 6f726465727300 00"));
    const parameters = new Map([
      ["user", "ana"],
      ["database", "orders"],
    ]);
    expect(parseStartup(startup)).toEqual({ kind: "startup", major: 3, minor: 0, parameters });
    const cancel = encodeCancelRequest(7, hex("01020304"));
    expect(cancel).toEqual(hex("00000010 04d2162e 00000007 01020304"));
    expect(parseStartup(cancel)).toEqual({ kind: "cancel-request", processId: 7, secret: hex("01020304") });
    expect(encodeNegotiateProtocolVersion(0, ["_pq_.x"])).toEqual(hex("76 00000013 00030000 00000001 5f70715f2e7800"));
  });

  test.each([
    ["nothing at all", ""],
    ["a parameter without a value", "7573657200"],
    ["no end", "7573657200 616e6100"],
    ["more behind the end", "7573657200 616e6100 00 00"],
    ["a parameter twice", "7573657200 616e6100 7573657200 616e6100 00"],
    ["what is not UTF-8", "7573657200 ff00 00"],
  ])("a startup packet with %s is refused", (_name, rest) => {
    const body = hex(rest);
    const packet = Buffer.concat([hex("00000000 00030000"), body]);
    packet.writeInt32BE(packet.length, 0);
    expect(() => parseStartup(packet)).toThrow(failure);
  });

  test("a length out of bounds is refused before anything is read", () => {
    for (const length of [-1, 0, 7, 10_001, 0x7fff_ffff]) {
      const header = Buffer.alloc(4);
      header.writeInt32BE(length);
      expect(() => startupLength(header)).toThrow(failure);
    }
  });
});

describe("what clients send", () => {
  test("a bind with texts, binaries and NULL", () => {
    const bind = hex(
      "42 0000002c 7000 7300 0003 0000 0001 0000 0003 00000002 6f6b 00000004 00000007 ffffffff 0002 0001 0000".replaceAll(" ", ""),
    );
    bind.writeInt32BE(bind.length - 1, 1);
    expect(frontend.parseBind(bind)).toEqual({
      portal: "p",
      statement: "s",
      parameters: [
        { binary: false, value: Buffer.from("ok") },
        { binary: true, value: hex("00000007") },
        { binary: false, value: null },
      ],
    });
  });

  test("what is encoded is parsed back", () => {
    expect(frontend.parseQuery(frontend.encodeQuery("select 1"))).toBe("select 1");
    expect(frontend.parseParse(frontend.encodeParse("s", "select $1"))).toEqual({ name: "s", sql: "select $1", parameterTypes: [] });
    expect(frontend.parseExecute(frontend.encodeExecute("p"))).toEqual({ portal: "p", maxRows: 0 });
    expect(frontend.parseSaslInitialResponse(frontend.encodeSaslInitialResponse("SCRAM", Buffer.from("n,,")))).toEqual({
      mechanism: "SCRAM",
      response: Buffer.from("n,,"),
    });
    expect(() => frontend.encodeQuery("a\0b")).toThrow(failure);
  });

  test("whatever bytes come, a parser gives an answer or refuses", () => {
    const parsers = [frontend.parseQuery, frontend.parseParse, frontend.parseBind, frontend.parseExecute, frontend.parseNamed];
    fc.assert(
      fc.property(fc.constantFrom(...parsers), fc.uint8Array({ maxLength: 60 }), (parse, bytes) => {
        const whole = Buffer.concat([Buffer.alloc(5), bytes]);
        expect(codeOf(() => parse(whole))).toMatch(/^(none|protocol-error)$/);
      }),
      { numRuns: 2000 },
    );
  });

  test("a count larger than the message is refused before anything is made for it", () => {
    expect(() => frontend.parseParse(hex("50 00000000 00 00 ffff"))).toThrow(failure);
  });
});

describe("what servers send", () => {
  test("errors keep their fields", () => {
    const fields = { severity: "ERROR", code: "42501", message: "no", detail: "d", hint: "h", position: 8 };
    expect(backend.parseErrorResponse(backend.encodeErrorResponse(fields))).toEqual(fields);
  });

  test.each([
    ["SELECT 3", 3],
    ["INSERT 0 12", 12],
    ["BEGIN", 0],
    ["COPY 100000", 100_000],
  ])("%s has %i rows", (tag, rows) => {
    const text = Buffer.from(`${tag}\0`);
    expect(backend.parseCommandComplete(Buffer.concat([Buffer.from("C\0\0\0\0"), text]))).toEqual({ tag, rows });
  });

  test("a status that there is not is refused", () => {
    expect(backend.parseReadyForQuery(hex("5a 00000005 54"))).toBe("T");
    for (const bad of ["5a 00000005 58", "5a 00000004", "5a 00000006 4949"]) {
      expect(() => backend.parseReadyForQuery(hex(bad))).toThrow(failure);
    }
  });

  test("whatever bytes come, a parser gives an answer or refuses", () => {
    const parsers = [backend.parseAuthentication, backend.parseParameterStatus, backend.parseBackendKeyData, backend.parseErrorResponse];
    fc.assert(
      fc.property(fc.constantFrom(...parsers), fc.uint8Array({ maxLength: 60 }), (parse, bytes) => {
        expect(codeOf(() => parse(Buffer.concat([Buffer.alloc(5), bytes])))).toMatch(/^(none|protocol-error)$/);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("messages out of a stream", () => {
  const message = (type: string, body: string): Buffer => {
    const bytes = Buffer.concat([Buffer.from(type), Buffer.alloc(4), Buffer.from(body)]);
    bytes.writeInt32BE(bytes.length - 1, 1);
    return bytes;
  };
  const stream = [message("T", "row"), message("D", "x".repeat(30)), message("D", ""), message("C", "SELECT 2\0"), message("Z", "I")];
  const whole = Buffer.concat(stream);
  /** `D` passes, the rest is taken whole; what came out in order, and how many pieces passed. */
  const run = (chunks: readonly Buffer[], options: { holdAt?: string } = {}): { out: Buffer; pieces: number; headers: number[] } => {
    const out: Buffer[] = [];
    const headers: number[] = [];
    let pieces = 0;
    const framer = new Framer({
      maxWholeBytes: 100,
      takesWhole: (type) => type !== 0x44,
      onMessage: (bytes) => {
        out.push(Buffer.from(bytes));
        if (String.fromCharCode(bytes[0] ?? 0) === options.holdAt) framer.hold();
      },
      onPass: (bytes) => {
        pieces += 1;
        out.push(Buffer.from(bytes));
      },
      onHeader: (_type, length) => headers.push(length),
    });
    for (const chunk of chunks) framer.push(chunk);
    while (options.holdAt !== undefined && Buffer.concat(out).length < whole.length) framer.release();
    expect(framer.isAtBoundary).toBe(true);
    return { out: Buffer.concat(out), pieces, headers };
  };

  test("in one piece: messages that pass together are one piece", () => {
    expect(run([whole])).toEqual({ out: whole, pieces: 1, headers: [35, 5] });
  });

  test("split at every byte boundary, and byte by byte, the same comes out", () => {
    for (let at = 1; at < whole.length; at += 1) {
      const { out, headers } = run([whole.subarray(0, at), whole.subarray(at)]);
      expect({ out, headers }).toEqual({ out: whole, headers: [35, 5] });
    }
    expect(run([...whole].map((byte) => Buffer.of(byte)))).toMatchObject({ out: whole, headers: [35, 5] });
  });

  test("held at a message, nothing behind it comes out before it is released", () => {
    for (let at = 1; at < whole.length; at += 1) {
      expect(run([whole.subarray(0, at), whole.subarray(at)], { holdAt: "C" }).out).toEqual(whole);
    }
  });

  test("a length below its own four bytes, and a message too long to be taken whole, are refused", () => {
    expect(() => run([hex("54 00000003")])).toThrow(failure);
    expect(() => run([hex("54 80000000")])).toThrow(failure);
    expect(() => run([message("T", "x".repeat(200))])).toThrow(expect.objectContaining({ code: "too-large" }));
    expect(() => run([hex("54"), hex("7fffffff")])).toThrow(expect.objectContaining({ code: "too-large" }));
  });
});
