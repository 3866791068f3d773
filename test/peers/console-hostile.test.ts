/**
 * Every field that takes free text holds what would like to run, and every page of the console is looked at by everybody who may:
 * stored, and live while it comes. Nothing of it runs, leads elsewhere or deceives; and each is seen somewhere, as what it is.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { encodeQuery } from "../../src/wire/postgres/frontend.ts";
import { codeAt, stepAt } from "../../src/identity/factors/totp.ts";
import { decodeBase32 } from "../kit/base32.ts";
import { look } from "../kit/browser.ts";
import { openConsole, publicUrlOf, PUBLIC_LINE, type ConsoleWindows } from "../kit/console.ts";
import { harmOf, NO_HARM, openWatched, type WatchedWindow } from "../kit/harm.ts";
import { DECEPTIVE, HOSTILE_MARKUP, HOSTILE_SHORT, hostileText } from "../kit/hostile-texts.ts";
import { requirePeer } from "../kit/peers.ts";
import { psqlAndServer, startPostgres, type PostgresServer } from "../kit/postgres.ts";
import type { PostgresClient } from "../kit/postgres-client.ts";
import { serveDatabase, type ServedDatabase } from "../kit/serve-database.ts";
import type { Person } from "../kit/serving.ts";
import { quoted, Terminal } from "../kit/terminal.ts";
import { until } from "../kit/until.ts";

const chromium = requirePeer("Chromium", "chromium");
const APP = "what no client ever sees";
/** Nobody is there: it is named, and that is all. */
const PROVIDER = `  providers: [{ name: corp, kind: oidc, issuer: "http://127.0.0.1:1", clientId: gate, clientSecret: env:TEST_CORP_SECRET }]`;
const KEY = "AAAAC3NzaC1lZDI1NTE5AAAAIIWzCBt0XQsMKHqFBOAWiF3bV1SkVCKJcYCsZ1vAdvZV";

