/** Certificates against the real `ssh-keygen`: it reads ours, we believe its own. */
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { issueCertificate, parseCertificate } from "../../src/wire/ssh/keys/certificate.ts";
import { encodePrivateKey, generateEd25519, parsePrivateKey } from "../../src/wire/ssh/keys/private-key.ts";
import { encodePublicKeyLine, fingerprint, parseAuthorizedKey } from "../../src/wire/ssh/keys/public-key.ts";
import { signerFromPrivateKey, type KeySigner } from "../../src/wire/ssh/keys/signer.ts";
import { verifyCertificate } from "../../src/wire/ssh/keys/verify-certificate.ts";
import { requirePeer } from "../kit/peers.ts";

const KINDS: Record<string, readonly string[]> = {
  ed25519: ["-t", "ed25519"],
  ecdsa256: ["-t", "ecdsa", "-b", "256"],
  ecdsa384: ["-t", "ecdsa", "-b", "384"],
  ecdsa521: ["-t", "ecdsa", "-b", "521"],
  rsa2048: ["-t", "rsa", "-b", "2048"],
  rsa3072: ["-t", "rsa", "-b", "3072"],
};
const COMBINATIONS = Object.keys(KINDS).flatMap((key) => Object.keys(KINDS).map((ca) => [key, ca] as const));
const random = { bytes: (length: number) => randomBytes(length) };

const sshKeygen = requirePeer("OpenSSH client", "ssh-keygen");

describe.skipIf(sshKeygen.missing)(`certificates: ${sshKeygen.title("ssh-keygen")}`, () => {
  let dir = "";
  const path = (name: string): string => join(dir, name);
  const keygen = (...args: string[]): string => execFileSync(sshKeygen.path, args, { cwd: dir, encoding: "utf8", stdio: "pipe" });
  const signerOf = (name: string): KeySigner => signerFromPrivateKey(parsePrivateKey(readFileSync(path(name), "utf8")).privateKey);

  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), "sallyport-keygen-"));
    for (const [name, args] of Object.entries(KINDS)) keygen("-q", ...args, "-N", "", "-C", name, "-f", name);
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  test.each(COMBINATIONS)("reads ours: %s certified by %s", async (key, ca) => {
    const validAfter = Date.UTC(2026, 0, 1) / 1000;
    const blob = await issueCertificate({
      publicKey: signerOf(key).blob,
      serial: 1234567890123456789n,
      type: "user",
      keyId: "ann s-0123456789",
      principals: ["infra", "second"],
      validAfter,
      validBefore: validAfter + 60,
      criticalOptions: { "source-address": "127.0.0.1/32", "force-command": "uptime -p" },
      extensions: { "permit-pty": "", "permit-agent-forwarding": "" },
      ca: signerOf(ca),
      random,
    });
    const file = `${key}-by-${ca}-cert.pub`;
    writeFileSync(path(file), `${encodePublicKeyLine(blob, "ours")}\n`);
    const shown = execFileSync(sshKeygen.path, ["-L", "-f", path(file)], { encoding: "utf8", env: { ...process.env, TZ: "UTC" } });
    const lines = shown.split("\n").map((line) => line.trim());
    expect(lines).toEqual([
      `${path(file)}:`,
      `Type: ${blob.subarray(4, 4 + blob.readUInt32BE(0)).toString()} user certificate`,
      expect.stringContaining(fingerprint(signerOf(key).blob)),
      expect.stringContaining(`${fingerprint(signerOf(ca).blob)} (using ${signerOf(ca).algorithms[0]})`),
      'Key ID: "ann s-0123456789"',
      "Serial: 1234567890123456789",
      "Valid: from 2026-01-01T00:00:00 to 2026-01-01T00:01:00",
      "Principals:",
      "infra",
      "second",
      "Critical Options:",
      "force-command uptime -p",
      "source-address 127.0.0.1/32",
      "Extensions:",
      "permit-agent-forwarding",
      "permit-pty",
      "",
    ]);
  });

  test.each(COMBINATIONS)("is believed by us: %s certified by %s", (key, ca) => {
    keygen("-q", "-s", ca, "-I", "id", "-n", "infra", "-z", "7", "-V", "-1m:+5m", `${key}.pub`);
    const [, base64 = ""] = readFileSync(path(`${key}-cert.pub`), "utf8").split(" ");
    const certificate = parseCertificate(Buffer.from(base64, "base64"));
    const expected = { trustedCas: [signerOf(ca).blob], type: "user", principal: "infra", now: Date.now() / 1000 } as const;
    expect(verifyCertificate(certificate, expected)).toEqual({ ok: true, forceCommand: undefined });
    expect(certificate).toMatchObject({ serial: 7n, keyId: "id" });
    expect(certificate.publicKey.blob).toEqual(signerOf(key).blob);
    expect(certificate.extensions.has("permit-pty")).toBe(true);
  });

  test("with RSA, believed for SHA-2 and refused for SHA-1", () => {
    const verdicts = ["rsa-sha2-256", "rsa-sha2-512", "ssh-rsa"].map((algorithm) => {
      keygen("-q", "-s", "rsa2048", "-t", algorithm, "-I", "id", "-n", "infra", "-V", "-1m:+5m", "ed25519.pub");
      const [, base64 = ""] = readFileSync(path("ed25519-cert.pub"), "utf8").split(" ");
      const expected = { trustedCas: [signerOf("rsa2048").blob], type: "user", principal: "infra", now: Date.now() / 1000 } as const;
      return verifyCertificate(parseCertificate(Buffer.from(base64, "base64")), expected).ok;
    });
    expect(verdicts).toEqual([true, true, false]);
  });

  test("reads a private key file that we wrote, and finds the same public key in it", () => {
    const written = encodePrivateKey(generateEd25519(), "ann@gate", random);
    writeFileSync(path("ours"), written, { mode: 0o600 });
    const line = parseAuthorizedKey(keygen("-y", "-f", "ours"));
    expect(line.key.blob).toEqual(parsePrivateKey(written).publicBlob);
    expect(line.comment).toBe("ann@gate");
    expect(keygen("-l", "-f", "ours")).toContain(fingerprint(line.key.blob));
  });
});
