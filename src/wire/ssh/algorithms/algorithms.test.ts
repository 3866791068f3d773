import { createHash, createDiffieHellmanGroup } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { generateEd25519 } from "../keys/private-key.ts";
import { signerFromPrivateKey } from "../keys/signer.ts";
import { deriveKey } from "./key-derivation.ts";
import { KEY_EXCHANGES } from "./key-exchange.ts";
import { parsePresentedKey } from "./presented-key.ts";
import { DEFAULT_ALGORITHMS, requireKnownAlgorithms } from "./preferences.ts";

const failure = expect.objectContaining({ code: "protocol-error" });

describe.each(Object.entries(KEY_EXCHANGES))("%s", (_name, method) => {
  test("both sides come to the same secret, another one each time", () => {
    const secrets = [0, 1].map(() => {
      const own = method.initiate();
      const { reply, secret } = method.respond(own.init);
      expect(own.finish(reply)).toEqual(secret);
      return secret.toString("hex");
    });
    expect(secrets[0]).not.toBe(secrets[1]);
  });

  test("a value of another length or of zeros is refused, on either side", () => {
    const own = method.initiate();
    const { reply } = method.respond(own.init);
    const takers = [
      { value: own.init, take: (bytes: Buffer) => method.respond(bytes) },
      { value: reply, take: (bytes: Buffer) => own.finish(bytes) },
    ];
    for (const { value, take } of takers) {
      // A number may be shorter, a point or key may not.
      const shorter = method.values === "string" ? [value.subarray(1)] : [];
      for (const bad of [
        ...shorter,
        Buffer.alloc(0),
        Buffer.alloc(value.length),
        // Eight bytes, because a number may come with its leading zeros left out.
        Buffer.concat([value, Buffer.alloc(8, 1)]),
        Buffer.alloc(5000, 1),
      ]) {
        expect(() => take(bad)).toThrow(failure);
      }
    }
  });
});

test.each(["ecdh-sha2-nistp256", "ecdh-sha2-nistp384", "ecdh-sha2-nistp521"])("%s: a point off the curve is refused", (name) => {
  const method = KEY_EXCHANGES[name]!;
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const point = Buffer.from(method.initiate().init);
      const at = 1 + (seed % (point.length - 1));
      point[at] = (point[at] ?? 0) ^ 1;
      expect(() => method.respond(point)).toThrow(failure);
    }),
    { numRuns: 20 },
  );
});

test.each([
  ["modp14", "diffie-hellman-group14-sha256"],
  ["modp16", "diffie-hellman-group16-sha512"],
])("%s: 0, 1, p-1, p and more are refused, 2 and p-2 are numbers of the group", (group, name) => {
  const prime = BigInt(`0x${createDiffieHellmanGroup(group).getPrime("hex")}`);
  const bytes = (value: bigint): Buffer => {
    const hex = value.toString(16);
    return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex");
  };
  const method = KEY_EXCHANGES[name]!;
  for (const bad of [0n, 1n, prime - 1n, prime, prime + 1n]) {
    expect(() => method.respond(bytes(bad))).toThrow("a Diffie-Hellman value is outside of its group");
    expect(() => method.initiate().finish(bytes(bad))).toThrow("a Diffie-Hellman value is outside of its group");
  }
  for (const good of [2n, prime - 2n]) expect(method.respond(bytes(good)).secret.length).toBeGreaterThan(0);
});

test("X25519 values of low order are refused", () => {
  const lowOrder = ["00".repeat(32), `01${"00".repeat(31)}`, `ecff${"ff".repeat(29)}7f`, `edff${"ff".repeat(29)}7f`];
  for (const value of lowOrder) expect(() => KEY_EXCHANGES["curve25519-sha256"]!.respond(Buffer.from(value, "hex"))).toThrow(failure);
});

test("an ML-KEM key that is not reduced is refused (FIPS 203 §7.2)", () => {
  const method = KEY_EXCHANGES["mlkem768x25519-sha256"]!;
  const init = Buffer.from(method.initiate().init);
  init.fill(0xff, 0, 3);
  expect(() => method.respond(init)).toThrow(failure);
});

test("keys are derived as RFC 4253 §7.2 says, and extended when one hash is not enough", () => {
  const source = {
    hash: "sha256" as const,
    encodedSecret: Buffer.from("K"),
    exchangeHash: Buffer.from("H"),
    sessionId: Buffer.from("S"),
  };
  const first = createHash("sha256").update("KHCS").digest();
  const second = createHash("sha256").update("KH").update(first).digest();
  const third = createHash("sha256").update("KH").update(first).update(second).digest();
  expect(deriveKey(source, "C", 16)).toEqual(first.subarray(0, 16));
  expect(deriveKey(source, "C", 80)).toEqual(Buffer.concat([first, second, third]).subarray(0, 80));
});

test("a key is used only by the names of its own kind", () => {
  const { blob } = signerFromPrivateKey(generateEd25519());
  expect(parsePresentedKey("ssh-ed25519", blob)).toMatchObject({ signatureAlgorithm: "ssh-ed25519", certificate: undefined });
  for (const name of ["rsa-sha2-256", "ssh-ed25519-cert-v01@openssh.com", "ssh-rsa", "ssh-dss", "", "constructor"]) {
    expect(() => parsePresentedKey(name, blob)).toThrow(failure);
  }
});

test("no algorithm with SHA-1, no CBC, no cipher without a tag, none unknown", () => {
  const names = Object.values(DEFAULT_ALGORITHMS).flat().join();
  expect(names).not.toMatch(/sha1|cbc|arcfour|3des|ssh-rsa(?!-)|ssh-dss|md5|none/);
  expect(() => requireKnownAlgorithms({ ...DEFAULT_ALGORITHMS, cipher: ["3des-cbc"] })).toThrow(
    expect.objectContaining({ code: "bad-config" }),
  );
  expect(() => requireKnownAlgorithms({ ...DEFAULT_ALGORITHMS, mac: [] })).toThrow(expect.objectContaining({ code: "bad-config" }));
});
