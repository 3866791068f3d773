import { createCipheriv } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CIPHERS, MACS } from "../algorithms/ciphers.ts";
import { createOpener, createSealer, PLAIN, type PacketOpener, type PacketSealer } from "../algorithms/packet-protection.ts";
import { BufferPool } from "../../../kernel/buffer-pool.ts";
import { PacketReader } from "./packet-reader.ts";
import { PacketWriter } from "./packet-writer.ts";

const zeros = { bytes: (length: number) => Buffer.alloc(length) };
const keys = { iv: Buffer.alloc(16, 1), key: Buffer.alloc(32, 2), macKey: Buffer.alloc(64, 3) };

interface Protection {
  readonly name: string;
  readonly sealer: () => PacketSealer;
  readonly opener: () => PacketOpener;
}

const protections: Protection[] = [
  { name: "none", sealer: () => PLAIN, opener: () => PLAIN },
  ...Object.entries(CIPHERS).flatMap(([name, cipher]) => {
    const own = { ...keys, iv: keys.iv.subarray(0, cipher.ivBytes), key: keys.key.subarray(0, cipher.keyBytes) };
    const macs = cipher.authenticated ? [["", undefined] as const] : Object.entries(MACS);
    return macs.map(([mac, spec]) => ({
      name: `${name} ${mac}`,
      sealer: () => createSealer(cipher, spec, { ...own, macKey: keys.macKey.subarray(0, spec?.bytes ?? 0) }),
      opener: () => createOpener(cipher, spec, { ...own, macKey: keys.macKey.subarray(0, spec?.bytes ?? 0) }),
    }));
  }),
];

function encodeAll(payloads: readonly Uint8Array[], sealer: PacketSealer): Buffer {
  const written: Buffer[] = [];
  const writer = new PacketWriter({ write: (bytes) => void written.push(Buffer.from(bytes)) }, new BufferPool(), zeros);
  writer.setSealer(sealer, false);
  for (const payload of payloads) writer.write(payload);
  writer.flush();
  return Buffer.concat(written);
}

function decodeAll(chunks: readonly Buffer[], opener: PacketOpener, maxPacket = 262_144): Buffer[] {
  const reader = new PacketReader(maxPacket);
  reader.setOpener(opener, false);
  const payloads: Buffer[] = [];
  for (const chunk of chunks) {
    reader.push(Buffer.from(chunk));
    for (let payload = reader.next(); payload !== undefined; payload = reader.next()) payloads.push(Buffer.from(payload));
  }
  return payloads;
}

const failure = { code: "protocol-error" };

describe.each(protections)("$name", ({ sealer, opener }) => {
  const payloads = [1, 3, 16, 40].map((size) => Buffer.alloc(size, size));

  test("split in two at every byte boundary", () => {
    const stream = encodeAll(payloads, sealer());
    for (let at = 0; at <= stream.length; at += 1) {
      expect(decodeAll([stream.subarray(0, at), stream.subarray(at)], opener())).toEqual(payloads);
    }
  });

  test("any payloads, split anyhow", () => {
    const chunkSizes = fc.array(fc.integer({ min: 1, max: 700 }), { maxLength: 30 });
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 500 }), { maxLength: 8 }), chunkSizes, (messages, sizes) => {
        let rest = encodeAll(messages, sealer());
        const chunks = sizes.map((size) => {
          const chunk = rest.subarray(0, size);
          rest = rest.subarray(size);
          return chunk;
        });
        expect(decodeAll([...chunks, rest], opener())).toEqual(messages.map((message) => Buffer.from(message)));
      }),
      { numRuns: 30 },
    );
  });

  test("a packet has the form of RFC 4253 §6", () => {
    const { blockBytes, tagBytes, alignsLength } = sealer();
    for (let size = 1; size < 70; size += 1) {
      const length = encodeAll([Buffer.alloc(size)], sealer()).length - tagBytes;
      expect((alignsLength ? length : length - 4) % blockBytes).toBe(0);
      expect(length - size - 5).toBeGreaterThanOrEqual(4);
      expect(length - size - 5).toBeLessThan(4 + blockBytes);
    }
  });

  test("a packet larger than the limit is refused from its length alone", () => {
    const stream = encodeAll([Buffer.alloc(5000)], sealer());
    expect(() => decodeAll([stream.subarray(0, 100)], opener(), 4000)).toThrow(expect.objectContaining(failure));
  });
});

