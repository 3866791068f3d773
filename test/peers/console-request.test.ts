/** Asking for access in the console: by keyboard, from a shared address, until it is access or is refused. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { look } from "../kit/browser.ts";
import { startConsole, troubles, widthOf, type TestConsole } from "../kit/console.ts";
import { requirePeer } from "../kit/peers.ts";

const chromium = requirePeer("Chromium", "chromium");
const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIWzCBt0XQsMKHqFBOAWiF3bV1SkVCKJcYCsZ1vAdvZU";
const HOSTILE = `<img src=x onerror="document.title='run'"> <script>document.title='run'</script> javascript:alert(1)`;

// oxlint-disable-next-line vitest/valid-title -- it names the program that is missing
describe.skipIf(chromium.missing)(chromium.title("asking for access in the console"), () => {
  let gate: TestConsole;

  beforeAll(async () => {
    gate = await startConsole({
      roles: "  look: { ssh: { account: SELF, exec: [uptime], files: read } }",
      configuration: {
        rules: `  - { name: looks, who: ["group:oncall"], roles: [look], targets: { labels: { service: checkout } }, max: 30m, approval: none }
  - { name: mail, who: ["group:oncall"], roles: [look], targets: { labels: { service: mail } }, max: 30m, approval: 2 of leads }
  - { name: leads-look, who: ["group:leads"], roles: [look], targets: { labels: { service: checkout } }, max: 30m, approval: 1 of owners }`,
        targets: `  web-2.prod: { kind: ssh, address: 127.0.0.1:1, labels: { service: checkout, env: prod, owner: leads }, hostKeys: ["${KEY}"] }
  mail-1: { kind: ssh, address: 127.0.0.1:1, labels: { service: mail, env: prod }, hostKeys: ["${KEY}"] }`,
      },
    });
  });
  afterAll(() => gate?.[Symbol.asyncDispose]());

  test("with the keyboard alone: why, what, to do what, how long; what will happen is said before; then it waits, and is access", async () => {
    await using window = await gate.open("ana", "/request");
    const { page } = window;
    const { keyboard } = page;
    await page.getByLabel("Why").waitFor();
    await look(window, "request-empty");
    await keyboard.type("Checkout answers 500");
    await keyboard.press("Tab");
    await keyboard.type("INC-1042");
    await page.getByLabel("Search by service, label or name").focus();
    await keyboard.type("checkout env=prod");
    await keyboard.press("ArrowDown");
    await keyboard.press("Space");
    await page.getByRole("radio", { name: /debug/ }).focus();
    await keyboard.press("Space");
    await page.getByText("1 of leads", { exact: true }).waitFor();
    await page.getByText("lea, olga").waitFor();
    await page.getByText("oncall-debugs").waitFor();
    expect(await page.getByText("may: a shell; any command").isVisible()).toBe(true);
    await look(window, "request-filled");
    await page.getByLabel("Why").focus();
    await page.getByRole("button", { name: "Send the request" }).focus();
    await keyboard.press("Enter");
    await page.getByRole("heading", { name: "Waiting for a yes" }).waitFor();
    await page.getByText("Still to come: 1 of leads").waitFor();
    await look(window, "request-waiting");
    const id = new URL(page.url()).pathname.slice("/requests/".length);
    await gate.serving.client("lea").call("requests.approve", { params: { id } });
    // By the stream: the page itself asks again only every ten seconds.
    await page.getByRole("heading", { name: "You have access" }).waitFor({ timeout: 5_000 });
    await page.getByText(/^ssh -p \d+ web-1\.prod@/).waitFor();
    expect(await page.getByRole("link", { name: "Open here on web-1.prod" }).getAttribute("href")).toMatch(
      /^\/terminal\/web-1\.prod\?grant=gr-/,
    );
    await look(window, "request-approved");
    expect(troubles(window)).toEqual([]);
  });

  test("an address fills the form in; access that needs nobody's yes comes at once", async () => {
    await using window = await gate.open("ana", "/request?target=web-1.prod&target=web-2.prod&role=look&for=15m&reason=load&ticket=INC-7");
    const { page } = window;
    await page.getByText("none needed: access comes at once").waitFor();
    expect(await page.getByLabel("Why").inputValue()).toBe("load");
    expect(await page.getByRole("radio", { name: "15m" }).isChecked()).toBe(true);
    await look(window, "request-at-once");
    await page.getByRole("button", { name: "Get access now" }).click();
    await page.getByRole("heading", { name: "You have access" }).waitFor();
    expect(troubles(window)).toEqual([]);
  });

  test("what one may not ask for is named, and the gate's refusal is shown in words of the console", async () => {
    await using window = await gate.open("ana", "/request?target=web-1.prod&target=secret-db&role=debug&reason=curious");
    const { page } = window;
    await page.getByText("you may not ask for it").waitFor();
    const alert = page.getByRole("alert");
    await alert.waitFor();
    expect(await alert.textContent()).not.toContain("sallyport ");
    await look(window, "request-refused");
    expect(troubles(window)).toEqual([]);
  });

  test("no role for two things together is said; the other role shows who else is asked", async () => {
    await using window = await gate.open("ana", "/request?target=web-1.prod&target=mail-1&reason=both");
    const { page } = window;
    // `look` is the only role for both; the two rules are both shown.
    await page.getByText("looks, mail").waitFor();
    expect(await page.getByRole("radio", { name: /debug/ }).count()).toBe(0);
    await page.getByText("2 of leads", { exact: true }).waitFor();
    expect(troubles(window)).toEqual([]);
  });

  test("breaking the glass is loud, takes a word of its own, and says what follows", async () => {
    await using window = await gate.open("ana", "/request?target=web-1.prod&role=debug&reason=All+of+checkout+is+down");
    const { page } = window;
    await page.getByRole("button", { name: "Break the glass…" }).click();
    const button = page.getByRole("button", { name: "Break the glass", exact: true });
    await button.waitFor();
    expect(await button.isDisabled()).toBe(true);
    await look(window, "request-break-glass");
    await page.getByLabel("This cannot wait for an approval").check();
    await button.click();
    await page.getByRole("heading", { name: "You have access" }).waitFor();
    await page.getByText("break-glass").first().waitFor();
    expect(troubles(window)).toEqual([]);
  });

  test("a denial is shown with its reason; what others wrote is text and never markup", async () => {
    await using window = await gate.open("ana", "/request?target=web-1.prod&role=debug");
    const { page } = window;
    await page.getByLabel("Why").fill(HOSTILE);
    await page.getByLabel("Ticket").fill(HOSTILE);
    await page.getByRole("button", { name: "Send the request" }).click();
    await page.getByRole("heading", { name: "Waiting for a yes" }).waitFor();
    const id = new URL(page.url()).pathname.slice("/requests/".length);
    await gate.serving.client("lea").call("requests.deny", { params: { id }, body: { reason: `no: ${HOSTILE}` } });
    await page.getByRole("heading", { name: "lea said no" }).waitFor();
    await page.getByText(`no: ${HOSTILE}`).waitFor();
    expect(await page.locator("main img, main script").count()).toBe(0);
    expect(await page.title()).not.toContain("run");
    await look(window, "request-denied");
    // Asking again is the same address as anybody could make: it fills in, and sends nothing.
    await page.getByRole("link", { name: "Ask again" }).click();
    expect(await page.getByLabel("Why").inputValue()).toBe(HOSTILE);
    expect(troubles(window)).toEqual([]);
  });

  test("on a telephone; withdrawn again", async () => {
    await using window = await gate.open("ana", "/request?target=web-1.prod&role=debug&reason=from+the+train", { phone: true });
    const { page } = window;
    await page.getByRole("button", { name: "Send the request" }).scrollIntoViewIfNeeded();
    await page.getByText("1 of leads", { exact: true }).waitFor();
    await look(window, "request-phone");
    expect(await widthOf(window)).toBeLessThanOrEqual(390);
    await page.getByRole("button", { name: "Send the request" }).tap();
    await page.getByRole("button", { name: "Withdraw it" }).tap();
    await page.getByLabel("Why", { exact: true }).fill("found it in the logs");
    await page.getByRole("button", { name: "Withdraw", exact: true }).tap();
    await page.getByRole("heading", { name: "ana withdrew it" }).waitFor();
    expect(troubles(window)).toEqual([]);
  });

  test("a request of others is not shown to somebody who has no place in it", async () => {
    const body = { reason: "not for ana's eyes", role: "look", targets: ["web-1.prod"], durationMs: 60_000 };
    const { request } = await gate.serving.client("lea").call("requests.create", { body });
    await using window = await gate.open("ana", `/requests/${request.id}`);
    const alert = window.page.getByRole("alert");
    await alert.waitFor();
    expect(await alert.textContent()).toContain("not-found");
    expect(await window.page.content()).not.toContain(body.reason);
    await look(window, "request-not-found");
    expect(troubles(window)).toEqual([]);
  });
});
