import { expect, test } from "vitest";
import { away, granted, home, identityRig, name, newKey, PASSWORD } from "../../../test/kit/identity-rig.ts";
import { SoftwarePasskey } from "../../../test/kit/software-passkey.ts";
import { securityKey } from "../../../test/kit/software-security-key.ts";
import { encodePublicKeyLine } from "../../wire/ssh/keys/public-key.ts";
import { LOGIN_TTL_MS } from "../token-issuer.ts";

const ORIGIN = "https://gate.example";

/** Ada has a passkey, and comes with a key of her own, as `ssh` does; the browser is elsewhere. */
async function atThePrompt() {
  const rig = await identityRig();
  const ada = await rig.person("ada");
  const { authenticated: login } = await rig.login("ada");
  const { factors } = rig.service;
  const passkey = new SoftwarePasskey(ORIGIN);
  granted(await factors.finishPasskey(login, "laptop", passkey.create(granted(await factors.startPasskey(login))), home));
  const key = newKey();
  granted(await rig.service.addKey({ name: ada }, ada, key.line));
  const come = async (context = home) => granted(await rig.service.authenticateKey("ada", key.blob, context));
  const by = await come();
  const open = () => granted(factors.openLink(by, 'a session on "web-1"', home));
  const touch = async (id: string, as = passkey, lies = {}) => {
    const found = await factors.findLink(id);
    return "allowed" in found ? found : factors.finishLink(id, as.get(found.passkey, lies), away);
  };
  return { ...rig, factors, passkey, key, by, come, open, touch, login };
}

test("the page says who waits, where and for what; the touch counts for whoever waits, and not for the browser", async () => {
  const { open, touch, factors, by, store, login } = await atThePrompt();
  using link = open();
  expect(await factors.findLink(link.id)).toMatchObject({ user: "ada", what: 'a session on "web-1"', remote: home.remote });
  expect(by.factors).toEqual([]);
  expect(await touch(link.id)).toBe("ada");
  expect(await link.shown).toMatchObject([{ kind: "passkey" }]);
  const shown = store.events.findLast(({ kind }) => kind === "factor.shown");
  expect(shown).toMatchObject({ principal: "ada", body: { kind: "passkey", login: by.credential } });
  expect(shown?.body).not.toMatchObject({ login: login.login });
});

test("is remembered for the person with that key at that address, as long as a login would last", async () => {
  const { open, touch, come, clock } = await atThePrompt();
  using link = open();
  await touch(link.id);
  expect((await come()).factors).toMatchObject([{ kind: "passkey" }]);
  expect((await come({ ...home, remote: "192.0.2.8:1" })).factors).toEqual([]);
  clock.pass(LOGIN_TTL_MS);
  expect((await come()).factors).toEqual([]);
});

test("good once, for five minutes, and only as long as somebody waits", async () => {
  const { open, touch, clock, factors } = await atThePrompt();
  using link = open();
  const found = granted(await factors.findLink(link.id));
  await touch(link.id);
  expect(await touch(link.id)).toMatchObject({ code: "not-found" });
  expect(found.passkey.challenge).toBeDefined();
  const late = open();
  clock.pass(5 * 60_000);
  expect(await touch(late.id)).toMatchObject({ code: "not-found" });
  factors.tick();
  expect(await late.shown).toMatchObject({ code: "timeout" });
  const left = open();
  left[Symbol.dispose]();
  expect(await touch(left.id)).toMatchObject({ code: "not-found" });
  expect(await left.shown).toMatchObject({ code: "timeout" });
});

