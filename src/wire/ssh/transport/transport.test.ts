import { generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { connectPair, type Pair, type PairOptions } from "../../../../test/kit/ssh-pair.ts";
import { DEFAULT_ALGORITHMS } from "../algorithms/preferences.ts";
import { signerFromPrivateKey, type KeySigner } from "../keys/signer.ts";
import { encodeKexInit } from "./kexinit.ts";

const only = (part: Partial<typeof DEFAULT_ALGORITHMS>): PairOptions => ({ algorithms: { ...DEFAULT_ALGORITHMS, ...part } });

async function openPair(options: PairOptions = {}): Promise<Pair> {
  const pair = connectPair(options);
  await pair.settle();
  expect(pair.server.errors.concat(pair.client.errors)).toEqual([]);
  expect([pair.server.transport.phase, pair.client.transport.phase]).toEqual(["open", "open"]);
  pair.server.transport.markAuthenticated();
  pair.client.transport.markAuthenticated();
  return pair;
}

/** Sends numbered payloads of many sizes both ways, with a key exchange in the middle started by each side, and compares. */
async function exchangePayloads(pair: Pair): Promise<void> {
  const sizes = [1, 2, 7, 8, 9, 15, 16, 17, 100, 1000, 32_768, 200_000];
  const payloads = sizes.map((size, index) => Buffer.alloc(size, index).fill(80 + index, 0, 1));
  for (const [from, to] of [
    [pair.server, pair.client],
    [pair.client, pair.server],
  ] as const) {
    for (const payload of payloads) from.transport.send(payload);
    from.transport.rekey();
    expect(from.transport.isRekeying).toBe(true);
    for (const payload of payloads) from.transport.send(payload);
    expect(from.transport.queuedBytes).toBeGreaterThan(200_000);
    await pair.settle();
    expect(from.transport.queuedBytes).toBe(0);
    expect([from.errors, to.errors]).toEqual([[], []]);
    expect(to.payloads.length).toBe(payloads.length * 2);
    expect(to.payloads.every((payload, index) => payload.equals(payloads[index % payloads.length] ?? Buffer.alloc(0)))).toBe(true);
  }
  expect(pair.server.exchanges.map(({ first }) => first)).toEqual([true, false, false]);
  expect(pair.client.exchanges.map(({ first }) => first)).toEqual([true, false, false]);
}

describe("every algorithm carries payloads both ways, through new keys", () => {
  test.each(DEFAULT_ALGORITHMS.keyExchange)("%s", async (name) => {
    const pair = await openPair(only({ keyExchange: [name] }));
    await exchangePayloads(pair);
    expect(pair.client.exchanges[0]).toMatchObject({ keyExchange: name, strict: true });
    expect(pair.client.transport.sessionId).toEqual(pair.server.transport.sessionId);
  });

  const suites = DEFAULT_ALGORITHMS.cipher.flatMap((cipher) =>
    cipher.includes("gcm") ? [[cipher, ""] as const] : DEFAULT_ALGORITHMS.mac.map((mac) => [cipher, mac] as const),
  );
  test.each(suites)("%s %s", async (cipher, mac) => {
    const pair = await openPair(only({ cipher: [cipher], mac: mac === "" ? DEFAULT_ALGORITHMS.mac : [mac] }));
    await exchangePayloads(pair);
    expect(pair.server.exchanges[0]).toMatchObject({ cipherToServer: cipher, cipherToClient: cipher, macToServer: mac, macToClient: mac });
  });

  const keys: [string, KeySigner][] = [
    ["ssh-ed25519", signerFromPrivateKey(generateKeyPairSync("ed25519").privateKey)],
    ["ecdsa-sha2-nistp256", signerFromPrivateKey(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey)],
    ["ecdsa-sha2-nistp384", signerFromPrivateKey(generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey)],
    ["ecdsa-sha2-nistp521", signerFromPrivateKey(generateKeyPairSync("ec", { namedCurve: "P-521" }).privateKey)],
    ["rsa-sha2-256", signerFromPrivateKey(generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey)],
    ["rsa-sha2-512", signerFromPrivateKey(generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey)],
  ];
  test.each(keys)("host key %s", async (name, key) => {
    const pair = await openPair({ ...only({ hostKey: [name] }), hostKeys: [key] });
    await exchangePayloads(pair);
    expect(pair.client.exchanges[0]).toMatchObject({ hostKey: name });
  });
});

test("bytes that come one by one are the same as bytes that come together", async () => {
  const link = (bytes: Buffer): Buffer[] => Array.from(bytes, (byte) => Buffer.of(byte));
  const pair = await openPair({ ...only({ keyExchange: ["curve25519-sha256"] }), link });
  const payloads = [1, 20, 300].map((size) => Buffer.alloc(size, 90));
  for (const payload of payloads) pair.client.transport.send(payload);
  pair.client.transport.rekey();
  for (const payload of payloads) pair.client.transport.send(payload);
  await pair.settle();
  expect(pair.server.payloads).toEqual([...payloads, ...payloads]);
});

test("what is sent in one turn goes out as one write", async () => {
  const pair = await openPair();
  const before = pair.client.writes;
  for (let i = 0; i < 50; i += 1) pair.client.transport.send(Buffer.alloc(100, 90));
  await pair.settle();
  expect(pair.client.writes - before).toBe(1);
  expect(pair.server.payloads.length).toBe(50);
});

describe("keys change by themselves", () => {
  test("after so many bytes, while the application keeps sending", async () => {
    const pair = await openPair({ rekey: { bytes: 100_000 } });
    let sent = 0;
    for (; sent < 100; sent += 1) {
      pair.client.transport.send(Buffer.alloc(10_000, 90));
      if (sent % 10 === 9) await pair.settle();
    }
    await pair.settle();
    expect(pair.server.payloads.length).toBe(100);
    expect(pair.server.exchanges.length).toBeGreaterThan(5);
  });

  test("after so many packets", async () => {
    const pair = await openPair({ rekey: { packets: 20 } });
    for (let i = 0; i < 30; i += 1) pair.client.transport.send(Buffer.of(90));
    await pair.settle();
    expect(pair.server.exchanges.length).toBe(2);
    expect(pair.server.payloads.length).toBe(30);
  });

  test("after so long", async () => {
    let now = 0;
    const pair = await openPair({ elapsed: () => now, rekey: { elapsedMs: 1000 } });
    now = 999;
    pair.client.transport.send(Buffer.of(90));
    await pair.settle();
    expect(pair.server.exchanges.length).toBe(1);
    now = 1000;
    pair.client.transport.send(Buffer.of(90));
    await pair.settle();
    expect(pair.server.exchanges.length).toBe(2);
  });

  test("not before the user is known", async () => {
    const pair = connectPair({ rekey: { packets: 2 } });
    await pair.settle();
    for (let i = 0; i < 30; i += 1) pair.client.transport.send(Buffer.of(90));
    await pair.settle();
    expect(pair.server.exchanges.length).toBe(1);
  });

  test("asked for by both at the same moment", async () => {
    const pair = await openPair();
    pair.client.transport.rekey();
    pair.server.transport.rekey();
    await pair.settle();
    expect(pair.server.exchanges.length).toBe(2);
    expect(pair.client.exchanges.length).toBe(2);
  });

  test("a peer without a user may not ask for ever", async () => {
    const pair = connectPair();
    await pair.settle();
    for (let i = 0; i < 6; i += 1) {
      pair.client.transport.rekey();
      await pair.settle();
    }
    expect(pair.server.errors).toEqual([{ code: "protocol-error", detail: "too many key exchanges without a user" }]);
  });
});

describe("sending during a key exchange", () => {
  test("is held back above a mebibyte, and goes on", async () => {
    const pair = await openPair();
    pair.client.transport.rekey();
    const full = Array.from({ length: 40 }, () => pair.client.transport.send(Buffer.alloc(32_768, 90)));
    expect(full.indexOf(false)).toBe(31);
    await pair.settle();
    expect(pair.client.events).toContain("drain");
    expect(pair.server.payloads.length).toBe(40);
    expect(pair.client.transport.send(Buffer.of(90))).toBe(true);
  });

  test("without holding back ends the connection", async () => {
    const pair = await openPair();
    pair.client.transport.rekey();
    for (let i = 0; i < 70; i += 1) pair.client.transport.send(Buffer.alloc(250_000, 90));
    expect(pair.client.errors).toEqual([{ code: "protocol-error", detail: "too much waits for the end of a key exchange" }]);
  });

  test("input waits for a slow decision in order, and the owner is told to stop reading", async () => {
    let decide: (verdict: boolean) => void = () => {};
    let asked = 0;
    const verifyHostKey = (): Promise<boolean> => {
      asked += 1;
      return asked === 1 ? Promise.resolve(true) : new Promise((resolve) => (decide = resolve));
    };
    const pair = connectPair({ verifyHostKey });
    await pair.settle();
    pair.server.transport.markAuthenticated();
    pair.client.transport.markAuthenticated();
    pair.server.transport.rekey();
    for (let i = 0; i < 3; i += 1) pair.server.transport.send(Buffer.alloc(30_000, 90 + i));
    // The decision is awaited: settling would wait for ever, so the link is driven by turns of the event loop.
    const settled = pair.settle();
    for (let i = 0; i < 20; i += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(asked).toBe(2);
    expect(pair.client.payloads.length).toBe(0);
    decide(true);
    await settled;
    expect(pair.client.events).toEqual(["extensions", "want-input"]);
    expect(pair.client.payloads.map((payload) => payload[0])).toEqual([90, 91, 92]);
  });
});

test("between its KEXINIT and its NEWKEYS a peer may send nothing but the exchange", async () => {
  const pair = await openPair();
  // As a payload: our own side then does not know that it is in an exchange, and holds nothing back.
  pair.client.transport.send(encodeKexInit("client", DEFAULT_ALGORITHMS, Buffer.alloc(16), false));
  pair.client.transport.send(Buffer.of(90));
  await pair.settle();
  expect(pair.server.errors).toEqual([{ code: "protocol-error", detail: "message 90 came during a key exchange" }]);
  expect(pair.server.payloads).toEqual([]);
});

test("who sends on and on while a decision is awaited is cut off", async () => {
  let decide: (verdict: boolean) => void = () => {};
  const pair = connectPair({ verifyHostKey: () => new Promise((resolve) => (decide = resolve)) });
  const settled = pair.settle();
  for (let i = 0; i < 10; i += 1) await new Promise((resolve) => setImmediate(resolve));
  expect(pair.client.transport.receive(Buffer.alloc(1000))).toBe(true);
  expect(pair.client.transport.receive(Buffer.alloc(100_000))).toBe(false);
  expect(pair.client.errors).toEqual([]);
  pair.client.transport.receive(Buffer.alloc(4_194_304));
  expect(pair.client.errors).toEqual([{ code: "protocol-error", detail: "the peer sends on while a decision is awaited" }]);
  decide(true);
  await settled;
  expect(pair.client.exchanges).toEqual([]);
});

test("a host key that is not the right one ends it on both sides, before anything is sent", async () => {
  const pair = connectPair({ verifyHostKey: () => Promise.resolve(false) });
  pair.client.transport.send(Buffer.of(5));
  await pair.settle();
  expect(pair.client.errors).toEqual([{ code: "target-untrusted", detail: "its key is ssh-ed25519" }]);
  expect(pair.server.disconnects).toEqual([{ reason: 9, description: "Host key not verifiable" }]);
  expect(pair.server.payloads).toEqual([]);
});

test("a host key decision that fails is no yes", async () => {
  const pair = connectPair({ verifyHostKey: () => Promise.reject(new Error("no store")) });
  await pair.settle();
  expect(pair.client.errors).toMatchObject([{ code: "internal" }]);
  expect(pair.client.exchanges).toEqual([]);
});

test("a host that does not hold its key is refused", async () => {
  const [real, other] = [generateKeyPairSync("ed25519"), generateKeyPairSync("ed25519")].map(({ privateKey }) =>
    signerFromPrivateKey(privateKey),
  );
  if (real === undefined || other === undefined) throw new Error("no keys");
  const forged: KeySigner = { blob: real.blob, algorithms: real.algorithms, sign: (data, name) => other.sign(data, name) };
  const pair = connectPair({ hostKeys: [forged] });
  await pair.settle();
  expect(pair.client.errors).toEqual([{ code: "protocol-error", detail: "the host's signature of the key exchange is wrong" }]);
  expect(pair.client.exchanges).toEqual([]);
});

test("without a common algorithm both are told", async () => {
  const pair = connectPair({
    ...only({ cipher: ["aes128-ctr"] }),
    clientAlgorithms: { ...DEFAULT_ALGORITHMS, cipher: ["aes128-gcm@openssh.com"] },
  });
  await pair.settle();
  expect(pair.server.errors[0]?.detail).toContain("there is no common cipher");
  expect(pair.client.errors.length + pair.client.disconnects.length).toBe(1);
});

describe("messages of the transport itself", () => {
  test("a ping is answered, once the peer said that it answers", async () => {
    const pair = await openPair();
    expect(pair.server.transport.ping()).toBe(false);
    expect(pair.client.transport.ping(Buffer.from("still there?"))).toBe(true);
    await pair.settle();
    expect(pair.client.events).toContain("pong still there?");
    expect(pair.client.transport.peerExtensions.signatureAlgorithms).toContain("rsa-sha2-512");
    expect(pair.client.transport.peerExtensions.signatureAlgorithms).not.toContain("ssh-rsa");
  });

  test("IGNORE is ignored, DEBUG and UNIMPLEMENTED are told, an unknown number is answered", async () => {
    const pair = await openPair();
    pair.client.transport.sendIgnore(Buffer.from("nothing"));
    pair.client.transport.send(Buffer.of(4, 1, 0, 0, 0, 2, 0x68, 0x69, 0, 0, 0, 0));
    pair.client.transport.send(Buffer.of(19));
    await pair.settle();
    expect(pair.server.events).toEqual(["debug hi"]);
    // Strict: numbers began at zero with the keys; ignore 0, debug 1, this 2.
    expect(pair.client.events.at(-1)).toBe("unimplemented 2");
    expect(pair.server.payloads).toEqual([]);
  });

  test("a goodbye arrives, and nothing after it", async () => {
    const pair = await openPair();
    pair.client.transport.send(Buffer.of(90));
    pair.client.transport.disconnect(11, "bye");
    pair.client.transport.send(Buffer.of(91));
    await pair.settle();
    expect(pair.server.disconnects).toEqual([{ reason: 11, description: "bye" }]);
    expect(pair.server.payloads).toEqual([Buffer.of(90)]);
    expect(pair.server.transport.phase).toBe("closed");
  });

  test("a layer above that throws ends the connection", async () => {
    const pair = await openPair();
    pair.server.transport.onPayload = () => {
      throw new TypeError("a fault of ours");
    };
    pair.client.transport.send(Buffer.of(90));
    await pair.settle();
    expect(pair.server.errors).toMatchObject([{ code: "internal" }]);
    expect(pair.client.disconnects).toEqual([{ reason: 2, description: "Protocol error" }]);
  });
});

describe("hostile bytes", () => {
  test("any bytes at all end cleanly, in either role", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom("server" as const, "client" as const),
        fc.constantFrom("", "SSH-2.0-x\r\n", "SSH-2.0-x\r\n\0\0\0\x0c\x04\x14"),
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 400 }), { maxLength: 5 }),
        async (role, start, chunks) => {
          const pair = connectPair({ link: () => [] });
          const { transport, errors, payloads } = pair[role];
          for (const chunk of [Buffer.from(start, "latin1"), ...chunks]) transport.receive(Buffer.from(chunk));
          await pair.settle();
          expect(payloads).toEqual([]);
          expect(errors.length).toBe(transport.phase === "closed" ? 1 : 0);
          expect(errors.every(({ code }) => code === "protocol-error")).toBe(true);
        },
      ),
      { numRuns: 200 },
    );
  });

  test.each(["aes128-gcm@openssh.com", "aes128-ctr"])("one flipped bit anywhere ends it and delivers nothing: %s", async (cipher) => {
    for (const mac of cipher === "aes128-ctr" ? DEFAULT_ALGORITHMS.mac : ["hmac-sha2-256"]) {
      for (let bit = 0; bit < 8 * 48; bit += 5) {
        let armed = false;
        const link = (bytes: Buffer, to: string): Buffer[] => {
          if (!armed || to !== "server") return [bytes];
          bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
          return [bytes];
        };
        const pair = await openPair({ ...only({ cipher: [cipher], mac: [mac], keyExchange: ["curve25519-sha256"] }), link });
        armed = true;
        for (let i = 0; i < 3; i += 1) pair.client.transport.send(Buffer.alloc(16, 90));
        pair.client.transport.flush();
        await pair.settle();
        // A longer length may only wait for more; the rest of a long message shows it.
        pair.client.transport.send(Buffer.alloc(250_000, 91));
        await pair.settle();
        expect(pair.server.payloads).toEqual([]);
        expect(pair.server.errors).toMatchObject([{ code: "protocol-error" }]);
        expect(pair.client.disconnects.map(({ description }) => description)).toSatisfy((texts: string[]) =>
          texts.every((text) => text === "Corrupted packet" || text === "Protocol error"),
        );
      }
    }
  });

  test("a repeated, left out or reordered packet ends it", async () => {
    for (const bend of [
      (parts: Buffer[]) => [...parts.slice(0, 1), ...parts],
      (parts: Buffer[]) => parts.slice(1),
      (parts: Buffer[]) => parts.toReversed(),
    ]) {
      let held: Buffer[] | undefined;
      const link = (bytes: Buffer, to: string): Buffer[] => {
        if (held === undefined || to !== "server") return [bytes];
        held.push(Buffer.from(bytes));
        return [];
      };
      const pair = await openPair({ ...only({ keyExchange: ["curve25519-sha256"] }), link });
      const captured: Buffer[] = [];
      held = captured;
      for (let i = 0; i < 3; i += 1) {
        pair.client.transport.send(Buffer.alloc(16, 90 + i));
        pair.client.transport.flush();
      }
      for (const bytes of bend(captured)) pair.server.transport.receive(bytes);
      expect(pair.server.errors).toEqual([{ code: "protocol-error", detail: "a packet's authentication tag is wrong" }]);
      expect(pair.server.payloads.length).toBeLessThan(2);
    }
  });
});
