import { describe, expect, test } from "vitest";
import { away, granted, home, identityRig, name } from "../../../test/kit/identity-rig.ts";
import { SoftwarePasskey } from "../../../test/kit/software-passkey.ts";
import { decodeBase32 } from "../../../test/kit/base32.ts";
import { Secret } from "../../kernel/secret.ts";
import type { Authenticated } from "../model.ts";
import { FRESH_MS, RESET_TTL_MS } from "./factors.ts";
import { codeAt, STEP_MS, stepAt } from "./totp.ts";

async function open() {
  const rig = await identityRig();
  const ada = await rig.person("ada");
  const { authenticated: by, token } = await rig.login("ada");
  const { factors } = rig.service;
  const addPasskey = async (as: Authenticated = by) => {
    const options = await factors.startPasskey(as);
    if ("allowed" in options) return options;
    return factors.finishPasskey(as, "laptop", new SoftwarePasskey("https://gate.example").create(options), home);
  };
  /** An app, and what it shows `drift` steps from now. */
  const addTotp = async (as: Authenticated = by) => {
    const secret = decodeBase32(granted(await factors.startTotp(as)).secret.reveal());
    const code = (drift = 0): string => codeAt(secret, stepAt(rig.clock.now()) + drift);
    const factor = granted(await factors.confirmTotp(as, "telephone", code(), home));
    return { factor, code, secret };
  };
  const show = (code: string, as: Authenticated = by) => factors.finishStepUp(as, { kind: "totp", code }, home);
  const recover = (code: Secret, as: Authenticated = by) => factors.finishStepUp(as, { kind: "recovery", code }, home);
  const now = async () => granted(await rig.service.authenticateToken(token.reveal(), home));
  return { ...rig, ada, by, factors, addPasskey, addTotp, show, recover, now };
}

describe("an authenticator app", () => {
  test("counts once a code made with its secret was typed", async () => {
    const { factors, by, ada, addTotp, now } = await open();
    granted(await factors.startTotp(by));
    expect(await factors.list(ada)).toEqual([]);
    expect(await factors.confirmTotp(by, "telephone", "000000", home)).toMatchObject({ code: "bad-request" });
    await addTotp();
    expect(await factors.list(ada)).toMatchObject([{ kind: "totp", name: "telephone" }]);
    expect((await now()).factors).toMatchObject([{ kind: "totp" }]);
  });

  test("a code is taken once: not again, not by another login, not an older one, not two at the same moment", async () => {
    const { addTotp, show, clock, login } = await open();
    const { code } = await addTotp();
    const other = await login("ada", away);
    expect(await show(code())).toMatchObject({ code: "factor-refused" });
    clock.pass(STEP_MS);
    const answers = await Promise.all([show(code()), show(code(), other.authenticated)]);
    expect(answers.filter((each) => !("allowed" in each))).toHaveLength(1);
    expect(await show(code(-1), other.authenticated)).toMatchObject({ code: "factor-refused" });
  });

  test("guessing is slowed down for the person whose code it is, from wherever, and for nobody else", async () => {
    const { addTotp, show, login, clock, person, factors } = await open();
    const { code } = await addTotp();
    clock.pass(STEP_MS);
    const other = await login("ada", away);
    for (let guess = 0; guess < 6; guess += 1) await show("000000", guess % 2 === 0 ? undefined : other.authenticated);
    expect(await show(code())).toMatchObject({ code: "too-many-attempts" });
    expect(await show(code(), other.authenticated)).toMatchObject({ code: "too-many-attempts" });
    await person("bob");
    const { authenticated: bob } = await login("bob");
    const secret = decodeBase32(granted(await factors.startTotp(bob)).secret.reveal());
    granted(await factors.confirmTotp(bob, "his", codeAt(secret, stepAt(clock.now())), home));
    clock.pass(STEP_MS);
    granted(await show(codeAt(secret, stepAt(clock.now())), bob));
    granted(await show(code()));
  });

  test("many guesses at one moment do not slip through together", async () => {
    const { addTotp, show } = await open();
    await addTotp();
    const answers = await Promise.all(Array.from({ length: 40 }, (_, n) => show(String(n).padStart(6, "0"))));
    expect(answers.filter((each) => "allowed" in each && each.code === "factor-refused").length).toBeLessThanOrEqual(6);
  });

  test("guesses get rarer: no more than some hundred in a day", async () => {
    const { addTotp, show, clock } = await open();
    await addTotp();
    let tried = 0;
    for (let seconds = 0; seconds < 86_400; seconds += 10) {
      const answer = await show("000000");
      if ("allowed" in answer && answer.code === "factor-refused") tried += 1;
      clock.pass(10_000);
    }
    expect(tried).toBeLessThan(120);
  });

  test("its secret is in no event and in no answer but the first", async () => {
    const { addTotp, store, factors, ada, secrets } = await open();
    const { secret, factor } = await addTotp();
    const said = JSON.stringify([store.events, await factors.list(ada), factor]);
    for (const form of ["base64", "base64url", "hex", "latin1"] as const) expect(said).not.toContain(secret.toString(form));
    expect([...secrets.contents().keys()]).toContain(`identity/totp/${factor.id}`);
  });
});

