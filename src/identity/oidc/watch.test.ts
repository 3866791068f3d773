/** What follows from what a provider says, and from its silence, by a clock that the test moves. The provider is a table. */
import { beforeEach, describe, expect, test } from "vitest";
import { MemoryIdentityStore, MemorySecretStore } from "../../../test/kit/memory-identity-store.ts";
import { TestClock } from "../../../test/kit/test-clock.ts";
import { GateError } from "../../kernel/errors.ts";
import type { PrincipalName } from "../../kernel/ids.ts";
import { systemRandom } from "../../kernel/random.ts";
import { Secret } from "../../kernel/secret.ts";
import { Changes, type IdentityChange } from "../changes.ts";
import { Serial } from "../serial.ts";
import { TokenIssuer } from "../token-issuer.ts";
import { Users } from "../users.ts";
import { KeptTokens } from "./kept.ts";
import { Links } from "./links.ts";
import type { Provider, ProviderSettings, Told } from "./provider.ts";
import type { Providers } from "./providers.ts";
import { LAST_KNOWN_MS, Vouched } from "./vouched.ts";
import { ProviderWatch } from "./watch.ts";

const ANA = "ana" as PrincipalName;
const REFRESH_MS = 300_000;
const SETTINGS: ProviderSettings = {
  name: "corp",
  kind: "oidc",
  issuer: "https://id.example",
  clientId: "gate",
  scopes: ["openid"],
  parameters: {},
  claims: { user: "preferred_username", groups: "groups" },
  groups: { eng: "oncall", boss: "leads" },
  create: true,
  secondFactor: { amr: [], acr: [] },
  refreshMs: REFRESH_MS,
};

function told(groups: readonly string[], more: Partial<Told> = {}): Told {
  return { subject: "1", user: "ana", groups, factors: [], keep: new Secret(`refresh-${groups.join()}`), ...more };
}

let world: Awaited<ReturnType<typeof open>>;
beforeEach(async () => {
  world = await open();
});

async function open() {
  const [store, secrets, clock, changes, serial] = [
    new MemoryIdentityStore(),
    new MemorySecretStore(),
    new TestClock(),
    new Changes(),
    new Serial(),
  ];
  const settings = new Map([["corp", SETTINGS]]);
  const state = {
    live: true,
    asked: 0,
    answer: async (): Promise<Told> => told(["eng"]),
    faults: [] as unknown[],
    seen: [] as IdentityChange[],
  };
  changes.subscribe((change) => state.seen.push(change));
  const holdings = { permissionsOf: () => new Set<string>(), lacking: () => undefined, isPermission: () => true, isOwner: () => false };
  const directory = {
    groupsOf: () => [],
    actsForOf: () => undefined,
    principal: ({ name, type }: { name: PrincipalName; type: "human" | "service" | "agent" }) => ({ name, type, groups: [] }),
  };
  const all = {
    store,
    secrets,
    clock,
    changes,
    serial,
    holdings,
    directory,
    random: systemRandom,
    isTargetName: () => false,
    isNamed: () => false,
  };
  const tokens = new TokenIssuer(all);
  const users = new Users({ ...all, tokens });
  const links = new Links({ ...all, users });
  const providers: Pick<Providers, "find" | "use"> = {
    find: (name) => settings.get(name),
    use: async (_, work) => {
      state.asked += 1;
      return work({ again: state.answer } as Partial<Provider> as Provider, SETTINGS);
    },
  };
  const make = (vouched: Vouched) =>
    new ProviderWatch({
      ...all,
      vouched,
      links,
      tokens,
      providers: providers as Providers,
      kept: new KeptTokens(secrets),
      isLive: () => state.live,
      onFault: (error) => state.faults.push(error),
    });
  const newVouched = (): Vouched => new Vouched(() => settings, clock);
  const vouched = newVouched();
  const watch = make(vouched);
  const first = told(["eng"]);
  const user = await links.userOf(SETTINGS, first);
  if ("reason" in user) throw new Error(user.reason);
  await watch.told(user, SETTINGS, first);
  /** Time passes, a second at a time as the gate's clock ticks; answers are waited for. */
  const pass = async (ms: number, step = 60_000): Promise<void> => {
    for (let left = ms; left > 0; left -= step) {
      clock.pass(Math.min(step, left));
      await watch.tick();
      await Promise.all(vouched.all().flatMap(({ asking }) => asking ?? []));
    }
  };
  return { store, secrets, clock, settings, state, tokens, links, vouched, watch, user, pass, make, newVouched };
}

test("somebody who is there is asked about at least every refresh, and not much more often", async () => {
  await world.pass(10 * REFRESH_MS, 1_000);
  expect(world.state.asked).toBeGreaterThanOrEqual(10);
  expect(world.state.asked).toBeLessThanOrEqual(14);
  expect(world.vouched.groupsOf(ANA)).toEqual(["oncall"]);
});

test("somebody who is not there is not asked about, and is before they come in again", async () => {
  world.state.live = false;
  await world.pass(10 * REFRESH_MS);
  expect(world.state.asked).toBe(0);
  world.state.answer = async () => told(["boss"]);
  await world.watch.freshen(ANA);
  expect(world.state.asked).toBe(1);
  expect(world.vouched.groupsOf(ANA)).toEqual(["leads"]);
  await world.watch.freshen(ANA);
  expect(world.state.asked).toBe(1);
});

test("what is not told any more is gone, and everybody who listens hears of it", async () => {
  world.state.answer = async () => told(["boss", "unmapped"]);
  await world.pass(REFRESH_MS);
  expect(world.vouched.groupsOf(ANA)).toEqual(["leads"]);
  expect(world.state.seen.at(-1)).toEqual({ user: ANA, what: "groups-changed" });
  expect(world.store.events.at(-1)).toMatchObject({ kind: "user.groups-changed", body: { old: ["oncall"], now: ["leads"] } });
});

