import { expect, test } from "vitest";
import { away, granted, home, identityRig, newKey } from "../../../test/kit/identity-rig.ts";
import { SoftwarePasskey, textItem, type Lies } from "../../../test/kit/software-passkey.ts";
import { Secret } from "../../kernel/secret.ts";
import { generateKeyPairSync } from "node:crypto";

const ORIGIN = "https://gate.example";

async function withPasskey(options: { counter?: number } = {}) {
  const rig = await identityRig();
  const ada = await rig.person("ada");
  const { authenticated: by, token } = await rig.login("ada");
  const { factors } = rig.service;
  const passkey = new SoftwarePasskey(ORIGIN, options);
  const added = granted(await factors.finishPasskey(by, "laptop", passkey.create(granted(await factors.startPasskey(by))), home));
  /** The login as it is now, with what it has shown. */
  const now = async () => granted(await rig.service.authenticateToken(token.reveal(), home));
  const stepUp = async (lies: Lies = {}, as = by) => {
    const { passkey: options } = granted(await factors.startStepUp(as));
    if (options === undefined) throw new Error("no passkey");
    return factors.finishStepUp(as, { kind: "passkey", answer: passkey.get(options, lies) }, home);
  };
  const reasons = (): unknown[] =>
    rig.store.events.filter(({ kind }) => kind === "login.failed").map(({ body }) => (body as { reason: string }).reason);
  return { ...rig, ada, by, factors, passkey, added, now, stepUp, reasons };
}

test("a passkey is registered, named, and counts for the login that made it", async () => {
  const { added, factors, ada, now, store } = await withPasskey();
  expect(await factors.list(ada)).toMatchObject([{ id: added.id, kind: "passkey", name: "laptop", synced: false }]);
  expect((await now()).factors).toMatchObject([{ kind: "passkey" }]);
  expect(store.events.map(({ kind }) => kind)).toEqual(expect.arrayContaining(["factor.added", "factor.shown"]));
});

test("a passkey alone logs in, and is the second factor of that login", async () => {
  const { service, factors, passkey, added, store, clock } = await withPasskey();
  clock.pass(60_000);
  const options = granted(factors.startLogin());
  expect(options.allowCredentials).toEqual([]);
  const login = granted(await service.loginByPasskey(passkey.get(options), away));
  expect(login.authenticated).toMatchObject({
    principal: { name: "ada" },
    login: login.id,
    factors: [{ kind: "passkey", at: clock.now() }],
  });
  expect(store.events).toContainEqual(
    expect.objectContaining({
      kind: "login.ok",
      principal: "ada",
      body: { method: "passkey", door: "ssh", remote: away.remote, credential: added.id },
    }),
  );
  const again = granted(await service.authenticateToken(login.token.reveal(), away));
  expect(again.factors).toEqual(login.authenticated.factors);
});

test("a step-up is for its own login, with its time, and is on record", async () => {
  const { stepUp, now, clock, login, service } = await withPasskey();
  const other = await login("ada", away);
  clock.pass(3_600_000);
  granted(await stepUp());
  expect((await now()).factors).toEqual([{ kind: "passkey", at: clock.now() }]);
  expect(granted(await service.authenticateToken(other.token.reveal(), away)).factors).toEqual([]);
});

test.each<[string, Lies, string]>([
  ["another origin", { origin: "https://gate.example.evil" }, "a wrong origin"],
  ["the same host over plain HTTP", { origin: "http://gate.example" }, "a wrong origin"],
  ["another domain's authenticator data", { rpId: "evil.example" }, "a wrong domain"],
  ["nobody verified", { verified: false }, "the person was not verified"],
  ["nobody present", { present: false }, "nobody was present"],
  ["framed by another page", { crossOrigin: true }, "framed by another origin"],
  ["framed, and saying by whom", { topOrigin: "https://evil.example" }, "framed by another origin"],
  ["an answer of registration", { type: "webauthn.create" }, "an answer to another question"],
  ["a challenge of its own making", { challenge: Buffer.alloc(38).toString("base64url") }, "a challenge for something else"],
  ["a challenge that is none", { challenge: "AAAA" }, "not a challenge"],
  ["another person's handle", { userHandle: Buffer.from("bob").toString("base64url") }, "made for somebody else"],
  ["an unknown credential", { id: "AAAA" }, "unknown passkey"],
  ["another key", { signWith: generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey }, "a wrong signature"],
])("refused, whatever it is used for: %s", async (_, lies, reason) => {
  const { stepUp, service, factors, passkey, reasons, now, clock } = await withPasskey();
  clock.pass(1000);
  const before = (await now()).factors;
  expect(await stepUp(lies)).toMatchObject({ allowed: false, code: "factor-refused" });
  expect(await service.loginByPasskey(passkey.get(granted(factors.startLogin()), lies), away)).toEqual({
    allowed: false,
    code: "not-authenticated",
  });
  expect((await now()).factors).toEqual(before);
  await service.flush();
  expect(reasons()).toEqual([reason, reason]);
});

