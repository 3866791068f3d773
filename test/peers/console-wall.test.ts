/** The wall of live sessions, with twenty that never rest; how long its frames take is printed, and promised nowhere. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { logIn, look } from "../kit/browser.ts";
import { startConsole, troubles, type TestConsole } from "../kit/console.ts";
import { requirePeer } from "../kit/peers.ts";
import { PASSWORD } from "../kit/serving.ts";
import { quoted, Terminal } from "../kit/terminal.ts";
import { until } from "../kit/until.ts";

const chromium = requirePeer("Chromium", "chromium");
const BUSY = 20;
const MEASURED_MS = 4_000;
/** Without a graphics card, on two cores that twenty sessions and other tests share. */
const PATIENCE_MS = 30_000;

// oxlint-disable-next-line vitest/valid-title -- it names the program that is missing
describe.skipIf(chromium.missing)(chromium.title("the wall of live sessions"), () => {
  let gate: TestConsole;
  const terminals: Terminal[] = [];

  beforeAll(async () => {
    gate = await startConsole();
    await gate.serving.grant();
  });
  afterAll(async () => {
    await Promise.all(terminals.map((terminal) => terminal[Symbol.asyncDispose]()));
    await gate?.[Symbol.asyncDispose]();
  });

  const shell = (command: string): Terminal => {
    const args = ["ssh", ...gate.serving.sshArgs("ana", "-tt"), "web-1.prod@127.0.0.1", command];
    const terminal = new Terminal(quoted(args));
    terminals.push(terminal);
    return terminal;
  };

  test("twenty busy sessions are drawn over one connection; one is opened and left by keyboard; what ends leaves the wall", async () => {
    const busy = `n=0; while [ $n -lt 100000 ]; do n=$((n+1)); printf '\\033[3%dm%s worker %d\\033[0m %s\\r\\n' $((n%7+1)) "$(date +%T)" $n 'GET /checkout 504'; sleep 0.05; done`;
    for (let count = 0; count < BUSY; count += 1) shell(busy);
    await Promise.all(terminals.map((terminal) => terminal.sees("worker 5 ", { timeoutMs: 60_000 })));
    await using window = await gate.visit("/live");
    const { page } = window;
    const streams: string[] = [];
    page.on("request", (request) => request.resourceType() === "eventsource" && streams.push(request.url()));
    await logIn(window, "olga", PASSWORD);
    await page.getByText(`${BUSY} live sessions`).waitFor();
    // All of them in view.
    await page.setViewportSize({ width: 1_500, height: 1_700 });
    const drawn = (): Promise<number[]> =>
      page.evaluate<number[]>(`[...document.querySelectorAll("[data-testid=tile]")].map((tile) => Number(tile.dataset.drawn ?? 0))`);
    await until(async () => {
      const times = await drawn();
      return times.length === BUSY && times.every((each) => each > 1);
    }, PATIENCE_MS);
    const frames = await page.evaluate<number[]>(`new Promise((resolve) => {
      const deltas = [];
      const start = performance.now();
      let last = start;
      const turn = (now) => {
        deltas.push(now - last);
        last = now;
        if (now - start < ${MEASURED_MS}) requestAnimationFrame(turn);
        else resolve(deltas.slice(1).sort((a, b) => a - b));
      };
      requestAnimationFrame(turn);
    })`);
    const at = (part: number): string => (frames[Math.floor((frames.length - 1) * part)] ?? 0).toFixed(1);
    console.log(
      `the wall with ${BUSY} busy sessions: frames of ${at(0.5)} ms (p50), ${at(0.95)} ms (p95), ${at(1)} ms (longest), ${frames.length} frames`,
    );
    expect(frames.length).toBeGreaterThan(0);
    expect(new Set(streams.filter((url) => url.includes("/v1/sessions/"))).size).toBe(1);
    await look(window, "live-wall");
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await page
      .getByTestId("live-screen")
      .getByText(/worker/)
      .first()
      .waitFor();
    await page.keyboard.press("g");
    await page.keyboard.press("l");
    await page.getByText(`${BUSY} live sessions`).waitFor();
    await terminals.pop()?.[Symbol.asyncDispose]();
    await page.getByText(`${BUSY - 1} live sessions`).waitFor();
    await until(async () => (await drawn()).length === BUSY - 1, PATIENCE_MS);
    expect(troubles(window)).toEqual([]);
  });
});
