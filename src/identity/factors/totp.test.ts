import { describe, expect, test } from "vitest";
import { codeAt, encodeBase32, findStep, otpauthUri, stepAt } from "./totp.ts";

/** RFC 6238, appendix B: seconds, and the codes of SHA-1, SHA-256 and SHA-512. */
const VECTORS: readonly [number, string, string, string][] = [
  [59, "94287082", "46119246", "90693936"],
  [1111111109, "07081804", "68084774", "25091201"],
  [1111111111, "14050471", "67062674", "99943326"],
  [1234567890, "89005924", "91819424", "93441116"],
  [2000000000, "69279037", "90698825", "38618901"],
  [20000000000, "65353130", "77737706", "47863826"],
];
/** As the RFC's erratum 2866 has it: the seed is as long as the hash. */
const seedOf = (length: number): Buffer => Buffer.from("1234567890".repeat(7).slice(0, length));

describe("the vectors of RFC 6238", () => {
  test.each(VECTORS)("at %i s", (seconds, sha1, sha256, sha512) => {
    const step = stepAt(seconds * 1000);
    expect(codeAt(seedOf(20), step, { digits: 8 })).toBe(sha1);
    expect(codeAt(seedOf(32), step, { digits: 8, hash: "sha256" })).toBe(sha256);
    expect(codeAt(seedOf(64), step, { digits: 8, hash: "sha512" })).toBe(sha512);
    expect(codeAt(seedOf(20), step)).toBe(sha1.slice(-6));
  });
});

test("one step of drift to either side, and no more", () => {
  const [secret, now] = [seedOf(20), 1111111111_000];
  const step = stepAt(now);
  for (const drift of [-1, 0, 1]) expect(findStep(secret, codeAt(secret, step + drift), now, -1)).toBe(step + drift);
  for (const drift of [-2, 2]) expect(findStep(secret, codeAt(secret, step + drift), now, -1)).toBeUndefined();
});

test("a code is good once, and never after a newer one", () => {
  const [secret, now] = [seedOf(20), 1111111111_000];
  const step = stepAt(now);
  expect(findStep(secret, codeAt(secret, step), now, step - 1)).toBe(step);
  expect(findStep(secret, codeAt(secret, step), now, step)).toBeUndefined();
  expect(findStep(secret, codeAt(secret, step - 1), now, step)).toBeUndefined();
  expect(findStep(secret, codeAt(secret, step + 1), now, step)).toBe(step + 1);
});

test.each(["", "12345", "1234567", "abcdef", "٠٥٠٤٧١"])("%j is no code", (text) => {
  expect(findStep(seedOf(20), text, 1111111111_000, -1)).toBeUndefined();
});

test("base32 as RFC 4648 §10 has it", () => {
  const cases = { "": "", f: "MY", fo: "MZXQ", foo: "MZXW6", foob: "MZXW6YQ", fooba: "MZXW6YTB", foobar: "MZXW6YTBOI" };
  for (const [text, encoded] of Object.entries(cases)) expect(encodeBase32(Buffer.from(text))).toBe(encoded);
});

test("the address for the QR code escapes what names may hold", () => {
  expect(otpauthUri(Buffer.from("foobar"), { issuer: "gate:a & b", account: "ada" })).toBe(
    "otpauth://totp/gate%3Aa%20%26%20b:ada?secret=MZXW6YTBOI&issuer=gate%3Aa%20%26%20b&algorithm=SHA1&digits=6&period=30",
  );
});
