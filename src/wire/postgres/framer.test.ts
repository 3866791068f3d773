import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { GateError } from "../../kernel/errors.ts";
import { message } from "./fields.ts";
import { encodeQuery, FRONTEND } from "./frontend.ts";
import { Framer, type FramerOptions } from "./framer.ts";

const refused = expect.objectContaining({ code: "protocol-error" });
const copy = (text: string): Buffer => message("d", Buffer.from(text));
const query = (sql: string): Buffer => encodeQuery(sql);
const header = (type: number, length: number): Buffer => {
  const bytes = Buffer.alloc(5, type);
  bytes.writeUInt32BE(length, 1);
  return bytes;
};

function outcome(attempt: () => void): unknown {
  try {
    attempt();
    return "taken";
  } catch (error) {
    return error instanceof GateError ? error.code : error;
  }
}

/** A framer that passes CopyData, and what came out of it: neighbouring parts of what passes joined, so that splits can be compared. */
function watched(options: Partial<FramerOptions> = {}): { framer: Framer; out: string[]; bytes: () => Buffer; parts: [number, number][] } {
  const out: string[] = [];
  const all: Buffer[] = [];
  const parts: [number, number][] = [];
  const framer = new Framer({
    take: (type) => (type === FRONTEND.copyData ? "pass" : "whole"),
    maxWholeBytes: 1000,
    onMessage: (type, message) => {
      all.push(Buffer.from(message));
      out.push(`${String.fromCharCode(type)}:${message.toString("hex")}`);
    },
    onPass: (bytes) => {
      all.push(Buffer.from(bytes));
      if (out.at(-1)?.startsWith("+") === true) out.push(`${out.pop() ?? ""}${bytes.toString("hex")}`);
      else out.push(`+${bytes.toString("hex")}`);
    },
    onPart: (type, length) => parts.push([type, length]),
    ...options,
  });
  return { framer, out, bytes: () => Buffer.concat(all), parts };
}

const stream = [query("select 1"), copy("a row"), copy(""), copy("another"), message("S"), message("c"), query(""), copy("last")];

describe("every split gives the same messages and the same bytes", () => {
  const whole = Buffer.concat(stream);
  const reference = watched();
  reference.framer.push(whole);

  test("as a whole: messages are what they were, what passes side by side is one view", () => {
    expect(reference.out).toEqual([
      `Q:${stream[0]?.toString("hex")}`,
      `+${Buffer.concat(stream.slice(1, 4)).toString("hex")}`,
      "S:5300000004",
      "c:6300000004",
      `Q:${stream[6]?.toString("hex")}`,
      `+${stream[7]?.toString("hex")}`,
    ]);
    expect(reference.parts).toEqual([10, 5, 12, 9].map((length) => [FRONTEND.copyData, length]));
  });

  test("at each pair of places", () => {
    for (let first = 0; first <= whole.length; first += 1) {
      for (let second = first; second <= whole.length; second += 1) {
        const { framer, out, bytes, parts } = watched();
        for (const piece of [whole.subarray(0, first), whole.subarray(first, second), whole.subarray(second)]) {
          // A chunk of its own that is overwritten afterwards: what is kept of it must be a copy.
          const chunk = Buffer.from(piece);
          expect(framer.push(chunk)).toBe(piece.length);
          chunk.fill(0xee);
        }
        expect(out).toEqual(reference.out);
        expect(parts).toEqual(reference.parts);
        expect(bytes()).toEqual(whole);
      }
    }
  });

  test("byte by byte, and the ends of messages are known to be ends", () => {
    const { framer, out } = watched();
    const clean = [...whole].flatMap((byte, index) => (framer.push(Buffer.of(byte)), framer.isAtBoundary ? [index + 1] : []));
    expect(out).toEqual(reference.out);
    expect(clean).toEqual(stream.map((_, index) => Buffer.concat(stream.slice(0, index + 1)).length));
  });
});

