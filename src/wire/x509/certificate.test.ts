import { createPublicKey, generateKeyPairSync, sign, X509Certificate } from "node:crypto";
import { describe, expect, test } from "vitest";
import { CLIENT_AUTH, encodeAuthorityCertificate, encodeClientCertificate, encodePem, type X509Authority } from "./certificate.ts";

function newKeys() {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  return { privateKey, publicKey: publicKey.export({ format: "der", type: "spki" }) };
}

function newAuthority(): X509Authority {
  const { privateKey, publicKey } = newKeys();
  const how = { key: privateKey, dsaEncoding: "ieee-p1363" } as const;
  return { commonName: "an authority", publicKey, sign: (data) => Promise.resolve(sign("sha256", data, how)) };
}

const draft = {
  serial: Buffer.from("7f00000000000001", "hex"),
  commonName: "ana+orders-db",
  organizationalUnit: "gr-0000000001",
  notBefore: Date.UTC(2026, 10, 26, 12) / 1000,
  notAfter: Date.UTC(2026, 10, 26, 12, 10) / 1000,
};

describe("X.509", () => {
  test("OpenSSL reads of a client's certificate what was written", async () => {
    const [authority, { publicKey }] = [newAuthority(), newKeys()];
    const root = new X509Certificate(await encodeAuthorityCertificate(authority));
    const read = new X509Certificate(await encodeClientCertificate(authority, { ...draft, publicKey }));
    const { issuer, serialNumber, keyUsage, ca, validFromDate, validToDate } = read;
    expect(read.toLegacyObject().subject).toMatchObject({ OU: "gr-0000000001", CN: "ana+orders-db" });
    expect({ issuer, serialNumber, keyUsage, ca, validFromDate, validToDate }).toEqual({
      issuer: "CN=an authority",
      serialNumber: "7F00000000000001",
      keyUsage: [CLIENT_AUTH],
      ca: false,
      validFromDate: new Date("2026-11-26T12:00:00Z"),
      validToDate: new Date("2026-11-26T12:10:00Z"),
    });
    expect(read.publicKey.export({ format: "der", type: "spki" })).toEqual(publicKey);
    expect([read.checkIssued(root), read.verify(root.publicKey)]).toEqual([true, true]);
  });

  test("an authority's is its own, and an authority's", async () => {
    const authority = newAuthority();
    const root = new X509Certificate(await encodeAuthorityCertificate(authority));
    expect([root.ca, root.subject, root.issuer]).toEqual([true, "CN=an authority", "CN=an authority"]);
    expect(root.verify(createPublicKey({ key: authority.publicKey, format: "der", type: "spki" }))).toBe(true);
  });

  test("another authority of the same name did not issue it", async () => {
    const other = new X509Certificate(await encodeAuthorityCertificate(newAuthority()));
    const read = new X509Certificate(await encodeClientCertificate(newAuthority(), { ...draft, publicKey: newKeys().publicKey }));
    expect([read.checkIssued(other), read.verify(other.publicKey)]).toEqual([false, false]);
  });

  test("PEM is what OpenSSL makes of it too", async () => {
    const der = await encodeAuthorityCertificate(newAuthority());
    expect(encodePem("CERTIFICATE", der)).toBe(new X509Certificate(der).toString());
  });
});
