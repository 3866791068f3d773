/** Saying yes and no in the console: requests and held statements as they come, by keyboard, shorter and for less, on a telephone. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { encodeQuery } from "../../src/wire/postgres/frontend.ts";
import { look, TELLS } from "../kit/browser.ts";
import { openConsole, publicUrlOf, PUBLIC_LINE, troubles, widthOf, type ConsoleWindows } from "../kit/console.ts";
import { requirePeer } from "../kit/peers.ts";
import { postgresServer, startPostgres, type PostgresServer } from "../kit/postgres.ts";
import { serveDatabase, type ServedDatabase } from "../kit/serve-database.ts";

const chromium = requirePeer("Chromium", "chromium");
const HOSTILE = `<img src=x onerror="document.title='run'">`;
const APP = "what no client ever sees";

// oxlint-disable-next-line vitest/valid-title -- it names the program that is missing
describe.skipIf(chromium.missing || postgresServer.missing)(chromium.title("saying yes and no in the console"), () => {
  let server: PostgresServer;
  let served: ServedDatabase;
  let windows: ConsoleWindows;

  beforeAll(async () => {
    server = await startPostgres();
    await server.sql(`create role app login password '${APP}';
      create table orders (id int primary key, state text, email text);
      insert into orders select n, 'stuck', 'person' || n || '@example.com' from generate_series(1, 3) n;
      grant all on orders to app;`);
    served = await serveDatabase(server, {
      gateLines: PUBLIC_LINE,
      roles: { fix: "{ postgres: { account: app, allow: [read], hold: [write] } }" },
      logins: { app: APP },
      target: "    masking: { columns: [{ columns: public.orders.email, class: contact, mask: full }] }",
    });
    windows = await openConsole(publicUrlOf(served.gate));
  });
  afterAll(async () => {
    await windows?.[Symbol.asyncDispose]();
    await served?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
  });

  const ask = async (reason: string, more: { targets?: string[]; role?: string; durationMs?: number } = {}): Promise<string> => {
    const body = { reason, role: "debug", targets: ["web-1.prod"], durationMs: 3_600_000, ticket: HOSTILE, ...more };
    return (await served.gate.client("ana").call("requests.create", { body })).request.id;
  };
  const stateOf = (id: string) => served.gate.client("ana").call("requests.show", { params: { id } });

  test("with the keyboard alone: what waits comes by itself and is counted; approved shorter, denied with a reason", async () => {
    await using window = await windows.open("lea", "/approve");
    const { page } = window;
    const { keyboard } = page;
    await page.getByText("Nothing waits for you").waitFor();
    await look(window, "approve-empty");
    const [first, second] = [await ask(`first ${HOSTILE}`), await ask("second")];
    // By the stream: the status is asked for every fifteen seconds only.
    await page.getByRole("link", { name: /ana: debug on web-1\.prod.*second/ }).waitFor({ timeout: 5_000 });
    await expect.poll(() => page.title()).toBe("(2) Approve · Sallyport");
    await page.getByRole("heading", { name: "ana asks for debug" }).waitFor();
    await look(window, "approve-queue");
    expect(await page.locator("main img, main script").count()).toBe(0);

    await keyboard.press("?");
    await page.getByRole("dialog", { name: "Keys of this page" }).waitFor();
    await look(window, "approve-keys");
    await keyboard.press("Escape");

    await keyboard.press("j");
    await page.waitForURL(`**/approve/${second}`);
    await keyboard.press("k");
    await page.waitForURL(`**/approve/${first}`);
    await keyboard.press("a");
    const dialog = page.getByRole("dialog", { name: "Approve what ana asks for" });
    await dialog.getByRole("button", { name: "Approve 1h" }).waitFor();
    await dialog.getByRole("radio", { name: "15m" }).focus();
    await keyboard.press("Space");
    await look(window, "approve-shorter");
    await keyboard.press("Enter");
    await page.getByRole("status").getByText("Approved: ana has debug for 15m").waitFor();
    expect(await stateOf(first)).toMatchObject({ state: "approved", approvals: [{ by: "lea" }] });
    const { grants } = await served.gate.client("ana").call("grants.list");
    expect(grants[0]?.remainingMs).toBeLessThanOrEqual(900_000);

    await page.waitForURL(`**/approve/${second}`);
    await page.getByRole("heading", { name: "ana asks for debug" }).waitFor();
    await page.getByText("second").last().waitFor();
    await keyboard.press("d");
    await page.getByRole("dialog", { name: "Deny what ana asks for" }).waitFor();
    await keyboard.type(`not now ${HOSTILE}`);
    await look(window, "approve-deny");
    await keyboard.press("Enter");
    await page.getByText("Nothing waits for you").waitFor();
    expect(await stateOf(second)).toMatchObject({ state: "denied", closedReason: `not now ${HOSTILE}` });
    await page.goto(`/approve/${second}`);
    await page.getByText(`not now ${HOSTILE}`).waitFor();
    await look(window, "approve-decided");
    expect(troubles(window)).toEqual([]);
  });

  test("a held statement comes within a second, with what it would change, masked; it runs once it is let", async () => {
    await using window = await windows.open("lea", "/approve");
    const { page } = window;
    const client = await served.connect("fix");
    client.send(encodeQuery("update orders set state = 'paid \u202edlog' where id < 3"));
    await page.getByRole("link", { name: /held ana on shop-db/ }).click({ timeout: 10_000 });
    await page.getByText("2 rows").waitFor();
    const preview = page.getByRole("table", { name: "Rows before and after" });
    expect(await preview.textContent()).toContain("stuck");
    expect(await page.content()).not.toContain("person1@example.com");
    // What would turn the text round is shown as what it is.
    expect(await page.getByLabel("Statement").textContent()).toContain("U+202E");
    await look(window, "approve-held");
    await page.keyboard.press("a");
    await page.getByRole("button", { name: "Let it run", exact: true }).waitFor();
    await page.keyboard.press("Enter");
    await page.getByText("Said yes to ana's statement").waitFor();
    await expect.poll(() => server.sql("select count(*) from orders where state like 'paid%'")).toBe("2");
    client.send(encodeQuery("delete from orders"));
    await page.getByRole("link", { name: /held ana on shop-db/ }).click();
    await page.getByText("delete from orders").last().waitFor();
    await page.keyboard.press("d");
    await page.getByLabel("Why not").fill("no WHERE");
    await page.keyboard.press("Enter");
    await page.getByText("Nothing waits for you").waitFor();
    expect(await server.sql("select count(*) from orders")).toBe("3");
    expect(troubles(window)).toEqual([]);
  });

  test("on a telephone, for fewer targets; nobody sees their own there", async () => {
    await using window = await windows.open("lea", "/approve", { phone: true });
    const { page } = window;
    const id = await ask("from everywhere");
    await look(window, "approve-phone-queue");
    await page.getByRole("link", { name: /from everywhere/ }).tap();
    const button = page.getByRole("button", { name: "Approve…" });
    await button.waitFor();
    const box = await button.boundingBox();
    expect(box?.height).toBeGreaterThanOrEqual(44);
    expect(await widthOf(window)).toBeLessThanOrEqual(390);
    await look(window, "approve-phone");
    await button.tap();
    await look(window, "approve-phone-dialog");
    await page.getByRole("button", { name: "Approve 1h" }).tap();
    await page.getByText("Nothing waits for you").waitFor();
    expect(await stateOf(id)).toMatchObject({ state: "approved" });
    expect(troubles(window)).toEqual([]);

    const own = await ask("mine");
    await using asker = await windows.open("ana", `/approve/${own}`);
    await asker.page.getByText("Your part is done, or you have none in it.").waitFor();
    expect(await asker.page.getByRole("button", { name: "Approve…" }).count()).toBe(0);
    expect(troubles(asker)).toEqual([]);
  });

  test("notifications are asked for by a click, and tell of what comes, without a statement's text", async () => {
    await using window = await windows.open("lea", "/approve");
    const { page, context } = window;
    expect(await page.evaluate<string>("Notification.permission")).not.toBe("granted");
    await context.grantPermissions(["notifications"], { origin: windows.url });
    await page.evaluate(TELLS);
    await page.getByRole("button", { name: "Tell me in this browser" }).click();
    await page.getByRole("button", { name: "This browser tells me" }).waitFor();
    await ask("tell them");
    await expect.poll(() => page.evaluate<string[]>("told")).toEqual(["ana asks for debug on web-1.prod / tell them"]);
    // Broken glass waits for nobody, and is told of all the more.
    const body = { reason: "nobody answers", role: "debug", targets: ["web-1.prod"], durationMs: 60_000, breakGlass: true };
    await served.gate.client("ana").call("requests.create", { body });
    await expect
      .poll(() => page.evaluate<string[]>("told"))
      .toEqual([expect.anything(), "ana broke the glass for debug on web-1.prod / nobody answers"]);
    expect(troubles(window)).toEqual([]);
  });
});
