/** A database session in the console: its statements watched as they come, found, and looked at again. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { encodeQuery, encodeTerminate } from "../../src/wire/postgres/frontend.ts";
import { logIn, look, startBrowser, type TestBrowser } from "../kit/browser.ts";
import { requirePeer } from "../kit/peers.ts";
import { psqlAndServer, startPostgres, type PostgresServer } from "../kit/postgres.ts";
import { serveDatabase, type ServedDatabase } from "../kit/serve-database.ts";
import { PASSWORD } from "../kit/serving.ts";

const chromium = requirePeer("Chromium", "chromium");
const ROLE = "{ postgres: { account: app, allow: [read, session], } }";

describe.skipIf(chromium.missing || psqlAndServer.missing)(psqlAndServer.title("a database session in the console"), () => {
  let server: PostgresServer;
  let served: ServedDatabase;
  let browser: TestBrowser;

  beforeAll(async () => {
    server = await startPostgres();
    await server.sql(
      "create role app login password 'a password of app'; create table orders (id int); insert into orders values (1), (2)",
    );
    await server.sql("grant select on orders to app");
    served = await serveDatabase(server, {
      roles: { reading: ROLE },
      logins: { app: "a password of app" },
      gateLines: "  public: { url: http://localhost:HTTP_PORT }",
    });
    browser = await startBrowser();
  }, 120_000);
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
    await served?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
  });

  test("statements appear as they run, with what became of them; a word leads back to one", async () => {
    const client = await served.connect("reading");
    const run = async (sql: string): Promise<void> => {
      client.send(encodeQuery(sql));
      await client.readTo("Z");
    };
    await run("select id from orders");
    await using window = await browser.open(served.gate.url.replace("127.0.0.1", "localhost"), { path: "/live" });
    await logIn(window, "olga", PASSWORD);
    const { page } = window;
    await page.getByRole("link", { name: /ana on shop-db/ }).click();
    const statements = page.getByRole("list", { name: "Statements" });
    await statements.getByRole("button", { name: /select id from orders.*2 rows/s }).waitFor();
    await run("select 40 + 2 as answer");
    await run("delete from orders");
    await statements.getByRole("button", { name: /select 40.*1 row/s }).waitFor();
    await statements.getByRole("button", { name: /delete from orders.*refused/s }).waitFor();
    await look(window, "live-database");
    client.send(encodeTerminate());
    await page.getByText("This session has ended").waitFor();
    await page.goto("/sessions?words=answer");
    await page.getByRole("link", { name: /select 40/ }).press("Enter");
    await statements.getByRole("button", { name: /select 40/, expanded: true }).waitFor();
    await look(window, "session-database");
    expect([...window.faults, ...window.strangers]).toEqual([]);
  });
});
