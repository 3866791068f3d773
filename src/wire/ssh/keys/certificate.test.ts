import { createPublicKey, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { GateError } from "../../../kernel/errors.ts";
import type { Random } from "../../../kernel/random.ts";
import { Writer } from "../io/writer.ts";
import { issueCertificate, parseCertificate, type Certificate, type CertificateRequest } from "./certificate.ts";
import { generateEd25519, parsePrivateKey } from "./private-key.ts";
import { parseAuthorizedKey, publicKeyBlob } from "./public-key.ts";
import { signerFromPrivateKey } from "./signer.ts";
import { addressMatches, verifyCertificate, type CertificateExpectation } from "./verify-certificate.ts";

const read = (name: string): string => readFileSync(join(import.meta.dirname, "vectors", name), "utf8");
const certificateOf = (name: string): Certificate => parseCertificate(Buffer.from(read(name).split(" ")[1] ?? "", "base64"));
const random: Random = { bytes: (length) => randomBytes(length) };
const caOf = (name: string) => signerFromPrivateKey(parsePrivateKey(read(name)).privateKey);
const START = Date.UTC(2026, 0, 1) / 1000;

describe("a user certificate of ssh-keygen", () => {
  const certificate = certificateOf("user-cert.pub");
  const expected: CertificateExpectation = {
    trustedCas: [caOf("rsa2048").blob, caOf("ed25519").blob],
    type: "user",
    principal: "ann",
    now: START,
    sourceAddress: "10.1.2.3",
  };

  test("is parsed", () => {
    expect(certificate).toMatchObject({
      serial: 42n,
      type: "user",
      keyId: "ann@example.org",
      principals: ["infra", "ann"],
      validAfter: BigInt(START),
      validBefore: BigInt(START + 60),
    });
    expect(certificate.publicKey.blob).toEqual(parseAuthorizedKey(read("ecdsa256.pub")).key.blob);
    expect(Object.fromEntries(certificate.criticalOptions)).toEqual({
      "force-command": "uptime -p",
      "source-address": "10.0.0.0/8,2001:db8::/32",
    });
    expect(Object.fromEntries(certificate.extensions)).toEqual({ "permit-pty": "" });
  });

  test("is believed, and its forced command is handed over", () => {
    expect(verifyCertificate(certificate, expected)).toEqual({ ok: true, forceCommand: "uptime -p" });
    expect(verifyCertificate(certificate, { ...expected, now: START + 59.9, sourceAddress: "2001:db8::7" }).ok).toBe(true);
  });

  test.each([
    ["untrusted-ca", { trustedCas: [] }],
    ["untrusted-ca", { trustedCas: [caOf("rsa2048").blob] }],
    ["wrong-type", { type: "host" }],
    ["not-yet-valid", { now: START - 1 }],
    ["expired", { now: START + 60 }],
    ["wrong-principal", { principal: "Ann" }],
    ["wrong-principal", { principal: "" }],
    ["wrong-source-address", { sourceAddress: "11.0.0.1" }],
    ["wrong-source-address", { sourceAddress: undefined }],
  ] as const)("is refused: %s %j", (reason, change) => {
    expect(verifyCertificate(certificate, { ...expected, ...change })).toEqual({ ok: false, reason });
  });

  test("every byte of it counts", () => {
    const accepted: number[] = [];
    for (let at = 0; at < certificate.blob.length; at += 1) {
      const blob = Buffer.from(certificate.blob);
      blob.writeUInt8((blob[at] ?? 0) ^ 1, at);
      try {
        if (verifyCertificate(parseCertificate(blob), expected).ok) accepted.push(at);
      } catch (error) {
        if (!(error instanceof GateError)) throw error;
      }
    }
    expect(accepted).toEqual([]);
  });

  test("cut short or with a tail it is refused", () => {
    for (let length = 0; length < certificate.blob.length; length += 1) {
      expect(() => parseCertificate(certificate.blob.subarray(0, length))).toThrow(GateError);
    }
    expect(() => parseCertificate(Buffer.concat([certificate.blob, Buffer.of(0)]))).toThrow(GateError);
  });
});

test("a host certificate of ssh-keygen is believed for its name", () => {
  const expected = { trustedCas: [caOf("rsa2048").blob], type: "host", principal: "web-1.prod", now: START } as const;
  expect(verifyCertificate(certificateOf("host-cert.pub"), expected)).toEqual({ ok: true, forceCommand: undefined });
  expect(verifyCertificate(certificateOf("host-cert.pub"), { ...expected, principal: "web-2.prod" }).ok).toBe(false);
  expect(verifyCertificate(certificateOf("host-cert.pub"), { ...expected, type: "user" }).ok).toBe(false);
});

test("a certificate signed with SHA-1 is refused", () => {
  const expected = { trustedCas: [caOf("rsa2048").blob], type: "user", principal: "infra", now: START } as const;
  expect(verifyCertificate(certificateOf("sha1-cert.pub"), expected)).toEqual({ ok: false, reason: "bad-signature" });
});

describe("issued here", () => {
  const names = ["ed25519", "ecdsa256", "ecdsa384", "ecdsa521", "rsa2048"];
  const base: CertificateRequest = {
    publicKey: caOf("ecdsa384").blob,
    serial: 0xffff_ffff_ffff_ffffn,
    type: "user",
    keyId: "ann s-0123456789",
    principals: ["infra"],
    validAfter: START,
    validBefore: START + 60,
    ca: caOf("ed25519"),
    random,
  };
  const expected: CertificateExpectation = { trustedCas: [base.ca.blob], type: "user", principal: "infra", now: START };

  test.each(names.flatMap((key) => names.map((ca) => [key, ca] as const)))("%s by %s", async (key, ca) => {
    const blob = await issueCertificate({ ...base, publicKey: caOf(key).blob, ca: caOf(ca) });
    const certificate = parseCertificate(blob);
    expect(certificate.publicKey.blob).toEqual(caOf(key).blob);
    expect(verifyCertificate(certificate, { ...expected, trustedCas: [caOf(ca).blob] })).toEqual({ ok: true, forceCommand: undefined });
  });

  test.each(["sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com"])("for a FIDO key: %s", async (type) => {
    const plain = caOf(type.includes("ecdsa") ? "ecdsa256" : "ed25519").blob;
    const publicKey = new Writer()
      .string(type)
      .raw(plain.subarray(4 + plain.readUInt32BE(0)))
      .string("ssh:")
      .toBuffer();
    const certificate = parseCertificate(await issueCertificate({ ...base, publicKey }));
    expect(certificate.publicKey).toMatchObject({ type, application: "ssh:", blob: publicKey });
    expect(verifyCertificate(certificate, expected).ok).toBe(true);
  });

  test("options come back, in the order the format wants", async () => {
    const criticalOptions = { "source-address": "127.0.0.1", "force-command": "true" };
    const extensions = { "permit-pty": "", "permit-agent-forwarding": "", "name@example.org": "a value" };
    const certificate = parseCertificate(await issueCertificate({ ...base, criticalOptions, extensions }));
    expect([...certificate.criticalOptions]).toEqual([
      ["force-command", "true"],
      ["source-address", "127.0.0.1"],
    ]);
    expect(Object.fromEntries(certificate.extensions)).toEqual(extensions);
  });

  test.each([{ "verify-required": "" }, { "made-up": "x" }, { "force-command": "" }])(
    "a critical option not understood refuses it: %j",
    async (criticalOptions) => {
      const certificate = parseCertificate(await issueCertificate({ ...base, criticalOptions }));
      expect(verifyCertificate(certificate, expected)).toEqual({ ok: false, reason: "unknown-critical-option" });
    },
  );

  test("critical options have no meaning for hosts, so they refuse the certificate", async () => {
    const request = { ...base, type: "host", criticalOptions: { "force-command": "true" } } as const;
    const certificate = parseCertificate(await issueCertificate(request));
    expect(verifyCertificate(certificate, { ...expected, type: "host" })).toEqual({ ok: false, reason: "unknown-critical-option" });
  });

  test("one for nobody is neither made nor believed", async () => {
    await expect(issueCertificate({ ...base, principals: [] })).rejects.toThrow(/principal/);
    await expect(issueCertificate({ ...base, validBefore: START })).rejects.toThrow(/end after/);
    // As another CA might make it: the same bytes with the list of principals emptied and signed again.
    const { signed, principals } = parseCertificate(await issueCertificate(base));
    const list = new Writer().string(new Writer().string(principals[0] ?? "").toBuffer()).toBuffer();
    const at = signed.indexOf(list);
    const emptied = Buffer.concat([signed.subarray(0, at), Buffer.alloc(4), signed.subarray(at + list.length)]);
    const blob = new Writer()
      .raw(emptied)
      .string(await base.ca.sign(emptied, "ssh-ed25519"))
      .toBuffer();
    expect(verifyCertificate(parseCertificate(blob), { ...expected, principal: "" })).toEqual({ ok: false, reason: "wrong-principal" });
    expect(verifyCertificate(parseCertificate(blob), expected)).toEqual({ ok: false, reason: "wrong-principal" });
  });

  test("a signer takes the certificate of its own key only", async () => {
    const key = generateEd25519();
    const mine = await issueCertificate({ ...base, publicKey: publicKeyBlob(createPublicKey(key)) });
    expect(signerFromPrivateKey(key, mine)).toMatchObject({ blob: mine, algorithms: ["ssh-ed25519-cert-v01@openssh.com"] });
    expect(() => signerFromPrivateKey(generateEd25519(), mine)).toThrow(/not one for this key/);
  });
});

test("arbitrary options and names survive; arbitrary bytes parse or are a protocol error", async () => {
  const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(fc.stringMatching(/^[a-z-]{1,12}$/), text),
      fc.array(text, { minLength: 1 }),
      async (extensions, principals) => {
        const ca = caOf("ed25519");
        const request = { publicKey: ca.blob, serial: 1n, type: "user", keyId: "", validAfter: 0, validBefore: 1, ca, random } as const;
        const certificate = parseCertificate(await issueCertificate({ ...request, principals, extensions }));
        expect(certificate.principals).toEqual(principals);
        expect(Object.fromEntries(certificate.extensions)).toEqual({ ...extensions });
      },
    ),
    { numRuns: 30 },
  );
  const whole = certificateOf("user-cert.pub").blob;
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.uint8Array({ maxLength: 40 }), (at, noise) => {
      const blob = Buffer.concat([whole.subarray(0, at), noise, whole.subarray(at + noise.length)]);
      let thrown: unknown = new GateError("protocol-error");
      try {
        parseCertificate(blob);
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toMatchObject({ code: "protocol-error" });
    }),
  );
});

test.each([
  ["10.1.2.3", "10.0.0.0/8", true],
  ["10.1.2.3", "10.1.2.3", true],
  ["10.1.2.3", "192.0.2.1,10.1.2.0/24", true],
  ["::ffff:10.1.2.3", "10.0.0.0/8", true],
  ["2001:db8::1", "2001:db8::/32", true],
  ["10.1.2.3", "0.0.0.0/0", true],
  ["10.1.2.3", "::/0", false],
  ["2001:db8::1", "0.0.0.0/0", false],
  ["10.1.2.3", "10.1.2.4", false],
  ["10.1.2.3", "", false],
  ["10.1.2.3", "10.0.0.0/33", false],
  ["10.1.2.3", "10.0.0.0/08", false],
  ["10.1.2.3", "10.0.0.0/8/8", false],
  ["10.1.2.3", "10.0.0.0/8,*", false],
  ["10.1.2.3", "10.0.0.0/8, 10.1.2.3", false],
  ["not an address", "0.0.0.0/0", false],
  ["", "0.0.0.0/0,::/0", false],
])("source-address: %j in %j is %s", (address, list, expected) => {
  expect(addressMatches(address, list)).toBe(expected);
});
