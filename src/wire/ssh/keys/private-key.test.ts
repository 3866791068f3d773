import { createPublicKey, generateKeyPairSync, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { GateError } from "../../../kernel/errors.ts";
import type { Random } from "../../../kernel/random.ts";
import { encodePrivateKey, generateEd25519, parsePrivateKey } from "./private-key.ts";
import { fingerprint, parseAuthorizedKey, parsePublicKey, publicKeyBlob, verifySignature } from "./public-key.ts";
import { signerFromPrivateKey } from "./signer.ts";

const VECTORS = join(import.meta.dirname, "vectors");
const read = (name: string): string => readFileSync(join(VECTORS, name), "utf8");
const random: Random = { bytes: (length) => randomBytes(length) };
const refused = expect.objectContaining({ code: "bad-request" });
const fingerprints = read("fingerprints.txt")
  .trim()
  .split("\n")
  .map((line) => line.split(" ") as [string, string]);

describe.each(fingerprints)("%s of ssh-keygen", (name, expected) => {
  const file = parsePrivateKey(read(name));
  const line = parseAuthorizedKey(read(`${name}.pub`));

  test("has the fingerprint ssh-keygen prints, and its halves belong together", async () => {
    expect(fingerprint(line.key.blob)).toBe(expected);
    expect(file.publicBlob).toEqual(line.key.blob);
    expect(file.comment).toBe(line.comment);
    const signer = signerFromPrivateKey(file.privateKey);
    for (const algorithm of signer.algorithms) {
      const signature = await signer.sign(Buffer.from("data"), algorithm);
      expect(verifySignature(line.key, Buffer.from("data"), signature, algorithm)).toBe(true);
    }
  });

  test("is encoded and read back", () => {
    const again = parsePrivateKey(encodePrivateKey(file.privateKey, "a comment", random));
    expect(again.publicBlob).toEqual(file.publicBlob);
    expect(again.comment).toBe("a comment");
    expect(again.privateKey.equals(file.privateKey)).toBe(true);
  });

  test("is encoded byte for byte as ssh-keygen did, given its check number", () => {
    const bytes = Buffer.from(read(name).split("-----")[2] ?? "", "base64");
    // The check number stands before the second occurrence of the type, behind its length.
    const type = Buffer.from(line.key.type);
    const at = bytes.indexOf(type, bytes.indexOf(type) + type.length) - 4;
    const check = bytes.subarray(at - 4, at);
    expect(encodePrivateKey(file.privateKey, file.comment, { bytes: () => check })).toBe(read(name));
  });
});

test("a made key signs and can be written", () => {
  const key = generateEd25519();
  const file = parsePrivateKey(encodePrivateKey(key, "line\nbreak", random));
  expect(file.comment).toBe("line break");
  expect(parsePublicKey(file.publicBlob).type).toBe("ssh-ed25519");
  expect(file.publicBlob).toEqual(publicKeyBlob(createPublicKey(key)));
});

describe("refused", () => {
  const good = read("ed25519");
  const repack = (change: (bytes: Buffer) => Buffer): string => {
    const [, begin = "", base64 = "", end = ""] = good.split("-----");
    return ["", begin, change(Buffer.from(base64, "base64")).toString("base64"), end, ""].join("-----");
  };

  test.each([
    ["nothing", ""],
    ["a public key", read("ed25519.pub")],
    ["another format", "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n"],
    ["a cut file", good.slice(0, 200)],
    ["something after it", `${good}more`],
    ["other characters in it", good.replace("\nb", "\n!b")],
  ])("%s", (_name, text) => {
    expect(() => parsePrivateKey(text)).toThrow(refused);
  });

  test("one with a passphrase, saying so", () => {
    expect(() => parsePrivateKey(read("encrypted"))).toThrow(/passphrase/);
  });

  test("any byte changed before the comment", () => {
    // Magic, ciphers, both public halves, check numbers and the secret: every field counts.
    expect(parsePrivateKey(repack((bytes) => bytes)).comment).toBe("vector ed25519");
    const bytes = Buffer.from(good.split("-----")[2] ?? "", "base64");
    const comment = bytes.indexOf("vector ed25519");
    const survivors: number[] = [];
    for (let at = 0; at < comment; at += 1) {
      const text = repack((copy) => (copy.writeUInt8((copy[at] ?? 0) ^ 1, at), copy));
      try {
        parsePrivateKey(text);
        survivors.push(at);
      } catch (error) {
        if (!(error instanceof GateError)) throw error;
      }
    }
    expect(survivors).toEqual([]);
  });

  test("no error shows what is in the file", () => {
    const secret = Buffer.from(good.split("-----")[2] ?? "", "base64").subarray(-60, -30);
    fc.assert(
      fc.property(fc.nat(300), fc.nat(255), (at, value) => {
        let message = "";
        try {
          parsePrivateKey(repack((bytes) => (bytes.writeUInt8(value, at % bytes.length), bytes)));
        } catch (error) {
          message = String(error);
        }
        expect(message).not.toContain(secret.toString("base64").slice(0, 8));
        expect(message).not.toContain(secret.toString("latin1").slice(0, 4));
      }),
    );
  });

  test("kinds of keys SSH does not have", () => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "secp256k1" });
    expect(() => encodePrivateKey(privateKey, "", random)).toThrow(refused);
  });
});
