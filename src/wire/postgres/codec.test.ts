import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { GateError } from "../../kernel/errors.ts";
import * as backend from "./backend.ts";
import { cString, int16, int32, message } from "./fields.ts";
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
      resultFormats: [1, 0],
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

  test("lists as long as their counts can say", () => {
    const most = 65_535;
    const parameterTypes = Array.from({ length: most }, (_, at) => at);
    expect(frontend.parseParse(frontend.encodeParse("", "select 1", parameterTypes)).parameterTypes).toEqual(parameterTypes);
    const parameters = Array.from({ length: most }, (_, at) => ({ binary: at % 2 === 0, value: Buffer.from(String(at)) }));
    const resultFormats = Array.from({ length: most }, (_, at) => at % 2);
    const bind = frontend.parseBind(frontend.encodeBind("", "", parameters, resultFormats));
    expect(bind.parameters.length).toBe(most);
    expect(bind.parameters.at(-1)).toEqual(parameters.at(-1));
    expect(bind.resultFormats).toEqual(resultFormats);
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

describe("a result's description", () => {
  const field = (name: string, type: number, format: number): Buffer =>
    Buffer.concat([cString(name), int32(16384), int16(1), int32(type), int16(0xffff), int32(-1), int16(format)]);
  const described = (...fields: Buffer[]): Buffer => message("T", int16(fields.length), ...fields);

  test.each([
    [[], [0, 0]],
    [[1], [1, 1]],
    [
      [0, 1],
      [0, 1],
    ],
  ])("for a portal bound with the formats %j", (formats, expected) => {
    const statement = described(field("a", 23, 0), field("", 25, 0));
    const portal = described(field("a", 23, expected[0] ?? 0), field("", 25, expected[1] ?? 0));
    expect(backend.withFormats(statement, formats)).toEqual(portal);
    expect(statement).toEqual(described(field("a", 23, 0), field("", 25, 0)));
  });
});
