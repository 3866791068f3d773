/** A login handed from the command line to a browser: once, within a minute, and never for more than it was. */
import { expect, test } from "vitest";
import { away, granted, home, identityRig, name } from "../../test/kit/identity-rig.ts";
import { Secret } from "../kernel/secret.ts";

const NOT = { allowed: false, code: "not-authenticated" };

async function rig() {
  const all = await identityRig();
  await all.person("ana");
  const { authenticated } = await all.login("ana");
  const { code } = granted(await all.service.createHandover(authenticated));
  return { ...all, authenticated, code };
}

test("the code is a login of its own, once, until the end of the one it came from", async () => {
  const { service, code, authenticated, store } = await rig();
  const before = await store.findToken(authenticated.login as never);
  const made = granted(await service.redeemHandover(code, away));
  expect(made).toMatchObject({ user: "ana", expiresAt: before?.expiresAt });
  const inBrowser = granted(await service.authenticateToken(made.token.reveal(), away));
  expect(inBrowser).toMatchObject({ principal: { name: "ana" }, scopes: ["all"], factors: [] });
  expect(inBrowser.login).not.toBe(authenticated.login);
  expect(await service.redeemHandover(code, away)).toMatchObject(NOT);
});

test("after a minute, after a newer one, and after a guess it is nothing", async () => {
  const { service, clock, code, authenticated } = await rig();
  const newer = granted(await service.createHandover(authenticated));
  expect(await service.redeemHandover(code, home)).toMatchObject(NOT);
  clock.pass(60_000);
  expect(await service.redeemHandover(newer.code, home)).toMatchObject(NOT);
  expect(await service.redeemHandover(new Secret(""), home)).toMatchObject(NOT);
});

test("a login that ended, or whose owner was disabled, opens no console", async () => {
  const one = await rig();
  granted(await one.service.logout(one.authenticated.login as never));
  expect(await one.service.redeemHandover(one.code, home)).toMatchObject(NOT);
  const two = await rig();
  granted(await two.service.disableUser({ name: name("olga") }, name("ana"), "left"));
  expect(await two.service.redeemHandover(two.code, home)).toMatchObject(NOT);
});

test("a personal token, which was made to be narrow or to leak less, opens no console", async () => {
  const { service, authenticated } = await rig();
  const { secret } = granted(await service.createToken(authenticated, { name: "all", scopes: ["all"], ttlMs: 3_600_000 }));
  const personal = granted(await service.authenticateToken(secret.reveal(), home));
  expect(await service.createHandover(personal)).toMatchObject({ allowed: false, code: "not-permitted" });
});

test("handed over again and again in its last moments, a login does not outlive itself", async () => {
  const { service, clock, authenticated, store } = await rig();
  const { expiresAt = 0 } = (await store.findToken(authenticated.login as never)) ?? {};
  clock.pass(expiresAt - clock.now() - 1_000);
  const { code } = granted(await service.createHandover(authenticated));
  const made = granted(await service.redeemHandover(code, home));
  expect(made.expiresAt).toBe(expiresAt);
  clock.pass(1_000);
  expect(await service.authenticateToken(made.token.reveal(), home)).toMatchObject({ code: "token-expired" });
});

test("neither the code nor the token is in the log", async () => {
  const { service, store, code } = await rig();
  const made = granted(await service.redeemHandover(code, home));
  const logged = JSON.stringify(store.events);
  expect(logged).toContain("handover.created");
  expect(logged).not.toContain(code.reveal());
  expect(logged).not.toContain(made.token.reveal());
});
