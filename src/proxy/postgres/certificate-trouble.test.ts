import { expect, test } from "vitest";
import { certificateTrouble } from "./certificate-trouble.ts";

const failed = (code: string | undefined, more: object = {}): Error => Object.assign(new Error("words of Node"), { code, ...more });

test("a certificate for another host says for which", () => {
  const cert = { subjectaltname: "DNS:db.elsewhere, IP Address:10.9.9.9" };
  expect(certificateTrouble(failed("ERR_TLS_CERT_ALTNAME_INVALID", { cert }), "db.internal")).toBe(
    "its certificate is for db.elsewhere, 10.9.9.9, and not for db.internal",
  );
  expect(certificateTrouble(failed("ERR_TLS_CERT_ALTNAME_INVALID"), "db.internal")).toContain("for no name, and not for db.internal");
});

test.each([
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
])("%s names the setting that decides", (code) => {
  expect(certificateTrouble(failed(code), "db.internal")).toContain("(authorityFile)");
});

test("what has no words of its own keeps those it came with, and not too many", () => {
  expect(certificateTrouble(failed(undefined), "db.internal")).toBe("words of Node");
  expect(certificateTrouble(new Error("x".repeat(500)), "db.internal")).toHaveLength(200);
});
