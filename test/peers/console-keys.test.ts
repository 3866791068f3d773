/** `?` says on every page which keys it has, and what it says is so: lists are walked, searches reached, pages gone to. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { look } from "../kit/browser.ts";
import { startConsole, troubles, type TestConsole } from "../kit/console.ts";
import { requirePeer } from "../kit/peers.ts";

const chromium = requirePeer("Chromium", "chromium");
const EVERYWHERE = ["g…", "?"];
const LIST = ["j", "k"];
/** What `?` shows there, in any order. */
const PAGES: readonly (readonly [path: string, ready: string, keys: readonly string[]])[] = [
  ["/", "Home", []],
  ["/approve", "Approve", [...LIST, "a", "d"]],
  ["/live", "Live", LIST],
  ["/sessions", "Sessions", [...LIST, "/"]],
  ["/sessions/SESSION", "ana on web-1.prod", [...LIST, "p"]],
  ["/audit", "Audit", [...LIST, "/"]],
  ["/audit/1", "Entry 1", [...LIST, "Esc"]],
  ["/admin/users", "Users", [...LIST, "/"]],
  ["/admin/targets", "Targets", [...LIST, "/"]],
  ["/account", "Account", []],
];

// oxlint-disable-next-line vitest/valid-title -- it names the program that is missing
describe.skipIf(chromium.missing)(chromium.title("keys of the console"), () => {
  let gate: TestConsole;
  let session: string;

  beforeAll(async () => {
    gate = await startConsole();
    await gate.serving.grant();
    await gate.serving.ssh(["echo", "hello"]);
    await gate.serving.ssh(["echo", "again"], { args: ["-tt"] });
    session = (await gate.serving.client("ana").call("sessions.list")).sessions[0]?.id ?? "";
  });
  afterAll(() => gate?.[Symbol.asyncDispose]());

  test("`?` shows the keys of every page, once each; Escape closes it", async () => {
    await using window = await gate.open("olga", "/");
    const { page } = window;
    const dialog = page.getByRole("dialog", { name: "Keys of this page" });
    const found: [string, string[]][] = [];
    for (const [path, ready, keys] of PAGES) {
      await page.goto(path.replace("SESSION", session));
      await page.getByRole("heading", { name: ready, level: 1 }).waitFor();
      if (keys.includes("p")) await page.getByTestId("replay").waitFor();
      await page.keyboard.press("?");
      await dialog.waitFor();
      found.push([path, (await dialog.locator("dt").allTextContents()).toSorted()]);
      await page.keyboard.press("Escape");
      await dialog.waitFor({ state: "detached" });
    }
    expect(found).toEqual(PAGES.map(([path, , keys]) => [path, [...keys, ...EVERYWHERE].toSorted()]));

    await page.goto("/sessions");
    await page.getByRole("heading", { name: "Sessions", level: 1 }).waitFor();
    await page.keyboard.press("?");
    await look(window, "keys-sessions");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Keys of this page" }).click();
    await dialog.waitFor();
    expect(troubles(window)).toEqual([]);
  });

  test("a key typed right after Escape is the page's: the dialog is left, though it has the focus for a moment yet", async () => {
    await using window = await gate.open("olga", "/sessions");
    const { page } = window;
    await page.getByRole("heading", { name: "Sessions", level: 1 }).waitFor();
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keys of this page" }).waitFor();
    await Promise.all(["Escape", "g", "h"].map((key) => page.keyboard.press(key)));
    await page.getByRole("heading", { name: "Home" }).waitFor();
    expect(troubles(window)).toEqual([]);
  });

  test("what it says is so; in a field a question mark is a question mark", async () => {
    await using window = await gate.open("olga", "/sessions");
    const { page } = window;
    const { keyboard } = page;
    const focused = () => page.evaluate<string | null>("document.activeElement?.getAttribute('href') ?? null");
    await page
      .getByRole("link", { name: /ana on web-1\.prod/ })
      .first()
      .waitFor();
    await keyboard.press("j");
    const first = await focused();
    await keyboard.press("j");
    expect(await focused()).not.toBe(first);
    await keyboard.press("k");
    expect(await focused()).toBe(first);
    await keyboard.press("/");
    await keyboard.type("hello?");
    expect(await page.getByLabel("Search").inputValue()).toBe("hello?");
    expect(await page.getByRole("dialog").count()).toBe(0);
    await keyboard.press("Escape");
    await page.getByRole("heading", { name: "Sessions", level: 1 }).click();
    await keyboard.press("g");
    await keyboard.press("m");
    await page.getByRole("heading", { name: "Account", level: 1 }).waitFor();
    // Keys of the page before are none of this one's.
    await keyboard.press("?");
    expect(await page.getByRole("dialog").locator("dt").allTextContents()).toEqual(EVERYWHERE);
    expect(troubles(window)).toEqual([]);
  });
});