describe("aes128-gcm@openssh.com", () => {
  const { sealer } = protections.find(({ name }) => name.startsWith("aes128-gcm")) ?? protections[0]!;

  test("is AES-GCM over the packet with its length as additional data, and counts its nonce up in eight bytes", () => {
    const [first, second] = [Buffer.from("0a", "hex"), Buffer.from("0b", "hex")];
    const expected = [first, second].map((payload, index) => {
      const nonce = Buffer.alloc(12, 1);
      nonce[11] = 1 + index;
      const length = Buffer.from("00000010", "hex");
      const cipher = createCipheriv("aes-128-gcm", Buffer.alloc(16, 2), nonce);
      cipher.setAAD(length);
      const plain = Buffer.concat([Buffer.of(14), payload, Buffer.alloc(14)]);
      return Buffer.concat([length, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    });
    expect(encodeAll([first, second], sealer())).toEqual(Buffer.concat(expected));
  });

  test("carries into higher bytes of the counter and not into the fixed part", () => {
    const spec = CIPHERS["aes128-gcm@openssh.com"]!;
    const iv = Buffer.from("01020304ffffffffffffffff", "hex");
    const own = { iv, key: Buffer.alloc(16, 2), macKey: Buffer.alloc(0) };
    const stream = encodeAll([Buffer.of(1), Buffer.of(2)], createSealer(spec, undefined, own));
    const wrapped = createOpener(spec, undefined, { ...own, iv: Buffer.from("010203040000000000000000", "hex") });
    expect(wrapped.open(0, stream.subarray(36))?.subarray(1, 2)).toEqual(Buffer.of(2));
    expect(decodeAll([stream], createOpener(spec, undefined, own))).toEqual([Buffer.of(1), Buffer.of(2)]);
  });
});

describe("lengths and paddings that are not valid", () => {
  const packet = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");
  test.each([
    ["length not a multiple", "0000000d 04 14 00000000 00000000 00000000"],
    ["length zero", "00000000 00000000 00000000"],
    ["length below a padding and a message", "00000004 03 000000"],
    ["length enormous", "ffffffff 04 14"],
    ["padding below four", "0000000c 03 14 0000000000000000 0000"],
    ["padding that leaves no message", "0000000c 0b 14 0000000000000000 0000"],
    ["padding longer than the packet", "0000000c ff 14 0000000000000000 0000"],
  ])("%s", (_name, bytes) => {
    expect(() => decodeAll([packet(bytes)], PLAIN)).toThrow(expect.objectContaining(failure));
  });
});

test("the sequence number goes into the tag and wraps at 2^32", () => {
  const spec = CIPHERS["aes128-ctr"]!;
  const mac = MACS["hmac-sha2-256-etm@openssh.com"]!;
  const own = { iv: keys.iv, key: keys.key.subarray(0, 16), macKey: keys.macKey.subarray(0, 32) };
  const buf = Buffer.alloc(4 + 16 + 32);
  buf.writeUInt32BE(16, 0);
  buf[4] = 14;
  createSealer(spec, mac, own).seal(0xffff_ffff, buf, 0, 20);
  expect(createOpener(spec, mac, own).open(0xffff_ffff, buf)).toBeDefined();
  expect(createOpener(spec, mac, own).open(0, buf)).toBeUndefined();
});

test("a buffer is used again only after it was released", () => {
  const pool = new BufferPool();
  const releases: (() => void)[] = [];
  const written: Buffer[] = [];
  const output = {
    write: (bytes: Buffer, release: () => void) => {
      written.push(bytes);
      releases.push(release);
    },
  };
  const writer = new PacketWriter(output, pool, zeros);
  const sendLarge = (): ArrayBufferLike | undefined => {
    writer.write(Buffer.alloc(20_000));
    writer.flush();
    return written.at(-1)?.buffer;
  };
  const [first, second] = [sendLarge(), sendLarge()];
  expect(second).not.toBe(first);
  releases[0]?.();
  expect(sendLarge()).toBe(first);
});

describe("whose memory a chunk is", () => {
  const cipher = CIPHERS["aes128-gcm@openssh.com"];
  if (cipher === undefined) throw new Error("no such cipher");
  const own = { ...keys, iv: keys.iv.subarray(0, cipher.ivBytes), key: keys.key.subarray(0, cipher.keyBytes) };
  const payloads = [1, 2, 3].map((value) => Buffer.alloc(8192, value));

  function readerAndChunks(): { reader: PacketReader; chunks: Buffer[] } {
    const sealer = createSealer(cipher as NonNullable<typeof cipher>, undefined, own);
    const reader = new PacketReader(262_144);
    reader.setOpener(createOpener(cipher as NonNullable<typeof cipher>, undefined, own), false);
    const chunks = payloads.map((payload) => {
      const encoded = encodeAll([payload], sealer);
      const chunk = Buffer.allocUnsafeSlow(encoded.length);
      encoded.copy(chunk);
      return chunk;
    });
    return { reader, chunks };
  }

  test("one that was read may be freed before anybody asks for the next packet", () => {
    const { reader, chunks } = readerAndChunks();
    for (const [index, chunk] of chunks.entries()) {
      reader.push(chunk);
      expect(reader.keepsChunks).toBe(true);
      expect(Buffer.compare(reader.next() ?? Buffer.alloc(0), payloads[index] ?? Buffer.alloc(0))).toBe(0);
      expect(reader.keepsChunks).toBe(false);
      (chunk.buffer as ArrayBuffer).transfer(0);
      expect(reader.next()).toBeUndefined();
    }
  });

  test("one that comes when only the first of those that wait was read stays behind them", () => {
    const { reader, chunks } = readerAndChunks();
    const [first = Buffer.alloc(0), second = Buffer.alloc(0), third = Buffer.alloc(0)] = chunks;
    reader.push(first);
    reader.push(second);
    const seen = [reader.next()?.[0]];
    reader.push(third);
    seen.push(reader.next()?.[0], reader.next()?.[0]);
    expect(seen).toEqual([1, 2, 3]);
  });
});
