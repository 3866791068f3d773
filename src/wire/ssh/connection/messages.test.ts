import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { GateError } from "../../../kernel/errors.ts";
import { encodeChannelRequest, parseChannelRequest, type ChannelRequest } from "./channel-request.ts";
import { encodeGlobalRequest, encodeRequestFailure, encodeRequestSuccess, parseGlobalRequest } from "./global-request.ts";
import {
  channelOf,
  dataOf,
  dataTypeOf,
  encodeChannelClose,
  encodeChannelData,
  encodeChannelEof,
  encodeChannelExtendedData,
  encodeChannelFailure,
  encodeChannelOpen,
  encodeChannelOpenConfirmation,
  encodeChannelOpenFailure,
  encodeChannelSuccess,
  encodeChannelWindowAdjust,
  isData,
  parseBareChannelMessage,
  parseChannelOpen,
  parseChannelOpenConfirmation,
  parseChannelOpenFailure,
  parseChannelWindowAdjust,
} from "./messages.ts";
import { encodeTerminalModes, parseTerminalModes, TERMINAL_MODES } from "./terminal-modes.ts";

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");
const refused = expect.objectContaining({ code: "protocol-error" });

describe("byte layouts, written out from RFC 4254", () => {
  const size = { columns: 80, rows: 24, widthPixels: 640, heightPixels: 480 };

  test.each<[string, Buffer, string]>([
    ["data", encodeChannelData(7, hex("ff00")), "5e 00000007 00000002 ff00"],
    ["extended data", encodeChannelExtendedData(7, 1, hex("41")), "5f 00000007 00000001 00000001 41"],
    ["window adjust", encodeChannelWindowAdjust(7, 0xffff_ffff), "5d 00000007 ffffffff"],
    ["eof", encodeChannelEof(7), "60 00000007"],
    ["close", encodeChannelClose(7), "61 00000007"],
    ["success", encodeChannelSuccess(7), "63 00000007"],
    ["failure", encodeChannelFailure(7), "64 00000007"],
    ["open failure", encodeChannelOpenFailure(7, 1, "no"), "5c 00000007 00000001 00000002 6e6f 00000000"],
    [
      "open",
      encodeChannelOpen({ channelType: "session", senderChannel: 1, initialWindow: 2, maximumPacket: 3, specific: hex("aa") }),
      "5a 00000007 73657373696f6e 00000001 00000002 00000003 aa",
    ],
    [
      "confirmation",
      encodeChannelOpenConfirmation({ recipientChannel: 4, senderChannel: 1, initialWindow: 2, maximumPacket: 3 }),
      "5b 00000004 00000001 00000002 00000003",
    ],
    ["request success", encodeRequestSuccess(hex("00000016")), "51 00000016"],
    ["request failure", encodeRequestFailure(), "52"],
    [
      "global request",
      encodeGlobalRequest({ name: "keepalive@openssh.com", wantReply: true, specific: Buffer.alloc(0) }),
      `50 00000015 ${Buffer.from("keepalive@openssh.com").toString("hex")} 01`,
    ],
    [
      "pty-req",
      encodeChannelRequest({
        recipientChannel: 7,
        wantReply: true,
        request: { type: "pty-req", term: "xterm", ...size, modes: hex("00") },
      }),
      "62 00000007 00000007 7074792d726571 01 00000005 787465726d 00000050 00000018 00000280 000001e0 00000001 00",
    ],
    [
      "exec with bytes that are no UTF-8",
      encodeChannelRequest({ recipientChannel: 7, wantReply: true, request: { type: "exec", command: hex("ff fe 00 41") } }),
      "62 00000007 00000004 65786563 01 00000004 fffe0041",
    ],
    [
      "exit-signal",
      encodeChannelRequest({
        recipientChannel: 7,
        wantReply: false,
        request: { type: "exit-signal", signal: "SEGV", coreDumped: true, message: "x" },
      }),
      "62 00000007 0000000b 657869742d7369676e616c 00 00000004 53454756 01 00000001 78 00000000",
    ],
  ])("%s", (_name, encoded, expected) => {
    expect(encoded.toString("hex")).toBe(expected.replaceAll(" ", ""));
  });
});

describe("data packets", () => {
  const bytes = fc.uint8Array({ maxLength: 100 }).map((array) => Buffer.from(array));
  const word = fc.integer({ min: 0, max: 0xffff_ffff });

  test("are peeked at without copying", () => {
    fc.assert(
      fc.property(word, word, bytes, (channel, type, data) => {
        for (const payload of [encodeChannelData(channel, data), encodeChannelExtendedData(channel, type, data)]) {
          expect(isData(payload)).toBe(true);
          expect(channelOf(payload)).toBe(channel);
          expect(dataOf(payload)).toEqual(data);
          expect(dataOf(payload).buffer).toBe(payload.buffer);
        }
        expect(dataTypeOf(encodeChannelData(channel, data))).toBe(0);
        expect(dataTypeOf(encodeChannelExtendedData(channel, type, data))).toBe(type);
      }),
    );
  });

  test("with a wrong length are refused", () => {
    for (const payload of [encodeChannelData(1, hex("0102")), encodeChannelExtendedData(1, 1, hex("0102"))]) {
      expect(() => dataOf(Buffer.concat([payload, hex("00")]))).toThrow(refused);
      for (let length = 1; length < payload.length; length += 1) expect(() => dataOf(payload.subarray(0, length))).toThrow(refused);
      for (let length = 1; length < 5; length += 1) expect(() => channelOf(payload.subarray(0, length))).toThrow(refused);
    }
    expect(() => dataTypeOf(hex("5f 00000001 000000"))).toThrow(refused);
    expect(isData(Buffer.alloc(0))).toBe(false);
    expect(isData(encodeChannelEof(1))).toBe(false);
  });
});

