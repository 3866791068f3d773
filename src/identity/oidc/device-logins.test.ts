/** A login that a machine without a browser is given: never more, longer or fresher than the one that approved it. */
import { expect, test } from "vitest";
import { away, granted, home, identityRig } from "../../../test/kit/identity-rig.ts";

async function rig() {
  const all = await identityRig();
  await all.person("ana");
  const { authenticated } = await all.login("ana");
  const { devices } = all.service.providers;
  /** What the machine gets once `authenticated` has approved it. */
  const given = async () => {
    const { userCode, deviceCode } = devices.begin(away);
    granted(await devices.decide(authenticated, userCode, true));
    const polled = await devices.poll(deviceCode, away);
    if (polled.state !== "done") throw new Error(polled.state);
    return { ...polled, by: granted(await all.service.authenticateToken(polled.token.reveal(), away)) };
  };
  return { ...all, authenticated, given };
}

test("it ends when the login ends that approved it", async () => {
  const { given, clock, store, authenticated } = await rig();
  clock.pass(9 * 60_000);
  const before = await store.findToken(authenticated.login as never);
  expect(await given()).toMatchObject({ expiresAt: before?.expiresAt, by: { principal: { name: "ana" }, remote: away.remote } });
});

test("a cookie that was stolen makes itself no fresh login, by which it could add a first factor", async () => {
  const { given, clock, service } = await rig();
  const fresh = await given();
  expect(granted(await service.factors.startTotp(fresh.by))).toHaveProperty("secret");
  clock.pass(9 * 60_000);
  const late = await given();
  clock.pass(2 * 60_000);
  expect(await service.factors.startTotp(late.by)).toMatchObject({ allowed: false, code: "step-up-needed" });
});

test("a code that somebody else sent is not approved by one click on a login of hours ago; it can be denied", async () => {
  const { authenticated, clock, service } = await rig();
  const { devices } = service.providers;
  clock.pass(11 * 60_000);
  const { userCode, deviceCode } = devices.begin(away);
  expect(await devices.decide(authenticated, userCode, true)).toMatchObject({ allowed: false, code: "step-up-needed" });
  clock.pass(10_000);
  expect(await devices.poll(deviceCode, away)).toMatchObject({ state: "waiting" });
  expect(await devices.decide(authenticated, userCode, false)).toMatchObject({ userCode });
  clock.pass(10_000);
  expect(await devices.poll(deviceCode, away)).toEqual({ state: "denied" });
});

test("nor links an identity of its own, or unlinks the person's", async () => {
  const { authenticated, clock, service } = await rig();
  const { logins } = service.providers;
  // Of this gate without providers: what is refused is what comes after.
  expect(await logins.beginLink(authenticated, "corp", "/")).toMatchObject({ code: "not-found" });
  expect(await service.providers.unlinkOwn(authenticated, "corp", false)).toMatchObject({ code: "not-found" });
  clock.pass(11 * 60_000);
  expect(await logins.beginLink(authenticated, "corp", "/")).toMatchObject({ allowed: false, code: "step-up-needed" });
  expect(await service.providers.unlinkOwn(authenticated, "corp", false)).toMatchObject({ allowed: false, code: "step-up-needed" });
});

test("who begins as many as an address may pushes out nobody else's", async () => {
  const { authenticated, service } = await rig();
  const { devices } = service.providers;
  const { userCode } = devices.begin(home);
  for (let flood = 0; flood < 2_400; flood += 1) devices.begin(away);
  expect(await devices.decide(authenticated, userCode, true)).toMatchObject({ userCode, remote: home.remote });
});