// oxlint-disable-next-line vitest/valid-title -- it names the program that is missing
describe.skipIf(chromium.missing || psqlAndServer.missing)(psqlAndServer.title("hostile text on every page"), () => {
  let server: PostgresServer;
  let served: ServedDatabase;
  let windows: ConsoleWindows;
  let database: PostgresClient;
  let shell: Terminal;
  /** Everything that was stored by its mark, and not seen yet. */
  const unseen = new Set<string>();
  const ids = { request: "", denied: "", withdrawn: "", glass: "", session: "", statements: "", waiting: "" };

  const stored = (mark: string, most?: number): string => {
    unseen.add(`mark-${mark}`);
    return hostileText(mark, most);
  };
  const client = (person: Person) => served.gate.client(person);
  const ask = (mark: string, more: object = {}) =>
    client("ana").call("requests.create", {
      body: {
        reason: stored(`reason-${mark}`),
        ticket: stored(`ticket-${mark}`, 200),
        role: "debug",
        targets: ["web-1.prod"],
        durationMs: 3_600_000,
        ...more,
      },
    });

  beforeAll(async () => {
    process.env["TEST_CORP_SECRET"] = "a secret of the provider";
    server = await startPostgres();
    await server.sql(`create role app login password '${APP}'; create table orders (id int, note text);
      insert into orders values (1, $harm$${hostileText("row")}$harm$); grant all on orders to app;`);
    served = await serveDatabase(server, {
      gateLines: `${PUBLIC_LINE}\n${PROVIDER}`,
      roles: { read: "{ postgres: { account: app, allow: [read, session, utility], hold: [write] } }" },
      logins: { app: APP },
    });
    windows = await openConsole(publicUrlOf(served.gate));
    await store();
  }, 180_000);
  afterAll(async () => {
    await shell?.[Symbol.asyncDispose]();
    database?.socket.destroy();
    await windows?.[Symbol.asyncDispose]();
    await served?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
  });

  async function store(): Promise<void> {
    const [ana, lea, olga] = [client("ana"), client("lea"), client("olga")];
    // Requests: one that is access, one that was denied, one that was withdrawn, one that waits.
    const used = await ask("used");
    ids.request = used.request.id;
    const { grant } = await lea.call("requests.approve", { params: { id: ids.request } });
    ids.denied = (await ask("denied")).request.id;
    await lea.call("requests.deny", { params: { id: ids.denied }, body: { reason: stored("denial") } });
    ids.withdrawn = (await ask("withdrawn")).request.id;
    await ana.call("requests.cancel", { params: { id: ids.withdrawn }, body: { reason: stored("withdrawal") } });
    ids.waiting = (await ask("waiting")).request.id;
    const glass = await ask("glass", { breakGlass: true });
    ids.glass = glass.request.id;
    await lea.call("grants.review", { params: { id: glass.grant?.id ?? "" }, body: { verdict: "justified", note: stored("review") } });
    await olga.call("grants.revoke", { params: { id: glass.grant?.id ?? "" }, body: { reason: stored("revocation") } });
    // Sessions: one by ssh that goes on, which is written to, and one of a database with what is asked of it.
    const args = ["ssh", ...served.gate.sshArgs("ana", "-tt"), `web-1.prod%${grant?.id ?? ""}@127.0.0.1`];
    shell = new Terminal(quoted([...args, `echo '${HOSTILE_SHORT} mark-command'; cat`]));
    unseen.add("mark-command");
    await shell.sees("mark-command");
    ids.session = await liveOn("web-1.prod");
    await olga.call("sessions.message", { params: { id: ids.session }, body: { text: `${stored("message", 480)} ${DECEPTIVE}` } });
    database = await served.connect("read", { application_name: `mark-app ${HOSTILE_SHORT}` });
    unseen.add("mark-app");
    const run = async (sql: string): Promise<void> => {
      database.send(encodeQuery(sql));
      await database.readTo("Z");
    };
    await run(`select note as "${HOSTILE_SHORT} mark-column" from orders /* ${stored("statement")} */`);
    await run(`select 1 from nothing_there /* ${stored("refused-statement")} */`);
    ids.statements = await liveOn("shop-db");
    // Held: it waits for an approver while the pages are looked at.
    database.send(encodeQuery(`update orders set id = 2 /* ${stored("held")} */`));
    await until(async () => (await lea.call("holds.list")).holds.length > 0);
    // One's own: a key, a token, an app.
    const { secret } = await ana.call("factors.start-totp");
    const code = codeAt(decodeBase32(secret), stepAt(Date.now()));
    await ana.call("factors.add-totp", { body: { name: `mark-factor ${HOSTILE_SHORT.slice(0, 40)}${DECEPTIVE.slice(0, 8)}`, code } });
    await ana.call("tokens.create", { body: { name: `mark-token ${HOSTILE_SHORT}`, scopes: ["self"], ttlMs: 3_600_000 } });
    await ana.call("keys.add", { params: { name: "ana" }, body: { publicKey: `ssh-ed25519 ${KEY} mark-key${HOSTILE_SHORT}` } });
    for (const mark of ["mark-factor", "mark-token", "mark-key"]) unseen.add(mark);
    // People and locks.
    await olga.call("users.create", { body: { name: "gone" } });
    await olga.call("identities.link", { params: { name: "gone" }, body: { provider: "corp", subject: stored("subject", 255) } });
    await olga.call("users.disable", { params: { name: "gone" }, body: { reason: `${stored("disabled", 400)} ${DECEPTIVE}` } });
    const subject = { kind: "principal", name: "gone" } as const;
    await olga.call("locks.create", { body: { subject, reason: `${stored("lock", 400)} ${DECEPTIVE}` } });
  }

  const liveOn = async (target: string): Promise<string> => {
    let found: string | undefined;
    await until(async () => {
      const { sessions } = await client("olga").call("sessions.list", { query: { all: true, live: true } });
      found = sessions.find((each) => each.target === target)?.id;
      return found !== undefined;
    });
    return found ?? "";
  };
  /** What is on the page now, or in what it says for those who do not see it. */
  const note = async ({ page }: WatchedWindow): Promise<void> => {
    const text =
      await page.evaluate<string>(`[document.body.textContent, ...[...document.querySelectorAll("[aria-label], [title], input, textarea")]
      .flatMap((each) => [each.getAttribute("aria-label"), each.getAttribute("title"), each.value])].join(" ")`);
    for (const mark of unseen) if (text.includes(mark)) unseen.delete(mark);
  };

  const PAGES: Readonly<Record<Person, () => readonly string[]>> = {
    ana: () => [
      "/",
      "/account",
      `/request?${new URLSearchParams({ reason: hostileText("address"), ticket: HOSTILE_SHORT, role: HOSTILE_SHORT, target: HOSTILE_SHORT }).toString()}`,
      `/requests/${ids.request}`,
      `/requests/${ids.denied}`,
      `/requests/${ids.waiting}`,
      `/requests/${ids.withdrawn}`,
      `/requests/${ids.glass}`,
      "/sessions",
      `/sessions/${ids.session}`,
      `/sessions/${ids.statements}`,
      "/access",
      `/access/why?${new URLSearchParams({ what: HOSTILE_SHORT, where: "web-1.prod" }).toString()}`,
      `/login/device?code=${encodeURIComponent(HOSTILE_SHORT)}`,
      `/files/${encodeURIComponent(HOSTILE_SHORT)}`,
      `/terminal/${encodeURIComponent(HOSTILE_SHORT)}`,
      `/terminal/${encodeURIComponent(DECEPTIVE)}`,
      `/files/${encodeURIComponent(DECEPTIVE)}`,
      // A dot in it would make it a file.
      `/nowhere/${encodeURIComponent(HOSTILE_SHORT)}`,
      "//evil.example/",
      `/login?${new URLSearchParams({ error: HOSTILE_SHORT, provider: HOSTILE_SHORT, returnTo: "//evil.example" }).toString()}`,
    ],
    lea: () => [`/approve`, `/approve/${ids.waiting}`, `/requests/${ids.waiting}`],
    olga: () => [
      "/audit",
      `/audit?${new URLSearchParams({ kinds: HOSTILE_SHORT, who: HOSTILE_SHORT, words: HOSTILE_SHORT }).toString()}`,
      "/live",
      `/live/${ids.session}`,
      `/live/${ids.statements}`,
      "/sessions",
      "/sessions?words=onerror",
      `/sessions?words=${encodeURIComponent(HOSTILE_SHORT)}`,
      `/sessions/${ids.session}`,
      `/sessions/${ids.statements}`,
      "/access",
      "/access/may",
      "/access/rules",
      "/access/check",
      "/admin",
      "/admin/users",
      "/admin/users/gone",
      "/admin/users/ana",
      "/admin/tokens?user=ana",
      `/admin/tokens?user=${encodeURIComponent(HOSTILE_SHORT)}`,
      "/admin/locks",
      "/admin/targets",
      "/admin/targets/web-1.prod",
      "/admin/configuration",
      "/admin/providers",
      "/admin/use",
    ],
  };

  test.each(["lea", "ana", "olga"] as const)("stored: on every page of %s", async (person) => {
    await using window = await openWatched(windows, person, "/");
    for (const path of PAGES[person]()) {
      await window.page.goto(windows.url + path);
      await window.settled();
      await note(window);
      expect({ path, harm: await harmOf(window), at: new URL(window.page.url()).origin }).toEqual({ path, harm: NO_HARM, at: windows.url });
    }
  });

  test("in the log: each entry, opened", async () => {
    await using window = await openWatched(windows, "olga", "/");
    const { events } = await client("olga").call("audit.search", { query: { limit: 500 } });
    const hostile = events.filter((each) => JSON.stringify(each).includes("harmed"));
    expect(hostile.length).toBeGreaterThan(15);
    for (const { seq, ...event } of hostile) {
      const [mark = "no mark"] = /mark-[a-z-]+/.exec(JSON.stringify(event)) ?? [];
      await window.page.goto(`/audit/${seq}`);
      await window.page.getByText(mark).first().waitFor();
      await window.settled();
      await note(window);
      expect({ seq, harm: await harmOf(window) }).toEqual({ seq, harm: NO_HARM });
    }
  });

  test("live: what comes while somebody looks", async () => {
    await using approving = await openWatched(windows, "lea", "/approve");
    await using watching = await openWatched(windows, "olga", `/live/${ids.session}`);
    await using typed = await openWatched(windows, "ana", "/");
    await watching.settled();
    const late = await ask("late");
    await approving.page.getByText("mark-reason-late").first().waitFor();
    shell.type(`mark-typed ${HOSTILE_MARKUP.join(" ")}\r`);
    await watching.page.getByTestId("live-screen").getByText("mark-typed").last().waitFor();
    await client("lea").call("requests.deny", { params: { id: late.request.id }, body: { reason: stored("late-denial") } });
    await typed.page.goto(`/requests/${late.request.id}`);
    await typed.page.getByText("mark-late-denial").first().waitFor();
    await client("olga").call("sessions.kill", { params: { id: ids.session }, body: { reason: `${stored("kill", 400)} ${DECEPTIVE}` } });
    await watching.page.getByText("This session has ended").waitFor();
    await watching.page.goto(`/sessions/${ids.session}`);
    await watching.page.getByText("mark-kill").first().waitFor();
    for (const window of [approving, watching, typed]) {
      await note(window);
      expect(await harmOf(window)).toEqual(NO_HARM);
    }
  });

  test("an approver in a hurry sees that a name is not the one that it looks like", async () => {
    // Of the first, one letter is Cyrillic; of the second, the hyphen is none.
    const reason = "restart w\u0435b-1.prod as for web\u20111.prod, and \u0432\u0441\u0451";
    const { request } = await client("ana").call("requests.create", {
      body: { reason, role: "debug", targets: ["web-1.prod"], durationMs: 3_600_000 },
    });
    await using window = await openWatched(windows, "lea", `/approve/${request.id}`);
    await window.settled();
    const marked = window.page.getByRole("main").getByTitle("Letters that look like others");
    await expect.poll(async () => [...new Set(await marked.allTextContents())]).toEqual(["w\u0435b-1.prod", "web\u20111.prod"]);
    await look(window, "approve-lookalikes");
    // What would turn the text, or hide in it, is refused before anybody sees it.
    const turned = { reason: `x ${DECEPTIVE}`, role: "debug", targets: ["web-1.prod"], durationMs: 3_600_000 };
    await expect(client("ana").call("requests.create", { body: turned })).rejects.toMatchObject({ code: "bad-request" });
  });

  test("a configuration that is pasted is read and shown, and nothing of it runs", async () => {
    await using window = await openWatched(windows, "olga", "/access/check");
    const { page } = window;
    const text = [`${HOSTILE_SHORT}: 1`, `groups: { "${HOSTILE_SHORT}": [ana] }`, ...HOSTILE_MARKUP].join("\n");
    await page.getByRole("textbox").fill(text);
    await page.getByRole("button", { name: /Check/ }).click();
    await page.getByRole("alert").or(page.getByRole("status")).first().waitFor();
    await window.settled();
    expect(await harmOf(window)).toEqual(NO_HARM);
  });

  test("all of it was seen by somebody: what is looked for is there", () => {
    expect([...unseen]).toEqual([]);
  });
});