describe("recovery codes", () => {
  test("ten, shown once, kept as hashes, each good once", async () => {
    const { addTotp, factors, by, ada, recover, store, now } = await open();
    expect(await factors.makeRecoveryCodes(by)).toMatchObject({ code: "wrong-state" });
    await addTotp();
    const codes = granted(await factors.makeRecoveryCodes(by));
    expect(new Set(codes.map((code) => code.reveal())).size).toBe(10);
    const [first, second] = codes;
    if (!first || !second) throw new Error("no codes");
    // As somebody reads it off paper.
    granted(await recover(new Secret(` ${first.reveal().toUpperCase().replaceAll("-", " ").replaceAll("0", "O")} `)));
    expect((await now()).factors).toContainEqual(expect.objectContaining({ kind: "recovery" }));
    expect(await recover(first)).toMatchObject({ code: "factor-refused" });
    const both = await Promise.all([recover(second), recover(second)]);
    expect(both.filter((each) => !("allowed" in each))).toHaveLength(1);
    expect((await factors.list(ada)).find(({ kind }) => kind === "recovery")).toMatchObject({ left: 8 });
    expect(JSON.stringify(store.events)).not.toContain(second.reveal().replaceAll("-", ""));
  });

  test("new ones void the old, and somebody else's are of no use", async () => {
    const { addTotp, factors, by, recover, person, login } = await open();
    await addTotp();
    const [old] = granted(await factors.makeRecoveryCodes(by));
    const [fresh] = granted(await factors.makeRecoveryCodes(by));
    if (!old || !fresh) throw new Error("no codes");
    await person("bob");
    const { authenticated: bob } = await login("bob");
    expect(await recover(old)).toMatchObject({ code: "factor-refused" });
    expect(await recover(fresh, bob)).toMatchObject({ code: "factor-refused" });
    expect(await recover(new Secret("x".repeat(100_000)))).toMatchObject({ code: "factor-refused" });
    granted(await recover(fresh));
  });
});

describe("a stolen cookie", () => {
  test("adds no factor where there is one, once what was shown is old, and takes none away", async () => {
    const { addPasskey, addTotp, factors, by, clock, ada, show } = await open();
    const { factor, code } = await addTotp();
    clock.pass(FRESH_MS + 1);
    const before = await factors.list(ada);
    const refused = { allowed: false, code: "step-up-needed", stepUp: { withinMs: FRESH_MS } };
    expect(await addPasskey()).toMatchObject(refused);
    expect(await factors.startTotp(by)).toMatchObject(refused);
    expect(await factors.makeRecoveryCodes(by)).toMatchObject(refused);
    expect(await factors.remove(by, factor.id)).toMatchObject(refused);
    expect(await factors.list(ada)).toEqual(before);
    granted(await show(code()));
    granted(await addPasskey());
  });

  test("adds no first factor either, once the login is old", async () => {
    const { addPasskey, clock, login, service, by } = await open();
    clock.pass(FRESH_MS + 1);
    expect(await addPasskey()).toMatchObject({ code: "step-up-needed", next: "sallyport login" });
    // Nor does a login that it was handed over to: that one was proven no later.
    const { code } = granted(await service.createHandover(by));
    const { token } = granted(await service.redeemHandover(code, away));
    const handed = granted(await service.authenticateToken(token.reveal(), away));
    expect(await addPasskey(handed)).toMatchObject({ code: "step-up-needed" });
    granted(await addPasskey((await login("ada")).authenticated));
  });

  test("does not finish what it began before there was a factor", async () => {
    const { factors, by, addTotp, login } = await open();
    const { authenticated: thief } = await login("ada", away);
    const options = granted(await factors.startPasskey(thief));
    await addTotp(by);
    const answer = new SoftwarePasskey("https://gate.example").create(options);
    expect(await factors.finishPasskey(thief, "mine", answer, away)).toMatchObject({ code: "second-factor-needed" });
  });
});

