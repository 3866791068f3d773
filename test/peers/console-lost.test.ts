/** The gate dies under people who look at its console, and comes back: nobody is told that all is well, and nothing typed is lost. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { logIn, look, type Window } from "../kit/browser.ts";
import { startConsole, type TestConsole } from "../kit/console.ts";
import { requirePeer } from "../kit/peers.ts";
import { PASSWORD } from "../kit/serving.ts";

const chromium = requirePeer("Chromium", "chromium");

// oxlint-disable-next-line vitest/valid-title -- it names the program that is missing
describe.skipIf(chromium.missing)(chromium.title("a console whose gate dies"), () => {
  let gate: TestConsole;

  beforeAll(async () => {
    // lea may ask too: what is hers is not what ana typed.
    const leads =
      '  - { name: leads, who: ["group:leads"], roles: [debug], targets: { labels: { service: checkout } }, max: 1h, approval: 1 of owners }';
    gate = await startConsole({ configuration: { rules: leads } });
    await gate.serving.grant();
  });
  afterAll(() => gate?.[Symbol.asyncDispose]());

  const notice = ({ page }: Window) => page.getByText("The gate does not answer.");

  test("every page says so until it is back; a form is sent then; a terminal says that its session is over", async () => {
    await using terminal = await gate.open("ana", "/terminal/web-1.prod");
    const screen = terminal.page.getByTestId("terminal").locator(".xterm-rows");
    await screen
      .getByText(/[#$]\s*$/)
      .last()
      .waitFor();
    await using wall = await gate.open("olga", "/live");
    await wall.page.getByTestId("tile").waitFor();
    await using queue = await gate.open("lea", "/approve");
    await queue.page.getByText("Nothing waits for you").waitFor();
    await using form = await gate.open("ana", "/request?target=web-1.prod&role=debug");
    await form.page.getByLabel("Why").fill("What nobody wants to type twice");

    await gate.serving.kill9();
    for (const window of [terminal, wall, queue, form]) await notice(window).waitFor();
    await terminal.page.getByText("The connection is lost").waitFor();
    await wall.page.getByText("connection lost, trying again").waitFor();
    await look(queue, "lost");
    await form.page.getByRole("button", { name: "Send the request" }).click();
    await form.page.getByText("Check your connection, then try again").first().waitFor();
    expect(await form.page.getByLabel("Why").inputValue()).toBe("What nobody wants to type twice");

    await gate.serving.restart();
    await terminal.page.getByText("This session is over").waitFor();
    await look(terminal, "terminal-over");
    await wall.page.getByText("Nobody is connected").waitFor();
    for (const window of [queue, form]) await notice(window).waitFor({ state: "detached" });
    await form.page.getByRole("button", { name: "Send the request" }).click();
    await form.page.getByRole("heading", { name: "Waiting for a yes" }).waitFor();
    await queue.page.getByRole("heading", { name: "ana asks for debug" }).waitFor();
    await terminal.page.getByRole("button", { name: "Open again" }).click();
    await screen
      .getByText(/[#$]\s*$/)
      .last()
      .waitFor();
  });

  test("a login that ends while somebody types says so at once; what was typed is there for them, and for nobody else", async () => {
    await using window = await gate.open("ana", "/request?target=web-1.prod&role=debug");
    const { page } = window;
    const why = page.getByLabel("Why", { exact: true });
    await why.fill("Half a thought");
    await page.getByLabel("Ticket").fill("INC-7");
    await window.context.clearCookies();
    await page.getByRole("button", { name: "Send the request" }).click();
    await page.getByText("Your login has ended.").waitFor();
    await look(window, "login-lapsed");
    await logIn(window, "lea", PASSWORD);
    await page.getByRole("heading", { name: "Request access" }).waitFor();
    await why.waitFor();
    expect(await why.inputValue()).toBe("");
    await window.context.clearCookies();
    await page.goto("/request?target=web-1.prod&role=debug");
    await logIn(window, "ana", PASSWORD);
    await why.waitFor();
    expect([await why.inputValue(), await page.getByLabel("Ticket").inputValue()]).toEqual(["Half a thought", "INC-7"]);
    await page.getByRole("button", { name: "Send the request" }).click();
    await page.getByRole("heading", { name: "Waiting for a yes" }).waitFor();
    await page.goto("/request?target=web-1.prod&role=debug");
    await why.waitFor();
    expect(await why.inputValue()).toBe("");
  });

  test("a fault of one page stays in that page: the others are there, and that one again once it is mended", async () => {
    await using window = await gate.open("olga", "/");
    const { page } = window;
    await page.route(/\/v1\/sessions\b/, (route) => route.fulfill({ json: { sessions: [null] } }));
    await page.goto("/sessions");
    await page.getByText("Something went wrong in this page").waitFor();
    await look(window, "page-broken");
    await page.keyboard.press("g");
    await page.keyboard.press("h");
    await page.getByRole("heading", { name: "Home" }).waitFor();
    expect(await page.getByText("Something went wrong").count()).toBe(0);
    await page.unroute(/\/v1\/sessions\b/);
    await page.goto("/sessions");
    await page.getByRole("heading", { name: "Sessions" }).waitFor();
    expect(await page.getByText("Something went wrong").count()).toBe(0);
  });
});
