/**
 * Who is taken out of a group at the provider, disabled there, logged out there, or locked here is cut off: ssh and psql
 * that run, within the time of a refresh and one second. Times are printed.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { AuditEvent, LoggedEvent } from "../../src/audit/event.ts";
import type { PrincipalName } from "../../src/kernel/ids.ts";
import { MiniBrowser } from "../kit/mini-browser.ts";
import { psqlAndServer } from "../kit/postgres.ts";
import { requirePeer } from "../kit/peers.ts";
import { beginConsole } from "../kit/provider-gate.ts";
import { startProviderWorld, type ProviderWorld } from "../kit/provider-world.ts";
import { until } from "../kit/until.ts";

const sshd = requirePeer("OpenSSH server", "sshd");
const REFRESH_MS = 2_000;
/** Promise 1, and what a machine under load takes. */
const SLACK_MS = 3_000;
const OWNER = { name: "olga" as PrincipalName, groups: ["owners"] };

describe.skipIf(sshd.missing || psqlAndServer.missing)(psqlAndServer.title("cut off by what a provider says"), () => {
  let world: ProviderWorld;

  beforeAll(async () => {
    world = await startProviderWorld({ refresh: "2s" });
  }, 120_000);
  afterAll(() => world?.[Symbol.asyncDispose]());
  afterEach(() => {
    world.provider.away = false;
  });

  /** Milliseconds from `act` until both sessions of somebody are gone. */
  const cut = async (name: string, what: string, act: () => unknown): Promise<number> => {
    const started = performance.now();
    await act();
    await until(() => world.live(name) === 0);
    const took = Math.round(performance.now() - started);
    console.log(`${what}: ssh and psql cut after ${took} ms (refresh every ${REFRESH_MS} ms)`);
    return took;
  };
  /** The bodies of `count` events of a kind about somebody, once the log has them: who is out is cut before it is written down. */
  const events = async (kind: AuditEvent["kind"], about: string, count = 1): Promise<readonly LoggedEvent["body"][]> => {
    const { log } = world.database.test.gate.store;
    const find = async () => {
      const found = await log.query({ kinds: [kind], limit: 1000 });
      return found.filter(({ principal, body }) => principal === about || (body as { user?: string }).user === about);
    };
    await until(async () => (await find()).length >= count);
    return (await find()).map(({ body }) => body);
  };

  test("taken out of the group", async () => {
    const { name, client, openBoth, grant } = await world.person("nina");
    await openBoth();
    const took = await cut(name, "removed from a group", () => world.provider.accounts.set(name, { groups: ["everybody"] }));
    expect(took).toBeLessThan(REFRESH_MS + SLACK_MS);
    // The first is of the login, which gave the group.
    const changed = await events("user.groups-changed", name, 2);
    expect(changed.at(-1)).toMatchObject({ provider: "corp", old: ["oncall"], now: [] });
    // Logged in they stay; they may just ask for nothing.
    expect((await client.call("status.show")).me.groups).toEqual([]);
    await expect(grant("shell")).rejects.toThrow("no-rule");
    await events("session.ended", name, 2);
  });

  test("disabled at the provider", async () => {
    const { name, client, key, openBoth } = await world.person("emil");
    await openBoth();
    const took = await cut(name, "disabled at the provider", () =>
      world.provider.accounts.set(name, { groups: ["eng-oncall"], disabled: true }),
    );
    expect(took).toBeLessThan(REFRESH_MS + SLACK_MS);
    expect(await events("user.provider-ended", name)).toMatchObject([{ provider: "corp" }]);
    expect(await events("login.ended", name)).toMatchObject([{ how: "provider" }]);
    const ended = { how: "cut", code: "provider-ended" };
    expect(await events("session.ended", name, 2)).toMatchObject([ended, ended]);
    await expect(client.call("status.show")).rejects.toMatchObject({ code: "not-authenticated" });
    // Nor by the key that they registered themselves.
    expect(key).toBeDefined();
    const { identity } = world.database.test.gate;
    const [registered] = await identity.listKeys(name as PrincipalName);
    const blob = Buffer.from(registered?.publicKey.split(" ")[1] ?? "", "base64");
    expect(await identity.authenticateKey(name, blob, { door: "ssh", remote: "127.0.0.1:1" })).toMatchObject({ code: "provider-ended" });
  });

  test("logged out at the provider, by its back channel", async () => {
    const { name, openBoth } = await world.person("otto");
    await openBoth();
    const { gate } = world.database.test;
    const token = (await gate.store.identity.listTokens(name as PrincipalName)).find(({ type }) => type === "login");
    const uri = `${world.url}/v1/login/backchannel/corp`;
    const started = performance.now();
    await world.provider.logOut(name, token?.login?.session ?? "", uri);
    // psql came by a password that was made with the login; ssh by a key of their own.
    await until(() => world.live(name) === 1);
    console.log(`logged out at the provider: psql cut after ${Math.round(performance.now() - started)} ms`);
    expect(await events("login.ended", name)).toMatchObject([{ how: "provider-logout" }]);
    await gate.registry.kill(
      gate.registry.list().find(({ permit }) => permit.authenticated.principal.name === name)?.id ?? ("" as never),
      "olga",
      "done",
    );
  });

  test("locked here", async () => {
    const { name, openBoth } = await world.person("lisa");
    await openBoth();
    const { locks } = world.database.test.gate;
    const took = await cut(name, "locked", () => locks.lock(OWNER, { kind: "principal", name }, "security asks"));
    expect(took).toBeLessThan(SLACK_MS);
  });

  test("a mapping that goes from the configuration", async () => {
    const { name, openBoth } = await world.person("rosa");
    await openBoth();
    const took = await cut(name, "the mapping removed", () =>
      world.reconfigure((text) => text.replace("groups: { eng-oncall: oncall }", "groups: { eng-leads: leads }")),
    );
    expect(took).toBeLessThan(SLACK_MS);
    await world.reconfigure((text) => text.replace("groups: { eng-leads: leads }", "groups: { eng-oncall: oncall }"));
  });

  test("a provider that is away removes nobody; a new login by it says what is wrong", async () => {
    const { name, client, openBoth } = await world.person("finn");
    await openBoth();
    world.provider.away = true;
    const { gate } = world.database.test;
    await until(() => gate.identity.providers.health().some(({ ok }) => ok === false));
    const asked = world.provider.asked.length;
    await until(() => world.provider.asked.length >= asked + 3);
    expect(world.live(name)).toBe(2);
    expect((await client.call("status.show")).me.groups).toEqual(["oncall"]);
    world.provider.away = false;
    const browser = new MiniBrowser();
    world.provider.accounts.set("late", { groups: [] });
    const begun = await beginConsole(browser, world.url, "corp");
    const callback = await browser.walk(begun, "late", ({ pathname }) => pathname.startsWith("/v1/login/callback/"));
    world.provider.away = true;
    const answer = await browser.fetch(callback);
    expect(answer.headers.get("location")).toBe("/login?error=provider-unreachable&provider=corp&returnTo=%2F");
    expect(browser.cookie(new URL(world.url).host, "sallyport")).toBeUndefined();
  });

  test("nothing went wrong inside the gate meanwhile", () => {
    expect(world.database.test.faults).toEqual([]);
  });
});
