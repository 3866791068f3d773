import { createHash, generateKeyPairSync, X509Certificate } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { GrantId, RequestId, TargetName, TokenId } from "../kernel/ids.ts";
import { granted, home, identityRig, name } from "../../test/kit/identity-rig.ts";

const GRANT = "gr-0000000001" as GrantId;
const REQUEST = "req-0000000001" as RequestId;
const TARGET = "orders-db" as TargetName;
const USE = { target: TARGET, grant: GRANT };
const MINUTE = 60_000;
const context = { door: "postgres", remote: "192.0.2.7:50000" } as const;

async function rig() {
  const world = await identityRig();
  await world.person("ana");
  await world.person("bob");
  const { authenticated } = await world.login("ana");
  const create = async (ttlMs = 10 * MINUTE) => {
    const draft = { grant: GRANT, target: TARGET, expiresAt: world.clock.now() + ttlMs };
    return world.service.createAccessToken(authenticated, draft);
  };
  return { ...world, create };
}

describe("access tokens", () => {
  test("open what they were made for, and say so", async () => {
    const { service, create } = await rig();
    const { token } = granted(await create());
    expect((await service.accessChallenge("ana")).candidates.map((each) => each.token)).toEqual([token.id]);
    expect(await service.authenticateAccess("ana", token.id, context)).toMatchObject({
      principal: { name: "ana" },
      credential: token.id,
      scopes: [],
      access: { grant: GRANT, target: TARGET },
    });
  });

  test("may be for a request, and are then for no grant", async () => {
    const { service, login, clock } = await rig();
    const { authenticated } = await login("ana");
    const draft = { request: REQUEST, target: TARGET, expiresAt: clock.now() + MINUTE };
    const { token } = granted(await service.createAccessToken(authenticated, draft));
    const { access } = granted(await service.authenticateAccess("ana", token.id, context));
    expect(access).toEqual({ request: REQUEST, target: TARGET });
  });

  test("are no token of the API, and show no verifier", async () => {
    const { service, create } = await rig();
    const { token, secret } = granted(await create());
    expect(await service.authenticateToken(secret.reveal(), home)).toMatchObject({ allowed: false, code: "not-authenticated" });
    expect(JSON.stringify([token, await service.listTokens(name("ana"))])).not.toMatch(/scram|storedKey|hash/);
  });

  test("are nobody else's, and nothing without having been proven", async () => {
    const { service, create } = await rig();
    const { token } = granted(await create());
    for (const [who, proven] of [
      ["bob", token.id],
      ["nobody", token.id],
      ["ana", undefined],
      ["ana", "tok-0000000000" as TokenId],
    ] as const) {
      expect(await service.authenticateAccess(who, proven, context)).toMatchObject({ allowed: false, code: "not-authenticated" });
    }
  });

  test("a login token is none of them", async () => {
    const { service, login } = await rig();
    const { authenticated } = await login("ana");
    const proven = authenticated.credential as TokenId;
    expect(await service.authenticateAccess("ana", proven, context)).toMatchObject({ allowed: false });
  });

  test("end by themselves, also between challenge and proof; at most half an hour", async () => {
    const { service, create, clock } = await rig();
    const { token } = granted(await create(24 * 60 * MINUTE));
    expect(token.expiresAt).toBe(clock.now() + 30 * MINUTE);
    clock.pass(30 * MINUTE);
    expect(await service.authenticateAccess("ana", token.id, context)).toMatchObject({ allowed: false });
    expect((await service.accessChallenge("ana")).candidates).toEqual([]);
  });

  test("end with a password reset, a revocation, and with their person", async () => {
    const { service, create } = await rig();
    const first = granted(await create()).token;
    granted(await service.revokeToken({ name: name("ana") }, first.id, "lost"));
    expect(await service.authenticateAccess("ana", first.id, context)).toMatchObject({ allowed: false });
    const second = granted(await create()).token;
    granted(await service.disableUser({ name: name("olga") }, name("ana"), "left"));
    expect(await service.authenticateAccess("ana", second.id, context)).toMatchObject({ allowed: false });
  });

  test("are listed with what they are for and nothing that proves them; all of one kind can be revoked at once", async () => {
    const { service, create, login } = await rig();
    const { authenticated } = await login("ana");
    const [first, second] = [granted(await create()).token.id, granted(await create()).token.id];
    granted(await service.revokeToken({ name: name("ana") }, first, "lost"));
    const listed = await service.listTokens(name("ana"));
    const access = listed.filter(({ type }) => type === "access");
    expect(access.map(({ access }) => access)).toEqual([USE, USE]);
    expect(JSON.stringify(listed)).not.toMatch(/storedKey|serverKey|scram|hash/);
    expect(await service.revokeTokens({ name: name("olga") }, name("ana"), "lost", ({ type }) => type === "access")).toEqual([second]);
    expect(await service.authenticateAccess("ana", second, context)).toMatchObject({ allowed: false });
    expect(await service.findToken(authenticated.credential as TokenId)).not.toHaveProperty("revokedAt");
    expect(await service.revokeTokens({ name: name("olga") }, name("ana"), "lost", ({ type }) => type === "access")).toEqual([]);
  });

  test("are bounded in number", async () => {
    const { create } = await rig();
    for (let count = 0; count < 64; count += 1) granted(await create());
    expect(await create()).toMatchObject({ allowed: false, code: "wrong-state" });
  });

  test.each([0, -1, Number.NaN])("do not live for %s ms", async (ttlMs) => {
    const { create } = await rig();
    expect(await create(ttlMs)).toMatchObject({ allowed: false, code: "bad-request" });
  });

  test("the challenge is the same each time, each person's own, and there for nobody too", async () => {
    const { service } = await rig();
    const salt = async (who: string): Promise<string> => (await service.accessChallenge(who)).salt.toString("hex");
    expect(await salt("nobody")).toBe(await salt("nobody"));
    expect(new Set([await salt("ana"), await salt("bob"), await salt("nobody"), await salt("")]).size).toBe(4);
  });
});