test("an answer counts once, also when two come at the same moment", async () => {
  const { service, factors, passkey } = await withPasskey();
  const answer = passkey.get(granted(factors.startLogin()));
  const both = await Promise.all([service.loginByPasskey(answer, home), service.loginByPasskey(answer, home)]);
  expect(both.filter((each) => "allowed" in each)).toHaveLength(1);
  expect(await service.loginByPasskey(answer, home)).toMatchObject({ code: "not-authenticated" });
});

test("a challenge is for one purpose, one person and one login, and for five minutes", async () => {
  const { factors, passkey, by, login, service, person, clock, reasons } = await withPasskey();
  await person("bob");
  const [other, bob] = [await login("ada", away), await login("bob")];
  const { passkey: own } = granted(await factors.startStepUp(by));
  if (own === undefined) throw new Error("no passkey");
  const show = (as: typeof by, options: { rpId: string; challenge: string }) =>
    factors.finishStepUp(as, { kind: "passkey", answer: passkey.get(options) }, home);
  // Session fixation: what one login asked for is of no use to another, not even of the same person.
  expect(await show(other.authenticated, own)).toMatchObject({ code: "factor-refused" });
  expect(await show(bob.authenticated, own)).toMatchObject({ code: "factor-refused" });
  expect(await show(by, granted(factors.startLogin()))).toMatchObject({ code: "factor-refused" });
  expect(await service.loginByPasskey(passkey.get(own), home)).toMatchObject({ code: "not-authenticated" });
  await service.flush();
  expect(new Set(reasons())).toEqual(new Set(["a challenge for something else"]));
  clock.pass(5 * 60_000);
  expect(await show(by, own)).toMatchObject({ code: "factor-refused" });
  await service.flush();
  expect(reasons().at(-1)).toBe("an old challenge");
});

test("a passkey of somebody else steps nobody up", async () => {
  const { factors, passkey, person, login, service, reasons } = await withPasskey();
  await person("bob");
  const { authenticated: bob } = await login("bob");
  const own = new SoftwarePasskey(ORIGIN);
  granted(await factors.finishPasskey(bob, "own", own.create(granted(await factors.startPasskey(bob))), home));
  const { passkey: options } = granted(await factors.startStepUp(bob));
  if (options === undefined) throw new Error("no passkey");
  expect(options.allowCredentials).toMatchObject([{ id: own.credential }]);
  expect(await factors.finishStepUp(bob, { kind: "passkey", answer: passkey.get(options) }, home)).toMatchObject({
    code: "factor-refused",
  });
  await service.flush();
  expect(reasons()).toEqual(["somebody else's passkey"]);
});

test("a counter that goes back is refused and on record; only with a right signature", async () => {
  const { stepUp, service, reasons } = await withPasskey({ counter: 10 });
  granted(await stepUp());
  expect(await stepUp({ counter: 11 })).toMatchObject({ code: "factor-refused" });
  expect(await stepUp({ counter: 0 })).toMatchObject({ code: "factor-refused" });
  expect(await stepUp({ counter: 3, signWith: new SoftwarePasskey(ORIGIN).privateKey })).toMatchObject({ code: "factor-refused" });
  granted(await stepUp());
  await service.flush();
  expect(reasons()).toEqual([
    "its counter went back from 12 to 11: it may have been copied",
    "its counter went back from 12 to 0: it may have been copied",
    "a wrong signature",
  ]);
});

