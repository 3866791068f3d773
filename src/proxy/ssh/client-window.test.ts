import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as msg from "../../wire/ssh/connection/messages.ts";
import { ClientWindow } from "./client-window.ts";

const protocolError = expect.objectContaining({ code: "protocol-error" });

/** A client that counts what comes against the window it gave. */
function openClient(window: number, maxPacket = 32_768) {
  let room = window;
  let stream = "";
  const messages: Buffer[] = [];
  const send = (payload: Uint8Array): void => {
    const copy = Buffer.from(payload);
    messages.push(copy);
    if (!msg.isData(copy)) return;
    const data = msg.dataOf(copy);
    room -= data.length;
    if (room < 0) throw new Error("the window was overrun");
    if (data.length > maxPacket) throw new Error("a message was too large");
    stream += data.toString("latin1");
  };
  const gate = new ClientWindow({ channel: 7, window, maxPacket, send });
  const adjust = (bytes: number): number => {
    room += bytes;
    return gate.adjust(bytes);
  };
  return { gate, adjust, messages, taken: () => stream, room: () => room };
}

const fromTarget = (gate: ClientWindow, text: string): void => {
  gate.receive(text.length);
  gate.pass(msg.encodeChannelData(7, Buffer.from(text)), text.length);
};

describe("ClientWindow", () => {
  test("keeps a little from the target, for what the gate says", () => {
    const { gate, taken, adjust } = openClient(100_000, 100_000);
    expect(gate.promised).toBe(100_000 - 4096);
    fromTarget(gate, "x".repeat(gate.promised));
    gate.say("good-bye");
    expect(taken().endsWith("xgood-bye")).toBe(true);
    // What was said is made good first.
    expect(adjust(1000)).toBe(992);
  });

  test("a target that sends more than it may ends the session", () => {
    const { gate } = openClient(1000);
    expect(() => gate.receive(1001)).toThrow(protocolError);
  });

  test("a window beyond RFC 4254's largest ends the session", () => {
    const { gate } = openClient(2 ** 32 - 1);
    expect(() => gate.adjust(1)).toThrow(protocolError);
  });

  test("what a full client has no room for waits, and everything behind it", () => {
    const { gate, adjust, messages, taken } = openClient(10, 4);
    gate.add(Buffer.from("own answer"));
    fromTarget(gate, "0123456789");
    gate.follow(msg.encodeChannelEof(7));
    expect(taken()).toBe("own answer");
    expect(adjust(6)).toBe(0);
    expect(messages.at(-1)).not.toEqual(msg.encodeChannelEof(7));
    expect(adjust(10)).toBe(6);
    expect(taken()).toBe("own answer0123456789");
    expect(messages.at(-1)).toEqual(msg.encodeChannelEof(7));
  });

  test("a client that takes no answers ends the session, at a bounded amount", () => {
    const { gate } = openClient(1000);
    const answers = (): void => {
      for (let index = 0; index < 2000; index += 1) gate.add(Buffer.alloc(1000));
    };
    expect(answers).toThrow(protocolError);
    expect(gate.waitingBytes).toBeLessThan(1_100_000);
  });

  test("whatever is mixed: order kept, nothing lost, the window never overrun", () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant("target" as const), bytes: fc.integer({ min: 0, max: 3000 }) }),
      fc.record({ kind: fc.constant("gate" as const), bytes: fc.integer({ min: 1, max: 500 }) }),
      fc.record({ kind: fc.constant("adjust" as const), bytes: fc.integer({ min: 0, max: 5000 }) }),
      fc.record({ kind: fc.constant("lend" as const), bytes: fc.integer({ min: 0, max: 2000 }) }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60_000 }), fc.array(step, { maxLength: 60 }), (window, steps) => {
        const { gate, adjust, taken } = openClient(window, 1000);
        let sent = "";
        let given = 0;
        for (const [index, { kind, bytes }] of steps.entries()) {
          const text = String.fromCodePoint(97 + (index % 26));
          if (kind === "adjust") given += bytes - Math.max(0, adjust(bytes));
          else if (kind === "lend") gate.lend(bytes);
          else if (kind === "gate") {
            gate.add(Buffer.from(text.repeat(bytes)));
            sent += text.repeat(bytes);
          } else {
            const part = text.repeat(Math.min(bytes, gate.promised, 1000));
            fromTarget(gate, part);
            sent += part;
          }
        }
        adjust(sent.length + given);
        expect(taken()).toBe(sent);
        expect(gate.waitingBytes).toBe(0);
      }),
    );
  });

  test("a client that closes: data that waits is dropped, what was behind it comes, and nothing waits any more", () => {
    const { gate, taken, messages } = openClient(10);
    gate.add(Buffer.from("0123456789 and more"));
    gate.follow(msg.encodeChannelEof(7));
    gate.close();
    gate.add(Buffer.from("later"));
    gate.follow(msg.encodeChannelClose(7));
    expect(taken()).toBe("0123456789");
    expect(messages.slice(-2)).toEqual([msg.encodeChannelEof(7), msg.encodeChannelClose(7)]);
    expect(gate.waitingBytes).toBe(0);
  });

  test("a target that sends crumbs while data waits: together they pass as they came, too many that cannot be are a fault", () => {
    const { gate, taken, adjust } = openClient(20_000);
    gate.add(Buffer.alloc(10_000, "a"));
    gate.add(Buffer.alloc(10_001, "b"));
    for (let count = 0; count < 5000; count += 1) fromTarget(gate, "c");
    adjust(20_000);
    expect(taken()).toBe("a".repeat(10_000) + "b".repeat(10_001) + "c".repeat(5000));
    adjust(100_000);
    gate.add(Buffer.alloc(200_000, "d"));
    const crumbs = (): void => {
      for (let count = 0; count < 5000; count += 1) {
        const type = count % 2;
        gate.pass(type === 0 ? msg.encodeChannelData(7, Buffer.of(0)) : msg.encodeChannelExtendedData(7, type, Buffer.of(0)), 1);
      }
    };
    expect(crumbs).toThrow(protocolError);
  });
});
