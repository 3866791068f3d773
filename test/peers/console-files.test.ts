/** Files of a host in the console, with names that mean harm; and what a terminal, a command or a name could do to who watches. */
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { look } from "../kit/browser.ts";
import { startConsole, type TestConsole } from "../kit/console.ts";
import { harmOf, NO_HARM, openWatched, type WatchedWindow } from "../kit/harm.ts";
import { requirePeer } from "../kit/peers.ts";
import { type Person } from "../kit/serving.ts";
import { quoted, Terminal } from "../kit/terminal.ts";
import { until } from "../kit/until.ts";

const chromium = requirePeer("Chromium", "chromium");

const HTML = `<img src=x onerror="globalThis.harmed=1"><script>globalThis.harmed=1</script>`;
/** What a target prints: links that are scripts, titles, the clipboard, notifications, questions, another palette, HTML. */
const HOSTILE_OUTPUT = [
  "\u001b]8;;javascript:globalThis.harmed=1\u0007click me\u001b]8;;\u0007",
  "\u001b]8;;https://evil.example/steal\u0007safe link\u001b]8;;\u0007 https://evil.example/plain",
  "\u001b]0;harmed title\u0007\u001b]2;harmed title\u0007",
  `\u001b]52;c;${Buffer.from("harmed").toString("base64")}\u0007`,
  "\u001b]9;harmed\u0007\u001b]777;notify;harmed;harmed\u0007\u001b]1337;File=inline=1:AAAA\u0007",
  "\u001b[c\u001b[6n\u001b]10;?\u0007\u001bP$qm\u001b\\\u001b[21t",
  HTML,
  "\u202Egnp.exe\u202C",
].join("\r\n");
const HOSTILE_NAMES = [
  `<img src=x onerror=globalThis.harmed=1>`,
  "report\u202Egnp.sh",
  "line\nbreak",
  "tab\there",
  "-rf",
  "javascript:harmed=1",
  "..hidden",
];