describe("access certificates", () => {
  const newKey = (namedCurve = "prime256v1") => generateKeyPairSync("ec", { namedCurve }).publicKey.export({ format: "der", type: "spki" });

  async function certified() {
    const world = await rig();
    const { authenticated } = await world.login("ana");
    const draft = (ttlMs: number) => ({ grant: GRANT, target: TARGET, expiresAt: world.clock.now() + ttlMs });
    const certify = async (publicKey = newKey(), ttlMs = 10 * MINUTE) => {
      const made = granted(await world.service.createAccessCertificate(authenticated, draft(ttlMs), publicKey));
      return { ...made, der: new X509Certificate(made.certificate).raw };
    };
    const show = (der: Buffer, who = "ana") => world.service.authenticateAccessCertificate(who, der, context);
    return { ...world, authenticated, draft, certify, show };
  }
  const refused = { allowed: false, code: "not-authenticated" };

  test("open what they were made for, and say so, in the log too", async () => {
    const { certify, show, store, clock } = await certified();
    const publicKey = newKey();
    const { token, der } = await certify(publicKey);
    expect(await show(der)).toMatchObject({
      principal: { name: "ana" },
      method: "certificate",
      credential: token.id,
      scopes: [],
      access: { grant: GRANT, target: TARGET },
    });
    const read = new X509Certificate(der);
    expect(read.toLegacyObject().subject).toMatchObject({ OU: GRANT, CN: "ana+orders-db" });
    expect(read.validToDate.getTime()).toBe(Math.floor((clock.now() + 10 * MINUTE) / 1000) * 1000);
    const fingerprint = `SHA256:${createHash("sha256").update(publicKey).digest("base64").replace(/=+$/, "")}`;
    const issued = { kind: "certificate.issued", principal: "ana", grant: GRANT, target: TARGET };
    expect(store.events).toContainEqual(
      expect.objectContaining({ ...issued, body: expect.objectContaining({ authority: "database", publicKey: fingerprint }) as object }),
    );
  });

  test("are no password, and a password's token is none of them", async () => {
    const { certify, create, service } = await certified();
    await certify();
    const { token } = granted(await create());
    expect((await service.accessChallenge("ana")).candidates.map((each) => each.token)).toEqual([token.id]);
  });

  test("are nobody else's", async () => {
    const { certify, show } = await certified();
    const { der } = await certify();
    for (const who of ["bob", "nobody", "", "ANA"]) expect(await show(der, who)).toMatchObject(refused);
  });

  test("end with their minutes, when they are revoked, and with their owner", async () => {
    const { certify, show, service, clock } = await certified();
    const [olga, ana] = [{ name: name("olga") }, name("ana")];
    const short = await certify(newKey(), MINUTE);
    const revoked = await certify();
    const last = await certify();
    await service.revokeToken(olga, revoked.token.id, "lost");
    expect(await show(revoked.der)).toMatchObject(refused);
    clock.pass(MINUTE);
    expect(await show(short.der)).toMatchObject(refused);
    expect(await show(last.der)).toMatchObject({ principal: { name: "ana" } });
    await service.disableUser(olga, ana, "left");
    await service.enableUser(olga, ana);
    expect(await show(last.der)).toMatchObject(refused);
  });

  test("of others prove nothing, whatever they say; nor does what is none", async () => {
    const { certify, show } = await certified();
    const other = await certified();
    const foreign = await other.certify();
    const { der } = await certify();
    for (const bytes of [foreign.der, Buffer.alloc(0), der.subarray(1), other.authorities.databaseCertificate]) {
      expect(await show(bytes)).toBeUndefined();
    }
  });

  test("that the authority signed for no token are refused", async () => {
    const { show, authorities, certify } = await certified();
    const { der } = await certify();
    expect(await show(der)).toMatchObject({ principal: { name: "ana" } });
    const draft = { publicKey: newKey(), person: "ana", target: TARGET, under: GRANT, ttlMs: MINUTE };
    expect(await show((await authorities.issueDatabase(draft)).certificate)).toMatchObject(refused);
  });

  test("are made for keys on P-256 alone", async () => {
    const { service, authenticated, draft } = await certified();
    const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey.export({ format: "der", type: "spki" });
    const ed25519 = generateKeyPairSync("ed25519").publicKey.export({ format: "der", type: "spki" });
    for (const key of [newKey("secp384r1"), newKey("secp256k1"), rsa, ed25519, Buffer.alloc(0), Buffer.alloc(91, 1)]) {
      expect(await service.createAccessCertificate(authenticated, draft(MINUTE), key)).toMatchObject({ code: "bad-request" });
    }
  });
});