describe("holding", () => {
  const whole = Buffer.concat(stream);

  test.each([[1], [3], [7], [whole.length]])(
    "at every message, in chunks of %i: nothing comes out until it is resumed, order is kept",
    (size) => {
      const expected = watched();
      expected.framer.push(whole);
      const { framer, out, bytes } = watched({
        onMessage: (type, message) => {
          record(type, message);
          framer.hold();
        },
      });
      const joined: Buffer[] = [];
      function record(type: number, message: Buffer): void {
        joined.push(Buffer.from(message));
        out.push(`${String.fromCharCode(type)}:${message.toString("hex")}`);
      }
      for (let at = 0; at < whole.length; at += size) {
        const chunk = Buffer.from(whole.subarray(at, at + size));
        framer.push(chunk);
        chunk.fill(0xee);
      }
      expect(out).toHaveLength(1);
      expect(framer.waitingBytes).toBe(whole.length - (stream[0]?.length ?? 0));
      for (let turn = 2; framer.waitingBytes > 0; turn += 1) {
        expect(framer.isHeld).toBe(true);
        framer.resume();
      }
      expect(out).toEqual(expected.out);
      expect(bytes().length + Buffer.concat(joined).length).toBe(whole.length);
    },
  );

  test("resumed inside of the message that held, with more chunks waiting: order is kept", () => {
    let decided = false;
    const seen: string[] = [];
    const framer: Framer = new Framer({
      take: () => "whole",
      maxWholeBytes: 1000,
      onMessage: (_type, message) => {
        seen.push(message.toString("latin1", 5, message.length - 1));
        framer.hold();
        if (decided) framer.resume();
      },
      onPass: () => expect.unreachable(),
    });
    framer.push(Buffer.concat([query("1"), query("2")]));
    framer.push(Buffer.concat([query("3"), query("4")]));
    framer.push(query("5"));
    expect(seen).toEqual(["1"]);
    decided = true;
    framer.resume();
    expect(seen).toEqual(["1", "2", "3", "4", "5"]);
  });

  test("a push from inside of a message is refused: its bytes would come before those that are being read", () => {
    const { framer, out } = watched({ onMessage: () => framer.push(query("2")) });
    expect(() => framer.push(Buffer.concat([query("1"), query("3")]))).toThrow(expect.objectContaining({ code: "internal" }));
    expect(out).toEqual([]);
  });

  test("however it is split and whenever it is held, everything comes out once and in order", () => {
    const message = fc.oneof(
      fc.string({ unit: "binary-ascii", maxLength: 30 }).map((sql) => query(sql.replaceAll("\0", ""))),
      fc.string({ maxLength: 30 }).map((row) => copy(row)),
    );
    const turns = fc.array(fc.record({ size: fc.integer({ min: 1, max: 60 }), holds: fc.boolean(), resumes: fc.boolean() }), {
      minLength: 1,
    });
    fc.assert(
      fc.property(fc.array(message, { maxLength: 12 }), turns, (messages, plan) => {
        const whole = Buffer.concat(messages);
        const came: Buffer[] = [];
        let [turn, early] = [0, 0];
        const next = (): (typeof plan)[number] => plan[turn++ % plan.length] ?? { size: 1, holds: false, resumes: false };
        const receive = (bytes: Buffer): void => {
          if (framer.isHeld) early += 1;
          came.push(Buffer.from(bytes));
        };
        const framer: Framer = new Framer({
          take: (type) => (type === FRONTEND.copyData ? "pass" : "whole"),
          maxWholeBytes: 1000,
          onPass: receive,
          onMessage: (_type, bytes) => {
            receive(bytes);
            const { holds, resumes } = next();
            if (holds) framer.hold();
            if (resumes) framer.resume();
          },
        });
        for (let at = 0; at < whole.length;) {
          const { size, resumes } = next();
          const chunk = Buffer.from(whole.subarray(at, at + size));
          framer.push(chunk);
          chunk.fill(0xee);
          if (resumes) framer.resume();
          at += size;
        }
        while (framer.isHeld) framer.resume();
        expect(Buffer.concat(came)).toEqual(whole);
        expect([framer.waitingBytes, framer.isAtBoundary, early]).toEqual([0, true, 0]);
      }),
      { numRuns: 2000 },
    );
  });

  test("how much of the chunk was taken is said", () => {
    const { framer } = watched({ onMessage: () => framer.hold() });
    expect(framer.push(Buffer.concat([query("1"), query("2")]))).toBe(query("1").length);
    expect(framer.push(query("3"))).toBe(0);
  });
});

