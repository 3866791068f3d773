/** Who was put out at the provider does not come back by a password of the gate's own; an owner does. */
import { expect, test } from "vitest";
import { granted, home, identityRig, name, PASSWORD } from "../../../test/kit/identity-rig.ts";
import { TestClock } from "../../../test/kit/test-clock.ts";
import { Secret } from "../../kernel/secret.ts";
import { Vouched } from "./vouched.ts";

async function rig() {
  // A mapping is all that is asked of the settings here.
  const settings = () => new Map([["corp", { groups: {} }]]) as never;
  const vouched = new Vouched(settings, new TestClock());
  const all = await identityRig({
    providers: { settings, vouched, publicUrl: () => "", isNamed: () => true, isLive: () => false, onFault: () => undefined },
  });
  await all.person("olga");
  await all.person("ana");
  const putOut = (user: string): void =>
    vouched.put({ user: name(user), provider: "corp", subject: user, groups: [], toldAt: Infinity, nextAt: Infinity, ended: "disabled" });
  return { ...all, putOut };
}

test("no login by a password, and those there are end", async () => {
  const { service, login, putOut } = await rig();
  const { authenticated, token } = await login("ana");
  putOut("ana");
  expect(await service.login("ana", PASSWORD, home)).toMatchObject({ code: "provider-ended" });
  expect(await service.authenticatePassword("ana", PASSWORD, home)).toMatchObject({ code: "provider-ended" });
  expect(await service.authenticateToken(token.reveal(), home)).toMatchObject({ code: "provider-ended" });
  expect(await service.refusalSince(authenticated)).toMatchObject({ code: "provider-ended" });
});

test("a wrong password tells nothing of it", async () => {
  const { service, putOut } = await rig();
  putOut("ana");
  expect(await service.login("ana", new Secret("not the password of ana"), home)).toMatchObject({ code: "not-authenticated" });
});

test("no new password takes the provider's word away: neither one's own nor one by a reset unlinks anybody", async () => {
  const { service, store } = await rig();
  const ana = name("ana");
  granted(await service.providers.link({ name: name("olga") }, ana, { provider: "corp", subject: "42" }));
  const identities = (await store.findUser(ana))?.identities;
  expect(identities).toMatchObject([{ provider: "corp", subject: "42" }]);
  const { secret } = granted(await service.issueReset({ name: name("olga") }, ana));
  granted(await service.completeReset("ana", secret, PASSWORD, home));
  expect(await store.findUser(ana)).toMatchObject({ identities });
  const by = { principal: { name: ana, type: "human", groups: [] }, method: "token", credential: "x", at: 0, remote: home.remote } as const;
  granted(await service.setPassword(by, PASSWORD, new Secret("nine green herons in a row"), home));
  const after = await store.findUser(ana);
  expect(after).toMatchObject({ identities });
  expect(after).not.toHaveProperty("reset");
  expect(await store.findUserByIdentity("corp", "42")).toMatchObject({ name: "ana" });
});

test("an owner comes in, so that somebody can when the provider is wrong", async () => {
  const { service, login, putOut } = await rig();
  const { token } = await login("olga");
  putOut("olga");
  expect(await service.login("olga", PASSWORD, home)).toHaveProperty("token");
  expect(await service.authenticateToken(token.reveal(), home)).toMatchObject({ principal: { name: "olga" } });
});
