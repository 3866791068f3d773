/** Broken glass in the approver's queue: who, why, what was done under it, and a verdict with a note, by keyboard. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { look } from "../kit/browser.ts";
import { startConsole, troubles, widthOf, type TestConsole } from "../kit/console.ts";
import { requirePeer } from "../kit/peers.ts";

const chromium = requirePeer("Chromium", "chromium");
const HOSTILE = `<img src=x onerror="document.title='run'">`;

// oxlint-disable-next-line vitest/valid-title -- it names the program that is missing
describe.skipIf(chromium.missing)(chromium.title("reviewing broken glass in the console"), () => {
  let gate: TestConsole;

  beforeAll(async () => {
    gate = await startConsole();
  });
  afterAll(() => gate?.[Symbol.asyncDispose]());

  const breakGlass = async (reason: string): Promise<string> => {
    const body = { reason, role: "debug", targets: ["web-1.prod"], durationMs: 3_600_000, breakGlass: true };
    const { grant } = await gate.serving.client("ana").call("requests.create", { body });
    return grant?.id ?? "";
  };
  const giveBack = (id: string) => gate.serving.client("ana").call("grants.revoke", { params: { id }, body: { reason: "fixed" } });
  const reviewOf = async (id: string) => (await gate.serving.client("ana").call("grants.show", { params: { id } })).breakGlass;

  test("it comes by itself, says who and why, leads to what was done, and takes a verdict with a note", async () => {
    await using window = await gate.open("lea", "/approve");
    const { page } = window;
    const { keyboard } = page;
    await page.getByText("Nothing waits for you").waitFor();
    const first = await breakGlass(`checkout is down, nobody answers ${HOSTILE}`);
    await page.getByRole("link", { name: /broken glass ana: debug on web-1\.prod/ }).waitFor({ timeout: 10_000 });
    await expect.poll(() => page.title()).toBe("(1) Approve · Sallyport");
    await page.getByText("No session was opened under it").waitFor();
    await look(window, "review-unused");
    const ran = await gate.serving.ssh(["cat", "/etc/hostname"]);
    expect(ran.status).toBe(0);
    await giveBack(first);
    const second = await breakGlass("and once more");

    // What was done is the reviewer's to see; what was shown takes a permission that she does not hold.
    await page.getByRole("link", { name: /ana on web-1\.prod/ }).click({ timeout: 10_000 });
    await page.getByText("cat /etc/hostname").first().waitFor();
    await page.getByText("What was shown takes the permission").waitFor();
    await look(window, "review-session");
    const session = page.url().split("/").at(-1) as `s-${string}`;
    const lea = gate.serving.client("lea");
    await expect(lea.call("sessions.asciicast", { params: { id: session }, query: { channel: 0 } })).rejects.toMatchObject({
      code: "not-found",
    });
    await page.goBack();

    await page.getByRole("heading", { name: "ana broke the glass for debug" }).waitFor();
    await keyboard.press("j");
    await page.waitForURL(`**/approve/${second}`);
    await page.getByText("still open").first().waitFor();
    await keyboard.press("k");
    await page.waitForURL(`**/approve/${first}`);
    await page.getByRole("heading", { name: "ana broke the glass for debug" }).waitFor();
    await page.getByText("fixed").waitFor();
    expect(await page.locator("main img, main script").count()).toBe(0);
    await look(window, "review-queue");
    await keyboard.press("a");
    await page.getByRole("dialog", { name: "ana was right to break the glass" }).waitFor();
    // Not without a word.
    expect(await page.getByRole("button", { name: "Justified", exact: true }).isDisabled()).toBe(true);
    await keyboard.type(`both leads were on a plane ${HOSTILE}`);
    await look(window, "review-justified");
    await keyboard.press("Enter");
    await page.getByRole("status").getByText("Reviewed: justified").waitFor();
    expect(await reviewOf(first)).toMatchObject({ verdict: "justified", reviewedBy: "lea" });

    await page.waitForURL(`**/approve/${second}`);
    await page.getByText("and once more").last().waitFor();
    await keyboard.press("d");
    await page.getByRole("dialog", { name: "ana should not have broken the glass" }).waitFor();
    await keyboard.type("a lead was at their desk");
    await keyboard.press("Enter");
    await page.getByText("Nothing waits for you").waitFor();
    expect(await reviewOf(second)).toMatchObject({ verdict: "unjustified", reviewedBy: "lea" });
    await page.goto(`/approve/${second}`);
    await page.getByText("Reviewed").waitFor();
    expect(await page.getByRole("button", { name: /ustified/ }).count()).toBe(0);
    await look(window, "review-done");
    await giveBack(second);
    expect(troubles(window)).toEqual([]);
  });

  test("nobody is asked to review their own; a session that was opened in order is no reviewer's", async () => {
    const broken = await breakGlass("once more");
    await using own = await gate.open("ana", "/approve");
    await own.page.getByText("Nothing waits for you").waitFor();
    await giveBack(broken);
    const { id } = await gate.serving.grant();
    expect((await gate.serving.ssh(["true"])).status).toBe(0);
    const lea = gate.serving.client("lea");
    await expect(lea.call("sessions.list", { query: { grant: id, all: true } })).rejects.toMatchObject({ code: "not-permitted" });
    await expect(lea.call("sessions.list", { query: { all: true } })).rejects.toMatchObject({ code: "not-permitted" });
    const [ordinary] = (await gate.serving.client("ana").call("sessions.list", { query: { grant: id } })).sessions;
    const params = { id: ordinary?.id ?? "s-0000000000" };
    for (const route of ["sessions.show", "sessions.timeline"] as const) {
      await expect(lea.call(route, { params })).rejects.toMatchObject({ code: "not-found" });
    }
    await using phone = await gate.open("lea", `/approve/${broken}`, { phone: true });
    await phone.page.getByRole("button", { name: "Not justified…" }).waitFor();
    expect(await widthOf(phone)).toBe(390);
    await look(phone, "review-phone");
    expect([...troubles(own), ...troubles(phone)]).toEqual([]);
  });
});