describe("refused before anything is kept", () => {
  test.each<[string, Buffer]>([
    ["shorter than its own length", header(FRONTEND.query, 3)],
    ["no length", header(FRONTEND.query, 0)],
    ["a negative length", header(FRONTEND.query, 0xffff_ffff)],
    ["the smallest negative length", header(FRONTEND.copyData, 0x8000_0000)],
    ["longer than what is taken whole", header(FRONTEND.query, 1000)],
    ["longer than a gigabyte, and passing", header(FRONTEND.copyData, 0x4000_0000)],
  ])("%s", (_name, bytes) => {
    const whole = watched();
    expect(() => whole.framer.push(bytes)).toThrow(refused);
    const split = watched();
    expect(() => [...bytes].map((byte) => split.framer.push(Buffer.of(byte)))).toThrow(refused);
    expect([...whole.out, ...split.out]).toEqual([]);
    // Fails closed: what follows is not read as if nothing had been.
    expect(() => whole.framer.push(query("select 1"))).toThrow(refused);
    expect(() => split.framer.resume()).toThrow(refused);
    expect([...whole.out, ...split.out]).toEqual([]);
  });

  test("exactly the bound is taken", () => {
    const { framer, out } = watched();
    framer.push(query("x".repeat(994)));
    expect(out).toHaveLength(1);
    expect(() => framer.push(query("x".repeat(995)))).toThrow(refused);
  });

  test("a type that `take` refuses, and everything after it", () => {
    const { framer, out } = watched({
      take: (type) => {
        if (type === 0) throw new RangeError("no such type");
        return "whole";
      },
    });
    expect(() => framer.push(Buffer.concat([query("1"), header(0, 4), query("2")]))).toThrow(RangeError);
    expect(out).toHaveLength(1);
  });
});

test("what is dropped comes out nowhere, however the stream is split, and what stands around it does", () => {
  const dropped = copy("dropped");
  const stream = Buffer.concat([copy("a"), dropped, query("select 1"), dropped, dropped, copy("b"), copy("c"), dropped]);
  const expected = Buffer.concat([copy("a"), query("select 1"), copy("b"), copy("c")]);
  for (let first = 0; first <= stream.length; first += 1) {
    for (let second = first; second <= stream.length; second += 1) {
      const { framer, bytes } = watched({
        take: (type, length) => (type !== FRONTEND.copyData ? "whole" : length === dropped.length ? "drop" : "pass"),
      });
      for (const part of [stream.subarray(0, first), stream.subarray(first, second), stream.subarray(second)]) framer.push(part);
      expect(bytes()).toEqual(expected);
      expect(framer.isAtBoundary).toBe(true);
    }
  }
});

test("in the middle of what is dropped its reader stands at a boundary", () => {
  const { framer } = watched({ take: () => "drop" });
  framer.push(header(FRONTEND.copyData, 1000));
  framer.push(Buffer.alloc(10));
  expect(framer.isAtBoundary).toBe(true);
});

test("a field of a gigabyte passes as views, without a copy", () => {
  const chunk = Buffer.alloc(1 << 20);
  let [passed, copied] = [0, 0];
  const framer = new Framer({
    take: () => "pass",
    maxWholeBytes: 0,
    onMessage: () => expect.unreachable(),
    onPass: (bytes) => {
      passed += bytes.length;
      if (bytes.buffer !== chunk.buffer) copied += bytes.length;
    },
  });
  framer.push(header(FRONTEND.copyData, 0x3fff_ffff));
  copied = 0;
  for (let left = 0x3fff_fffb; left > 0; left -= chunk.length) framer.push(chunk.subarray(0, Math.min(left, chunk.length)));
  expect([passed, copied]).toEqual([0x4000_0000, 0]);
  expect(framer.isAtBoundary).toBe(true);
});

test("a long message in single bytes is gathered in one growing piece of memory", () => {
  const message = query("x".repeat(300_000));
  const seen: Buffer[] = [];
  const framer = new Framer({
    take: () => "whole",
    maxWholeBytes: 1 << 20,
    onMessage: (_type, bytes) => seen.push(bytes),
    onPass: () => expect.unreachable(),
  });
  for (let at = 0; at < message.length; at += 1) framer.push(message.subarray(at, at + 1));
  expect(seen).toEqual([message]);
  expect(seen[0]?.buffer.byteLength).toBe(message.length);
});

test("arbitrary bytes come out in order or are refused", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 10 }), (chunks) => {
      const { framer, bytes } = watched({ take: (type) => (type % 2 === 0 ? "pass" : "whole") });
      const whole = Buffer.concat(chunks);
      expect(["taken", "protocol-error"]).toContain(outcome(() => chunks.forEach((chunk) => framer.push(Buffer.from(chunk)))));
      expect(bytes()).toEqual(whole.subarray(0, bytes().length));
    }),
    { numRuns: 1000 },
  );
});
