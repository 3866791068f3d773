/** Files dragged from the desktop onto a host's folder: shown on their way, called off, never over what is there unasked; and the wall. */
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { look, type Window } from "../kit/browser.ts";
import { startConsole, troubles, type TestConsole } from "../kit/console.ts";
import { requirePeer } from "../kit/peers.ts";
import { until } from "../kit/until.ts";

const chromium = requirePeer("Chromium", "chromium");

// oxlint-disable-next-line vitest/valid-title -- it names the program that is missing
describe.skipIf(chromium.missing)(chromium.title("uploads by drag and drop"), () => {
  let gate: TestConsole;
  let host: string;
  let desktop: string;

  beforeAll(async () => {
    gate = await startConsole({
      roles: "  look: { ssh: { account: SELF, files: read } }",
      configuration: {
        rules:
          '  - { name: looks, who: ["group:oncall"], roles: [look], targets: { labels: { service: checkout } }, max: 1h, approval: 1 of leads }',
      },
    });
    [host, desktop] = [join(gate.serving.dir, "host"), join(gate.serving.dir, "desktop")];
    for (const folder of [host, desktop, join(desktop, "logs")]) await mkdir(folder);
    await writeFile(join(host, "notes.txt"), "what was found\n");
    await writeFile(join(desktop, "notes.txt"), "other\n");
    await writeFile(join(desktop, "one.bin"), Buffer.alloc(300_000, 7));
    await writeFile(join(desktop, "two.bin"), "two");
    await writeFile(join(desktop, "<img src=x onerror=globalThis.harmed=1>"), "x");
    await writeFile(join(desktop, "large.bin"), Buffer.alloc(40_000_000, 7));
    await gate.serving.grant();
  });
  afterAll(() => gate?.[Symbol.asyncDispose]());

  const folderOf = (grant?: string): string =>
    `/files/web-1.prod?${new URLSearchParams({ ...(grant !== undefined && { grant }), path: host }).toString()}`;
  /** As the desktop does it: the browser itself reads the files. */
  const drag = async ({ page, context }: Window, names: readonly string[]) => {
    const session = await context.newCDPSession(page);
    const data = { items: [], files: names.map((name) => join(desktop, name)), dragOperationsMask: 1 };
    const send = async (type: "dragEnter" | "dragOver" | "drop", y = 500): Promise<void> => {
      await session.send("Input.dispatchDragEvent", { type, x: 700, y, data });
    };
    await send("dragEnter");
    await send("dragOver");
    return { drop: (y?: number) => send("drop", y), leave: () => send("dragOver", 5_000), session };
  };

  test("they are shown where they would go, then on their way; one is called off, one is asked about, a folder is refused", async () => {
    await using window = await gate.open("ana", folderOf());
    const { page } = window;
    await page.getByRole("link", { name: "notes.txt" }).waitFor();
    const where = page.getByText(`Drop to put it into ${host}`);
    const first = await drag(window, ["one.bin"]);
    await where.waitFor();
    await look(window, "uploads-over");
    await first.leave();
    await where.waitFor({ state: "detached" });
    expect(await readdir(host)).toEqual(["notes.txt"]);

    const all = await drag(window, ["one.bin", "notes.txt", "logs", "<img src=x onerror=globalThis.harmed=1>"]);
    await all.drop();
    await page.getByRole("link", { name: "one.bin" }).waitFor();
    await page.getByText("Only files are uploaded here").waitFor();
    const replace = page.getByRole("button", { name: "Replace it" });
    await replace.waitFor();
    expect(await readFile(join(host, "notes.txt"), "utf8")).toBe("what was found\n");
    await look(window, "uploads-asked");
    await replace.press("Enter");
    await until(async () => (await readFile(join(host, "notes.txt"), "utf8")) === "other\n");
    await replace.waitFor({ state: "detached" });
    expect(await page.evaluate("globalThis.harmed")).toBe(undefined);
    expect((await readFile(join(host, "one.bin"))).equals(Buffer.alloc(300_000, 7))).toBe(true);

    // Over a slow line, dropped beside the list: the page stays, and takes it.
    const large = await drag(window, ["large.bin"]);
    await large.session.send("Network.enable");
    const slow = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 500_000 };
    await large.session.send("Network.emulateNetworkConditions", slow);
    await large.drop(40);
    const progress = page.getByRole("progressbar", { name: "Upload of large.bin" });
    await progress.waitFor();
    await until(async () => Number(await progress.getAttribute("value")) > 0);
    await look(window, "uploads-going");
    await page.getByRole("button", { name: "Cancel large.bin" }).press("Enter");
    await progress.waitFor({ state: "detached" });
    await until(async () => (await readdir(host)).every((name) => !name.startsWith("large.bin")));
    expect(troubles(window)).toEqual([]);
  });

  test("what the role does not allow is refused with its reason, and nothing of it is on the host", async () => {
    const { id } = await gate.serving.grant({ role: "look" });
    await using window = await gate.open("ana", folderOf(id));
    const { page } = window;
    await page.getByRole("link", { name: "notes.txt" }).waitFor();
    const before = await readdir(host);
    await (await drag(window, ["large.bin"])).drop();
    // Heard only once it was sent, so it must be let send it.
    await page.getByText("The role of your grant does not allow this action").waitFor();
    await look(window, "uploads-refused");
    expect(await readdir(host)).toEqual(before);
    expect(troubles(window)).toEqual([]);
  });

  test("on the wall a transfer is what is done to files, not an empty screen", async () => {
    await using wall = await gate.open("olga", "/live");
    await using window = await gate.open("ana", folderOf((await gate.serving.grant()).id));
    await window.page.getByRole("link", { name: "notes.txt" }).waitFor();
    const tile = wall.page.getByRole("link", { name: /ana on web-1\.prod/ }).filter({ hasText: `lists ${host}` });
    await tile.first().waitFor();
    await (await drag(window, ["two.bin"])).drop();
    await wall.page
      .getByText(/writes .*two\.bin/)
      .first()
      .waitFor();
    await look(wall, "wall-files");
    expect(await wall.page.getByTestId("tile").count()).toBe(0);
    await tile.first().press("Enter");
    await wall.page.getByText("File transfers are in the timeline").or(wall.page.getByText("This session has ended")).first().waitFor();
    expect([...troubles(wall), ...troubles(window)]).toEqual([]);
  });
});
