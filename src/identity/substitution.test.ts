/**
 * Every secret that the gate hands out, shown at every door: each opens its own and no other, and nobody else's. What opens a
 * target, and for which grant, is compared by the session layer.
 */
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { away, granted, home, identityRig, name, PASSWORD } from "../../test/kit/identity-rig.ts";
import { SoftwarePasskey } from "../../test/kit/software-passkey.ts";
import type { GrantId, PrincipalName, TargetName } from "../kernel/ids.ts";
import { Secret } from "../kernel/secret.ts";
import { deriveVerifier } from "../wire/postgres/scram.ts";
import { isDenial } from "./denial.ts";

const olga = { name: name("olga") };
const NEW_PASSWORD = new Secret("nine green herons in a row");

async function open() {
  const rig = await identityRig();
  const { service, clock } = rig;
  const { factors, providers } = service;
  await rig.person("ada");
  await rig.person("bob");
  const passkey = new SoftwarePasskey("https://gate.example");
  const enter = async (who: string) => granted(await service.login(who, PASSWORD, home));
  const [ada, bob] = [await enter("ada"), await enter("bob")];
  const by = ada.authenticated;
  const others = new SoftwarePasskey("https://gate.example");
  for (const [who, made] of [
    [by, passkey],
    [bob.authenticated, others],
  ] as const)
    granted(await factors.finishPasskey(who, "laptop", made.create(granted(await factors.startPasskey(who))), home));
  granted(await factors.makeRecoveryCodes(bob.authenticated));
  const scram = async (who: string, text: string) => {
    const { salt, iterations, candidates } = await service.accessChallenge(who);
    const { storedKey } = await deriveVerifier(text, salt, iterations);
    return service.authenticateAccess(who, candidates.find((each) => each.storedKey.equals(storedKey))?.token, away);
  };
  const [machine] = [providers.devices.begin(away)];

  /** What ada was given, or told. */
  const secrets = {
    "her password": PASSWORD.reveal(),
    "the token of her login": ada.token.reveal(),
    "a personal token": granted(await service.createToken(by, { name: "t", scopes: ["all"], ttlMs: 60_000 })).secret.reveal(),
    "a password for a database": granted(
      await service.createAccessToken(by, {
        target: "db" as TargetName,
        grant: "gr-0000000000" as GrantId,
        expiresAt: clock.now() + 60_000,
      }),
    ).secret.reveal(),
    "the code of a handover": granted(await service.createHandover(by)).code.reveal(),
    "the code that a machine keeps": machine.deviceCode,
    "the code that a machine shows": machine.userCode,
    "a recovery code": granted(await factors.makeRecoveryCodes(by))[0]?.reveal() ?? "",
    "the page of a step-up": granted(factors.openLink(by, "a session", home)).id,
    "the secret of a reset": granted(await service.issueReset(olga, name("ada"))).secret.reveal(),
  };
  granted(await providers.devices.decide(by, machine.userCode, true));
  const unapproved = providers.devices.begin(away);

  /** Whom it lets in, where it is shown as `who`'s. */
  const doors = {
    "a call": async (text: string) => whose(await service.authenticateToken(text, away)),
    "the login page, and ssh": async (text: string, who = "ada") => whose(await service.authenticatePassword(who, new Secret(text), home)),
    "a database": async (text: string, who = "ada") => whose(await scram(who, text)),
    "a handover": async (text: string) => named(await service.redeemHandover(new Secret(text), away)),
    "a machine that asks": async (text: string) => {
      const polled = await providers.devices.poll(text, away);
      return polled.state === "done" ? polled.user.name : undefined;
    },
    "a program that comes back from a provider": async (text: string) => {
      const verifier = createHash("sha256").update(text).digest("base64url");
      return named(await providers.logins.redeem(text, verifier, away));
    },
    "the field for recovery codes": async (text: string, who = "ada") => {
      const login = who === "ada" ? by : bob.authenticated;
      const shown = await factors.finishStepUp(login, { kind: "recovery", code: new Secret(text) }, home);
      return isDenial(shown) ? undefined : who;
    },
    "the field for codes of an app": async (text: string) =>
      isDenial(await factors.finishStepUp(by, { kind: "totp", code: text }, home)) ? undefined : "ada",
    "the address of a step-up's page": async (text: string) => {
      const found = await factors.findLink(text);
      return isDenial(found) ? undefined : found.user;
    },
    "a new password": async (text: string, who = "ada") => named(await service.completeReset(who, new Secret(text), NEW_PASSWORD, home)),
    "the first set-up": async (text: string) =>
      named(await service.setup(new Secret(text), { owner: "olga", password: NEW_PASSWORD }, home)),
  };
  return { ...rig, secrets, doors, unapproved };
}

