/** Logging in by GitHub, against a stand-in for it (test/kit/github-stand-in.ts): there is no real one to test against. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PrincipalName } from "../../src/kernel/ids.ts";
import { startGitHubStandIn, type GitHubStandIn } from "../kit/github-stand-in.ts";
import { MiniBrowser } from "../kit/mini-browser.ts";
import { beginConsole, logInToConsole, sessionOf, startProviderGate } from "../kit/provider-gate.ts";
import { until } from "../kit/until.ts";

describe("a gate with GitHub's stand-in", () => {
  let world: Awaited<ReturnType<typeof startProviderGate>>;
  let hub: GitHubStandIn;

  beforeAll(async () => {
    world = await startProviderGate([]);
    const { test: gate, url } = world;
    hub = await startGitHubStandIn(`${url}/v1/login/callback/hub`);
    const secret = join(gate.dir, "hub.secret");
    await writeFile(secret, hub.clientSecret, { mode: 0o600 });
    const entry = `    - { name: hub, kind: github, issuer: "${hub.issuer}", clientId: ${hub.clientId}, clientSecret: "file:${secret}", groups: { acme/sre: oncall, "acme/team-150": leads }, create: true, refresh: 1s }`;
    await writeFile(gate.configPath, (await readFile(gate.configPath, "utf8")).replace("  providers: []", `  providers:\n${entry}`));
    const loaded = await gate.gate.configuration.reload("gate");
    if (loaded.outcome !== "loaded") throw new Error(JSON.stringify(loaded));
  }, 60_000);
  afterAll(async () => {
    await world?.[Symbol.asyncDispose]();
    await hub?.[Symbol.asyncDispose]();
  });

  const logIn = async (account: string): Promise<{ browser: MiniBrowser; end: URL }> => {
    hub.signedIn = account;
    const browser = new MiniBrowser();
    return { browser, end: await logInToConsole(browser, world.url, "hub", account) };
  };

  test("somebody is their number, in the teams that are mapped, on whichever page they stand", async () => {
    const teams = ["acme/sre", ...Array.from({ length: 160 }, (_, n) => `acme/team-${n}`)];
    hub.accounts.set("nils", { id: 77, login: "nils", orgs: ["acme"], teams });
    const { browser } = await logIn("nils");
    expect((await sessionOf(browser, world.url).call("status.show")).me).toMatchObject({ name: "nils", groups: ["leads", "oncall"] });
    const user = await world.test.gate.store.identity.findUserByIdentity("hub", "77");
    expect(user?.name).toBe("nils");
  });

  test("a name that somebody gave up and somebody else took makes nobody nils", async () => {
    hub.accounts.set("nils", { id: 77, login: "nils-the-first", orgs: [], teams: [] });
    hub.accounts.set("impostor", { id: 78, login: "nils", orgs: [], teams: [] });
    const { browser, end } = await logIn("impostor");
    expect(end.searchParams.get("error")).toBe("no-account");
    expect(browser.cookie(new URL(world.url).host, "sallyport")).toBeUndefined();
  });

  test("a team left is noticed, and so is a suspension", async () => {
    const account = { id: 79, login: "sven", orgs: ["acme"], teams: ["acme/sre"] as readonly string[], suspended: false };
    hub.accounts.set("sven", account);
    const { browser } = await logIn("sven");
    const client = sessionOf(browser, world.url);
    expect((await client.call("status.show")).me.groups).toEqual(["oncall"]);
    account.teams = [];
    await until(async () => (await client.call("status.show")).me.groups.length === 0);
    account.suspended = true;
    await until(() => world.test.gate.identity.providers.refusalOf("sven" as PrincipalName)?.code === "provider-ended");
    // Out at once; that the login has ended is written down a moment later.
    await expect(client.call("status.show")).rejects.toMatchObject({ code: expect.stringMatching(/^(provider-ended|not-authenticated)$/) });
  });

  test("a code of another login fails at PKCE", async () => {
    hub.accounts.set("vera", { id: 80, login: "vera", orgs: [], teams: [] });
    hub.signedIn = "vera";
    const isCallback = ({ pathname }: URL): boolean => pathname.startsWith("/v1/login/callback/");
    const [one, two] = [new MiniBrowser(), new MiniBrowser()];
    const stolen = await one.walk(await beginConsole(one, world.url, "hub"), "vera", isCallback);
    const callback = await two.walk(await beginConsole(two, world.url, "hub"), "vera", isCallback);
    callback.searchParams.set("code", stolen.searchParams.get("code") ?? "");
    const answer = await two.fetch(callback);
    expect(answer.headers.get("location")).toContain("error=provider-refused");
  });

  test("nothing went wrong inside the gate meanwhile", () => {
    expect(world.test.faults).toEqual([]);
  });
});
