/** A terminal in the browser, on a gate as people run it and a real sshd, over a network that can be cut. */
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { connect, createServer, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { logIn, look, type Window } from "../kit/browser.ts";
import { startConsole, troubles, type TestConsole } from "../kit/console.ts";
import { findFreePort } from "../kit/free-port.ts";
import { requirePeer } from "../kit/peers.ts";
import { PASSWORD, type Person } from "../kit/serving.ts";
import { until } from "../kit/until.ts";

const chromium = requirePeer("Chromium", "chromium");

/** What is between the browser and the gate. */
interface Network extends AsyncDisposable {
  cut(): void;
  mend(): void;
}

async function startNetwork(port: number, to: number): Promise<Network> {
  const sockets = new Set<Socket>();
  let isCut = false;
  const server = createServer((near) => {
    if (isCut) return near.destroy();
    const far = connect(to, "127.0.0.1");
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
    }
    near.pipe(far).pipe(near);
    return undefined;
  });
  server.listen(port, "localhost");
  await once(server, "listening");
  const drop = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    cut: () => {
      isCut = true;
      drop();
    },
    mend: () => {
      isCut = false;
    },
    [Symbol.asyncDispose]: async () => {
      drop();
      server.close();
      await once(server, "close");
    },
  };
}

// oxlint-disable-next-line vitest/valid-title -- it names the program that is missing
describe.skipIf(chromium.missing)(chromium.title("a terminal in the console"), () => {
  let gate: TestConsole;
  let network: Network;

  beforeAll(async () => {
    const port = await findFreePort();
    gate = await startConsole({ publicUrl: `http://localhost:${port}` });
    network = await startNetwork(port, Number(new URL(gate.serving.url).port));
  });
  afterAll(async () => {
    await network?.[Symbol.asyncDispose]();
    await gate?.[Symbol.asyncDispose]();
  });

  const open = async (person: Person, path: string): Promise<Window> => {
    const window = await gate.visit(path);
    window.page.on("dialog", (dialog) => void dialog.accept());
    await logIn(window, person, PASSWORD);
    return window;
  };
  const shows = (window: Window, text: string | RegExp): Promise<void> =>
    window.page.getByTestId("terminal").locator(".xterm-rows").getByText(text).last().waitFor();
  const prompt = (window: Window): Promise<void> => shows(window, /[#$]\s*$/);

  test("who has no access is told so, with the way to ask", async () => {
    await using window = await open("ana", "/terminal/web-1.prod");
    await window.page.getByRole("link", { name: "Request access" }).waitFor();
    expect(await window.page.getByRole("link", { name: "Request access" }).getAttribute("href")).toBe("/request?target=web-1.prod");
    await look(window, "terminal-no-access");
    expect(troubles(window)).toEqual([]);
  });

  test("a shell by keyboard alone; several lines are pasted only after a look; what was shown is found; the end is told", async () => {
    await gate.serving.grant();
    await using window = await open("ana", "/terminal/web-1.prod");
    const { page } = window;
    await prompt(window);
    await page.keyboard.type("echo $((40+2))-works\n");
    await shows(window, "42-works");
    await page.evaluate(String.raw`navigator.clipboard.writeText("echo first-$((1+1))\necho second-$((1+2))")`);
    await page.keyboard.press("Control+Shift+V");
    await page.getByRole("dialog", { name: "Paste 2 lines?" }).waitFor();
    await look(window, "terminal-paste");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    expect(await page.getByTestId("terminal").innerText()).not.toContain("first-");
    await page.keyboard.press("Control+Shift+V");
    await page.getByRole("dialog", { name: "Paste 2 lines?" }).waitFor();
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    // A shell that knows of pasting runs nothing of it before Enter.
    await page.keyboard.press("Enter");
    await shows(window, "first-2");
    await shows(window, "second-3");
    await page.keyboard.press("Control+Shift+F");
    await page.keyboard.type("42-works");
    await page.keyboard.press("Enter");
    await page.locator(".xterm-selection div").first().waitFor({ state: "attached" });
    await page.keyboard.press("Escape");
    await look(window, "terminal");
    // The size of the window is the size of the shell's terminal.
    await page.setViewportSize({ width: 900, height: 700 });
    await until(async () => {
      await page.keyboard.type("stty size\n");
      const [, columns] = /\n[0-9]+ ([0-9]+)\n/.exec(await page.getByTestId("terminal").locator(".xterm-rows").innerText()) ?? [];
      return columns !== undefined && Number(columns) < 110;
    });
    // Out of the terminal and back in, without a mouse.
    await page.keyboard.press("Control+Shift+E");
    await until(() => page.evaluate<boolean>(`document.activeElement?.getAttribute("aria-label") === "Smaller type"`));
    await page.getByTestId("terminal").locator("textarea").focus();
    await page.keyboard.type("exit 3\n");
    await page.getByText("The shell ended with status 3").waitFor();
    await look(window, "terminal-ended");
    expect(troubles(window)).toEqual([]);
  });

  test("when the network goes the screen stays and says so; what ran goes on, and what was typed meanwhile arrives once", async () => {
    await using window = await open("ana", "/terminal/web-1.prod");
    const { page } = window;
    await prompt(window);
    await page.keyboard.type("export MARK=kept; echo $MARK-before\n");
    await shows(window, "kept-before");
    network.cut();
    await page.getByRole("alert").getByText("The connection is lost").waitFor();
    await shows(window, "kept-before");
    await look(window, "terminal-lost");
    await page.getByTestId("terminal").locator("textarea").focus();
    await page.keyboard.type("echo $MARK-after-$((2+3))\n");
    network.mend();
    await shows(window, "kept-after-5");
    await page.getByText("connected", { exact: true }).waitFor();
    const text = await page.getByTestId("terminal").locator(".xterm-rows").innerText();
    expect(text.split("kept-after-5")).toHaveLength(2);
    expect(window.strangers).toEqual([]);
  });

  test("a page of another origin gets no terminal, though the browser shows it the cookie", async () => {
    const page = createHttpServer((_request, response) =>
      response.setHeader("content-type", "text/html").end("<!doctype html><title>other</title>"),
    );
    page.listen(0, "localhost");
    await once(page, "listening");
    await using window = await open("ana", "/");
    const other = await window.context.newPage();
    await other.goto(`http://localhost:${(page.address() as AddressInfo).port}/`);
    const before = (await gate.serving.client("olga").call("sessions.list", { query: { all: true } })).sessions.length;
    const outcome = await other.evaluate(
      (address) =>
        new Promise((resolve) => {
          const ws = new WebSocket(address);
          ws.addEventListener("open", () => resolve("open"));
          ws.addEventListener("close", ({ code }) => resolve(code));
        }),
      `${gate.url.replace("http", "ws")}/v1/terminals?target=web-1.prod&cols=80&rows=24`,
    );
    expect(outcome).toBe(1006);
    expect((await gate.serving.client("olga").call("sessions.list", { query: { all: true } })).sessions).toHaveLength(before);
    page.close();
  });

  test("several grants: the person chooses; revoked access ends the shell with its reason and the way to ask again", async () => {
    const second = await gate.serving.grant();
    await using window = await open("ana", "/terminal/web-1.prod");
    const { page } = window;
    await page.getByText("Under which one?").waitFor();
    await look(window, "terminal-choose");
    await page.goto(`/terminal/web-1.prod?grant=${second.id}`);
    await prompt(window);
    await gate.serving
      .client("lea")
      .call("grants.revoke", { params: { id: second.id }, body: { reason: "The incident is over" } })
      .catch(() =>
        gate.serving.client("olga").call("grants.revoke", { params: { id: second.id }, body: { reason: "The incident is over" } }),
      );
    await page.getByText("The incident is over").first().waitFor();
    await page.getByRole("link", { name: "Request access" }).waitFor();
    await look(window, "terminal-revoked");
    expect(window.strangers).toEqual([]);
  });
});