test("a refresh token that was given instead is the one that is kept", async () => {
  world.state.answer = async () => told(["eng"], { keep: new Secret("the second") });
  await world.pass(REFRESH_MS);
  const sealed = world.secrets.contents().get("provider-login/corp/ana")?.toString();
  expect(sealed).toContain("the second");
});

describe.each([
  ["says that it is over", new GateError("provider-ended", "invalid_grant")],
  ["answers about somebody else", new GateError("provider-ended", "it answered about somebody else")],
])("a provider that %s", (_, failure) => {
  test("ends logins, groups and standing at once, on record", async () => {
    const made = await world.tokens.createLogin(
      world.user,
      { ttlMs: 3_600_000, method: "oidc", provider: "corp", remote: "", factors: [] },
      [],
    );
    world.state.answer = () => Promise.reject(failure);
    await world.pass(REFRESH_MS);
    expect(world.vouched.refusalOf(ANA)).toMatchObject({ code: "provider-ended" });
    expect(world.vouched.groupsOf(ANA)).toEqual([]);
    expect("allowed" in made ? undefined : (await world.store.findToken(made.token.id))?.revokedAt).toBeDefined();
    expect(world.store.events.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(["user.provider-ended", "user.groups-changed", "login.ended"]),
    );
    expect(world.secrets.contents().has("provider-login/corp/ana")).toBe(false);
    // Nor is the provider asked again, until they log in there.
    const { asked } = world.state;
    await world.pass(3 * REFRESH_MS);
    expect(world.state.asked).toBe(asked);
    await world.watch.told(world.user, SETTINGS, told(["eng"]));
    expect(world.vouched.refusalOf(ANA)).toBeUndefined();
  });

  test("somebody is out also where it cannot be written down", async () => {
    world.state.answer = () => Promise.reject(failure);
    world.store.failing = true;
    world.clock.pass(REFRESH_MS);
    await world.watch.tick();
    await Promise.allSettled(world.vouched.all().flatMap(({ asking }) => asking ?? []));
    expect(world.vouched.refusalOf(ANA)).toMatchObject({ code: "provider-ended" });
    expect(world.state.faults).toHaveLength(1);
  });
});

describe("a provider that cannot be reached", () => {
  beforeEach(() => {
    world.state.answer = () => Promise.reject(new GateError("provider-unreachable"));
  });

  test("changes nothing for eight hours; then nobody vouches, and sessions hear of it once", async () => {
    await world.pass(LAST_KNOWN_MS - 60_000);
    expect(world.vouched.groupsOf(ANA)).toEqual(["oncall"]);
    expect(world.vouched.refusalOf(ANA)).toBeUndefined();
    await world.pass(120_000);
    expect(world.vouched.groupsOf(ANA)).toEqual([]);
    expect(world.vouched.refusalOf(ANA)).toMatchObject({ code: "provider-unreachable" });
    expect(world.state.seen.filter(({ what }) => what === "provider-ended")).toHaveLength(1);
  });

  test("setting the clock back or on changes none of that", async () => {
    world.clock.jump(-86_400_000);
    await world.pass(LAST_KNOWN_MS + 60_000);
    expect(world.vouched.refusalOf(ANA)).toMatchObject({ code: "provider-unreachable" });
  });

  test("when it answers again, everything is as before", async () => {
    await world.pass(LAST_KNOWN_MS + 60_000);
    world.state.answer = async () => told(["eng"]);
    await world.pass(REFRESH_MS);
    expect(world.vouched.groupsOf(ANA)).toEqual(["oncall"]);
  });
});

test("claims that cannot be read name no groups", async () => {
  world.state.answer = () => Promise.reject(new GateError("provider-refused", "its claim"));
  await world.pass(REFRESH_MS);
  expect(world.vouched.groupsOf(ANA)).toEqual([]);
  expect(world.vouched.refusalOf(ANA)).toBeUndefined();
});

test("a provider that goes from the configuration takes what it said with it", () => {
  world.settings.delete("corp");
  expect(world.vouched.groupsOf(ANA)).toEqual([]);
  expect(world.vouched.refusalOf(ANA)).toMatchObject({ code: "provider-ended" });
});

test("after a restart what was said is as old as it is, and what ended has ended", async () => {
  world.clock.pass(LAST_KNOWN_MS - 60_000);
  const restarted = world.newVouched();
  await world.make(restarted).load();
  expect(restarted.groupsOf(ANA)).toEqual(["oncall"]);
  world.clock.pass(120_000);
  expect(restarted.groupsOf(ANA)).toEqual([]);

  const [vouch] = world.vouched.all();
  if (vouch) await world.watch.end(vouch, "logged out", "provider-logout");
  const again = world.newVouched();
  await world.make(again).load();
  expect(again.refusalOf(ANA)).toMatchObject({ code: "provider-ended" });
});

test("a login while a question is under way keeps the newer refresh token", async () => {
  const { promise, resolve } = Promise.withResolvers<Told>();
  world.state.answer = () => promise;
  world.clock.pass(REFRESH_MS);
  await world.watch.tick();
  const login = world.watch.told(world.user, SETTINGS, told(["boss"], { keep: new Secret("of the login") }));
  resolve(told(["eng"], { keep: new Secret("of the question") }));
  await login;
  expect(world.secrets.contents().get("provider-login/corp/ana")?.toString()).toContain("of the login");
  expect(world.vouched.groupsOf(ANA)).toEqual(["leads"]);
});
