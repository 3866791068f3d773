/** Logging in to the console and letting machines in from it; and what another site's page can do with somebody who is logged in. */
import { createServer, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { logIn, look } from "../kit/browser.ts";
import { startConsole, type TestConsole } from "../kit/console.ts";
import { requirePeer } from "../kit/peers.ts";
import { PASSWORD } from "../kit/serving.ts";

const chromium = requirePeer("Chromium", "chromium");

// oxlint-disable-next-line vitest/valid-title -- it names the program that is missing
describe.skipIf(chromium.missing)(chromium.title("logging in to the console"), () => {
  let gate: TestConsole;
  let evil: Server;
  let evilUrl: string;

  beforeAll(async () => {
    gate = await startConsole();
    evil = createServer((_, response) =>
      response.setHeader("content-type", "text/html").end(`<iframe src="${gate.url}/approve"></iframe>`),
    );
    evil.listen(0, "localhost");
    await once(evil, "listening");
    evilUrl = `http://localhost:${(evil.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    evil?.close();
    await gate?.[Symbol.asyncDispose]();
  });

  test("a machine is let in by the code that it shows, typed and never taken from the address; from where it asked is said", async () => {
    const begun = await gate.serving.client("nobody").call("device.begin");
    const poll = () => gate.serving.client("nobody").call("device.poll", { body: { deviceCode: begun.deviceCode } });
    await using window = await gate.visit(`/login/device?code=${begun.userCode}`);
    const { page } = window;
    await logIn(window, "ana", PASSWORD);
    const field = page.getByLabel("Code that the machine shows");
    expect(await field.inputValue()).toBe("");
    await field.fill("BBBB-BBBB");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").waitFor();
    await page.getByRole("button", { name: "Another code" }).click();
    await field.fill(begun.userCode.toLowerCase());
    await page.keyboard.press("Enter");
    await page.getByText("127.0.0.1").or(page.getByText("::1")).waitFor();
    await page.getByText("Approve only a code that you see").waitFor();
    await look(window, "device");
    await page.getByRole("button", { name: "I see this code there: log it in" }).click();
    await page.getByText("The machine is logged in as ana").waitFor();
    await expect.poll(async () => (await poll()).state, { interval: 6_000, timeout: 30_000 }).toBe("done");
    expect(window.faults).toEqual([]);
  });

  test("an address made by somebody else leads nowhere but into the console, and says nothing of its own", async () => {
    await using window = await gate.visit("/login?error=%3Cimg%20src%3Dx%3E&returnTo=//evil.example/");
    const { page } = window;
    await page.getByText("The login did not succeed. Try again").waitFor();
    expect(await page.locator("main").textContent()).not.toContain("<img");
    await look(window, "login-came-back");
    await logIn(window, "ana", PASSWORD);
    await page.getByRole("heading", { name: "Home" }).waitFor();
    expect(page.url()).toBe(`${gate.url}/`);
    await page.goto("/login?returnTo=/request");
    await page.getByRole("heading", { name: "Request access" }).waitFor();
    expect(window.strangers).toEqual([]);
  });

  test("a page of another site neither frames the console nor decides with its visitor's login", async () => {
    const body = { reason: "r", role: "debug", targets: ["web-1.prod"], durationMs: 60_000 };
    const { request } = await gate.serving.client("ana").call("requests.create", { body });
    await using window = await gate.visit("/approve");
    const { page } = window;
    await logIn(window, "lea", PASSWORD);
    await page.getByRole("heading", { name: "ana asks for debug" }).waitFor();
    await page.goto(evilUrl);
    const framed = page.frames().find((frame) => frame !== page.mainFrame());
    expect(await framed?.locator("#root").count()).toBe(0);
    const tried = await page.evaluate<string[]>(`(async () => {
      const at = ${JSON.stringify(`${gate.url}/v1/requests/${request.id}/approve`)};
      const ways = [
        { method: "POST", credentials: "include", body: "{}", headers: { "content-type": "application/json", "sallyport-console": "1" } },
        { method: "POST", credentials: "include", mode: "no-cors", body: "{}", headers: { "content-type": "text/plain" } },
      ];
      return Promise.all(ways.map((way) => fetch(at, way).then(({ type, status }) => type + status, () => "refused")));
    })()`);
    expect(tried).toEqual(["refused", "refused"]);
    expect(await gate.serving.client("ana").call("requests.show", { params: { id: request.id } })).toMatchObject({
      state: "pending",
      approvals: [],
    });
  });
});
