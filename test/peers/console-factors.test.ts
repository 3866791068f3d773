/** Second factors in the console, with Chromium's own virtual authenticator: made, shown, refused, lost; and the login by passkey. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { codeAt, stepAt } from "../../src/identity/factors/totp.ts";
import { decodeBase32 } from "../kit/base32.ts";
import { addPasskey, askNothing, type Credential } from "../kit/authenticator.ts";
import { logIn, look, type Window } from "../kit/browser.ts";
import { startConsole, troubles, widthOf, type TestConsole } from "../kit/console.ts";
import { requirePeer } from "../kit/peers.ts";
import { PASSWORD } from "../kit/serving.ts";

const chromium = requirePeer("Chromium", "chromium");

/** What an app does with the secret that was typed into it. */
function totp(secret: string, now: number): string {
  return codeAt(decodeBase32(secret), stepAt(now));
}

// oxlint-disable-next-line vitest/valid-title -- it names the program that is missing
describe.skipIf(chromium.missing)(chromium.title("second factors in the console"), () => {
  let gate: TestConsole;
  /** lea's, as her telephone has it too. */
  let synced: Credential | undefined;

  beforeAll(async () => {
    gate = await startConsole({
      roles: "  careful: { ssh: { account: SELF, shell: true }, secondFactor: { use: none, approve: 10m } }",
      configuration: {
        rules:
          '  - { name: care, who: ["group:oncall"], roles: [careful], targets: { labels: { service: checkout } }, max: 1h, approval: 1 of leads }',
      },
    });
  });
  afterAll(() => gate?.[Symbol.asyncDispose]());

  const logOut = async ({ page }: Window): Promise<void> => {
    await page.getByRole("button", { name: /^Log out/ }).click();
    await page.getByRole("heading", { name: "Log in to Sallyport" }).waitFor();
  };

  test("a passkey is made, logs in alone, steps up an approval; a prompt that was closed is said, and the decision waits", async () => {
    await using window = await gate.visit("/account");
    const { page } = window;
    const passkey = await addPasskey(window);
    await logIn(window, "lea", PASSWORD);
    await page.getByText("You have no second factor").waitFor();
    // What is offered in the field for the name the virtual authenticator takes by itself; here it is the button's turn.
    await askNothing(window);
    await look(window, "account-empty");
    await page.getByRole("button", { name: "Add a passkey" }).click();
    await page.getByLabel("What to call it").fill("lea's <b>laptop</b>");
    await look(window, "account-add-passkey");
    await page.keyboard.press("Enter");
    await page.getByText("passkey, added").waitFor();
    expect(await passkey.credentials()).toMatchObject([{ rpId: "localhost", isResidentCredential: true }]);

    await page.getByRole("button", { name: "Make recovery codes" }).click();
    await page.getByRole("button", { name: "Make them" }).click();
    await page.getByRole("list", { name: "Recovery codes" }).waitFor();
    const codes = await page.getByRole("list", { name: "Recovery codes" }).getByRole("listitem").allTextContents();
    expect(codes).toHaveLength(10);
    await look(window, "account-recovery-codes");
    // They are shown this once: Escape does not lose them.
    await page.keyboard.press("Escape");
    expect(await page.getByRole("button", { name: "Done" }).isDisabled()).toBe(true);
    await page.getByLabel("I have put them somewhere safe.").check();
    await page.getByRole("button", { name: "Done" }).click();
    await page.getByText("10 left").waitFor();
    await look(window, "account");
    await page.reload();
    await logOut(window);

    // By the passkey alone: no name, no password; to the page that was asked for.
    await page.goto("/account?from=here");
    await page.getByRole("button", { name: "Log in with a passkey" }).click();
    await page.getByText("passkey, added").waitFor();
    expect(page.url()).toBe(`${gate.url}/account?from=here`);
    await logOut(window);

    // With a password the factor is asked for once, and may wait.
    await passkey.present(false);
    await page.goto("/approve");
    await page.getByLabel("Name").fill("lea");
    await page.getByLabel("Password").fill(PASSWORD);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Show your second factor" }).waitFor();
    await look(window, "login-second-step");
    await page.getByRole("button", { name: "Later" }).click();
    const body = { reason: "with care", role: "careful", targets: ["web-1.prod"], durationMs: 60_000 };
    const { request } = await gate.serving.client("ana").call("requests.create", { body });
    await page.getByRole("heading", { name: "ana asks for careful" }).waitFor();
    await page.keyboard.press("a");
    await page.getByRole("button", { name: "Approve 1m" }).waitFor();
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog", { name: "Show your second factor" });
    await dialog.waitFor();
    await look(window, "step-up");
    // The person is not who they should be to their device: it says no, and nothing is approved.
    await passkey.verified(false);
    await passkey.present(true);
    await dialog.getByRole("button", { name: "Use a passkey" }).click();
    await dialog.getByText("No passkey was shown").waitFor();
    await look(window, "step-up-closed");
    expect(await gate.serving.client("ana").call("requests.show", { params: { id: request.id } })).toMatchObject({ state: "pending" });
    await passkey.verified(true);
    await dialog.getByRole("button", { name: "Use a passkey" }).click();
    await page.getByText("Approved: ana has careful for 1m").waitFor();
    expect(await gate.serving.client("ana").call("requests.show", { params: { id: request.id } })).toMatchObject({ state: "approved" });
    expect(troubles(window)).toEqual([]);
    [synced] = await passkey.credentials();
  });

  test("on a telephone the passkey that is there too steps up an approval", async () => {
    if (synced === undefined) throw new Error("lea has no passkey");
    await using window = await gate.visit("/approve", { phone: true });
    const { page } = window;
    const passkey = await addPasskey(window);
    await passkey.present(false);
    await page.getByLabel("Name").fill("lea");
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByRole("button", { name: "Log in", exact: true }).tap();
    await page.getByRole("button", { name: "Later" }).tap();
    const body = { reason: "lea is out", role: "careful", targets: ["web-1.prod"], durationMs: 60_000 };
    const { request } = await gate.serving.client("ana").call("requests.create", { body });
    await page.getByRole("link", { name: /lea is out/ }).tap();
    await page.getByRole("button", { name: "Approve…" }).tap();
    await page.getByRole("button", { name: "Approve 1m" }).tap();
    const button = page.getByRole("dialog", { name: "Show your second factor" }).getByRole("button", { name: "Use a passkey" });
    await button.waitFor();
    await look(window, "step-up-phone");
    expect(await widthOf(window)).toBe(390);
    await passkey.put(synced);
    await passkey.present(true);
    await button.tap();
    await page.getByText("Approved: ana has careful for 1m").waitFor();
    expect(await gate.serving.client("ana").call("requests.show", { params: { id: request.id } })).toMatchObject({ state: "approved" });
    expect(troubles(window)).toEqual([]);
  });

  test("somebody else's passkey does not step up; not now is an answer, and the call was refused", async () => {
    await using window = await gate.visit("/approve");
    const { page } = window;
    await addPasskey(window);
    await page.getByLabel("Name").fill("lea");
    await page.getByLabel("Password").fill(PASSWORD);
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Later" }).click();
    const body = { reason: "another time", role: "careful", targets: ["web-1.prod"], durationMs: 60_000 };
    const { request } = await gate.serving.client("ana").call("requests.create", { body });
    await page.getByRole("heading", { name: "ana asks for careful" }).waitFor();
    await page.keyboard.press("a");
    await page.getByRole("button", { name: "Approve 1m" }).click();
    const dialog = page.getByRole("dialog", { name: "Show your second factor" });
    // This device holds no passkey of lea's.
    await dialog.getByRole("button", { name: "Use a passkey" }).click();
    await dialog.getByText("No passkey was shown").waitFor();
    await dialog.getByRole("button", { name: "Use a recovery code" }).click();
    await dialog.getByLabel("Recovery code").fill("aaaa-aaaa-aaaa");
    await page.keyboard.press("Enter");
    await dialog.getByText("The second factor did not convince").waitFor();
    await dialog.getByRole("button", { name: "Not now" }).click();
    await page.getByRole("dialog", { name: "Approve what ana asks for" }).getByText("This takes a second factor").waitFor();
    await look(window, "step-up-refused");
    expect(await gate.serving.client("lea").call("requests.show", { params: { id: request.id } })).toMatchObject({ state: "pending" });
    expect(troubles(window)).toEqual([]);
  });

  test("an authenticator app by its picture or secret; a wrong code is refused", async () => {
    await using window = await gate.visit("/account");
    const { page } = window;
    await logIn(window, "ana", PASSWORD);
    await page.getByRole("button", { name: "Add an authenticator app" }).click();
    await page.getByRole("img", { name: "For the camera of the authenticator app" }).waitFor();
    await look(window, "account-app");
    const secret = (await page.getByRole("button", { name: /^Copy the secret/ }).getAttribute("aria-label"))?.split(": ")[1] ?? "";
    await page.getByLabel("The six digits it shows now").fill("000000");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").waitFor();
    await page.getByLabel("The six digits it shows now").fill(totp(secret, Date.now()));
    await page.keyboard.press("Enter");
    await page.getByText("authenticator app, added").waitFor();
    expect((await gate.serving.client("ana").call("factors.list")).factors).toMatchObject([{ kind: "totp" }]);

    // A login by the password alone leaves nothing behind that outlives it, before the app was asked.
    await logOut(window);
    await page.getByLabel("Name").fill("ana");
    await page.getByLabel("Password").fill(PASSWORD);
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Later" }).click();
    await page.goto("/account");
    const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIWzCBt0XQsMKHqFBOAWiF3bV1SkVCKJcYCsZ1vAdvZV thief@elsewhere";
    await page.getByRole("button", { name: "Add a key" }).click();
    await page.getByLabel("Public key").fill(key);
    await page.getByRole("button", { name: "Add it" }).click();
    const dialog = page.getByRole("dialog", { name: "Show your second factor" });
    await dialog.getByText("adding a key").waitFor();
    await look(window, "account-key-step-up");
    expect((await gate.serving.client("ana").call("keys.list", { params: { name: "ana" } })).keys).toHaveLength(1);
    await dialog.getByLabel("Code of your authenticator app").fill(totp(secret, Date.now() + 30_000));
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Remove thief@elsewhere" }).waitFor();
    expect(troubles(window)).toEqual([]);
  });

  test("logins are listed and can be ended: another browser is out at once", async () => {
    await using window = await gate.visit("/account");
    await using other = await gate.visit("/");
    await logIn(window, "olga", PASSWORD);
    await logIn(other, "olga", PASSWORD);
    const { page } = window;
    await page.getByRole("button", { name: "Make a token" }).click();
    await page.getByLabel("What it is for").fill("dashboards");
    await page.getByRole("button", { name: "Make it" }).click();
    await page.getByText("It is shown this once.").waitFor();
    await page.getByRole("button", { name: "Done" }).click();
    await page.getByRole("button", { name: "End dashboards" }).click();
    await page.getByText("Ended: dashboards").waitFor();
    const { tokens } = await gate.serving.client("olga").call("tokens.list");
    expect(tokens.find(({ name }) => name === "dashboards")?.revokedAt).toBeDefined();
    const [newest] = tokens
      .filter(({ type, revokedAt }) => type === "login" && revokedAt === undefined)
      .toSorted((a, b) => b.createdAt - a.createdAt);
    await gate.serving.client("olga").call("tokens.revoke", { params: { id: newest?.id ?? "" } });
    // The page itself asks every fifteen seconds; whatever its person does asks at once.
    await other.page.getByRole("link", { name: "Request access" }).click();
    await other.page.reload();
    await other.page.getByRole("heading", { name: "Log in to Sallyport" }).waitFor();
    expect(troubles(window)).toEqual([]);
  });

  test("a private key is not sent, and a public key is added", async () => {
    await using window = await gate.visit("/account");
    const { page } = window;
    const sent: string[] = [];
    page.on("request", (request) => sent.push(request.postData() ?? ""));
    await logIn(window, "olga", PASSWORD);
    await page.getByRole("button", { name: "Add a key" }).click();
    await page.getByLabel("Public key").fill("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA");
    await page.getByRole("alert").getByText("This is a private key").waitFor();
    expect(await page.getByRole("button", { name: "Add it" }).isDisabled()).toBe(true);
    expect(sent.filter((text) => text.includes("PRIVATE KEY"))).toEqual([]);
    await page.getByLabel("Public key").fill("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIWzCBt0XQsMKHqFBOAWiF3bV1SkVCKJcYCsZ1vAdvZU new@laptop");
    await page.getByRole("button", { name: "Add it" }).click();
    await page.getByRole("button", { name: "Remove new@laptop" }).waitFor();
    expect(troubles(window)).toEqual([]);
  });

  test("who was set up with a one-time secret chooses a password; a wrong secret tells nothing of whether they exist", async () => {
    const owner = gate.serving.client("olga");
    await owner.call("users.create", { body: { name: "nele" } });
    const { secret } = await owner.call("users.reset", { params: { name: "nele" } });
    await using window = await gate.visit("/");
    const { page } = window;
    await page.getByRole("link", { name: "I have a one-time secret" }).click();
    await look(window, "login-new-password");
    const answers: string[] = [];
    for (const name of ["nele", "nobody-at-all"]) {
      await page.getByLabel("Name").fill(name);
      await page.getByLabel("One-time secret").fill("wrong-wrong-wrong");
      await page.getByLabel("New password").fill("long enough for anybody");
      await page.getByRole("button", { name: "Set it" }).click();
      const text = await page.getByRole("alert").textContent();
      answers.push((text ?? "").replace(/request \S+/, ""));
      await page.reload();
    }
    expect(answers[0]).toBe(answers[1]);
    await page.getByLabel("Name").fill("nele");
    await page.getByLabel("One-time secret").fill(secret);
    await page.getByLabel("New password").fill("long enough for anybody");
    await page.getByRole("button", { name: "Set it" }).click();
    await page.getByRole("heading", { name: "Log in to Sallyport" }).waitFor();
    await logIn(window, "nele", "long enough for anybody");
    expect(troubles(window)).toEqual([]);
  });

  test("where the browser offers passkeys in the field for the name, choosing one there logs in", async () => {
    await using window = await gate.visit("/account");
    const { page } = window;
    await addPasskey(window);
    await logIn(window, "olga", PASSWORD);
    await page.getByRole("button", { name: "Add a passkey" }).click();
    await page.getByRole("button", { name: "Make it" }).click();
    await page.getByText("passkey, added").waitFor();
    await page.getByRole("button", { name: /^Log out/ }).click();
    // The virtual authenticator chooses as soon as it is offered.
    await page.getByText("You are olga").waitFor();
    const { events } = await gate.serving.client("olga").call("audit.search", { query: { kinds: ["login.ok"], limit: 1 } });
    expect(events[0]).toMatchObject({ principal: "olga", body: { method: "passkey" } });
    expect(troubles(window)).toEqual([]);
  });
});