describe("what is encoded is read back", () => {
  const word = fc.integer({ min: 0, max: 0xffff_ffff });
  const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array));
  const text = fc.string({ unit: "grapheme", maxLength: 20 });
  const size = { columns: word, rows: word, widthPixels: word, heightPixels: word };
  const requests: fc.Arbitrary<ChannelRequest> = fc.oneof(
    fc.record({ type: fc.constant("pty-req" as const), term: text, ...size, modes: bytes }),
    fc.record({ type: fc.constant("window-change" as const), ...size }),
    fc.record({ type: fc.constant("env" as const), name: text, value: bytes }),
    fc.record({ type: fc.constant("exec" as const), command: bytes }),
    fc.record({ type: fc.constant("subsystem" as const), name: text }),
    fc.record({ type: fc.constant("signal" as const), signal: text }),
    fc.record({ type: fc.constant("break" as const), lengthMs: word }),
    fc.record({ type: fc.constant("exit-status" as const), status: word }),
    fc.record({ type: fc.constant("exit-signal" as const), signal: text, coreDumped: fc.boolean(), message: text }),
    fc.record({ type: fc.constant("unknown" as const), name: fc.constant("x11-req"), specific: bytes }),
    fc.constantFrom(
      { type: "shell" } as const,
      { type: "auth-agent-req@openssh.com" } as const,
      { type: "keepalive@openssh.com" } as const,
      { type: "eow@openssh.com" } as const,
    ),
  );

  test("channel requests, and none of them cut short", () => {
    fc.assert(
      fc.property(word, fc.boolean(), requests, (recipientChannel, wantReply, request) => {
        const payload = encodeChannelRequest({ recipientChannel, wantReply, request });
        expect(parseChannelRequest(payload)).toEqual({ recipientChannel, wantReply, request });
        const open = request.type === "unknown";
        const accepted = [...payload.keys()].filter((length) => !throws(() => parseChannelRequest(payload.subarray(0, length))));
        // A request not known has no end of its own.
        expect(accepted.length).toBe(open ? request.specific.length : 0);
        expect(throws(() => parseChannelRequest(Buffer.concat([payload, hex("00")])))).toBe(!open);
      }),
    );
  });

  test("opening, answers and global requests", () => {
    fc.assert(
      fc.property(word, word, word, word, bytes, text, (a, b, initialWindow, maximumPacket, specific, description) => {
        const open = { channelType: "session", senderChannel: a, initialWindow, maximumPacket, specific };
        expect(parseChannelOpen(encodeChannelOpen(open))).toEqual(open);
        const confirmation = { recipientChannel: a, senderChannel: b, initialWindow, maximumPacket };
        const answer = { ...confirmation, specific: Buffer.alloc(0) };
        expect(parseChannelOpenConfirmation(encodeChannelOpenConfirmation(confirmation))).toEqual(answer);
        expect(parseChannelOpenFailure(encodeChannelOpenFailure(a, b, description))).toEqual({
          recipientChannel: a,
          reason: b,
          description,
        });
        expect(parseChannelWindowAdjust(encodeChannelWindowAdjust(a, b))).toEqual({ recipientChannel: a, bytesToAdd: b });
        expect(parseBareChannelMessage(encodeChannelEof(a))).toBe(a);
        const request = { name: "tcpip-forward", wantReply: true, specific };
        expect(parseGlobalRequest(encodeGlobalRequest(request))).toEqual(request);
      }),
    );
    expect(() => parseBareChannelMessage(Buffer.concat([encodeChannelEof(1), hex("00")]))).toThrow(refused);
    expect(() => parseChannelWindowAdjust(encodeChannelEof(1))).toThrow(refused);
  });

  test("terminal modes, and what follows an unknown opcode is left alone", () => {
    const modes = new Map([
      [TERMINAL_MODES.VINTR, 3],
      [TERMINAL_MODES.ECHO, 1],
      [TERMINAL_MODES.TTY_OP_ISPEED, 38_400],
    ]);
    expect(parseTerminalModes(encodeTerminalModes(modes))).toEqual(modes);
    expect(parseTerminalModes(hex("01 00000003 ff 01"))).toEqual(new Map([[1, 3]]));
    expect(parseTerminalModes(Buffer.alloc(0)).size).toBe(0);
    expect(() => parseTerminalModes(hex("01 0000"))).toThrow(refused);
  });
});

test("arbitrary bytes either parse or are a protocol error", () => {
  const parsers = [parseChannelOpen, parseChannelOpenConfirmation, parseChannelOpenFailure, parseChannelWindowAdjust, parseChannelRequest];
  const all = [...parsers, parseBareChannelMessage, parseGlobalRequest, channelOf, dataOf, dataTypeOf];
  fc.assert(
    fc.property(fc.integer({ min: 80, max: 100 }), fc.uint8Array({ maxLength: 60 }), (number, bytes) => {
      const payload = Buffer.concat([Buffer.of(number), bytes]);
      const strange = all.map((parse) => outcome(() => parse(payload))).filter((code) => code !== "ok" && code !== "protocol-error");
      expect(strange).toEqual([]);
    }),
  );
});

function outcome(work: () => unknown): unknown {
  try {
    work();
    return "ok";
  } catch (error) {
    return error instanceof GateError ? error.code : error;
  }
}

function throws(work: () => unknown): boolean {
  return outcome(work) !== "ok";
}
