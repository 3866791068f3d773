/** The set-up's step for an identity provider and its test, against a real one: what is wrong is said in plain words. */
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { look, type Window } from "../kit/browser.ts";
import { startConsole, troubles, type TestConsole } from "../kit/console.ts";
import { findFreePort } from "../kit/free-port.ts";
import { startOidcProvider, type OidcProvider } from "../kit/oidc-provider.ts";
import { requirePeer } from "../kit/peers.ts";

const chromium = requirePeer("Chromium", "chromium");

// oxlint-disable-next-line vitest/valid-title -- it names the program that is missing
describe.skipIf(chromium.missing)(chromium.title("the test of an identity provider in the set-up"), () => {
  const opened = new AsyncDisposableStack();
  let gate: TestConsole;
  let corp: OidcProvider;
  let plain: string;

  beforeAll(async () => {
    gate = opened.use(await startConsole());
    corp = opened.use(await startOidcProvider({ redirectUris: [`${gate.url}/v1/login/callback/corp`] }));
    // Something that answers, and is no provider.
    const server = createServer((_, response) => response.setHeader("content-type", "text/html").end("<h1>It works!</h1>"));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    opened.defer(() => void server.close());
    plain = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await writeFile(join(gate.serving.dir, "right.secret"), corp.clientSecret, { mode: 0o600 });
    await writeFile(join(gate.serving.dir, "wrong.secret"), "WRONG-secret-of-the-test", { mode: 0o600 });
  });
  afterAll(() => opened.disposeAsync());

  /** Puts the piece that the page made into the file, as its reader would. */
  const configure = async ({ page }: Window, issuer: string, secret: "right" | "wrong"): Promise<void> => {
    await page.goto("/setup");
    const issuerField = page.getByLabel("Issuer");
    await issuerField.fill(issuer);
    await page.getByLabel("Client id").fill(corp.clientId);
    await page.getByLabel("File with the client secret").fill(join(gate.serving.dir, `${secret}.secret`));
    await page.getByLabel("Groups there, and what they are here").fill("eng-oncall = oncall");
    const block = page.getByRole("region", { name: "Identity provider" }).or(page.getByLabel("Identity provider"));
    const text = (await block.first().textContent()) ?? "";
    const lines = text.slice(text.indexOf("providers:")).trimEnd().split("\n");
    const piece = lines.map((line, index) => (index === 0 ? `  ${line.trim()}` : line)).join("\n");
    const before = await readFile(gate.serving.configPath, "utf8");
    await writeFile(gate.serving.configPath, before.replace("\ngroups:", `${piece}\n\ngroups:`));
    await gate.serving.client("olga").call("config.reload");
    await writeFile(gate.serving.configPath, before);
    await page.reload();
    await page.getByText("corp is configured.").waitFor();
  };
  const withdraw = () => gate.serving.client("olga").call("config.reload");
  const run = async ({ page }: Window): Promise<string> => {
    await page.getByRole("button", { name: "Test corp" }).press("Enter");
    const result = page.getByRole("status").filter({ hasText: /People can log in by it|A login by it would fail/ });
    return (await result.textContent()) ?? "";
  };

  test("one that is right is said to be, step by step", async () => {
    await using window = await gate.open("olga", "/setup");
    await configure(window, corp.issuer, "right");
    const said = await run(window);
    expect(said).toContain("People can log in by it");
    expect(said).toContain("the provider knows the gate by its client id and secret");
    await look(window, "provider-good");
    await withdraw();
    expect(troubles(window)).toEqual([]);
  });

  test.each<[string, string, () => Promise<string> | string, "right" | "wrong", RegExp]>([
    ["a wrong secret", "provider-wrong-secret", () => corp.issuer, "wrong", /does not know this client id with this secret/],
    ["nobody there", "provider-unreachable", async () => `http://127.0.0.1:${await findFreePort()}`, "right", /nothing answers there/],
    ["something else there", "provider-no-issuer", () => plain, "right", /it is no OpenID provider under this address/],
    ["a path too much", "provider-other-path", () => `${corp.issuer}/realms/staff`, "right", /it is no OpenID provider under this address/],
    ["another by its own word", "provider-other-name", () => "OTHER", "right", /calls itself by another issuer/],
  ])("%s is said in plain words, and no secret with them", async (_, name, issuerOf, secret, words) => {
    const given = await issuerOf();
    const isOther = given === "OTHER";
    if (isOther) {
      corp.instead.set("/.well-known/openid-configuration", (_request, response) => {
        const metadata = {
          issuer: "https://id.example/realms/other",
          authorization_endpoint: "https://id.example/a",
          response_types_supported: [],
        };
        response.setHeader("content-type", "application/json").end(JSON.stringify(metadata));
      });
    }
    await using window = await gate.open("olga", "/setup");
    await configure(window, isOther ? corp.issuer : given, secret);
    const said = await run(window);
    expect(said).toContain("A login by it would fail");
    expect(said).toMatch(words);
    await look(window, name);
    for (const text of [await window.page.content(), gate.serving.output()]) {
      expect(text).not.toContain("WRONG-secret-of-the-test");
      expect(text).not.toContain(corp.clientSecret);
    }
    corp.instead.clear();
    await withdraw();
    expect(troubles(window)).toEqual([]);
  });
});