test.each<[string, Lies]>([
  ["from another origin", { origin: "https://evil.example" }],
  ["without verification", { verified: false }],
  ["for another domain", { rpId: "evil.example" }],
  ["framed", { crossOrigin: true }],
  ["with an algorithm that is none", { alg: 0 }],
  ["with an algorithm nobody offered", { alg: -65535 }],
  ["under another id than the one attested", { id: "AAAA" }],
  ["with certificates to look at", { attestation: { fmt: "tpm", statement: Buffer.from([0xa0]) } }],
  [
    "packed, with certificates",
    { attestation: { fmt: "packed", statement: Buffer.concat([Buffer.from([0xa1]), textItem("x5c"), Buffer.from([0x80])]) } },
  ],
])("no passkey is registered %s", async (_, lies) => {
  const rig = await identityRig();
  const ada = await rig.person("ada");
  const { authenticated: by } = await rig.login("ada");
  const { factors } = rig.service;
  const answer = new SoftwarePasskey(ORIGIN).create(granted(await factors.startPasskey(by)), lies);
  expect(await factors.finishPasskey(by, "laptop", answer, home)).toMatchObject({ code: "factor-refused" });
  expect(await factors.list(ada)).toEqual([]);
});

test("one credential belongs to one person", async () => {
  const { factors, passkey, person, login } = await withPasskey();
  const bob = await person("bob");
  const { authenticated } = await login("bob");
  const answer = passkey.create(granted(await factors.startPasskey(authenticated)));
  expect(await factors.finishPasskey(authenticated, "mine now", answer, home)).toMatchObject({ code: "already-exists" });
  expect(await factors.list(bob)).toEqual([]);
});

test("what authenticators know a person by is no name, the same for all their passkeys, and nobody else's", async () => {
  const { factors, by, person, login } = await withPasskey();
  const first = granted(await factors.startPasskey(by));
  await person("bob");
  const { authenticated: bob } = await login("bob");
  const second = granted(await factors.startPasskey(bob));
  expect(granted(await factors.startPasskey(by)).user.id).toBe(first.user.id);
  expect(second.user.id).not.toBe(first.user.id);
  expect(Buffer.from(first.user.id, "base64url").toString("latin1")).not.toContain("ada");
  expect(first.excludeCredentials).toHaveLength(1);
});

test("a key or a personal token shows and changes no factors", async () => {
  const { service, by, factors, ada } = await withPasskey();
  const key = newKey();
  granted(await service.addKey({ name: ada }, ada, key.line));
  const byKey = granted(await service.authenticateKey("ada", key.blob, home));
  const { secret } = granted(await service.createToken(by, { name: "script", scopes: ["all"], ttlMs: 60_000 }));
  const byToken = granted(await service.authenticateToken(secret.reveal(), home));
  for (const other of [byKey, byToken]) {
    expect(await factors.startPasskey(other)).toMatchObject({ code: "not-permitted" });
    expect(await factors.startStepUp(other)).toMatchObject({ code: "not-permitted" });
    expect(await factors.finishStepUp(other, { kind: "recovery", code: new Secret("x") }, home)).toMatchObject({ code: "not-permitted" });
  }
});

test("a disabled person's passkey logs nobody in", async () => {
  const { service, factors, passkey, ada } = await withPasskey();
  granted(await service.disableUser({ name: "olga" as typeof ada }, ada, "left"));
  expect(await service.loginByPasskey(passkey.get(granted(factors.startLogin())), home)).toEqual({
    allowed: false,
    code: "not-authenticated",
  });
});

test("asking to log in says nothing about anybody: no name goes in, nobody is looked up, and only the challenge differs", async () => {
  const { factors } = (await identityRig()).service;
  const { factors: some } = await withPasskey();
  const [nobodyThere, somebodyThere] = [granted(factors.startLogin()), granted(some.startLogin())];
  expect({ ...nobodyThere, challenge: "" }).toEqual({ ...somebodyThere, challenge: "" });
  expect(nobodyThere.challenge).toHaveLength(somebodyThere.challenge.length);
});

test("an unknown passkey and a wrong one are refused alike", async () => {
  const { service, factors, passkey } = await withPasskey();
  const stranger = new SoftwarePasskey(ORIGIN);
  const unknown = await service.loginByPasskey(stranger.get(granted(factors.startLogin())), away);
  const wrong = await service.loginByPasskey(passkey.get(granted(factors.startLogin()), { signWith: stranger.privateKey }), away);
  expect(unknown).toEqual(wrong);
});
