/** A recording of a hundred megabytes: its page answers, holds a part of it and says which, and the file has all. */
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { look } from "../kit/browser.ts";
import { startConsole, troubles, type TestConsole } from "../kit/console.ts";
import { requirePeer } from "../kit/peers.ts";

const chromium = requirePeer("Chromium", "chromium");
const BYTES = 100_000_000;
const LINE = "GET /checkout 504 upstream timed out while reading the response header of worker";
/** Of the page, with a part of the recording in it; the whole would be far more. */
const HEAP_MAX = 200_000_000;

// oxlint-disable-next-line vitest/valid-title -- it names the program that is missing
describe.skipIf(chromium.missing)(chromium.title("a large recording in the console"), () => {
  let gate: TestConsole;
  let session: string;

  beforeAll(async () => {
    gate = await startConsole();
    await gate.serving.grant();
    const ran = await gate.serving.ssh([`yes '${LINE}' | head -c ${BYTES}; echo THE END`], { args: ["-tt"] });
    if (ran.status !== 0) throw new Error(ran.stderr.toString());
    session = (await gate.serving.client("ana").call("sessions.list")).sessions[0]?.id ?? "";
  }, 240_000);
  afterAll(() => gate?.[Symbol.asyncDispose]());

  test("the page answers while it loads, says what it shows of it, and stays within its memory; the download is whole", async () => {
    await using window = await gate.open("olga", `/sessions/${session}`);
    const { page, context } = window;
    const client = await context.newCDPSession(page);
    await client.send("Performance.enable");
    await page.getByText("so far").waitFor();
    // Between two pieces of it the page hears its person.
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keys of this page" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByText("This recording is large: here it goes up to").waitFor({ timeout: 120_000 });
    await page.getByTestId("replay").getByText("upstream timed out").first().waitFor();
    await page.keyboard.press("j");
    await client.send("HeapProfiler.collectGarbage");
    const { metrics } = await client.send("Performance.getMetrics");
    const heap = metrics.find(({ name }) => name === "JSHeapUsedSize")?.value ?? Infinity;
    console.log(`the page with a recording of ${BYTES / 1e6} MB: ${Math.round(heap / 1e6)} MB of heap`);
    expect(heap).toBeLessThan(HEAP_MAX);
    await look(window, "session-large");
    const [download] = await Promise.all([
      page.waitForEvent("download", { timeout: 120_000 }),
      page.getByRole("link", { name: "Download as asciicast" }).click(),
    ]);
    let [shown, last] = [0, ""];
    for await (const line of createInterface({ input: createReadStream(await download.path()) })) {
      const [, code, data] = line.startsWith("[") ? (JSON.parse(line) as [number, string, string]) : [0, "", ""];
      if (code !== "o") continue;
      shown += data.length;
      last = (last + data).slice(-100);
    }
    expect(shown).toBeGreaterThanOrEqual(BYTES);
    expect(last).toContain("THE END");
    expect(troubles(window)).toEqual([]);
  }, 240_000);
});