test("an id that is guessed, and a challenge of another wait, are of no use", async () => {
  const { open, factors, passkey } = await atThePrompt();
  using first = open();
  using second = open();
  const { passkey: options } = granted(await factors.findLink(first.id));
  expect(await factors.findLink("0".repeat(26))).toMatchObject({ code: "not-found" });
  expect(await factors.finishLink("0".repeat(26), passkey.get(options), away)).toMatchObject({ code: "not-found" });
  expect(await factors.finishLink(second.id, passkey.get(options), away)).toMatchObject({ code: "factor-refused" });
  const login = granted(factors.startLogin());
  expect(await factors.finishLink(second.id, passkey.get(login), away)).toMatchObject({ code: "factor-refused" });
});

test("somebody else's passkey shows nothing for whoever waits", async () => {
  const { open, touch, person, factors, service, store } = await atThePrompt();
  await person("eve");
  const { authenticated: eve } = granted(await service.login("eve", PASSWORD, home));
  const own = new SoftwarePasskey(ORIGIN);
  granted(await factors.finishPasskey(eve, "own", own.create(granted(await factors.startPasskey(eve))), home));
  using link = open();
  expect(await touch(link.id, own)).toMatchObject({ code: "factor-refused" });
  expect(await touch(link.id, undefined, { origin: "https://evil.example" })).toMatchObject({ code: "factor-refused" });
  expect(store.events.filter(({ kind }) => kind === "factor.shown")).toHaveLength(2);
});

test("of one person only a few wait at one time", async () => {
  const { by, factors } = await atThePrompt();
  for (let each = 0; each < 5; each += 1) granted(factors.openLink(by, "a session", home));
  expect(factors.openLink(by, "a session", home)).toMatchObject({ code: "too-many-connections" });
});

test("a security key that verified its owner is a passkey shown now, for that key at that address", async () => {
  const { by, come, service, store, clock, key } = await atThePrompt();
  const proven = await service.countSecurityKey(by, key.blob, home);
  expect(proven.factors).toEqual([{ kind: "passkey", at: clock.now() }]);
  expect((await come()).factors).toEqual(proven.factors);
  expect((await come({ ...home, remote: "192.0.2.8:1" })).factors).toEqual([]);
  expect(store.events.at(-3)).toMatchObject({ kind: "factor.shown", body: { kind: "passkey", factor: by.credential } });
});

test("software that signs as a security key is none: not by a certificate, which is made for any key, nor as somebody else's", async () => {
  const { by, service, store, person } = await atThePrompt();
  const before = store.events.length;
  const certified = { ...by, method: "certificate" as const, credential: "7" };
  expect(await service.countSecurityKey(certified, securityKey(5).blob, home)).toEqual(certified);
  const bob = await person("bob");
  const theirs = newKey();
  granted(await service.addKey({ name: bob }, bob, theirs.line));
  expect(await service.countSecurityKey(by, theirs.blob, home)).toEqual(by);
  expect(store.events.slice(before).map(({ kind }) => kind)).not.toContain("factor.shown");
});

test("a security key is added as a passkey is: with a factor shown, by its person, so that a stolen login adds none", async () => {
  const { service, login, clock } = await atThePrompt();
  const ada = login.principal.name;
  const line = (): string => encodePublicKeyLine(securityKey(5).blob);
  // What its login showed when the passkey was made is fresh.
  granted(await service.addKey({ name: ada }, ada, line(), login));
  clock.pass(11 * 60_000);
  expect(await service.addKey({ name: ada }, ada, line(), login)).toMatchObject({ allowed: false, code: "step-up-needed" });
  const { authenticated: thief } = granted(await service.login("ada", PASSWORD, away));
  expect(await service.addKey({ name: ada }, ada, line(), thief)).toMatchObject({ allowed: false, code: "second-factor-needed" });
  expect(await service.addKey({ name: name("olga") }, ada, line())).toMatchObject({ allowed: false, code: "not-permitted" });
});

test("a reset forgets what was shown with keys", async () => {
  const { by, come, service, factors, key } = await atThePrompt();
  await service.countSecurityKey(by, key.blob, home);
  granted(await factors.reset({ name: name("olga") }, by.principal.name));
  expect((await come()).factors).toEqual([]);
});
