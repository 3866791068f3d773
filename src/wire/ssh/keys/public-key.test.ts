import { generateKeyPairSync, sign as cryptoSign, type KeyObject } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fido } from "../../../../test/kit/software-security-key.ts";
import { GateError } from "../../../kernel/errors.ts";
import { Writer } from "../io/writer.ts";
import { encodePublicKeyLine, parseAuthorizedKey, parsePublicKey, publicKeyBlob, verifySignature } from "./public-key.ts";
import { encodeSignature } from "./signature.ts";
import { signerFromPrivateKey } from "./signer.ts";

const privateKeys: Record<string, KeyObject> = {
  "ssh-ed25519": generateKeyPairSync("ed25519").privateKey,
  "ecdsa-sha2-nistp256": generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey,
  "ecdsa-sha2-nistp384": generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey,
  "ecdsa-sha2-nistp521": generateKeyPairSync("ec", { namedCurve: "P-521" }).privateKey,
  "ssh-rsa": generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey,
};
const DATA = Buffer.from("what is signed");
const refused = expect.objectContaining({ code: "protocol-error" });

describe.each(Object.entries(privateKeys))("%s", (type, privateKey) => {
  const signer = signerFromPrivateKey(privateKey);
  const key = parsePublicKey(signer.blob);

  test("is parsed, named and encoded the same", () => {
    expect(key.type).toBe(type);
    expect(publicKeyBlob(key.keyObject)).toEqual(signer.blob);
    const line = encodePublicKeyLine(signer.blob, "ann@laptop");
    expect(parseAuthorizedKey(`${line}\n`)).toMatchObject({ comment: "ann@laptop", key: { type, blob: signer.blob } });
  });

  test("signs with each of its algorithms, and only the right data verify", async () => {
    for (const algorithm of signer.algorithms) {
      const signature = await signer.sign(DATA, algorithm);
      expect(verifySignature(key, DATA, signature, algorithm)).toBe(true);
      expect(verifySignature(key, Buffer.from("something else"), signature, algorithm)).toBe(false);
      expect(verifySignature(key, DATA, Buffer.concat([signature, Buffer.of(0)]), algorithm)).toBe(false);
      expect(verifySignature(key, DATA, signature.subarray(0, -1), algorithm)).toBe(false);
      const others = ["ssh-rsa", "rsa-sha2-256", "rsa-sha2-512", "ssh-ed25519", "ecdsa-sha2-nistp256", "none", ""];
      expect(others.filter((other) => other !== algorithm && verifySignature(key, DATA, signature, other))).toEqual([]);
    }
    await expect(signer.sign(DATA, "ssh-dss")).rejects.toThrow(GateError);
    await expect(signer.sign(DATA, type === "ssh-rsa" ? "ssh-rsa" : "rsa-sha2-256")).rejects.toThrow(GateError);
  });

  test("a flipped bit anywhere in the signature is found", async () => {
    const algorithm = signer.algorithms[0] ?? "";
    const signature = await signer.sign(DATA, algorithm);
    for (let at = 0; at < signature.length; at += 1) {
      const broken = Buffer.from(signature);
      broken.writeUInt8((broken[at] ?? 0) ^ 1, at);
      expect(verifySignature(key, DATA, broken, algorithm)).toBe(false);
    }
  });

  test("a blob with a tail, cut short or of another type is refused", () => {
    expect(() => parsePublicKey(Buffer.concat([signer.blob, Buffer.of(0)]))).toThrow(refused);
    for (let length = 0; length < signer.blob.length; length += 1) {
      expect(() => parsePublicKey(signer.blob.subarray(0, length))).toThrow(refused);
    }
  });
});

describe("refused keys", () => {
  const jwkOf = (bits: number) => generateKeyPairSync("rsa", { modulusLength: bits }).publicKey.export({ format: "jwk" });
  const rsa = (e: Buffer, n: Buffer) => new Writer().string("ssh-rsa").mpint(e).mpint(n).toBuffer();
  const modulus = Buffer.from(jwkOf(2048).n ?? "", "base64url");

  test("RSA: short, absurdly long, even, or with a useless exponent", () => {
    expect(() => parsePublicKey(rsa(Buffer.of(1, 0, 1), Buffer.from(jwkOf(1024).n ?? "", "base64url")))).toThrow(refused);
    expect(() => parsePublicKey(rsa(Buffer.of(1, 0, 1), Buffer.alloc(4000, 0xff)))).toThrow(refused);
    for (const exponent of [Buffer.alloc(0), Buffer.of(1), Buffer.of(4), Buffer.alloc(9, 0xff)]) {
      expect(() => parsePublicKey(rsa(exponent, modulus))).toThrow(refused);
    }
    expect(parsePublicKey(rsa(Buffer.of(3), modulus)).type).toBe("ssh-rsa");
  });

  test("ECDSA: a point off the curve, compressed, or under another curve's name", () => {
    const blob = signerFromPrivateKey(privateKeys["ecdsa-sha2-nistp256"]!).blob;
    const point = Buffer.from(blob.subarray(-65));
    const encode = (type: string, curve: string, point: Buffer) => new Writer().string(type).string(curve).string(point).toBuffer();
    expect(parsePublicKey(encode("ecdsa-sha2-nistp256", "nistp256", point)).blob).toEqual(blob);
    expect(() => parsePublicKey(encode("ecdsa-sha2-nistp256", "nistp384", point))).toThrow(refused);
    expect(() => parsePublicKey(encode("ecdsa-sha2-nistp384", "nistp384", point))).toThrow(refused);
    expect(() => parsePublicKey(encode("ecdsa-sha2-nistp256", "nistp256", Buffer.concat([Buffer.of(2), point.subarray(1, 33)])))).toThrow(
      refused,
    );
    expect(() => parsePublicKey(encode("ecdsa-sha2-nistp256", "nistp256", Buffer.of(0)))).toThrow(refused);
    point.writeUInt8((point[64] ?? 0) ^ 1, 64);
    expect(() => parsePublicKey(encode("ecdsa-sha2-nistp256", "nistp256", point))).toThrow(refused);
  });

  test("DSA, certificates and made-up types", () => {
    for (const type of ["ssh-dss", "ssh-ed25519-cert-v01@openssh.com", "constructor", "__proto__", ""]) {
      expect(() => parsePublicKey(new Writer().string(type).string(Buffer.alloc(32)).toBuffer())).toThrow(refused);
    }
  });

  test("arbitrary bytes either parse or are a protocol error", () => {
    const types = [...Object.keys(privateKeys), "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com"];
    const outcome = (blob: Buffer): unknown => {
      try {
        return parsePublicKey(blob).type;
      } catch (error) {
        return error instanceof GateError ? error.code : error;
      }
    };
    fc.assert(
      fc.property(fc.constantFrom(...types), fc.uint8Array({ maxLength: 200 }), (type, bytes) => {
        expect([type, "protocol-error"]).toContain(outcome(new Writer().string(type).raw(bytes).toBuffer()));
      }),
    );
  });
});

