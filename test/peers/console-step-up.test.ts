/** The page on which a passkey is shown for somebody who waits elsewhere, in a real Chromium with its virtual authenticator. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addPasskey, askNothing } from "../kit/authenticator.ts";
import { look } from "../kit/browser.ts";
import { startConsole, type TestConsole } from "../kit/console.ts";
import { requirePeer } from "../kit/peers.ts";

interface Made {
  readonly id: string;
  readonly response: { readonly clientDataJSON: string; readonly attestationObject: string };
}

const chromium = requirePeer("Chromium", "chromium");

// oxlint-disable-next-line vitest/valid-title -- it names the program that is missing
describe.skipIf(chromium.missing)(chromium.title("a passkey for somebody who waits"), () => {
  let gate: TestConsole;

  beforeAll(async () => {
    gate = await startConsole();
  });
  afterAll(() => gate?.[Symbol.asyncDispose]());

  test("says who waits, from where and for what; shown, it counts for whoever waits, and the page is used up", async () => {
    const ana = gate.serving.client("ana");
    await using window = await gate.visit("/");
    const { page, faults } = window;
    await addPasskey(window);
    await askNothing(window);
    await page.reload();
    // What the browser makes, without the console's own pages for it.
    const options = await ana.call("factors.start-passkey");
    const made = await page.evaluate<Made>(`(async () => {
      const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(${JSON.stringify(options)});
      const { id, response } = (await navigator.credentials.create({ publicKey })).toJSON();
      return { id, response: { clientDataJSON: response.clientDataJSON, attestationObject: response.attestationObject } };
    })()`);
    await ana.call("factors.add-passkey", { body: { name: "this browser", answer: made } });
    const before = (await ana.call("step-up.start")).shown[0]?.at ?? 0;

    const { url: link } = await ana.call("step-up.open-page");
    expect(link.startsWith(`${gate.url}/step-up/`)).toBe(true);
    await page.goto(new URL(link).pathname);
    await page.getByText("ana waits at 127.0.0.1 for the command line").waitFor();
    await look(window, "step-up");
    await page.keyboard.press("Enter");
    await page.getByRole("status").getByText("Shown.").waitFor();
    await look(window, "step-up-shown");
    const [shown] = (await ana.call("step-up.start")).shown;
    expect(shown).toMatchObject({ kind: "passkey" });
    expect(shown?.at).toBeGreaterThan(before);
    await page.reload();
    await page.getByRole("alert").getByText("Begin again where you were asked").waitFor();
    await look(window, "step-up-over");
    expect(faults).toEqual([]);
  });
});
