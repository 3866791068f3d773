/** The pages of running the gate, on a real one: by keyboard, with what others wrote, and for who may see only a part. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { look } from "../kit/browser.ts";
import { askedFor, startConsole, troubles, widthOf, type TestConsole } from "../kit/console.ts";
import { requirePeer } from "../kit/peers.ts";
import { PASSWORD } from "../kit/serving.ts";

const chromium = requirePeer("Chromium", "chromium");
const NASTY = `<img src=x onerror="document.title='owned'"></script>`;
/** For lea: she may look after locks, and see nothing else of the gate. */
const ROLES = '  keeper: { gate: ["lock.write"] }\n';

// oxlint-disable-next-line vitest/valid-title -- it names the program that is missing
describe.skipIf(chromium.missing)(chromium.title("the pages of running the gate"), () => {
  let gate: TestConsole;

  beforeAll(async () => {
    gate = await startConsole({ roles: ROLES });
  });
  afterAll(() => gate?.[Symbol.asyncDispose]());

  test("health and a backup", async () => {
    await using window = await gate.open("olga", "/admin");
    const { page } = window;
    await page.getByRole("heading", { name: "What it watches" }).waitFor();
    await page.getByLabel("Name").fill("before-upgrade");
    await page.keyboard.press("Enter");
    await page.getByText(/backups\/before-upgrade$/).waitFor();
    await look(window, "admin-health");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").waitFor();
    await look(window, "admin-backup-refused");
    expect(troubles(window)).toEqual([]);
  });

  test("a user is created, gets a way in, a key, is disabled with a reason, and enabled again: by keyboard alone", async () => {
    await using window = await gate.open("olga", "/admin/users");
    const { page } = window;
    await page.getByRole("link", { name: "ana" }).waitFor();
    await look(window, "admin-users");
    await page.getByRole("button", { name: "Create a user" }).focus();
    await page.keyboard.press("Enter");
    await page.getByLabel("Name").waitFor();
    await look(window, "admin-user-create");
    await page.keyboard.type("bob");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/admin\/users\/bob$/);
    await page.getByRole("button", { name: "Let them set a new one" }).press("Enter");
    await page.getByRole("button", { name: "Make a one-time secret" }).press("Enter");
    const secret = await page.getByRole("button", { name: /^Copy the one-time secret/ }).getAttribute("aria-label");
    await gate.serving
      .client("nobody")
      .call("password.reset", { body: { user: "bob", secret: secret?.split(": ")[1] ?? "", password: PASSWORD } });
    await page.getByRole("button", { name: "Add a key" }).press("Enter");
    await page.keyboard.type("no key at all");
    await page.getByRole("button", { name: "Add", exact: true }).press("Enter");
    await page.getByRole("alert").waitFor();
    await page.keyboard.press("Escape");
    await look(window, "admin-user");
    await page.getByRole("button", { name: "Disable" }).press("Enter");
    await page.keyboard.type(NASTY);
    await page.getByRole("button", { name: "Disable now" }).press("Enter");
    await page.getByText(NASTY).waitFor();
    await look(window, "admin-user-disabled");
    await page.getByRole("button", { name: "Enable" }).press("Enter");
    await page.getByText("enabled").waitFor();
    expect(await page.title()).toBe("bob · Sallyport");
    expect(troubles(window)).toEqual([]);
  });

  test("somebody's tokens, one of them revoked", async () => {
    const name = `${NASTY.slice(0, 40)} bot`;
    const { token } = await gate.serving.client("ana").call("tokens.create", { body: { name, scopes: ["self"], ttlMs: 600_000 } });
    await using window = await gate.open("olga", "/admin/tokens?user=ana");
    const { page } = window;
    await page.getByRole("cell", { name }).waitFor();
    await look(window, "admin-tokens");
    await page.getByRole("button", { name: `Revoke ${token.id}` }).press("Enter");
    await page.getByRole("button", { name: "Revoke now" }).press("Enter");
    await page.getByRole("cell", { name: "revoked" }).waitFor();
    await page.getByLabel("Of", { exact: true }).selectOption("lea");
    await page.waitForURL(/user=lea/);
    expect(troubles(window)).toEqual([]);
  });

  test("a lock cuts a live session and is lifted; that of the gate must be meant", async () => {
    await gate.serving.grant();
    const running = gate.serving.ssh(["sleep", "600"]);
    const live = async (): Promise<number> =>
      (await gate.serving.client("olga").call("sessions.list", { query: { all: true } })).sessions.length;
    await expect.poll(live).toBeGreaterThan(0);
    await using window = await gate.open("olga", "/admin/locks");
    const { page } = window;
    await page.getByText("Nobody and nothing is locked").waitFor();
    await look(window, "admin-locks-empty");
    await page.goto("/admin/locks?new=principal&name=ana");
    await page.getByLabel("Reason").fill(NASTY);
    await look(window, "admin-lock-new");
    await page.getByRole("button", { name: "Lock now" }).press("Enter");
    await page.getByRole("cell", { name: NASTY }).waitFor();
    expect((await running).status).not.toBe(0);
    await look(window, "admin-locks");
    await page.getByRole("button", { name: /^Lift lock-/ }).press("Enter");
    await page.keyboard.type("Found again");
    await page.getByRole("button", { name: "Lift", exact: true }).press("Enter");
    await page.getByText("Nobody and nothing is locked").waitFor();

    await page.goto("/admin/locks?new=gate");
    await page.getByText("Every session of everybody is cut").waitFor();
    await page.getByLabel("Reason").fill("An intruder");
    expect(await page.getByRole("button", { name: "Lock everything now" }).isDisabled()).toBe(true);
    await look(window, "admin-lock-gate");
    await page.getByLabel("Type test.example to go on").fill("test.example");
    await page.keyboard.press("Enter");
    await page.getByRole("cell", { name: "the whole gate" }).waitFor();
    await page.getByRole("button", { name: /^Lift lock-/ }).press("Enter");
    await page.keyboard.type("He is gone");
    await page.getByRole("button", { name: "Lift", exact: true }).press("Enter");
    await page.getByText("Nobody and nothing is locked").waitFor();
    expect(troubles(window)).toEqual([]);
  });

  test("targets, and whether one can be reached", async () => {
    await using window = await gate.open("olga", "/admin/targets");
    const { page } = window;
    await page.getByRole("link", { name: "web-1.prod" }).waitFor();
    await look(window, "admin-targets");
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/admin\/targets\/web-1\.prod$/);
    await page.getByRole("button", { name: "Test the connection" }).press("Enter");
    await page.getByText("All is well at").waitFor();
    await look(window, "admin-target-tested");
    await page.getByRole("button", { name: "Check the host's set-up" }).press("Enter");
    await page
      .getByText(/at 127\.0\.0\.1:\d+$/)
      .first()
      .waitFor();
    await look(window, "admin-target-checked");
    await page.goto("/admin/targets/nowhere");
    await page.getByRole("alert").waitFor();
    expect(troubles(window)).toEqual([]);
  });

  test("the configuration is read again, and says what changed", async () => {
    await using window = await gate.open("olga", "/admin/configuration");
    const { page } = window;
    await page.getByRole("button", { name: "Read the file again" }).press("Enter");
    await page.getByText("The file says what is in force already").waitFor();
    await gate.serving.configure({ roles: `${ROLES}  looker: { gate: ["session.read"] }\n` });
    await page.getByRole("button", { name: "Read the file again" }).press("Enter");
    await page.getByText("Loaded, and in force").waitFor();
    await page.getByRole("list", { name: "Changes" }).getByText("looker").first().waitFor();
    await look(window, "admin-configuration");
    await gate.serving.configure({ roles: "  keeper: 1\n" });
    await page.getByRole("button", { name: "Read the file again" }).press("Enter");
    await page.getByRole("alert").waitFor();
    await look(window, "admin-configuration-refused");
    expect(troubles(window)).toEqual([]);
  });

  test("who may see nothing of it is told so, and nothing is asked for", async () => {
    await using window = await gate.open("ana", "/admin");
    const { page } = window;
    // Where the login leads may still be asking for its own.
    await page.getByText(/^You may not see/).waitFor();
    const asked = askedFor(window);
    for (const path of [
      "/admin",
      "/admin/users",
      "/admin/users/olga",
      "/admin/tokens?user=olga",
      "/admin/locks?new=gate",
      "/admin/targets",
      "/admin/configuration",
    ]) {
      await page.goto(path);
      await page.getByText(/^You may not see/).waitFor();
    }
    await look(window, "admin-denied");
    expect(asked).toEqual([]);
    expect(troubles(window)).toEqual([]);
  });

  test.each(["/admin", "/admin/users/ana", "/admin/locks", "/admin/tokens?user=ana"])("on a phone: %s", async (path) => {
    await using window = await gate.open("olga", path, { phone: true });
    await window.page.getByRole("navigation", { name: "Running the gate" }).waitFor();
    expect(await widthOf(window)).toBe(390);
    await look(window, `admin-phone${path.replaceAll(/[^a-z]+/g, "-")}`);
    expect(troubles(window)).toEqual([]);
  });
});