describe("RSA signatures without their leading zeros (RFC 8332 §3)", () => {
  test("are accepted, longer ones are not", () => {
    const privateKey = privateKeys["ssh-rsa"]!;
    const key = parsePublicKey(signerFromPrivateKey(privateKey).blob);
    let [data, raw] = [DATA, Buffer.of(1)];
    for (let count = 0; raw[0] !== 0; count += 1) {
      data = Buffer.from(`message ${count}`);
      raw = cryptoSign("sha256", data, privateKey);
    }
    expect(verifySignature(key, data, encodeSignature("rsa-sha2-256", raw), "rsa-sha2-256")).toBe(true);
    expect(verifySignature(key, data, encodeSignature("rsa-sha2-256", raw.subarray(1)), "rsa-sha2-256")).toBe(true);
    expect(verifySignature(key, data, encodeSignature("rsa-sha2-256", Buffer.concat([Buffer.of(0), raw])), "rsa-sha2-256")).toBe(false);
  });

  test("SHA-1 is refused even where the blob says so itself", () => {
    const privateKey = privateKeys["ssh-rsa"]!;
    const key = parsePublicKey(signerFromPrivateKey(privateKey).blob);
    const sha1 = encodeSignature("ssh-rsa", cryptoSign("sha1", DATA, privateKey));
    for (const algorithm of ["ssh-rsa", "rsa-sha2-256"]) expect(verifySignature(key, DATA, sha1, algorithm)).toBe(false);
  });
});

describe.each([
  ["sk-ssh-ed25519@openssh.com", "ssh-ed25519"],
  ["sk-ecdsa-sha2-nistp256@openssh.com", "ecdsa-sha2-nistp256"],
] as const)("%s", (type, plain) => {
  const make = (flags: number) => fido(type, privateKeys[plain]!, "ssh:", DATA, flags);

  test("verifies with the user's presence, not without", () => {
    const { blob, signature } = make(1);
    const key = parsePublicKey(blob);
    expect(key).toMatchObject({ type, application: "ssh:" });
    expect(verifySignature(key, DATA, signature, type)).toBe(true);
    expect(verifySignature(key, Buffer.from("other"), signature, type)).toBe(false);
    expect(verifySignature(key, DATA, make(0).signature, type)).toBe(false);
    expect(verifySignature(key, DATA, make(4).signature, type)).toBe(false);
  });

  test("verification of the user is asked for separately", () => {
    const key = parsePublicKey(make(1).blob);
    expect(verifySignature(key, DATA, make(1).signature, type, { requireUserVerified: true })).toBe(false);
    expect(verifySignature(key, DATA, make(5).signature, type, { requireUserVerified: true })).toBe(true);
  });

  test("flags, counter and application are under the signature", () => {
    const { blob, signature } = make(1);
    const key = parsePublicKey(blob);
    for (const at of [signature.length - 1, signature.length - 5]) {
      const changed = Buffer.from(signature);
      changed.writeUInt8((changed[at] ?? 0) ^ 4, at);
      expect(verifySignature(key, DATA, changed, type)).toBe(false);
    }
    expect(verifySignature({ ...key, application: "ssh:other" }, DATA, signature, type)).toBe(false);
  });
});

describe("lines", () => {
  const line = encodePublicKeyLine(signerFromPrivateKey(privateKeys["ssh-ed25519"]!).blob);

  test.each([
    ["nothing", ""],
    ["options in front", `no-pty ${line}`],
    ["another type in front", line.replace("ssh-ed25519", "ssh-rsa")],
    ["cut", line.slice(0, -8)],
    ["two lines", `${line}\n${line}`],
    ["loose bits in base64", line.replace(/.$/, "=")],
  ])("refused: %s", (_name, text) => {
    expect(() => parseAuthorizedKey(text)).toThrow(expect.objectContaining({ code: "bad-request" }));
  });

  test("a comment cannot start a second line", () => {
    const written = encodePublicKeyLine(signerFromPrivateKey(privateKeys["ssh-ed25519"]!).blob, "a\nssh-ed25519 AAAA\r\u0000b ");
    expect(written.endsWith(" a ssh-ed25519 AAAA b")).toBe(true);
  });
});
