/**
 * Every challenge, answered everywhere else than where it was asked: of the four purposes (to log in, to register, to step up, to
 * show for somebody who waits), of another login of the same person, and of another person. Only its own place takes it, once.
 */
import { expect, test } from "vitest";
import { away, granted, home, identityRig } from "../../../test/kit/identity-rig.ts";
import { SoftwarePasskey } from "../../../test/kit/software-passkey.ts";
import type { Authenticated } from "../model.ts";
import { isDenial } from "../denial.ts";

const ORIGIN = "https://gate.example";

async function open() {
  const rig = await identityRig();
  const { service } = rig;
  const { factors } = service;
  await rig.person("ada");
  await rig.person("bob");
  const [ada, second, bob] = [await rig.login("ada"), await rig.login("ada", away), await rig.login("bob")].map(
    ({ authenticated }) => authenticated,
  ) as [Authenticated, Authenticated, Authenticated];
  const [adas, bobs] = [new SoftwarePasskey(ORIGIN), new SoftwarePasskey(ORIGIN)];
  for (const [by, passkey] of [
    [ada, adas],
    [bob, bobs],
  ] as const)
    granted(await factors.finishPasskey(by, "laptop", passkey.create(granted(await factors.startPasskey(by))), home));
  // Adding takes a factor; the second login shows one, so that nothing but the challenge stands in its way.
  const asked = granted(await factors.startStepUp(second)).passkey;
  if (asked === undefined) throw new Error("no passkey");
  granted(await factors.finishStepUp(second, { kind: "passkey", answer: adas.get(asked) }, away));

  const links = { ada: granted(factors.openLink(ada, "a session", home)), other: granted(factors.openLink(ada, "another", home)) };
  const bobsLink = granted(factors.openLink(bob, "a session", home));
  const stepUp = async (by: Authenticated) => granted(await factors.startStepUp(by)).passkey?.challenge ?? "";
  const register = async (by: Authenticated) => granted(await factors.startPasskey(by)).challenge;
  const link = async (id: string) => granted(await factors.findLink(id)).passkey.challenge;

  /** Where a challenge comes from. */
  const asks = {
    "to log in": async () => granted(factors.startLogin()).challenge,
    "to register": () => register(ada),
    "to register, of another login": () => register(second),
    "to register, of another person": () => register(bob),
    "to step up": () => stepUp(ada),
    "to step up, of another login": () => stepUp(second),
    "to step up, of another person": () => stepUp(bob),
    "to show for who waits": () => link(links.ada.id),
    "to show for who waits elsewhere": () => link(links.other.id),
    "to show for another person who waits": () => link(bobsLink.id),
  };
  const rp = { id: "gate.example" };
  const handle = granted(await factors.startPasskey(ada)).user;
  /** Ada's own answers to it, right in everything else. */
  const answers = {
    "to log in": (challenge: string) => service.loginByPasskey(adas.get({ rpId: rp.id, challenge }), home),
    "to register": (challenge: string) =>
      factors.finishPasskey(ada, "new", new SoftwarePasskey(ORIGIN).create({ rp, user: handle, challenge }), home),
    "to step up": (challenge: string) => factors.finishStepUp(ada, { kind: "passkey", answer: adas.get({ rpId: rp.id, challenge }) }, home),
    "to show for who waits": (challenge: string) => factors.finishLink(links.ada.id, adas.get({ rpId: rp.id, challenge }), away),
  };
  return { ...rig, asks, answers, adas };
}

const PLACES = ["to log in", "to register", "to step up", "to show for who waits"] as const;

test.each(PLACES)("asked %s: only there it is answered, and once", async (place) => {
  const { asks, answers } = await open();
  const taken: string[] = [];
  for (const [from, ask] of Object.entries(asks)) {
    if (!isDenial(await answers[place](await ask()))) taken.push(from);
  }
  expect(taken).toEqual([place]);
  const challenge = await (await open()).asks[place]();
  // Of another gate's process: as a challenge of before a restart.
  expect(isDenial(await answers[place](challenge))).toBe(true);
});

test.each(PLACES)("an answer %s counts once, and so does its challenge under any other answer", async (place) => {
  const { asks, answers } = await open();
  const challenge = await asks[place]();
  expect(isDenial(await answers[place](challenge))).toBe(false);
  expect(isDenial(await answers[place](challenge))).toBe(true);
  // Base64 has several spellings of some bytes; a used challenge has one name.
  for (const spelled of [`${challenge}=`, `${challenge}==`, challenge.replaceAll("-", "+").replaceAll("_", "/"), `${challenge} `]) {
    expect(isDenial(await answers[place](spelled))).toBe(true);
  }
});

test("who logs in is named by the passkey itself: an answer without its person's handle is none", async () => {
  const { asks, adas, service } = await open();
  const { id, response } = adas.get({ rpId: "gate.example", challenge: await asks["to log in"]() });
  const { userHandle, ...without } = response;
  expect(userHandle).not.toBe("");
  expect(await service.loginByPasskey({ id, response: without }, home)).toMatchObject({ code: "not-authenticated" });
  expect(await service.loginByPasskey({ id, response: { ...without, userHandle: "" } }, home)).toMatchObject({ code: "not-authenticated" });
});

test("a copied passkey is noticed by whichever of the two comes second, and neither login nor page takes it", async () => {
  const { service, login, person } = await identityRig();
  await person("ada");
  const { authenticated: by } = await login("ada");
  const { factors } = service;
  const passkey = new SoftwarePasskey(ORIGIN, { counter: 5 });
  granted(await factors.finishPasskey(by, "key", passkey.create(granted(await factors.startPasskey(by))), home));
  const enter = (counter: number) => service.loginByPasskey(passkey.get(granted(factors.startLogin()), { counter }), away);
  granted(await enter(20));
  // The copy still counts from where it was made.
  for (const counter of [7, 20, 0]) expect(await enter(counter)).toMatchObject({ code: "not-authenticated" });
  using waiting = granted(factors.openLink(by, "a session", home));
  const { passkey: asked } = granted(await factors.findLink(waiting.id));
  expect(await factors.finishLink(waiting.id, passkey.get(asked, { counter: 20 }), away)).toMatchObject({ code: "factor-refused" });
  granted(await enter(21));
});