describe("removing", () => {
  test("the last one a role takes stays; without such a role it goes, with the codes that stand in for it", async () => {
    const { factors, addTotp, by, ada, demanding, clock, addPasskey, secrets } = await open();
    const { factor } = await addTotp();
    granted(await factors.makeRecoveryCodes(by));
    demanding.add("ada");
    expect(await factors.remove(by, factor.id)).toMatchObject({ code: "wrong-state" });
    const passkey = granted(await addPasskey());
    granted(await factors.remove(by, factor.id));
    expect([...secrets.contents().keys()]).not.toContain(`identity/totp/${factor.id}`);
    expect(await factors.remove(by, passkey.id)).toMatchObject({ code: "wrong-state" });
    demanding.clear();
    granted(await factors.remove(by, passkey.id));
    expect(await factors.list(ada)).toEqual([]);
    clock.pass(1);
  });

  test("only one's own, by name and by id", async () => {
    const { factors, addTotp, person, login } = await open();
    const { factor } = await addTotp();
    await person("bob");
    const { authenticated: bob } = await login("bob");
    granted(await factors.startTotp(bob));
    expect(await factors.remove(bob, factor.id)).toMatchObject({ code: "not-found" });
    expect(await factors.rename(bob, factor.id, "mine")).toMatchObject({ code: "not-found" });
  });
});

describe("a reset by an administrator", () => {
  test("leaves one code, good once and for an hour, with which alone a new factor is added", async () => {
    const { factors, addTotp, ada, service, store, login, addPasskey, recover, now } = await open();
    await addTotp();
    const { code } = granted(await factors.reset({ name: name("olga") }, ada));
    await expect(now()).rejects.toThrow("not-authenticated");
    const { authenticated: again } = await login("ada");
    // Whoever has the password and not the code adds nothing.
    expect(await addPasskey(again)).toMatchObject({ code: "second-factor-needed" });
    granted(await recover(code, again));
    expect(await recover(code, again)).toMatchObject({ code: "factor-refused" });
    granted(await addPasskey(again));
    expect(store.events).toContainEqual(expect.objectContaining({ kind: "factors.reset", principal: "olga" }));
    expect(JSON.stringify(store.events)).not.toContain(code.reveal());
    await service.flush();
  });

  test("expires", async () => {
    const { factors, ada, login, recover, clock } = await open();
    const { code } = granted(await factors.reset({ name: name("olga") }, ada));
    clock.pass(RESET_TTL_MS);
    const { authenticated: again } = await login("ada");
    expect(await recover(code, again)).toMatchObject({ code: "factor-refused" });
  });

  test("is not for oneself, and owners' are for owners", async () => {
    const { factors, person, ada } = await open();
    await person("olga");
    await person("otto");
    expect(await factors.reset({ name: ada }, ada)).toMatchObject({ code: "not-permitted" });
    expect(await factors.reset({ name: ada }, name("olga"))).toMatchObject({ code: "not-permitted" });
    expect(await factors.reset({ name: name("otto"), scopes: ["user.write"] }, name("olga"))).toMatchObject({ code: "not-permitted" });
    granted(await factors.reset({ name: name("otto") }, name("olga")));
  });
});

test("a step-up of a login that ended meanwhile counts for nothing", async () => {
  const { service, by, addTotp, show, clock } = await open();
  const { code } = await addTotp();
  clock.pass(STEP_MS);
  if (by.login) granted(await service.logout(by.login));
  expect(await show(code())).toMatchObject({ allowed: false });
});
