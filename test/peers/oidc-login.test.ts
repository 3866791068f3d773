/** People log in by a real identity provider: the console's flow, the command line's, a machine's without a browser. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openClient, type Client } from "../../src/contract/client.ts";
import type { PrincipalName } from "../../src/kernel/ids.ts";
import { Secret } from "../../src/kernel/secret.ts";
import { OWNER_PASSWORD } from "../kit/gate.ts";
import { newKey } from "../kit/identity-rig.ts";
import { MiniBrowser } from "../kit/mini-browser.ts";
import type { OidcProvider } from "../kit/oidc-provider.ts";
import { logInToConsole, sessionOf, startProviderGate } from "../kit/provider-gate.ts";
import { until } from "../kit/until.ts";

const CLI = new URL("../../src/main/cli.ts", import.meta.url).pathname;

describe("a gate with two providers", () => {
  let world: Awaited<ReturnType<typeof startProviderGate>>;
  let corp: OidcProvider;
  let olga: Client;

  beforeAll(async () => {
    world = await startProviderGate(["corp", "strict"], {
      corp: ["groups: { eng-oncall: oncall }", "create: true", "refresh: 2s", "secondFactor: { amr: [hwk] }"],
      strict: [],
    });
    [corp] = world.providers as [OidcProvider];
    const { token } = await openClient({ url: world.url }).call("login.password", { body: { user: "olga", password: OWNER_PASSWORD } });
    olga = openClient({ url: world.url, token: new Secret(token) });
  }, 60_000);
  afterAll(() => world?.[Symbol.asyncDispose]());

  const events = async (kind: "login.ok" | "user.linked" | "user.unlinked" | "user.created") =>
    (await world.test.gate.store.log.query({ kinds: [kind], limit: 100 })).map(({ principal, body }) => ({ principal, body }));
  /** `sallyport` in a process of its own, with its own home. */
  const sallyport = (home: string, ...args: string[]) => {
    const env = { PATH: process.env["PATH"], HOME: join(world.test.dir, home) };
    const child = spawn(process.execPath, [CLI, ...args, "--url", world.url], { env, stdio: ["ignore", "pipe", "pipe"] });
    const said = { text: "", status: undefined as number | null | undefined };
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => (said.text += text));
    child.on("close", (status) => (said.status = status));
    return {
      said,
      find: (form: RegExp) => until(() => form.test(said.text) || said.status !== undefined).then(() => form.exec(said.text)),
    };
  };

  test("the first login to the console makes a user, with the provider's groups and second factor", async () => {
    corp.accounts.set("ana-1", { name: "ana", groups: ["eng-oncall", "everybody"], amr: ["pwd", "hwk"] });
    const browser = new MiniBrowser();
    const end = await logInToConsole(browser, world.url, "corp", "ana-1", "/requests?state=open");
    expect(end.pathname + end.search).toBe("/requests?state=open");
    expect((await sessionOf(browser, world.url).call("status.show")).me).toMatchObject({ name: "ana", groups: ["oncall"] });
    const [token] = await world.test.gate.store.identity.listTokens("ana" as PrincipalName);
    expect(token?.login).toMatchObject({ method: "oidc", provider: "corp", factors: [{ kind: "provider", at: expect.any(Number) }] });
    expect(await events("user.linked")).toContainEqual({
      principal: "ana",
      body: { user: "ana", provider: "corp", subject: "ana-1", how: "first-login" },
    });
    expect(await events("login.ok")).toContainEqual({
      principal: "ana",
      body: expect.objectContaining({ method: "oidc", provider: "corp" }),
    });
    expect((await olga.call("users.list")).users.find(({ name }) => name === "ana")).toMatchObject({
      hasPassword: false,
      identities: [{ provider: "corp", subject: "ana-1" }],
    });
  });

  test("whoever is renamed at the provider stays who they are", async () => {
    corp.accounts.set("ana-1", { name: "anna", groups: [] });
    const browser = new MiniBrowser();
    await logInToConsole(browser, world.url, "corp", "ana-1");
    expect((await sessionOf(browser, world.url).call("status.show")).me).toMatchObject({ name: "ana", groups: [] });
  });

  test("a provider that may make no users lets in whom an administrator linked, and nobody else", async () => {
    const strict = world.providers[1] as OidcProvider;
    strict.accounts.set("9", { name: "bert", groups: [] });
    const browser = new MiniBrowser();
    const refused = await logInToConsole(browser, world.url, "strict", "9");
    expect(refused.search).toBe("?error=no-account&provider=strict&returnTo=%2F");
    await olga.call("users.create", { body: { name: "bert" } });
    await olga.call("identities.link", { params: { name: "bert" }, body: { provider: "strict", subject: "9" } });
    await logInToConsole(browser, world.url, "strict", "9");
    const client = sessionOf(browser, world.url);
    expect((await client.call("status.show")).me.name).toBe("bert");
    await olga.call("identities.unlink", { params: { name: "bert", provider: "strict" } });
    await expect(client.call("status.show")).rejects.toMatchObject({ code: "not-authenticated" });
    expect((await events("user.unlinked")).at(-1)).toEqual({ principal: "olga", body: { user: "bert", provider: "strict", subject: "9" } });
  });

  test("somebody logged in links their own identity, and it stays theirs", async () => {
    corp.accounts.set("olga-at-corp", { name: "olga", groups: ["eng-oncall"] });
    const browser = new MiniBrowser();
    const console_ = { "content-type": "application/json", "sallyport-console": "1" };
    const login = JSON.stringify({ user: "olga", password: OWNER_PASSWORD });
    await browser.fetch(`${world.url}/v1/login/console`, { method: "POST", headers: console_, body: login });
    const begun = await browser.fetch(`${world.url}/v1/login/providers/corp/link`, {
      method: "POST",
      headers: console_,
      body: JSON.stringify({ returnTo: "/me" }),
    });
    const { url } = (await begun.json()) as { url: string };
    const end = await browser.walk(url, "olga-at-corp", (at) => at.origin === world.url && !at.pathname.startsWith("/v1/"));
    expect(end.pathname).toBe("/me");
    expect((await events("user.linked")).at(-1)?.body).toMatchObject({ user: "olga", subject: "olga-at-corp", how: "self" });
    const other = new MiniBrowser();
    await logInToConsole(other, world.url, "corp", "olga-at-corp");
    expect((await sessionOf(other, world.url).call("status.show")).me).toMatchObject({ name: "olga" });
    // The owner's password needs no provider's word.
    corp.accounts.delete("olga-at-corp");
    await until(() => world.test.gate.identity.providers.refusalOf("olga" as PrincipalName) !== undefined);
    expect((await olga.call("status.show")).me.groups).toEqual(["owners", "leads"]);
  });

  test("`sallyport login --provider`: the browser comes back to the program, which has a login then", async () => {
    corp.accounts.set("cli-1", { name: "clara", groups: ["eng-oncall"] });
    const { said, find } = sallyport("clara", "login", "--provider", "corp");
    const [, url = ""] = (await find(/^ {2}(http\S+)$/m)) ?? [];
    const browser = new MiniBrowser();
    const back = await browser.walk(url, "cli-1", ({ pathname, searchParams }) => pathname === "/" && searchParams.has("code"));
    const wrong = new URL(back);
    wrong.searchParams.set("state", "of-another-login");
    expect((await fetch(wrong)).status).toBe(404);
    expect(await (await fetch(back)).text()).toContain("You are logged in");
    await until(() => said.status !== undefined);
    expect(said.text).toMatch(/as clara for 1[12]h/);
    expect(said.status).toBe(0);
  });

  test("`sallyport login --device`: approved in the console, and no longer than the login it was approved with", async () => {
    const browser = new MiniBrowser();
    await logInToConsole(browser, world.url, "corp", "cli-1");
    const client = sessionOf(browser, world.url);
    const { said, find } = sallyport("device", "login", "--device");
    const [, code = ""] = (await find(/([A-Z]{4}-[A-Z]{4})/)) ?? [];
    expect(said.text).toContain("/login/device");
    expect(await client.call("device.show", { params: { code } })).toMatchObject({ remote: expect.stringContaining("127.0.0.1") });
    await client.call("device.decide", { body: { code, approve: true } });
    await until(() => said.status !== undefined);
    expect(said.status).toBe(0);
    const tokens = await world.test.gate.store.identity.listTokens("clara" as PrincipalName);
    const made = tokens.find(({ login }) => login?.method === "device");
    const from = tokens.find(({ login }) => login?.method === "oidc");
    expect(made?.login).toMatchObject({ provider: "corp", session: from?.login?.session });
    // But for what passed between reading the one and writing the other.
    expect(made?.expiresAt).toBeLessThan((from?.expiresAt ?? 0) + 1_000);
  });

  test("a login certificate opens nothing once its login has ended", async () => {
    const browser = new MiniBrowser();
    await logInToConsole(browser, world.url, "corp", "cli-1");
    const client = sessionOf(browser, world.url);
    const { certificate } = await client.call("certificates.login", { body: { publicKey: newKey().line } });
    const blob = Buffer.from(certificate.split(" ")[1] ?? "", "base64");
    const { identity } = world.test.gate;
    const context = { door: "ssh", remote: "127.0.0.1:1" } as const;
    const authenticated = await identity.authenticateCertificate("clara", blob, context);
    expect(authenticated).toMatchObject({ method: "certificate", login: expect.stringMatching(/^tok-/), factors: [] });
    await client.call("login.end");
    expect(await identity.authenticateCertificate("clara", blob, context)).toMatchObject({ code: "not-authenticated" });
    expect("allowed" in authenticated ? undefined : await identity.refusalSince(authenticated)).toMatchObject({ code: "locked" });
  });

  test("the test of a provider goes step by step, and says which one fails", async () => {
    const { ok, steps, redirectUri } = await olga.call("providers.test", { params: { provider: "corp" } });
    expect(redirectUri).toBe(`${world.url}/v1/login/callback/corp`);
    expect(steps.filter((each) => !each.ok)).toEqual([]);
    expect(ok).toBe(true);
    expect(steps.map(({ check }) => check)).toEqual(
      expect.arrayContaining(["client secret", "discovery", "signing keys", "clock", "PKCE"]),
    );
    corp.instead.set("/jwks", (_, response) => response.writeHead(500).end());
    const failing = await olga.call("providers.test", { params: { provider: "corp" } });
    corp.instead.clear();
    expect(failing.ok).toBe(false);
    expect(failing.steps.filter((each) => !each.ok).map(({ check }) => check)).toEqual(["signing keys"]);
  });

  test("health has a line for each provider, and their list no secret", async () => {
    const { checks } = await olga.call("health.details");
    expect(checks.filter(({ name }) => name.startsWith("identity provider")).map(({ name }) => name)).toEqual([
      "identity provider corp",
      "identity provider strict",
    ]);
    expect(JSON.stringify(await olga.call("providers.list"))).not.toContain(corp.clientSecret);
  });

  test("nothing went wrong inside the gate meanwhile", () => {
    expect(world.test.faults).toEqual([]);
  });
});
