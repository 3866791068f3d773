/** How the gate is used, and by which providers people log in: charts of real sessions, and a provider that goes away. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { look } from "../kit/browser.ts";
import { startConsole, troubles, widthOf, type TestConsole } from "../kit/console.ts";
import { startOidcProvider, type OidcProvider } from "../kit/oidc-provider.ts";
import { requirePeer } from "../kit/peers.ts";
import { providerLines } from "../kit/provider-gate.ts";

const chromium = requirePeer("Chromium", "chromium");

// oxlint-disable-next-line vitest/valid-title -- it names the program that is missing
describe.skipIf(chromium.missing)(chromium.title("use and providers"), () => {
  let gate: TestConsole;
  let provider: OidcProvider;
  let dir: string;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), "sallyport-console-use-"));
    provider = await startOidcProvider({ redirectUris: ["http://localhost/v1/login/providers/corp/callback"] });
    gate = await startConsole({ gateLines: `  providers:\n${await providerLines("corp", provider, dir)}` });
  });
  afterAll(async () => {
    await gate?.[Symbol.asyncDispose]();
    await provider?.[Symbol.asyncDispose]();
    await rm(dir, { recursive: true, force: true });
  });

  test("of nothing the page says so", async () => {
    await using window = await gate.open("olga", "/admin/use");
    const { page } = window;
    await page.getByRole("heading", { name: "No sessions in this time" }).waitFor();
    await page.getByRole("heading", { name: "Nothing was approved in this time" }).waitFor();
    await look(window, "use-empty");
    expect(troubles(window)).toEqual([]);
  });

  test("sessions, approvals and targets are drawn, said in a sentence, and there as a table; the time is in the address", async () => {
    await gate.serving.grant();
    await gate.serving.ssh(["true"]);
    await using window = await gate.open("olga", "/admin/use");
    const { page } = window;
    await page.getByRole("img", { name: /^One session, on / }).waitFor();
    await page.getByRole("img", { name: /^One request was approved/ }).waitFor();
    await page.getByRole("heading", { name: "All sessions were on web-1.prod" }).waitFor();
    expect(await page.locator("canvas").count()).toBe(2);
    await look(window, "use-one");
    for (const times of [1, 2]) await gate.serving.ssh(["echo", String(times)]);
    await page.getByLabel("The last").selectOption("day");
    await page.waitForURL(/range=day/);
    await page.getByRole("img", { name: /^3 sessions/ }).waitFor();
    await page.getByText("As a table").first().press("Enter");
    await page.getByRole("table", { name: /^3 sessions/ }).waitFor();
    await look(window, "use");
    expect(troubles(window)).toEqual([]);
  });

  test("on a phone", async () => {
    await using window = await gate.open("olga", "/admin/use?range=week", { phone: true });
    await window.page.getByRole("img").first().waitFor();
    expect(await widthOf(window)).toBe(390);
    await look(window, "use-phone");
    expect(troubles(window)).toEqual([]);
  });

  test("a provider is tested, and again when it is away", async () => {
    await using window = await gate.open("olga", "/admin/providers");
    const { page } = window;
    await page.getByRole("heading", { name: /^corp/ }).waitFor();
    await page.getByRole("button", { name: "Test it" }).press("Enter");
    await page.getByText("People can log in by it").waitFor();
    await look(window, "providers-tested");
    provider.away = true;
    await page.getByRole("button", { name: "Test it" }).press("Enter");
    await page.getByText("A login by it would fail").waitFor();
    await look(window, "providers-away");
    provider.away = false;
    expect(await page.getByText(provider.clientSecret).count()).toBe(0);
    expect(troubles(window)).toEqual([]);
  });
});
