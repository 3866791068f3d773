/** The audit pages: what is in the log, found, shown, and verified by the browser itself. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { look } from "../kit/browser.ts";
import { askedFor, startConsole, troubles, widthOf, type TestConsole } from "../kit/console.ts";
import { requirePeer } from "../kit/peers.ts";
import { PASSWORD } from "../kit/serving.ts";

const chromium = requirePeer("Chromium", "chromium");
const NASTY = "echo '<img src=x onerror=document.title=1> \u202Etxt.exe </script>'";

// oxlint-disable-next-line vitest/valid-title -- it names the program that is missing
describe.skipIf(chromium.missing)(chromium.title("the audit pages"), () => {
  let gate: TestConsole;
  /** A command that would like to be a script, and something else than it looks like. */
  let nasty: number;

  beforeAll(async () => {
    gate = await startConsole();
    await gate.serving.grant();
    await gate.serving.ssh([NASTY]);
    nasty = (await gate.serving.client("olga").call("audit.search", { query: { kinds: ["ssh.exec"] } })).events[0]?.seq ?? 0;
  });
  afterAll(() => gate?.[Symbol.asyncDispose]());

  test("the log, newest first; filters go into the address; an entry is opened and verified by keyboard alone", async () => {
    await using window = await gate.open("olga", "/audit");
    const { page } = window;
    await page.getByText(/entries, signed/).waitFor();
    await look(window, "audit");
    await page.keyboard.press("/");
    await page.keyboard.type("onerror");
    await page.keyboard.press("Enter");
    await page.waitForURL(/words=onerror/);
    await page.getByRole("heading", { name: "1 entry" }).waitFor();
    await look(window, "audit-found");
    await page.getByRole("link", { name: "Skip to the page" }).focus();
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await page.waitForURL(new RegExp(`/audit/${nasty}\\?words=onerror$`));
    await page.getByText("Verified by this browser").waitFor();
    expect(await page.getByText("<img src=x onerror=").count()).toBe(1);
    expect(await page.getByText("U+202E").count()).toBe(1);
    expect(await page.title()).toBe(`Entry ${nasty} · Sallyport`);
    await page.getByText("The bytes and hashes").click();
    await look(window, "audit-entry-verified");
    await page.keyboard.press("Escape");
    await page.waitForURL(/\/audit\?words=onerror$/);
    expect(troubles(window)).toEqual([]);
  });

  test("each decision and rule is there, and the address of a search can be given to somebody else", async () => {
    await using window = await gate.open("olga", "/audit?kind=login.ok,token.created&who=lea");
    const { page } = window;
    await page.getByRole("cell", { name: "login.ok" }).first().waitFor();
    expect(await page.getByLabel("Who").inputValue()).toBe("lea");
    expect(await page.getByRole("cell", { name: "olga", exact: true }).count()).toBe(0);
    await page.goto("/audit?words=nothinglikeit");
    await page.getByText("Nothing in the log matches").waitFor();
    await look(window, "audit-empty");
    expect(troubles(window)).toEqual([]);
  });

  test("older entries are loaded, and what came since is offered", async () => {
    await using window = await gate.open("olga", "/audit");
    const { page } = window;
    const rows = page.getByRole("row");
    await page.getByRole("heading", { name: /entries$/ }).waitFor();
    const token = { name: "dashboards", scopes: ["self"], ttlMs: 60_000 };
    await Promise.all(Array.from({ length: 60 }, () => gate.serving.client("ana").call("tokens.create", { body: token })));
    await page.getByRole("button", { name: /^Show .* newer$/ }).click();
    await expect.poll(() => rows.count()).toBe(51);
    await page.getByRole("button", { name: "Load older" }).click();
    await expect.poll(() => rows.count()).toBeGreaterThan(51);
    expect(troubles(window)).toEqual([]);
  });

  test("erased details are a proven tombstone", async () => {
    await using window = await gate.open("olga", `/audit/${nasty}`);
    const { page } = window;
    await page.getByText("Verified by this browser").waitFor();
    await page.getByRole("button", { name: "Erase details" }).focus();
    await page.keyboard.press("Enter");
    await page.getByLabel("Reason").fill("Erasure request 77");
    await look(window, "audit-erase");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.getByText("olga erased the details").waitFor();
    await page.getByText(/, verified by this browser/).waitFor();
    await page.getByText("The details are erased; the entry still answers for what they were").waitFor();
    await page.getByText("Verified, as an entry without details").waitFor();
    expect(await page.getByText("onerror").count()).toBe(0);
    await look(window, "audit-tombstone");
    expect(troubles(window)).toEqual([]);
  });

  test.each([
    ["an altered envelope", "envelope"],
    ["an altered path", "proof"],
    ["an altered body", "body"],
    ["another checkpoint", "checkpoint"],
  ] as const)("%s does not verify, loudly", async (_, field) => {
    await using window = await gate.open("olga", "/");
    const { page } = window;
    await page.route("**/v1/audit/proof/*", async (route) => {
      const response = await route.fetch();
      const answer = (await response.json()) as Record<string, string> & { proof: string[] };
      const flip = (text: string): string => {
        const bytes = Buffer.from(text, "base64");
        const middle = bytes.length >> 1;
        return Buffer.from(bytes.with(middle, (bytes[middle] ?? 0) ^ 1)).toString("base64");
      };
      if (field === "proof") answer.proof[0] = flip(answer.proof[0] ?? "");
      else if (field === "checkpoint") answer[field] = (answer[field] ?? "").replace(/\n(\d+)\n/, "\n$11\n");
      else answer[field] = flip(answer[field] ?? "");
      await route.fulfill({ response, json: answer });
    });
    await page.goto("/audit/3");
    await page.getByRole("alert").getByText("Does not verify").waitFor();
    expect(await page.getByText("Verified by this browser").count()).toBe(0);
    await look(window, `audit-altered-${field}`);
    expect(troubles(window)).toEqual([]);
  });

  test("a page that shows another event than the log holds does not verify", async () => {
    await using window = await gate.open("olga", "/");
    const { page } = window;
    await page.route("**/v1/audit/events?*", async (route) => {
      const response = await route.fetch();
      const answer = (await response.json()) as { events: { principal?: string }[] };
      for (const event of answer.events) event.principal = "mallory";
      await route.fulfill({ response, json: answer });
    });
    await page.goto("/audit/3");
    await page.getByText("What the search answers is not what the log holds").waitFor();
    await page.getByRole("alert").getByText("Does not verify").waitFor();
    expect(troubles(window)).toEqual([]);
  });

  test("a log that is shorter or another than this browser saw is a warning on every page, until somebody accepts it", async () => {
    await using window = await gate.open("olga", "/audit");
    const { page } = window;
    await page.getByText(/entries, signed/).waitFor();
    const old = await page.evaluate(() => localStorage.getItem("sallyport.log") ?? "");
    await gate.serving.client("ana").call("login.password", { body: { user: "ana", password: PASSWORD } });
    const { vkey, note } = JSON.parse(old) as { vkey: string; note: string };
    const longer = note.replace(/\n(\d+)\n/, "\n9$1\n");
    await page.evaluate((value) => localStorage.setItem("sallyport.log", value), JSON.stringify({ vkey, note: longer }));
    await page.goto("/");
    await page.getByRole("alert").getByText("The audit log is shorter than it was").waitFor();
    await look(window, "audit-shrunk");
    expect(await page.evaluate(() => localStorage.getItem("sallyport.log"))).toBe(JSON.stringify({ vkey, note: longer }));

    const rewritten = note.replace(/\n([A-Za-z0-9+/=]{44})\n/, `\n${Buffer.alloc(32, 1).toString("base64")}\n`);
    await page.evaluate((value) => localStorage.setItem("sallyport.log", value), JSON.stringify({ vkey, note: rewritten }));
    await page.goto("/audit/3");
    await page.getByRole("alert").getByText("The audit log's past was changed").waitFor();
    await page.getByRole("alert").getByText("Does not verify").waitFor();
    await look(window, "audit-forked");

    await page.getByRole("button", { name: /trust this log from now on/ }).click();
    await page.getByRole("button", { name: "Forget the old log" }).click();
    await page.getByText("Verified by this browser").waitFor();
    expect(await page.getByText("The audit log's past was changed").count()).toBe(0);
    expect(troubles(window)).toEqual([]);
  });

  test("what cannot be asked for is not judged: the proof says why, and looks again", async () => {
    await using window = await gate.open("olga", "/");
    const { page } = window;
    await page.route("**/v1/audit/proof/*", (route) => route.abort());
    await page.goto("/audit/3");
    await page.getByText("Could not be verified").waitFor();
    await look(window, "audit-unable");
    await page.unroute("**/v1/audit/proof/*");
    await page.getByRole("button", { name: "Look again" }).click();
    await page.getByText("Verified by this browser").waitFor();
    expect(troubles(window)).toEqual([]);
  });

  test("an entry that is not there yet, and an address that names none", async () => {
    await using window = await gate.open("olga", "/audit/99999999");
    const { page } = window;
    await page.getByText("There is no entry 99999999 yet").waitFor();
    await page.goto("/audit/-1");
    await page.getByText("The address names none").waitFor();
    expect(troubles(window)).toEqual([]);
  });

  test("checkpoint and proof are files to keep", async () => {
    await using window = await gate.open("olga", "/audit");
    const { page } = window;
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Checkpoint" }).click()]);
    expect(download.suggestedFilename()).toBe("checkpoint.txt");
    expect(await download.failure()).toBeNull();
  });

  test("who may not read the log is told so, and nothing of it is asked for", async () => {
    await using window = await gate.open("ana", "/audit/3");
    const { page } = window;
    const asked = askedFor(window);
    await page.reload();
    await page.getByText("You may not see the audit log").waitFor();
    await look(window, "audit-denied");
    expect(asked).toEqual([]);
    expect(troubles(window)).toEqual([]);
  });

  test("on a phone", async () => {
    await using window = await gate.open("olga", "/audit", { phone: true });
    const { page } = window;
    await page.getByText(/entries, signed/).waitFor();
    expect(await widthOf(window)).toBe(390);
    await look(window, "audit-phone");
    await page.goto("/audit/3");
    await page.getByText("Verified by this browser").waitFor();
    expect(await widthOf(window)).toBe(390);
    await look(window, "audit-entry-phone");
    expect(troubles(window)).toEqual([]);
  });
});