// oxlint-disable-next-line vitest/valid-title -- it names the program that is missing
describe.skipIf(chromium.missing)(chromium.title("files and hostile text in the console"), () => {
  let gate: TestConsole;
  let folder: string;

  beforeAll(async () => {
    gate = await startConsole();
    await gate.serving.grant();
    folder = join(gate.serving.dir, "host");
    await mkdir(folder);
  });
  afterAll(() => gate?.[Symbol.asyncDispose]());

  const open = (person: Person, path: string): Promise<WatchedWindow> => openWatched(gate, person, path);

  test("a folder is walked, a file downloaded, uploaded, not overwritten unasked, renamed and removed", async () => {
    await writeFile(join(folder, "notes.txt"), "what was found\n");
    await mkdir(join(folder, "logs"));
    await using window = await open("ana", `/files/web-1.prod?path=${encodeURIComponent(folder)}`);
    const { page } = window;
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "notes.txt" }).click()]);
    expect(await readFile(await download.path(), "utf8")).toBe("what was found\n");
    await page.getByLabel("Files to upload").setInputFiles([
      { name: "one.bin", mimeType: "application/octet-stream", buffer: Buffer.alloc(300_000, 7) },
      { name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("other\n") },
    ]);
    await page.getByRole("link", { name: "one.bin" }).waitFor();
    await page.getByRole("button", { name: "Replace it" }).waitFor();
    expect(await readFile(join(folder, "notes.txt"), "utf8")).toBe("what was found\n");
    await look(window, "files-uploads");
    await page.getByRole("button", { name: "Replace it" }).press("Enter");
    await until(async () => (await readFile(join(folder, "notes.txt"), "utf8")) === "other\n");
    expect((await stat(join(folder, "one.bin"))).size).toBe(300_000);
    await page.getByRole("button", { name: "Rename one.bin" }).press("Enter");
    await page.getByRole("textbox", { name: "Name" }).fill("two.bin");
    await page.keyboard.press("Enter");
    await page.getByRole("link", { name: "two.bin" }).waitFor();
    await page.getByRole("button", { name: "Remove two.bin" }).press("Enter");
    await page.getByRole("button", { name: "Remove", exact: true }).press("Enter");
    await page.getByRole("link", { name: "two.bin" }).waitFor({ state: "detached" });
    await page.getByRole("button", { name: "New folder" }).press("Enter");
    await page.getByRole("textbox", { name: "Name" }).fill("made here");
    await page.keyboard.press("Enter");
    await page.getByRole("link", { name: "made here" }).press("Enter");
    await page.getByText("This folder is empty").waitFor();
    expect(await harmOf(window)).toEqual(NO_HARM);
  });

  test("names that mean harm are shown as what they are", async () => {
    const odd = join(folder, "odd");
    await mkdir(odd);
    for (const name of HOSTILE_NAMES) await writeFile(join(odd, name), "x");
    await using window = await open("ana", `/files/web-1.prod?path=${encodeURIComponent(odd)}`);
    const { page } = window;
    await page.getByText("U+202E").waitFor();
    await page.getByText("line␊break").waitFor();
    expect(await page.locator("main li").count()).toBe(HOSTILE_NAMES.length);
    await look(window, "files-odd");
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: /onerror/ }).click()]);
    expect(await readFile(await download.path(), "utf8")).toBe("x");
    expect(await harmOf(window)).toEqual(NO_HARM);
  });

  test("what a terminal shows harms nobody: who typed, who watches, the wall, the replay, the search", async () => {
    const script = join(folder, "hostile");
    await writeFile(script, HOSTILE_OUTPUT);
    await using typed = await open("ana", "/terminal/web-1.prod");
    const rows = typed.page.getByTestId("terminal").locator(".xterm-rows");
    await rows
      .getByText(/[#$]\s*$/)
      .last()
      .waitFor();
    await typed.page.keyboard.type(`cat ${script}; echo; echo shown-$((1+1)); sleep 30\n`);
    await rows.getByText("shown-2").last().waitFor();
    // A link in a terminal leads nowhere.
    await rows
      .locator("> div", { hasText: "click me" })
      .last()
      .click({ force: true, position: { x: 20, y: 6 } });
    await rows
      .locator("> div", { hasText: "safe link" })
      .last()
      .click({ force: true, position: { x: 20, y: 6 }, modifiers: ["ControlOrMeta"] });
    expect(await harmOf(typed)).toEqual(NO_HARM);
    await using watching = await open("olga", "/live");
    await watching.page.getByTestId("tile").first().waitFor();
    await until(() =>
      watching.page.evaluate<boolean>(`Number([...document.querySelectorAll("[data-testid=tile]")].at(-1)?.dataset.drawn ?? 0) > 0`),
    );
    expect(await harmOf(watching)).toEqual(NO_HARM);
    // The one that began last: the transfers of files before it are sessions too.
    await watching.page
      .getByRole("link", { name: /ana on web-1.prod/ })
      .last()
      .press("Enter");
    const screen = watching.page.getByTestId("live-screen");
    await screen.getByText("shown-2").last().waitFor();
    await screen
      .locator(".xterm-rows > div", { hasText: "click me" })
      .last()
      .click({ force: true, position: { x: 20, y: 6 } });
    await look(watching, "live-hostile");
    expect(await harmOf(watching)).toEqual(NO_HARM);
    await watching.page.getByRole("link", { name: "From the start" }).press("Enter");
    await watching.page.getByTestId("replay").getByText("shown-2").last().waitFor();
    expect(await harmOf(watching)).toEqual(NO_HARM);
    await watching.page.goto("/sessions?words=onerror");
    await watching.page.locator("mark").first().waitFor();
    expect(await harmOf(watching)).toEqual(NO_HARM);
  });

  test("commands and reasons that are HTML or turn the text are text, stored and live", async () => {
    await gate.serving.ssh([`echo '${HTML}' > /dev/null # \u202Ereversed`]);
    const args = ["ssh", ...gate.serving.sshArgs("ana", "-tt"), "web-1.prod@127.0.0.1", `echo '${HTML.replaceAll('"', "")}'; sleep 60`];
    await using terminal = new Terminal(quoted(args));
    await terminal.sees("onerror");
    await using window = await open("olga", "/sessions?words=reversed");
    const { page } = window;
    await page
      .getByRole("link", { name: /reversed/ })
      .first()
      .press("Enter");
    await page
      .getByRole("list", { name: "Timeline" })
      .getByText(/# \?reversed/)
      .waitFor();
    expect(await page.locator("main").textContent()).not.toContain("\u202E");
    expect(await harmOf(window)).toEqual(NO_HARM);
    const { sessions } = await gate.serving.client("olga").call("sessions.list", { query: { all: true, live: true } });
    const id = sessions.toSorted((a, b) => b.startedAt - a.startedAt)[0]?.id ?? "";
    await page.goto(`/live/${id}`);
    await page.getByTestId("live-screen").getByText("onerror").last().waitFor();
    await page.keyboard.press("x");
    await page.getByLabel(/^Why/).fill(HTML);
    await page.keyboard.press("Control+Enter");
    await page.getByText("This session has ended").waitFor();
    expect(await harmOf(window)).toEqual(NO_HARM);
    await page.goto(`/sessions/${id}`);
    await page
      .getByRole("list", { name: "Timeline" })
      .getByText(/onerror/)
      .first()
      .waitFor();
    await look(window, "session-hostile");
    expect(await harmOf(window)).toEqual(NO_HARM);
  });
});
