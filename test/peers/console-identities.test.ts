/** Who people are at identity providers, in the console: linked and unlinked by themselves and by administrators, with a real provider. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { codeAt, stepAt } from "../../src/identity/factors/totp.ts";
import { decodeBase32 } from "../kit/base32.ts";
import { look, type Window } from "../kit/browser.ts";
import { addProvider } from "../kit/console-provider.ts";
import { startConsole, troubles, type TestConsole } from "../kit/console.ts";
import type { OidcProvider } from "../kit/oidc-provider.ts";
import { requirePeer } from "../kit/peers.ts";

const chromium = requirePeer("Chromium", "chromium");

// oxlint-disable-next-line vitest/valid-title -- it names the program that is missing
describe.skipIf(chromium.missing)(chromium.title("identities at providers in the console"), () => {
  let gate: TestConsole;
  let corp: OidcProvider;

  beforeAll(async () => {
    gate = await startConsole();
    corp = await addProvider(gate);
    corp.accounts.set("ana-7", { groups: ["eng-oncall"] });
    corp.accounts.set("lea-9", { groups: [] });
  });
  afterAll(async () => {
    await corp?.[Symbol.asyncDispose]();
    await gate?.[Symbol.asyncDispose]();
  });

  const linkedTo = async (name: "ana" | "lea") =>
    (await gate.serving.client("olga").call("identities.list", { params: { name } })).identities.map(({ subject }) => subject);
  const signIn = async ({ page }: Window, account: string): Promise<void> => {
    await page.getByLabel("Account").fill(account);
    await page.keyboard.press("Enter");
  };
  /** The provider's own pages are elsewhere; nothing else may be. */
  const troublesHere = (window: Window): string[] => troubles(window).filter((each) => !each.startsWith(`${corp.issuer}/`));

  test("one's own is linked by a login there, shown, and unlinked; what is somebody's already is refused in words", async () => {
    await using window = await gate.open("ana", "/account");
    const { page } = window;
    await page.getByText("You are linked to no identity at a provider").waitFor();
    await look(window, "account-identities-none");
    await page.getByRole("button", { name: "Link corp", exact: true }).focus();
    await page.keyboard.press("Enter");
    await signIn(window, "ana-7");
    await page.getByText("known there as ana-7, linked").waitFor();
    expect(new URL(page.url()).pathname).toBe("/account");
    expect(await linkedTo("ana")).toEqual(["ana-7"]);
    expect(await page.getByRole("button", { name: "Link corp", exact: true }).count()).toBe(0);
    await look(window, "account-identities");

    // The same person at the provider is nobody else here.
    await using other = await gate.open("lea", "/account");
    await other.page.getByRole("button", { name: "Link corp", exact: true }).click();
    await signIn(other, "ana-7");
    await other.page.getByText("Nothing was linked. That identity is linked to somebody already").waitFor();
    await look(other, "account-identities-refused");
    expect(await linkedTo("lea")).toEqual([]);

    const unlink = page.getByRole("button", { name: "Unlink corp" });
    await unlink.focus();
    await page.keyboard.press("Enter");
    await page.getByRole("dialog", { name: "Unlink corp" }).waitFor();
    await look(window, "account-identities-unlink");
    await page.keyboard.press("Escape");
    expect(await linkedTo("ana")).toEqual(["ana-7"]);
    await unlink.click();
    await page.getByRole("button", { name: "Unlink it" }).click();
    await page.getByText("You are not linked to corp any more").waitFor();
    expect(await linkedTo("ana")).toEqual([]);
    expect([...troublesHere(window), ...troublesHere(other)]).toEqual([]);
  });

  test("who has a second factor shows it before an identity is linked or unlinked", async () => {
    const ana = gate.serving.client("ana");
    const { secret } = await ana.call("factors.start-totp");
    const code = (steps: number): string => codeAt(decodeBase32(secret), stepAt(Date.now()) + steps);
    await ana.call("factors.add-totp", { body: { name: "phone", code: code(-1) } });
    await gate.serving.client("olga").call("identities.link", { params: { name: "ana" }, body: { provider: "corp", subject: "ana-7" } });
    // Vouched for from the first login by it on, which here is also how she comes in.
    await using window = await gate.visit("/account");
    const { page } = window;
    await page.getByRole("button", { name: "Log in with corp" }).click();
    await signIn(window, "ana-7");
    await page.getByRole("button", { name: "Unlink corp" }).click();
    await page.getByRole("button", { name: "Unlink it" }).click();
    const dialog = page.getByRole("dialog", { name: "Show your second factor" });
    await dialog.waitFor();
    await dialog.getByRole("button", { name: "Not now" }).click();
    await page.getByRole("alert").first().waitFor();
    expect(await linkedTo("ana")).toEqual(["ana-7"]);
    await page.getByRole("button", { name: "Unlink it" }).click();
    await dialog.getByLabel("Code").fill(code(0));
    await look(window, "account-identities-step-up");
    await page.keyboard.press("Enter");
    // She came in by it: out she is.
    await page.getByRole("heading", { name: "Log in to Sallyport" }).waitFor();
    expect(await linkedTo("ana")).toEqual([]);
    expect(troublesHere(window)).toEqual([]);
  });

  test("an administrator sees who somebody is there, links and unlinks: logins by what was unlinked end", async () => {
    await using window = await gate.open("olga", "/admin/users/lea");
    const { page } = window;
    await page.getByRole("heading", { name: "Identities at providers" }).waitFor();
    await page.getByRole("button", { name: "Link one" }).focus();
    await page.keyboard.press("Enter");
    await page.getByLabel("The provider's number for them").fill("lea-9");
    await look(window, "admin-identities-link");
    await page.keyboard.press("Enter");
    await page.getByText("lea-9, linked").waitFor();
    expect(await linkedTo("lea")).toEqual(["lea-9"]);
    await look(window, "admin-identities");

    await using theirs = await gate.visit("/account");
    await theirs.page.getByRole("button", { name: "Log in with corp" }).click();
    await signIn(theirs, "lea-9");
    await theirs.page.getByText("known there as lea-9").waitFor();

    await page.getByRole("button", { name: "Unlink corp" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Unlink" }).click();
    await page.getByRole("button", { name: "Link one" }).waitFor();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    expect(await linkedTo("lea")).toEqual([]);
    await theirs.page.reload();
    await theirs.page.getByRole("heading", { name: "Log in to Sallyport" }).waitFor();
    expect([...troublesHere(window), ...troublesHere(theirs)]).toEqual([]);
  });

  test("what somebody put into the address is not said, and others' identities are not shown", async () => {
    await using window = await gate.open("lea", "/account?error=%3Cimg%20src%3Dx%3E");
    await window.page.getByText("Nothing was linked. Try again.").waitFor();
    expect(await window.page.locator("main").textContent()).not.toContain("<img");
    await expect(gate.serving.client("lea").call("identities.list", { params: { name: "ana" } })).rejects.toMatchObject({
      code: "not-permitted",
    });
    expect(troubles(window)).toEqual([]);
  });
});
