/** A session that takes a moderator, in the console: who may be one finds it, knows what it means, and is there or not. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { logIn, look, startBrowser, TELLS, type TestBrowser, type Window } from "../kit/browser.ts";
import { requirePeer } from "../kit/peers.ts";
import { PASSWORD, startServing, type Person, type Serving } from "../kit/serving.ts";
import { talk, type Talk } from "../kit/talk.ts";
import { until } from "../kit/until.ts";

const chromium = requirePeer("Chromium", "chromium");
const SSH = "ssh: { account: SELF, shell: true, exec: true }";

// oxlint-disable-next-line vitest/valid-title -- it names the program that is missing
describe.skipIf(chromium.missing)(chromium.title("moderating in the console"), () => {
  let serving: Serving;
  let browser: TestBrowser;

  beforeAll(async () => {
    serving = await startServing({
      gateLines: "  public: { url: http://localhost:HTTP_PORT }",
      roles: `  paused: { ${SSH}, moderator: { who: ["group:leads", ana] } }
  ended: { ${SSH}, moderator: { who: ["group:leads"], absent: end } }`,
      rules:
        '  - { name: more, who: ["group:oncall"], roles: [paused, ended], targets: { labels: { service: checkout } }, max: 4h, approval: 1 of leads }',
    });
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
    await serving?.[Symbol.asyncDispose]();
  });

  const open = async (person: Person, path: string, options: { phone?: boolean } = {}): Promise<Window> => {
    const window = await browser.open(serving.url.replace("127.0.0.1", "localhost"), { path, ...options });
    await logIn(window, person, PASSWORD);
    return window;
  };
  /** ana, at a session that waits. */
  const start = async (role: string): Promise<{ client: Talk; id: string }> => {
    await serving.grant({ role });
    const command = "stty -echo; echo begun; while read line; do echo got $line; done";
    const client = talk("ssh", [...serving.sshArgs("ana"), "-tt", "-o", "BatchMode=yes", "web-1.prod@127.0.0.1", command]);
    await until(() => client.stderr().includes("waits for a moderator (leads"));
    const { sessions } = await serving.client("olga").call("sessions.list", { query: { live: true, all: true } });
    return { client, id: sessions[0]?.id ?? "" };
  };
  const end = async (): Promise<void> => {
    const olga = serving.client("olga");
    const { grants } = await olga.call("grants.list", { query: { all: true, state: "active" } });
    for (const { id } of grants) await olga.call("grants.revoke", { params: { id }, body: { reason: "the test is over" } });
    await until(async () => (await olga.call("sessions.list", { query: { live: true, all: true } })).sessions.length === 0);
  };
  afterEach(end);

  test("it waits until somebody who may comes, and stands still when they leave; with the keyboard", async () => {
    const { client, id } = await start("paused");
    // No permission leads her there: that it waits for her does.
    await using window = await open("lea", "/");
    const { page } = window;
    await page.getByRole("link", { name: /Live 1 waiting/ }).press("Enter");
    const row = page.getByRole("link", { name: /ana on web-1.prod.*waits/s });
    await row.waitFor();
    await look(window, "live-to-moderate");
    await row.press("Enter");
    await page.getByText("Waits for a moderator.").waitFor();
    await page.getByText("You see what is shown and done in it while you are its moderator.").waitFor();
    await look(window, "live-waits");
    await page.keyboard.press("o");
    await page.getByText(/nothing passes until another moderator comes/).waitFor();
    await look(window, "live-moderate");
    expect(client.text()).toBe("");
    await page.keyboard.press("Enter");
    const screen = page.getByTestId("live-screen");
    await screen.getByText("begun").waitFor();
    await page.getByText(/Moderated by you/).waitFor();
    await page.getByRole("button", { name: /lea moderates/ }).waitFor();
    client.say("one\n");
    await client.seen("got one");
    await screen.getByText("got one").waitFor();
    await look(window, "live-moderated");

    await page.getByRole("button", { name: "Stop moderating" }).press("Enter");
    await until(() => client.stderr().includes("nothing passes until one is there"));
    await page.getByText("Waits for a moderator.").waitFor();
    expect(await screen.count()).toBe(0);
    client.say("two\n");
    await page.getByRole("button", { name: "Moderate" }).press("Enter");
    await page.keyboard.press("Enter");
    await client.seen("got two");
    // Another page is not this one: she is not there any more.
    await page.keyboard.press("g");
    await page.keyboard.press("h");
    await until(async () => (await serving.client("olga").call("sessions.show", { params: { id } })).moderation?.present.length === 0);
    expect([...window.faults, ...window.strangers]).toEqual([]);
  });

  test("whoever may be one is told in their browser when it waits, and joins it by a link; each time that others have left it", async () => {
    await using window = await open("lea", "/approve");
    const { page, context } = window;
    const told = async (): Promise<string[]> => (await page.evaluate<string[]>("told")).filter((each) => each.includes("moderator"));
    await context.grantPermissions(["notifications"], { origin: new URL(page.url()).origin });
    await page.evaluate(TELLS);
    await page.getByRole("button", { name: "Tell me in this browser" }).press("Enter");
    await page.getByRole("button", { name: "This browser tells me" }).waitFor();
    await using bystander = await open("ana", "/");
    await bystander.page.evaluate(`${TELLS}; localStorage.setItem("sallyport.notify", "on")`);

    const { client, id } = await start("paused");
    await expect.poll(told).toEqual(["ana on web-1.prod waits for a moderator / Nothing passes in it until one is there"]);
    await page.getByRole("link", { name: "Live 1 waiting" }).press("Enter");
    const join = page.getByRole("link", { name: "Join as moderator of ana on web-1.prod" });
    await join.waitFor();
    await look(window, "live-join");
    await join.press("Enter");
    await page.getByRole("dialog", { name: "Moderate ana on web-1.prod" }).waitFor();
    // A link is no consent.
    expect((await serving.client("olga").call("sessions.show", { params: { id } })).moderation?.present).toEqual([]);
    await page.keyboard.press("Enter");
    await client.seen("begun");
    await page.getByRole("button", { name: "Stop moderating" }).press("Enter");
    await page.getByText("Waits for a moderator.").waitFor();
    await end();
    await start("paused");
    await expect.poll(async () => (await told()).length).toBe(2);
    // Not of their own session, which nobody moderates themselves.
    expect(await bystander.page.evaluate<string[]>("told")).toEqual([]);

    await using phone = await open("lea", "/live", { phone: true });
    await phone.page.getByRole("link", { name: /^Join as moderator/ }).waitFor();
    expect(await phone.page.locator("html").evaluate(({ scrollWidth }) => scrollWidth)).toBe(390);
    await look(phone, "live-join-phone");
    expect([...window.faults, ...window.strangers, ...bystander.faults, ...phone.faults]).toEqual([]);
  });

  test("the gate asks now and then whether a moderator is still there, and they are", async () => {
    const { client, id } = await start("ended");
    await using window = await open("lea", `/live/${id}`);
    const { page } = window;
    const asked = (): Promise<unknown> =>
      page.waitForResponse((response) => new URL(response.url()).pathname.endsWith("/moderate"), { timeout: 60_000 });
    const first = asked();
    await page.getByRole("button", { name: "Moderate" }).press("Enter");
    await page.getByRole("dialog").getByRole("button", { name: "Moderate" }).press("Enter");
    await first;
    const again = asked();
    await client.seen("begun");
    await again;
    client.say("still here\n");
    await page.getByTestId("live-screen").getByText("got still here").waitFor();
    expect(client.stderr()).not.toContain("left");
    expect([...window.faults, ...window.strangers]).toEqual([]);
  }, 90_000);

  test("one that ends with its moderator says so before; its own person is offered nothing, though named; on a phone", async () => {
    const own = await start("paused");
    await using hers = await open("ana", `/live/${own.id}`, { phone: true });
    await hers.page.getByText("Waits for a moderator.").waitFor();
    expect(await hers.page.getByRole("button", { name: "Moderate" }).count()).toBe(0);
    await look(hers, "live-waits-own-phone");
    await end();

    const { client, id } = await start("ended");
    await using window = await open("lea", `/live/${id}`, { phone: true });
    const { page } = window;
    await page.getByRole("button", { name: "Moderate" }).click();
    await page.getByText(/the session ends, unless another moderator comes within ten seconds/).waitFor();
    await look(window, "live-moderate-phone");
    await page.getByRole("dialog").getByRole("button", { name: "Moderate" }).click();
    await client.seen("begun");
    await page.close();
    expect(await client.ended).toMatchObject({ status: 255 });
    expect([...hers.faults, ...hers.strangers, ...window.faults, ...window.strangers]).toEqual([]);
  }, 60_000);
});
