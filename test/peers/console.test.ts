/** The console in a real Chromium, on a gate as people run it. */
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { logIn, look } from "../kit/browser.ts";
import { startConsole, type TestConsole } from "../kit/console.ts";
import { requirePeer } from "../kit/peers.ts";
import { PASSWORD } from "../kit/serving.ts";

const chromium = requirePeer("Chromium", "chromium");
const FIRST_PAGE_BYTES = 250_000;

// oxlint-disable-next-line vitest/valid-title -- it names the program that is missing
describe.skipIf(chromium.missing)(chromium.title("the console"), () => {
  let gate: TestConsole;

  beforeAll(async () => {
    gate = await startConsole();
  });
  afterAll(() => gate?.[Symbol.asyncDispose]());

  test("the login page: a wrong password is refused in words, the right one opens the page that was asked for", async () => {
    await using window = await gate.visit("/");
    const { page, faults, strangers } = window;
    await look(window, "login");
    await page.getByLabel("Name").fill("ana");
    await page.getByLabel("Password").fill("not her password");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").getByText("Who you are could not be established").waitFor();
    await look(window, "login-refused");
    await logIn(window, "ana", PASSWORD);
    await page.getByText("You have no access now").waitFor();
    await look(window, "home-empty");
    expect(faults).toEqual([]);
    expect(strangers).toEqual([]);
  });

  test("`sallyport console`: the link opens the console once, after its owner said that it is theirs", async () => {
    const { code, url: at } = await gate.serving.client("lea").call("handover.create");
    expect(at).toBe(gate.url);
    await using window = await gate.visit(`/enter#${code}`);
    const { page } = window;
    await page.getByRole("button", { name: "That was me" }).waitFor();
    expect(page.url()).toBe(`${gate.url}/enter`);
    await look(window, "enter");
    await page.keyboard.press("Enter");
    await page.getByText("You are lea").waitFor();
    await using again = await gate.visit(`/enter#${code}`);
    await again.page.getByRole("button", { name: "That was me" }).press("Enter");
    await again.page.getByRole("alert").getByText("a link works once").waitFor();
    await look(again, "enter-refused");
    expect(window.faults).toEqual([]);
  });

  test("what it takes to see the first page is small, and nothing of it comes from elsewhere", async () => {
    await using window = await gate.visit("/");
    const { page } = window;
    const sizes = new Map<string, number>();
    page.on("response", (response) => {
      const type = response.headers()["content-type"] ?? "";
      if (/html|javascript|css|svg/.test(type)) {
        void response.body().then(
          (body) => sizes.set(response.url(), gzipSync(body).length),
          () => undefined,
        );
      }
    });
    await page.reload({ waitUntil: "networkidle" });
    const from = performance.now();
    await page.goto("/");
    await page.getByLabel("Name").fill("ana");
    console.log(`from navigation to a filled field: ${Math.round(performance.now() - from)} ms`);
    const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
    console.log(`the first page: ${sizes.size} files, ${total} bytes gzipped`);
    expect(sizes.size).toBeGreaterThan(2);
    expect(total).toBeLessThan(FIRST_PAGE_BYTES);
    expect(window.strangers).toEqual([]);
  });
});
