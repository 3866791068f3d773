import { generateKeyPairSync, X509Certificate, type KeyObject } from "node:crypto";
import { describe, expect, test } from "vitest";
import { MemorySecretStore } from "../../test/kit/memory-identity-store.ts";
import { TestClock } from "../../test/kit/test-clock.ts";
import { systemRandom } from "../kernel/random.ts";
import { parseCertificate } from "../wire/ssh/keys/certificate.ts";
import { fingerprint, publicKeyBlob } from "../wire/ssh/keys/public-key.ts";
import { signerFromPrivateKey } from "../wire/ssh/keys/signer.ts";
import { verifyCertificate } from "../wire/ssh/keys/verify-certificate.ts";
import { Authorities, type AccessDraft, type AuthorityName } from "./authority.ts";

const key = publicKeyBlob(generateKeyPairSync("ed25519").publicKey);
const draft: AccessDraft = {
  publicKey: key,
  account: "infra",
  principal: "alice",
  grant: "gr-0000000001",
  session: "s-0000000001",
  sourceAddresses: ["192.0.2.7"],
  ttlMs: 60_000,
  terminal: true,
};

async function open(): Promise<{ authorities: Authorities; clock: TestClock; secrets: MemorySecretStore }> {
  const [clock, secrets] = [new TestClock(), new MemorySecretStore()];
  return { authorities: await Authorities.open({ secrets, clock, random: systemRandom }), clock, secrets };
}

function expectation(authorities: Authorities, ca: AuthorityName, now: number) {
  return {
    trustedCas: [authorities.publicKey(ca)],
    type: "user",
    principal: "infra",
    now: now / 1000,
    sourceAddress: "192.0.2.7",
  } as const;
}

describe("access certificates", () => {
  test("say exactly what was asked for, and so does the event", async () => {
    const { authorities, clock } = await open();
    const { certificate: blob, serial, event } = await authorities.issueAccess(draft);
    const certificate = parseCertificate(blob);
    expect(certificate).toMatchObject({ type: "user", principals: ["infra"], serial, keyId: "sallyport alice gr-0000000001 s-0000000001" });
    expect([...certificate.criticalOptions]).toEqual([["source-address", "192.0.2.7"]]);
    expect([...certificate.extensions]).toEqual([["permit-pty", ""]]);
    expect(verifyCertificate(certificate, expectation(authorities, "access", clock.now()))).toMatchObject({ ok: true });
    expect(event).toEqual({
      kind: "certificate.issued",
      principal: "alice",
      grant: "gr-0000000001",
      session: "s-0000000001",
      body: {
        authority: "access",
        serial: serial.toString(),
        keyId: certificate.keyId,
        publicKey: fingerprint(key),
        principals: ["infra"],
        validAfter: clock.now() / 1000 - 30,
        validBefore: clock.now() / 1000 + 60,
      },
    });
  });

  test("end within 60 s, and are no use from another address or before their time", async () => {
    const { authorities, clock } = await open();
    clock.pass(999);
    const certificate = parseCertificate((await authorities.issueAccess(draft)).certificate);
    const at = (ms: number, more = {}) =>
      verifyCertificate(certificate, { ...expectation(authorities, "access", clock.now() + ms), ...more });
    expect(at(58_000)).toMatchObject({ ok: true });
    expect(at(60_000)).toEqual({ ok: false, reason: "expired" });
    expect(at(-31_000)).toEqual({ ok: false, reason: "not-yet-valid" });
    expect(at(0, { sourceAddress: "192.0.2.8" })).toEqual({ ok: false, reason: "wrong-source-address" });
    expect(at(0, { sourceAddress: undefined })).toEqual({ ok: false, reason: "wrong-source-address" });
  });

  test("without a shell in the role there is no terminal", async () => {
    const { authorities } = await open();
    const { certificate } = await authorities.issueAccess({ ...draft, terminal: false });
    expect(parseCertificate(certificate).extensions.size).toBe(0);
  });

  test.each([
    ["61 seconds", { ttlMs: 61_000 }],
    ["no number of seconds", { ttlMs: Number.NaN }],
    ["no address", { sourceAddresses: [] }],
    ["an address that is none", { sourceAddresses: ["192.0.2.7", "*"] }],
    ["a list inside of an address", { sourceAddresses: ["192.0.2.7,0.0.0.0/0"] }],
    ["nobody", { account: "" }],
    ["several accounts at once", { account: "infra,root" }],
  ])("are refused for %s", async (_, change) => {
    const { authorities } = await open();
    await expect(authorities.issueAccess({ ...draft, ...change })).rejects.toThrow("inside the gate");
  });
});

describe("three authorities", () => {
  test("none is believed in another's place", async () => {
    const { authorities, clock } = await open();
    const login = parseCertificate((await authorities.issueLogin({ publicKey: key, person: "infra", ttlMs: 3_600_000 })).certificate);
    const host = parseCertificate((await authorities.issueHost({ publicKey: key, names: ["infra"], ttlMs: 86_400_000 })).certificate);
    const access = parseCertificate((await authorities.issueAccess(draft)).certificate);
    expect(verifyCertificate(login, expectation(authorities, "login", clock.now()))).toMatchObject({ ok: true });
    // What a host trusts is the access authority, even where the account has the person's name.
    for (const other of [login, host]) {
      expect(verifyCertificate(other, expectation(authorities, "access", clock.now()))).toEqual({ ok: false, reason: "untrusted-ca" });
    }
    expect(verifyCertificate(access, expectation(authorities, "login", clock.now()))).toEqual({ ok: false, reason: "untrusted-ca" });
    expect([...login.extensions, ...login.criticalOptions]).toEqual([]);
  });

  test("are the same after a restart, and only their public halves are shown", async () => {
    const { authorities, secrets, clock } = await open();
    const again = await Authorities.open({ secrets, clock, random: systemRandom });
    for (const name of ["login", "access", "host", "database"] as const) expect(again.publicLine(name)).toBe(authorities.publicLine(name));
    expect([...secrets.contents().keys()]).toEqual(["authority/login", "authority/access", "authority/host", "authority/database"]);
    expect(authorities.publicLine("access")).toMatch(/^ssh-ed25519 AAAA\S+ sallyport-access-authority$/);
  });

  test("that of databases signs with a key on P-256 or not at all", async () => {
    const deps = { secrets: new MemorySecretStore(), clock: new TestClock(), random: systemRandom };
    const of = (key: KeyObject) => Authorities.open({ ...deps, signers: { database: signerFromPrivateKey(key) } });
    await expect(of(generateKeyPairSync("ed25519").privateKey)).rejects.toThrow("P-256");
    await expect(of(generateKeyPairSync("ec", { namedCurve: "secp384r1" }).privateKey)).rejects.toThrow("P-256");
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
    const { databaseCertificate } = await of(privateKey);
    expect(new X509Certificate(databaseCertificate).verify(publicKey)).toBe(true);
  });

  test("may be signers from elsewhere, but never the same one twice", async () => {
    const signer = signerFromPrivateKey(generateKeyPairSync("ed25519").privateKey);
    const deps = { secrets: new MemorySecretStore(), clock: new TestClock(), random: systemRandom };
    const authorities = await Authorities.open({ ...deps, signers: { access: signer } });
    expect(authorities.publicKey("access")).toEqual(signer.blob);
    expect(deps.secrets.contents().has("authority/access")).toBe(false);
    await expect(Authorities.open({ ...deps, signers: { access: signer, host: signer } })).rejects.toThrow("same key");
  });
});
