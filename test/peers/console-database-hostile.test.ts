/** psql through the gate, watched and moderated in the console; and statements that mean harm to whoever reads them there. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { look, type Window } from "../kit/browser.ts";
import { openConsole, publicUrlOf, PUBLIC_LINE, troubles, type ConsoleWindows } from "../kit/console.ts";
import { requirePeer } from "../kit/peers.ts";
import { psqlAndServer, startPostgres, type PostgresServer } from "../kit/postgres.ts";
import { serveDatabase, type ServedDatabase } from "../kit/serve-database.ts";
import { talk, type Talk } from "../kit/talk.ts";
import { until } from "../kit/until.ts";

const chromium = requirePeer("Chromium", "chromium");
const APP = "what no client ever sees";
const IMAGE = `<img src=x onerror=globalThis.harmed=1>`;
/** What acts on a terminal, or turns the direction of a text. */
const TURNS = ["\u001b", "\u0007", "\u009b", "\u202e", "\u2066"];
/** As names, which are part of every record of a statement; names may hold anything but NUL. */
const HOSTILE: readonly (readonly [name: string, sql: string])[] = [
  ["html", `select 1 as "${IMAGE}<script>globalThis.harmed=1</script>"`],
  ["escapes", `select 2 as "\u001b]0;harmed\u0007\u001b[2J\u009b31mred"`],
  ["direction", `select 3 as "\u202Egnp\u2066exe"`],
  ["as long as the gate reads", `select 4 as "${"long ".repeat(50_000)}"`],
  ["full of what is not shown", `select 5 as "${"\u202E\u200B".repeat(40_000)}"`],
];

