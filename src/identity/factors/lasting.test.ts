/** What a login that was stolen could leave behind for later: keys and tokens, which outlive it. */
import { describe, expect, test } from "vitest";
import { away, granted, home, identityRig, name, newKey, PASSWORD } from "../../../test/kit/identity-rig.ts";
import { SoftwarePasskey } from "../../../test/kit/software-passkey.ts";
import type { Authenticated } from "../model.ts";
import { FRESH_MS } from "./factors.ts";

const TOKEN = { name: "for later", scopes: ["self"], ttlMs: 90 * 86_400_000 };

async function open() {
  const rig = await identityRig();
  const ada = await rig.person("ada");
  granted(await rig.service.createUser({ name: name("olga") }, { name: "deployer", type: "service" }));
  const { factors } = rig.service;
  const passkey = new SoftwarePasskey("https://gate.example");
  const setUp = async (by: Authenticated) =>
    granted(await factors.finishPasskey(by, "laptop", passkey.create(granted(await factors.startPasskey(by))), home));
  const show = async (by: Authenticated) => {
    const { passkey: options } = granted(await factors.startStepUp(by));
    if (options === undefined) throw new Error("no passkey");
    granted(await factors.finishStepUp(by, { kind: "passkey", answer: passkey.get(options) }, home));
  };
  const ways = {
    "a key of one's own": (by: Authenticated) => rig.service.addKey({ name: ada }, ada, newKey().line, by),
    "a key of a service": (by: Authenticated) => rig.service.addKey({ name: ada }, name("deployer"), newKey().line, by),
    "a token of one's own": (by: Authenticated) => rig.service.createToken(by, TOKEN),
    "a token for a service": (by: Authenticated) => rig.service.createToken(by, { ...TOKEN, for: name("deployer") }),
  };
  const kept = async () => ({ keys: await rig.store.listKeys(ada), tokens: (await rig.store.listTokens(ada)).filter(isPersonal) });
  return { ...rig, ada, factors, passkey, setUp, show, ways, kept };
}

function isPersonal({ type }: { readonly type: string }): boolean {
  return type === "personal";
}

describe.each(["a key of one's own", "a key of a service", "a token of one's own", "a token for a service"] as const)("%s", (way) => {
  test("is made with a factor that was shown within ten minutes, and not later", async () => {
    const { ways, login, clock, setUp, show, kept } = await open();
    const { authenticated: by } = await login("ada");
    await setUp(by);
    granted(await ways[way](by));
    clock.pass(FRESH_MS + 1);
    const before = await kept();
    expect(await ways[way](by)).toMatchObject({ allowed: false, code: "step-up-needed", stepUp: { withinMs: FRESH_MS } });
    expect(await kept()).toEqual(before);
    await show(by);
    granted(await ways[way](by));
  });

  test("is not made with the password alone by somebody who has a factor", async () => {
    const { ways, login, setUp, kept } = await open();
    await setUp((await login("ada")).authenticated);
    const before = await kept();
    const { authenticated: thief } = await login("ada", away);
    expect(await ways[way](thief)).toMatchObject({ allowed: false, code: "second-factor-needed" });
    expect(await kept()).toEqual(before);
  });

  test("is made without a factor, by somebody who has none, only with a login of just now", async () => {
    const { ways, login, clock, kept } = await open();
    const { authenticated: by } = await login("ada");
    granted(await ways[way](by));
    clock.pass(FRESH_MS + 1);
    const before = await kept();
    expect(await ways[way](by)).toMatchObject({ allowed: false, code: "step-up-needed", next: "sallyport login" });
    expect(await kept()).toEqual(before);
    granted(await ways[way]((await login("ada")).authenticated));
  });

  test("is not made with a login that another one was handed over to, which is as old as that", async () => {
    const { ways, login, clock, service } = await open();
    const { authenticated: by } = await login("ada");
    clock.pass(FRESH_MS + 1);
    const { code } = granted(await service.createHandover(by));
    const { token } = granted(await service.redeemHandover(code, away));
    const handed = granted(await service.authenticateToken(token.reveal(), away));
    expect(await ways[way](handed)).toMatchObject({ allowed: false, code: "step-up-needed" });
  });
});

test("a script that adds keys for others shows no factor: its token was made with one", async () => {
  const { service, login, clock, ada, setUp } = await open();
  const { authenticated: by } = await login("ada");
  await setUp(by);
  const { secret } = granted(await service.createToken(by, { ...TOKEN, scopes: ["all"] }));
  clock.pass(86_400_000);
  const script = granted(await service.authenticateToken(secret.reveal(), away));
  expect(await service.addKey({ name: ada }, name("deployer"), newKey().line, script)).toMatchObject({ user: "deployer" });
});

test("a passkey alone is a login and a factor of just now", async () => {
  const { service, factors, passkey, setUp, login, ways, clock } = await open();
  await setUp((await login("ada")).authenticated);
  clock.pass(FRESH_MS + 1);
  const { authenticated: by } = granted(await service.loginByPasskey(passkey.get(granted(factors.startLogin())), home));
  for (const way of Object.values(ways)) granted(await way(by));
  expect(await service.login("ada", PASSWORD, home)).toHaveProperty("token");
});
