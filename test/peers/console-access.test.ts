/** The pages of rights, as the gate computes them: for an owner, and for somebody who sees their own only. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { look } from "../kit/browser.ts";
import { askedFor, startConsole, troubles, widthOf, type TestConsole } from "../kit/console.ts";
import { requirePeer } from "../kit/peers.ts";

const chromium = requirePeer("Chromium", "chromium");
const NASTY = `<img src=x onerror="document.title='owned'"></script>`;
const ROLES = "  dump: { ssh: { account: SELF, exec: true } }\n";
/** Asks for the owners of the target, whom its label names. */
const RULES = `  - { name: team-dumps, who: ["group:oncall"], roles: [dump], targets: { labels: { service: checkout } }, max: 1h, approval: 1 of owners }\n`;

// oxlint-disable-next-line vitest/valid-title -- it names the program that is missing
describe.skipIf(chromium.missing)(chromium.title("the pages of rights"), () => {
  let gate: TestConsole;

  beforeAll(async () => {
    gate = await startConsole({ roles: ROLES, rules: RULES });
  });
  afterAll(() => gate?.[Symbol.asyncDispose]());

  test("nobody has access; then somebody has, and it is revoked by keyboard", async () => {
    await using window = await gate.open("olga", "/access");
    const { page } = window;
    await page.getByText("Nobody has access to anything now").waitFor();
    await look(window, "access-empty");
    const ana = gate.serving.client("ana");
    const asked = { reason: NASTY, ticket: NASTY, role: "debug", targets: ["web-1.prod"], durationMs: 3_600_000 };
    const { request } = await ana.call("requests.create", { body: asked });
    const { grant } = await gate.serving.client("lea").call("requests.approve", { params: { id: request.id } });
    await page.getByRole("button", { name: `Revoke ${grant?.id}` }).waitFor();
    await look(window, "access-now");
    await page.getByLabel("Who").fill("lea");
    await page.getByText("No grant in force matches").waitFor();
    await page.waitForURL(/who=lea/);
    await page.getByLabel("Who").fill("ana");
    await page.getByRole("button", { name: `Revoke ${grant?.id}` }).press("Enter");
    await page.keyboard.type("Incident over");
    await page.getByRole("button", { name: "Revoke now" }).press("Enter");
    await page.getByText("Nobody has access to anything now").waitFor();
    expect((await ana.call("grants.show", { params: { id: grant?.id ?? "" } })).endedReason).toBe("Incident over");
    expect(troubles(window)).toEqual([]);
  });

  test("who may get what: each place says what it takes, or that no rule says so", async () => {
    await gate.serving.grant();
    await using window = await gate.open("olga", "/access/may");
    const { page } = window;
    const grid = page.getByRole("region", { name: "Who may get what" });
    await grid.getByText("if approved").first().waitFor();
    await grid.getByText("1 of leads: lea, olga; at most 4h, or by breaking glass").first().waitFor();
    await grid.getByText("has it now").waitFor();
    await grid.getByText("1 of leads: lea, olga; at most 1h").waitFor();
    expect(await grid.getByRole("link", { name: "no rule" }).count()).toBe(2);
    await look(window, "access-may");
    await page.getByLabel("Person").fill("ana");
    await page.keyboard.press("Enter");
    await page.waitForURL(/who=ana/);
    await page.getByRole("heading", { name: "1 × 1" }).waitFor();
    await grid.getByRole("link", { name: "debug" }).first().press("Enter");
    await page.waitForURL(/\/access\/why\?/);
    await page.getByText("Yes, once it is approved").waitFor();
    await page.goto("/access/may?who=lea");
    await grid.getByRole("link", { name: "no rule" }).press("Enter");
    await page.waitForURL(/who=lea&where=web-1\.prod$/);
    await page.goto("/access/may?who=nobody");
    await page.getByText("There is nobody like that").waitFor();
    expect(troubles(window)).toEqual([]);
  });

  test("why: a question with an address, its verdict and every rule looked at", async () => {
    await using window = await gate.open("ana", "/access/why");
    const { page } = window;
    await page.getByText("Ask about somebody, something and somewhere").waitFor();
    await page.getByLabel("What").fill("debug");
    await page.getByLabel("Where").fill("web-1.prod");
    await page.keyboard.press("Enter");
    await page.waitForURL(/who=ana&what=debug&where=web-1\.prod/);
    await page.getByRole("status").getByText("Yes").waitFor();
    await look(window, "access-why");
    await page.goto("/access/why?what=audit.read&where=gate");
    await page.getByRole("status").getByText("No", { exact: true }).waitFor();
    await look(window, "access-why-not");
    await page.goto("/access/why?who=olga&what=debug&where=web-1.prod");
    await page.getByRole("alert").waitFor();
    await page.goto(`/access/why?${new URLSearchParams({ what: NASTY, where: "web-1.prod" }).toString()}`);
    await page
      .getByRole("alert")
      .or(page.getByText("No", { exact: true }))
      .first()
      .waitFor();
    expect(await page.title()).toBe("Why, or why not · Sallyport");
    expect(troubles(window)).toEqual([]);
  });

  test("roles and rules are read, found, and never changed here", async () => {
    await using window = await gate.open("olga", "/access/rules");
    const { page } = window;
    await page.getByRole("heading", { name: "oncall-debugs" }).waitFor();
    await look(window, "access-rules");
    await page.getByLabel("Find").fill("team-dumps");
    await page.waitForURL(/find=team-dumps/);
    await expect.poll(() => page.getByRole("heading", { name: "oncall-debugs" }).count()).toBe(0);
    await page.getByText("1 of owners").first().waitFor();
    expect(await page.getByRole("textbox").count()).toBe(0);
    expect(troubles(window)).toEqual([]);
  });

  test("a pasted change: what is wrong with it and where, and what it would change; nothing is loaded", async () => {
    await using window = await gate.open("olga", "/access/check");
    const { page } = window;
    const before = await gate.serving.client("olga").call("config.show");
    const area = page.getByLabel("Configuration");
    await page.getByRole("button", { name: "Start from what is in force" }).press("Enter");
    await expect.poll(() => area.inputValue()).toBe(before.text);
    await page.getByRole("button", { name: "Check", exact: true }).press("Enter");
    await page.getByText("It says what is in force already").waitFor();
    await area.fill(before.text.replace("max: 4h", "max: 8h"));
    await page.getByRole("button", { name: "Check", exact: true }).press("Enter");
    await page.getByRole("region", { name: "Widens access" }).waitFor();
    await page.getByRole("list", { name: "Changes" }).getByText("8h").waitFor();
    await look(window, "access-check");
    await area.fill(before.text.replace("max: 4h", `maxi: "${NASTY.replaceAll('"', "")}"`));
    await page.getByRole("button", { name: "Check", exact: true }).press("Enter");
    await page.getByText("It would be refused").waitFor();
    await look(window, "access-check-problems");
    await page
      .getByRole("button", { name: /^Line \d+:\d+$/ })
      .first()
      .press("Enter");
    expect(await area.evaluate((area) => area === area.ownerDocument.activeElement)).toBe(true);
    expect((await gate.serving.client("olga").call("config.show")).hash).toBe(before.hash);
    expect(troubles(window)).toEqual([]);
  });

  test("somebody without permissions sees their own grants, gives them back, and of the rest nothing is asked for", async () => {
    await gate.serving.grant();
    await using window = await gate.open("ana", "/access");
    const { page } = window;
    await page
      .getByRole("button", { name: /^Give back/ })
      .first()
      .waitFor();
    await look(window, "access-own");
    const asked = askedFor(window);
    for (const path of ["/access/may", "/access/rules", "/access/check"]) {
      await page.goto(path);
      await page.getByText(/^You may not see/).waitFor();
    }
    expect(asked).toEqual([]);
    expect(troubles(window)).toEqual([]);
  });

  test.each(["/access", "/access/may", "/access/why?what=debug&where=web-1.prod", "/access/rules", "/access/check"])(
    "on a phone: %s",
    async (path) => {
      await using window = await gate.open("olga", path, { phone: true });
      await window.page.getByRole("navigation", { name: "Access" }).waitFor();
      await window.page.getByRole("status").first().waitFor();
      expect(await widthOf(window)).toBe(390);
      await look(window, `access-phone${path.replaceAll(/[^a-z]+/g, "-").slice(0, 20)}`);
      expect(troubles(window)).toEqual([]);
    },
  );
});
