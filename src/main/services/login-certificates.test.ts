import { expect, it } from "vitest";
import { granted, home, identityRig, name, newKey, PASSWORD } from "../../../test/kit/identity-rig.ts";
import { parseCertificate } from "../../wire/ssh/keys/certificate.ts";
import { loginCertificates } from "./login-certificates.ts";

it("a login certificate ends with the login it was asked for with, whatever was asked for", async () => {
  const { service, store, authorities, clock, person } = await identityRig();
  await person("alice");
  const issue = loginCertificates({ authorities, log: store, findToken: (id) => service.findToken(id), clock });
  const { token, expiresAt } = granted(await service.login("alice", PASSWORD, home, { ttlMs: 120_000 }));
  const authenticated = granted(await service.authenticateToken(token.reveal(), home));
  expect(authenticated.principal.name).toBe(name("alice"));

  clock.pass(60_000);
  const issued = granted(await issue(authenticated, newKey().line, 12 * 3_600_000));
  expect(issued.validBefore).toBe(expiresAt);
  const { validBefore } = parseCertificate(Buffer.from(issued.certificate.split(" ")[1] ?? "", "base64"));
  expect(Number(validBefore)).toBe(Math.floor(expiresAt / 1000));

  clock.pass(59_500);
  expect(await issue(authenticated, newKey().line, 60_000)).toMatchObject({ code: "token-expired" });
});
