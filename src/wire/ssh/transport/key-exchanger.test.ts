/** What a peer that does not keep to the order of RFC 4253 §7 gets. The peer here writes plain packets by hand. */
import { expect, describe, test } from "vitest";
import { connectPair } from "../../../../test/kit/ssh-pair.ts";
import { PLAIN } from "../algorithms/packet-protection.ts";
import { DEFAULT_ALGORITHMS } from "../algorithms/preferences.ts";
import { Writer } from "../io/writer.ts";
import { BufferPool } from "../../../kernel/buffer-pool.ts";
import { encodeKexInit, negotiate, parseKexInit, type KexInit } from "./kexinit.ts";
import { PacketWriter } from "./packet-writer.ts";

const zeros = { bytes: (length: number) => Buffer.alloc(length) };
const strictInit = encodeKexInit("client", DEFAULT_ALGORITHMS, Buffer.alloc(16), true);
const laxInit = encodeKexInit("client", DEFAULT_ALGORITHMS, Buffer.alloc(16), false);
const ignore = Buffer.of(2, 0, 0, 0, 0);
const newKeys = Buffer.of(21);
const curveInit = new Writer().byte(30).string(Buffer.alloc(32, 9)).toBuffer();

/** What a fresh server says to these plain messages. */
async function tell(...messages: Buffer[]): Promise<{ errors: (string | undefined)[]; payloads: number; writes: number }> {
  const pair = connectPair({ link: () => [] });
  const { transport, errors, payloads } = pair.server;
  const output = { write: (bytes: Buffer) => void transport.receive(Buffer.from(bytes)) };
  const writer = new PacketWriter(output, new BufferPool(), zeros);
  writer.setSealer(PLAIN, false);
  writer.writeRaw(Buffer.from("SSH-2.0-peer\r\n"));
  for (const message of messages) {
    writer.write(message);
    writer.flush();
    await pair.settle();
  }
  return { errors: errors.map(({ detail }) => detail), payloads: payloads.length, writes: pair.server.writes };
}

describe("refused", () => {
  test.each<[string, Buffer[], string]>([
    ["a service before keys", [new Writer().byte(5).string("ssh-userauth").toBuffer()], "message 5 came during a key exchange"],
    ["a channel before keys", [Buffer.of(90)], "message 90 came during a key exchange"],
    ["NEWKEYS at once", [newKeys], "a key exchange message is out of order"],
    ["NEWKEYS after KEXINIT", [strictInit, newKeys], "a key exchange message is out of order"],
    ["INIT before KEXINIT", [curveInit], "a key exchange message is out of order"],
    ["KEXINIT twice", [strictInit, strictInit], "a key exchange message is out of order"],
    ["a REPLY to a server", [strictInit, new Writer().byte(31).string("").toBuffer()], "a key exchange message is out of order"],
    ["IGNORE before a strict KEXINIT", [ignore, strictInit], "the first packet of a strict key exchange is not KEXINIT"],
    ["IGNORE within a strict exchange", [strictInit, ignore], "message 2 came during a key exchange"],
    ["EXT_INFO within any exchange", [laxInit, Buffer.of(7, 0, 0, 0, 0)], "message 7 came during a key exchange"],
    ["a KEXINIT with a tail", [Buffer.concat([strictInit, Buffer.of(0)])], "1 bytes follow the end of a message"],
    ["a KEXINIT cut short", [strictInit.subarray(0, -1)], "a message ends in the middle of a value"],
    ["an enormous KEXINIT", [Buffer.concat([strictInit, Buffer.alloc(32_768)])], "a KEXINIT is too long"],
  ])("%s", async (_name, messages, detail) => {
    expect(await tell(...messages)).toMatchObject({ errors: [detail], payloads: 0 });
  });

  test.each(["", "00".repeat(32), "01".repeat(31), "01".repeat(33)])("an X25519 value that is not one: %s", async (value) => {
    const init = encodeKexInit("client", { ...DEFAULT_ALGORITHMS, keyExchange: ["curve25519-sha256"] }, Buffer.alloc(16), true);
    const { errors } = await tell(init, new Writer().byte(30).string(Buffer.from(value, "hex")).toBuffer());
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(/X25519/);
  });
});

test("without strict mode, IGNORE may come at any time", async () => {
  expect(await tell(ignore, laxInit, ignore)).toMatchObject({ errors: [] });
});

describe("a guessed packet (RFC 4253 §7)", () => {
  const follows = (keyExchange: string[]): Buffer => {
    const offer = { ...DEFAULT_ALGORITHMS, keyExchange, hostKey: ["ssh-ed25519"] };
    const init = encodeKexInit("client", offer, Buffer.alloc(16), true);
    init[init.length - 5] = 1;
    return init;
  };

  test("is used when the guess was right", async () => {
    const { errors } = await tell(follows(["mlkem768x25519-sha256"]), new Writer().byte(30).string(Buffer.alloc(1216)).toBuffer());
    expect(errors[0]).toMatch(/X25519/);
  });

  test("is dropped when it was wrong, and the next one counts", async () => {
    const wrong = await tell(follows(["curve25519-sha256"]), Buffer.of(30, 1, 2, 3));
    expect(wrong).toMatchObject({ errors: [], writes: 1 });
    const right = await tell(follows(["curve25519-sha256"]), Buffer.of(30, 1, 2, 3), curveInit);
    expect(right).toMatchObject({ errors: [], writes: 2 });
  });
});

describe("the choice of algorithms (RFC 4253 §7.1)", () => {
  const lists = (part: Partial<KexInit>): KexInit => ({ ...parseKexInit(laxInit), ...part });

  test("the client's order wins, in each direction", () => {
    const client = lists({
      cipherToServer: ["aes256-ctr", "aes128-ctr"],
      cipherToClient: ["aes128-ctr", "aes256-ctr"],
      hostKey: ["b", "a"],
    });
    const server = lists({
      cipherToServer: ["aes128-ctr", "aes256-ctr"],
      cipherToClient: ["aes256-ctr", "aes128-ctr"],
      hostKey: ["a", "b"],
    });
    const chosen = negotiate(client, server, "server");
    expect(chosen).toMatchObject({ hostKey: "b", toServer: { cipherName: "aes256-ctr" }, toClient: { cipherName: "aes128-ctr" } });
  });

  test("a cipher with a tag of its own needs no MAC in common; one without does", () => {
    const [client, server] = [lists({ macToServer: ["x"] }), lists({ macToServer: ["y"] })];
    expect(negotiate(client, server, "client").toServer.mac).toBeUndefined();
    const ctr = { cipherToServer: ["aes128-ctr"] };
    expect(() => negotiate({ ...client, ...ctr }, { ...server, ...ctr }, "client")).toThrow(expect.objectContaining({ reason: 3 }));
  });

  test("markers and names of objects are no algorithms", () => {
    for (const name of ["ext-info-c", "constructor", "__proto__"]) {
      const both = lists({ keyExchange: [name] });
      expect(() => negotiate(both, both, "server")).toThrow(expect.objectContaining({ reason: 3 }));
      const ciphers = lists({ cipherToServer: [name] });
      expect(() => negotiate(ciphers, ciphers, "server")).toThrow(expect.objectContaining({ reason: 3 }));
    }
  });

  test("compression is refused", () => {
    const [client, server] = [lists({ compressionToClient: ["zlib"] }), lists({})];
    expect(() => negotiate(client, server, "server")).toThrow(expect.objectContaining({ reason: 3 }));
  });
});
