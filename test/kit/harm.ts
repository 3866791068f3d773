/** Whether a page of the console did anything that somebody else's text told it to: looked at in a real browser. */
import type { Page } from "playwright-core";
import { expect } from "vitest";
import type { Window } from "./browser.ts";
import type { ConsoleWindows } from "./console.ts";
import { PASSWORD, type Person } from "./serving.ts";

export interface WatchedWindow extends Window {
  /** What was asked or told in a box, and pages that opened by themselves. */
  readonly dialogs: string[];
  /** What the page asked for is there and shown; its streams go on. */
  settled(): Promise<void>;
}

/** Before anything of the page runs: what its policy refused is kept, also where the browser's console says nothing of it. */
const LISTEN = `
  globalThis.refusedByPolicy = [];
  addEventListener("securitypolicyviolation", (event) => refusedByPolicy.push(event.violatedDirective + " " + event.blockedURI));
`;

/** In a window of their own, whose clipboard holds `mine`. */
export async function openWatched(gate: Pick<ConsoleWindows, "visit">, person: Person, path: string): Promise<WatchedWindow> {
  const window = await gate.visit(path);
  await window.context.addInitScript(LISTEN);
  const dialogs: string[] = [];
  window.page.on("dialog", (dialog) => {
    if (dialog.type() !== "beforeunload") dialogs.push(dialog.message());
    void dialog.accept();
  });
  window.context.on("page", (page) => dialogs.push(`opened ${page.url()}`));
  const { page } = window;
  const settled = settling(page);
  await page.getByLabel("Name").fill(person);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.keyboard.press("Enter");
  // Whoever has a second factor is asked for it, and may leave it.
  const later = page.getByRole("button", { name: "Later" });
  await page.getByRole("navigation", { name: "Pages" }).or(later).waitFor();
  if (await later.isVisible()) await later.click();
  await page.getByRole("navigation", { name: "Pages" }).waitFor();
  await page.evaluate(`navigator.clipboard.writeText("mine")`);
  return { ...window, dialogs, settled };
}

/** Streams last for as long as the page does. */
const LASTS = /\/(?:stream|wall|live|moderate)(?:\?|$)|\/v1\/terminals/;

function settling(page: Page): () => Promise<void> {
  const asked = new Set<object>();
  page.on("request", (request) => void (LASTS.test(request.url()) || asked.add(request)));
  page.on("requestfinished", (request) => void asked.delete(request));
  page.on("requestfailed", (request) => void asked.delete(request));
  return async () => {
    await page.locator("main").first().waitFor();
    let shown = "";
    const state = async (): Promise<string> => {
      const before = shown;
      shown = (await page.locator("body").textContent()) ?? "";
      const isLoading = (await page.getByRole("status", { name: /^(?:Loading|Opening|Looking)/ }).count()) > 0;
      const isThere = ((await page.locator("main").first().textContent()) ?? "").trim() !== "";
      return asked.size === 0 && shown === before && isThere && !isLoading ? "settled" : "loading";
    };
    // Twice the same, with nothing under way: what was answered is shown.
    await expect.poll(state, { interval: 100, timeout: 15_000 }).toBe("settled");
  };
}

/** What the page says, but for terminals: those show what a program wrote, as terminals do. */
const PROSE = `(() => {
  const body = document.body.cloneNode(true);
  for (const terminal of body.querySelectorAll(".xterm, [data-testid=replay]")) terminal.remove();
  return body.textContent;
})()`;

/** No script ran, nothing was asked for elsewhere, nothing opened, the clipboard is what it was. */
export async function harmOf({ page, faults, strangers, dialogs }: WatchedWindow): Promise<unknown> {
  return {
    harmed: await page.evaluate(`globalThis.harmed`),
    refusedByPolicy: await page.evaluate(`globalThis.refusedByPolicy ?? []`),
    title: /harmed title|\p{Bidi_Control}/u.test(await page.title()),
    clipboard: await page.evaluate(`navigator.clipboard.readText()`),
    made: await page.locator("main :is(img, iframe, script, base, meta, form[action], svg[onload], style):not(.xterm *)").count(),
    links: await page.evaluate(`[...document.links].map(({ href }) => href).filter((href) => new URL(href).origin !== location.origin)`),
    turned: /[\u202a-\u202e\u2066-\u2069\u200b]/.test(await page.evaluate<string>(PROSE)),
    faults,
    strangers,
    dialogs,
  };
}

export const NO_HARM = {
  harmed: undefined,
  refusedByPolicy: [],
  title: false,
  clipboard: "mine",
  made: 0,
  links: [],
  turned: false,
  faults: [],
  strangers: [],
  dialogs: [],
};