// oxlint-disable-next-line vitest/valid-title -- it names the program that is missing
describe.skipIf(chromium.missing || psqlAndServer.missing)(chromium.title("a database session in the console, for its watchers"), () => {
  let server: PostgresServer;
  let served: ServedDatabase;
  let windows: ConsoleWindows;

  beforeAll(async () => {
    server = await startPostgres();
    await server.sql(`create role app login password '${APP}'; create table orders (id int, note text); grant all on orders to app;`);
    served = await serveDatabase(server, {
      gateLines: PUBLIC_LINE,
      roles: {
        open: "{ postgres: { account: app, allow: [read, session], hold: [write] } }",
        guarded: '{ postgres: { account: app, allow: [read, session] }, moderator: { who: ["group:leads"] } }',
      },
      logins: { app: APP },
    });
    windows = await openConsole(publicUrlOf(served.gate));
  }, 120_000);
  afterAll(async () => {
    await windows?.[Symbol.asyncDispose]();
    await served?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
  });

  const psql = async (role: string): Promise<Talk & AsyncDisposable> => {
    const grant = await served.gate.grant({ role, targets: ["shop-db"] });
    const given = await served.gate.client("ana").call("grants.password", { params: { id: grant.id }, body: { target: "shop-db" } });
    const conninfo = `host=127.0.0.1 port=${given.port} user=${given.user} dbname=${given.database} sslmode=disable`;
    const env = { ...process.env, PGPASSWORD: given.password, PGCLIENTENCODING: "UTF8", PAGER: "" };
    const client = talk("psql", ["-X", "-A", "-t", conninfo], env);
    return Object.assign(client, {
      [Symbol.asyncDispose]: async () => {
        client.child.kill();
        await client.ended;
        await served.gate.client("ana").call("grants.revoke", { params: { id: grant.id }, body: { reason: "done" } });
      },
    });
  };
  const sql = (client: Talk, text: string): void => client.say(Buffer.from(`${text};\n`, "utf8").toString("latin1"));
  const unharmed = async ({ page }: Window): Promise<unknown> => {
    const shown = (await page.locator("main").textContent()) ?? "";
    return {
      harmed: await page.evaluate("globalThis.harmed"),
      images: await page.locator("main img, main script").count(),
      title: (await page.title()).includes("harmed"),
      turned: TURNS.filter((each) => shown.includes(each)),
    };
  };
  const UNHARMED = { harmed: undefined, images: 0, title: false, turned: [] };

  test("psql waits for its moderator, is told, stands still while frozen, and ends when killed", async () => {
    await using client = await psql("guarded");
    sql(client, "select 'sta' || 'rted'");
    await using lead = await windows.open("lea", "/live");
    await lead.page.getByRole("link", { name: /^Join as moderator of ana on shop-db/ }).press("Enter");
    await lead.page.getByRole("dialog", { name: "Moderate ana on shop-db" }).waitFor();
    expect(client.text()).not.toContain("started");
    await lead.page.keyboard.press("Enter");
    await client.seen("started");
    const statements = lead.page.getByRole("list", { name: "Statements" });
    await statements.getByRole("button", { name: /select .*1 row/s }).waitFor();
    await look(lead, "live-database-moderated");

    await using olga = await windows.open("olga", new URL(lead.page.url()).pathname);
    const { page } = olga;
    await page.getByText(/Moderated by lea/).waitFor();
    const act = async (key: string, field: string | RegExp, text: string, button: string): Promise<void> => {
      await page.keyboard.press(key);
      await page.getByRole("textbox", { name: field }).fill(text);
      await page.getByRole("button", { name: button }).press("Enter");
      await page.getByRole("dialog").waitFor({ state: "detached" });
    };
    await act("m", "Message", `look at ${IMAGE}`, "Send");
    sql(client, "select 'aft' || 'er'");
    await client.seen("after");
    await until(() => client.stderr().includes("look at <img"));
    await act("f", /^Why/, "wait a moment", "Freeze the session");
    await page.getByText("wait a moment").first().waitFor();
    await look(olga, "live-database-frozen");
    sql(client, "select 'tha' || 'wed'");
    // What others are sent meanwhile shows that nothing passes here.
    await served.gate.client("olga").call("sessions.list", { query: { all: true } });
    expect(client.text()).not.toContain("thawed");
    await act("f", /^Why/, "go on", "Thaw the session");
    await client.seen("thawed");
    await act("x", /^Why/, "not what was asked for", "Kill the session");
    await page.getByText("This session has ended").waitFor();
    sql(client, "select 1");
    await until(() => /not what was asked for|terminat|closed/i.test(client.stderr()));
    expect([...troubles(lead), ...troubles(olga)]).toEqual([]);
  });

  test("statements that mean harm are text: live, stored, in the log; long ones hold nobody up", async () => {
    await using client = await psql("open");
    await using window = await windows.open("olga", "/live");
    const { page } = window;
    for (const [number, [, text]] of HOSTILE.entries()) {
      sql(client, text);
      await client.seen(String(number + 1));
    }
    // A megabyte is more than the gate reads: it goes nowhere, and says so.
    sql(client, `select 6 as "${"long ".repeat(200_000)}"`);
    await until(() => client.stderr().includes("too-large"));
    const tile = page.getByRole("link", { name: /ana on shop-db/ });
    await tile.getByText(/select 5 as/).waitFor();
    expect(await unharmed(window)).toEqual(UNHARMED);
    await tile.press("Enter");
    const statements = page.getByRole("list", { name: "Statements" });
    for (let number = 1; number <= HOSTILE.length; number += 1) {
      await statements.getByRole("button", { name: new RegExp(`select ${number} as.*1 row`, "s") }).waitFor();
    }
    expect(await unharmed(window)).toEqual(UNHARMED);
    await look(window, "live-database-hostile");
    await statements.getByRole("button", { name: /refused/ }).waitFor();
    const id = page.url().split("/").at(-1) ?? "";
    await page.goto(`/sessions/${id}`);
    for (let number = 1; number <= HOSTILE.length; number += 1) {
      await statements.getByRole("button", { name: new RegExp(`select ${number} as`) }).press("Enter");
      await statements.getByRole("button", { name: new RegExp(`select ${number} as`), expanded: true }).waitFor();
    }
    expect(await unharmed(window)).toEqual(UNHARMED);
    await look(window, "session-database-hostile");
    const found = await served.gate.client("olga").call("audit.search", { query: { kinds: ["sql.statement"], limit: 100 } });
    const seqs = found.events.filter(({ session }) => session === id).map(({ seq }) => seq);
    expect(seqs).toHaveLength(HOSTILE.length);
    for (const seq of seqs) {
      await page.goto(`/audit/${seq}`);
      await page
        .getByText(/select [1-5] as/)
        .first()
        .waitFor();
      expect(await unharmed(window)).toEqual(UNHARMED);
      // The page answers.
      await page.keyboard.press("?");
      await page.getByRole("dialog", { name: "Keys of this page" }).waitFor();
    }
    expect(troubles(window)).toEqual([]);
  });

  test("so is one that is held, to whoever is to say yes: whole, and marked for what it is", async () => {
    await using client = await psql("open");
    await using window = await windows.open("lea", "/approve");
    const { page } = window;
    sql(client, `update orders set note = '${IMAGE}\u202E\u001b[2J' where id = 1`);
    await page.getByRole("link", { name: /held ana on shop-db/ }).click({ timeout: 20_000 });
    const statement = page.getByLabel("Statement");
    await statement.waitFor();
    expect(await statement.textContent()).toContain("U+202E");
    expect(await unharmed(window)).toEqual(UNHARMED);
    await look(window, "approve-hostile");
    await page.keyboard.press("d");
    await page.getByLabel("Why not").fill(IMAGE);
    await page.keyboard.press("Enter");
    await page.getByText("Nothing waits for you").waitFor();
    sql(client, `update orders set note = '${"long ".repeat(45_000)}THE END' where id = 2`);
    await page.getByRole("link", { name: /held ana on shop-db/ }).click({ timeout: 20_000 });
    await until(async () => ((await statement.textContent()) ?? "").includes("THE END"));
    await page.keyboard.press("d");
    await page.getByLabel("Why not").fill("too long");
    await page.keyboard.press("Enter");
    await page.getByText("Nothing waits for you").waitFor();
    expect(troubles(window)).toEqual([]);
  });
});