type Opened = Awaited<ReturnType<typeof open>>;
type SecretName = keyof Opened["secrets"];
type DoorName = keyof Opened["doors"];

function whose(answer: { readonly principal: { readonly name: string } } | { readonly allowed: false }): string | undefined {
  return "principal" in answer ? answer.principal.name : undefined;
}

function named(
  answer: { readonly user: PrincipalName | { readonly name: string } } | { readonly name: string } | { readonly allowed: false },
) {
  if ("name" in answer) return answer.name;
  if (!("user" in answer)) return undefined;
  return typeof answer.user === "string" ? answer.user : answer.user.name;
}

/** The one door of each. A code that a machine shows opens nothing: it is typed by whoever is logged in. */
const OWN: Readonly<Record<SecretName, DoorName | undefined>> = {
  "her password": "the login page, and ssh",
  "the token of her login": "a call",
  "a personal token": "a call",
  "a password for a database": "a database",
  "the code of a handover": "a handover",
  "the code that a machine keeps": "a machine that asks",
  "the code that a machine shows": undefined,
  "a recovery code": "the field for recovery codes",
  "the page of a step-up": "the address of a step-up's page",
  "the secret of a reset": "a new password",
};
const SECRETS = Object.keys(OWN) as SecretName[];

describe.each(SECRETS)("%s", (secret) => {
  test("opens its own door and no other", async () => {
    const { doors } = await open();
    const opened: string[] = [];
    for (const door of Object.keys(doors) as DoorName[]) {
      // A gate of its own for each: what one door uses up, or slows down, is there for the next.
      const world = await open();
      const who = await world.doors[door](world.secrets[secret]);
      if (who !== undefined) opened.push(`${door}: ${who}`);
    }
    const own = OWN[secret];
    expect(opened).toEqual(own === undefined ? [] : [`${own}: ada`]);
  });

  test("is nobody else's", async () => {
    const { doors, secrets } = await open();
    // The password is bob's as well, in this world: not what is tested.
    const asked: DoorName[] = ["a database", "the field for recovery codes", "a new password"];
    for (const door of asked) expect([door, await doors[door](secrets[secret], "bob")]).toEqual([door, undefined]);
  });
});

const OWN_DOORS = SECRETS.flatMap((secret): [SecretName, DoorName][] => {
  const door = OWN[secret];
  return door === undefined ? [] : [[secret, door]];
});

test.each(OWN_DOORS)("%s, altered, cut or with something behind it, opens nothing", async (secret, door) => {
  for (const alter of [(text: string) => text.slice(0, -1), (text: string) => `${text}0`, flipped, () => ""]) {
    const { doors, secrets } = await open();
    expect(await doors[door](alter(secrets[secret]))).toBeUndefined();
  }
});

test("the code of a machine that nobody has approved opens nothing, nor does the one it shows", async () => {
  const { doors, unapproved } = await open();
  for (const text of [unapproved.deviceCode, unapproved.userCode]) expect(await doors["a machine that asks"](text)).toBeUndefined();
});

/** Another character of the same kind in the middle. */
function flipped(text: string): string {
  const at = Math.floor(text.length / 2);
  const other = text[at] === "a" ? "b" : "a";
  return text.slice(0, at) + other + text.slice(at + 1);
}
