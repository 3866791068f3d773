/** The first visit to a gate that has no users: guided from its one-time secret to a target that can be asked for. */
import { writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addPasskey, askNothing } from "../kit/authenticator.ts";
import { look } from "../kit/browser.ts";
import { openConsole, troubles, type ConsoleWindows } from "../kit/console.ts";
import { startFirstGate, type FirstGate } from "../kit/first-gate.ts";
import { requirePeer } from "../kit/peers.ts";

const chromium = requirePeer("Chromium", "chromium");
const BELOW = `groups: { owners: [ada], oncall: [ada], leads: [ada] }
roles:
  debug: { ssh: { account: nobody, shell: true } }
  owner: { gate: ["*"] }
holders:
  - { role: owner, who: ["group:owners"] }
`;
const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIWzCBt0XQsMKHqFBOAWiF3bV1SkVCKJcYCsZ1vAdvZU";

// oxlint-disable-next-line vitest/valid-title -- it names the program that is missing
describe.skipIf(chromium.missing)(chromium.title("the first visit"), () => {
  const opened = new AsyncDisposableStack();
  let windows: ConsoleWindows;
  let gate: FirstGate;

  beforeAll(async () => {
    gate = opened.use(await startFirstGate(`${BELOW}rules: []\ntargets: {}\n`));
    windows = opened.use(await openConsole(gate.url));
  });
  afterAll(() => opened.disposeAsync());

  test("whatever is opened it leads to the set-up; a wrong secret makes nobody an owner; then step by step, left and gone on with", async () => {
    await using window = await windows.visit("/request");
    const { page } = window;
    await askNothing(window);
    const passkey = await addPasskey(window);
    await page.getByRole("heading", { name: "Set this gate up" }).waitFor();
    await look(window, "setup-owner");
    const become = async (word: string): Promise<void> => {
      await page.getByLabel("One-time secret").fill(word);
      await page.getByLabel("Your name").fill("ada");
      await page.getByLabel("Password").fill("long enough for an owner");
      await page.keyboard.press("Enter");
    };
    await become("wrong-wrong-wrong");
    await page.getByRole("alert").waitFor();
    await become(gate.secret);
    await page.getByText("1 of 7 done").waitFor();
    expect(page.url()).toBe(`${windows.url}/setup`);
    await page.getByRole("button", { name: "Make a passkey" }).click();
    await page.getByRole("button", { name: "Make it" }).click();
    await page.getByText("2 of 7 done").waitFor();
    expect(await passkey.credentials()).toHaveLength(1);
    await page.reload();
    await page.getByText("2 of 7 done").waitFor();

    await page.getByLabel("Issuer").fill("https://id.example.com/realms/staff");
    await page.getByLabel("Client id").fill("sallyport");
    await page.getByText('issuer: "https://id.example.com/realms/staff"').waitFor();
    await page.getByLabel("Name", { exact: true }).fill("web-1.prod");
    await page.getByRole("textbox", { name: "Address" }).fill("127.0.0.1:1");
    await page.getByLabel("Service").first().fill("checkout");
    await page.getByText("sallyport host add web-1.prod --address 127.0.0.1:1 --label service=checkout").waitFor();
    await look(window, "setup");

    const whole = `${gate.header}${BELOW}targets: { web-1.prod: { kind: ssh, address: "127.0.0.1:1", labels: { service: checkout }, hostKeys: ["${KEY}"] } }
rules:
  - { name: first, who: ["group:oncall"], roles: [debug], targets: { labels: { service: checkout } }, max: 4h, approval: 1 of leads }
`;
    await page.getByLabel("Configuration to check").fill(whole.replace("checkout } }, max", "chekout } }, max"));
    await page.getByRole("button", { name: "Check it" }).click();
    await page.getByText(/Line \d+, rules/).waitFor();
    await page.getByLabel("Configuration to check").fill(whole);
    await page.getByRole("button", { name: "Check it" }).click();
    await page.getByText("It is valid. It would change:").waitFor();
    await writeFile(gate.configPath, whole);
    await page.getByRole("button", { name: "Take up the file" }).click();
    await page.getByText("5 of 7 done").waitFor();
    await look(window, "setup-configured");
    await page.getByRole("link", { name: "Ask for access" }).click();
    await page.getByRole("checkbox", { name: /web-1\.prod/ }).waitFor();
    expect(troubles(window)).toEqual([]);
    await using late = await windows.visit("/setup");
    await late.page.getByRole("heading", { name: "Log in to Sallyport" }).waitFor();
  });
});
