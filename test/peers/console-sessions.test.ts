/** Sessions in the console: found, looked at again, watched, held. On a gate as people run it, with a real sshd. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { look } from "../kit/browser.ts";
import { startConsole, troubles, type TestConsole } from "../kit/console.ts";
import { requirePeer } from "../kit/peers.ts";
import { run } from "../kit/process.ts";
import { quoted, Terminal } from "../kit/terminal.ts";
import { until } from "../kit/until.ts";

const chromium = requirePeer("Chromium", "chromium");

// oxlint-disable-next-line vitest/valid-title -- it names the program that is missing
describe.skipIf(chromium.missing)(chromium.title("sessions in the console"), () => {
  let gate: TestConsole;

  beforeAll(async () => {
    gate = await startConsole();
    await gate.serving.grant();
  });
  afterAll(() => gate?.[Symbol.asyncDispose]());

  /** ana at a terminal of her own. */
  const shell = async (): Promise<Terminal> => {
    const terminal = new Terminal(quoted(["ssh", ...gate.serving.sshArgs("ana", "-tt"), "web-1.prod@127.0.0.1"]));
    await until(() => /[#$] $/.test(terminal.text));
    return terminal;
  };

  test("nobody was anywhere yet: the page says what would be here", async () => {
    await using window = await gate.open("olga", "/sessions");
    await window.page.getByText("No sessions yet").waitFor();
    await look(window, "sessions-empty");
    await window.page.goto("/live");
    await window.page.getByText("Nobody is connected").waitFor();
    expect(troubles(window)).toEqual([]);
  });

  test("a session is found by a word of its output, and its page plays it from that moment; with the keyboard", async () => {
    await using terminal = await shell();
    terminal.type("printf 'the pool has %s free workers\\n' no\r");
    await terminal.sees("no free workers");
    terminal.type("exit\r");
    await terminal.result();
    await using window = await gate.open("olga", "/sessions");
    const { page } = window;
    await page
      .getByRole("link", { name: /ana on web-1.prod/ })
      .first()
      .waitFor();
    await look(window, "sessions");
    await page.keyboard.press("/");
    await page.keyboard.type("no free workers");
    await page.keyboard.press("Enter");
    const hit = page.getByRole("link", { name: /the pool has no free workers/ }).last();
    await hit.waitFor();
    expect(new URL(page.url()).searchParams.get("words")).toBe("no free workers");
    await look(window, "sessions-found");
    await page.getByRole("heading", { name: "Sessions" }).focus();
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await page.getByRole("list", { name: "Timeline" }).waitFor();
    const played = page.getByTestId("replay");
    await played.getByText("the pool has no free workers").first().waitFor();
    expect(new URL(page.url()).searchParams.get("at")).toMatch(/^[0-9]+$/);
    await page.getByRole("button", { name: /Approved by lea/ }).waitFor();
    await look(window, "session-replay");
    // The start of the shell: nothing was shown yet.
    await page.getByRole("button", { name: /Connected/ }).press("Enter");
    await until(async () => !(await played.innerText()).includes("no free workers"));
    expect(troubles(window)).toEqual([]);
  });

  test("commands without a terminal are text, files are a list with their hashes", async () => {
    const local = join(gate.serving.dir, "report.txt");
    await writeFile(local, "what was found\n");
    await gate.serving.ssh(["echo one; sleep 0.3; echo two >&2; exit 3"]);
    const sent = await run("scp", [
      "-q",
      ...gate.serving.sshArgs("ana"),
      local,
      `web-1.prod@127.0.0.1:${join(gate.serving.dir, "arrived.txt")}`,
    ]);
    expect(sent.status).toBe(0);
    await using window = await gate.open("olga", "/sessions");
    const { page } = window;
    await page
      .getByRole("link", { name: /ana on web-1.prod/ })
      .nth(1)
      .click();
    await page.getByRole("region", { name: "Output" }).getByText("two").waitFor();
    await page.getByRole("button", { name: /Exit 3/ }).waitFor();
    await look(window, "session-text");
    await page.goto("/sessions");
    await page
      .getByRole("link", { name: /ana on web-1.prod/ })
      .first()
      .click();
    await page.getByRole("cell", { name: /arrived\.txt/ }).waitFor();
    await page.getByRole("cell", { name: /^[0-9a-f]{64}$/ }).waitFor();
    await look(window, "session-files");
    expect(troubles(window)).toEqual([]);
  });

  test("somebody without a permission searches what they did and saw themself, and nothing of others", async () => {
    await gate.serving.ssh(["printf 'the %s of ana\\n' secret-word"]);
    await using hers = await gate.open("ana", "/sessions?words=secret-word");
    const { page } = hers;
    const hits = page.getByRole("link", { name: /secret-word/ });
    await hits.first().waitFor();
    expect(await hits.allInnerTexts()).toEqual([expect.stringContaining("a command"), expect.stringContaining("the secret-word of ana")]);
    await look(hers, "sessions-own-found");
    await hits.last().press("Enter");
    await page.getByRole("region", { name: "Output" }).getByText("the secret-word of ana").waitFor();
    await using others = await gate.open("lea", "/sessions?words=secret-word");
    await others.page.getByText("Nothing found").last().waitFor();
    expect(await others.page.getByRole("link", { name: /secret-word/ }).count()).toBe(0);
    await look(others, "sessions-own-nothing");
    expect([...troubles(hers), ...troubles(others)]).toEqual([]);
  });

  test("a live session is watched as it happens, and killed with a reason", async () => {
    await using terminal = await shell();
    await using window = await gate.open("olga", "/live");
    const { page } = window;
    await page
      .getByRole("link", { name: /ana on web-1.prod/ })
      .first()
      .click();
    const screen = page.getByTestId("live-screen");
    await screen.locator(".xterm-rows").waitFor();
    terminal.type("echo seen-$((40+2))\r");
    await screen.getByText("seen-42").last().waitFor();
    await terminal.sees("olga watches this session");
    await page.getByText("watched by you").waitFor();
    await look(window, "live-session");
    // Beginning with what is to be seen now, also when the page is opened anew: not with everything it ever showed.
    terminal.type("clear; seq 20000; echo at-the-end\r");
    await screen.getByText("at-the-end").last().waitFor();
    const streamed: string[] = [];
    page.on("request", (request) => request.resourceType() === "eventsource" && streamed.push(new URL(request.url()).search));
    await page.reload();
    await screen.getByText("at-the-end").last().waitFor();
    expect(streamed).toContain("?thin=true");
    expect(await screen.innerText()).toContain("19990");
    await page.keyboard.press("x");
    await page.getByLabel(/^Why/).fill("Not what was asked for");
    await look(window, "live-kill");
    await page.keyboard.press("Control+Enter");
    await page.getByText("This session has ended").waitFor();
    await until(() => terminal.text.includes("Not what was asked for"));
    await look(window, "live-ended");
    expect(troubles(window)).toEqual([]);
  });

  test("somebody without permissions sees their own sessions only; on a phone", async () => {
    await using window = await gate.open("lea", "/sessions", { phone: true });
    await window.page.getByText("No sessions yet").waitFor();
    await using hers = await gate.open("ana", "/sessions", { phone: true });
    await hers.page
      .getByRole("link", { name: /ana on web-1.prod/ })
      .first()
      .waitFor();
    await look(hers, "sessions-phone");
    await hers.page.goto("/sessions/s-0000000000");
    await hers.page.getByRole("alert").waitFor();
    await look(hers, "session-unknown-phone");
    expect(troubles(hers)).toEqual([]);
  });
});
