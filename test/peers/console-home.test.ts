/** The first page somebody sees: their access with the commands to copy, what waits for a yes, and what they may ask for. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { look } from "../kit/browser.ts";
import { startConsole, troubles, widthOf, type TestConsole } from "../kit/console.ts";
import { requirePeer } from "../kit/peers.ts";

const chromium = requirePeer("Chromium", "chromium");

// oxlint-disable-next-line vitest/valid-title -- it names the program that is missing
describe.skipIf(chromium.missing)(chromium.title("the console's home"), () => {
  let gate: TestConsole;

  beforeAll(async () => {
    gate = await startConsole();
  });
  afterAll(() => gate?.[Symbol.asyncDispose]());

  test("access comes with its command, which goes to the clipboard; it is extended, and given back", async () => {
    const grant = await gate.serving.grant();
    await using window = await gate.open("ana", "/");
    const { page } = window;
    const command = page.getByText(/^ssh -p \d+ web-1\.prod@/);
    await command.waitFor();
    await page.getByRole("button", { name: /^Copy: ssh/ }).click();
    expect(await page.evaluate<string>("navigator.clipboard.readText()")).toBe(await command.textContent());
    expect(await page.getByRole("link", { name: "Open here on web-1.prod" }).getAttribute("href")).toBe(
      `/terminal/web-1.prod?grant=${grant.id}`,
    );
    await gate.serving.client("ana").call("requests.create", {
      body: { reason: "and <b>more</b>", role: "debug", targets: ["web-1.prod"], durationMs: 60_000 },
    });
    await page.getByText("1 of leads still to come (lea, olga)").waitFor({ timeout: 5_000 });
    await look(window, "home");

    await page.getByRole("button", { name: "More time" }).click();
    await page.getByLabel("Why").fill("the dump takes longer");
    await look(window, "home-extend");
    await page.getByRole("button", { name: "Take it" }).click();
    await page.getByText("You have more time").waitFor();
    await page.getByText(/1h 2\dm left/).waitFor();

    await page.getByRole("button", { name: "Give back" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Give back" }).click();
    await page.getByText("You have no access now").waitFor();
    const { state, endedHow } = await gate.serving.client("ana").call("grants.show", { params: { id: grant.id } });
    expect({ state, endedHow }).toEqual({ state: "ended", endedHow: "given-back" });
    expect(troubles(window)).toEqual([]);
  });

  test("what one may ask for is found by service and label, in an address that can be shared, and asked for from there", async () => {
    await using window = await gate.open("ana", "/?search=nowhere");
    const { page } = window;
    await page.getByText("Nothing you may ask for matches “nowhere”").waitFor();
    const search = page.getByLabel("Search by service, label or name");
    await search.fill("service=checkout prod");
    await page.getByRole("link", { name: "Request web-1.prod" }).click();
    await page.waitForURL("**/request?target=web-1.prod");
    await page.getByRole("checkbox", { name: /web-1\.prod/ }).waitFor();
    expect(await page.getByRole("checkbox", { name: /web-1\.prod/ }).isChecked()).toBe(true);
    expect(window.faults).toEqual([]);
  });

  test("on a telephone nothing is cut off", async () => {
    await gate.serving.grant();
    await using window = await gate.open("ana", "/", { phone: true });
    await window.page.getByText("What I may ask for").waitFor();
    await look(window, "home-phone");
    expect(await widthOf(window)).toBeLessThanOrEqual(390);
  });
});
