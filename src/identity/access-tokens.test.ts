import { describe, expect, test } from "vitest";
import type { GrantId, RequestId, TargetName, TokenId } from "../kernel/ids.ts";
import { granted, home, identityRig, name } from "../../test/kit/identity-rig.ts";

const GRANT = "gr-0000000001" as GrantId;
const REQUEST = "req-0000000001" as RequestId;
const TARGET = "orders-db" as TargetName;
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
