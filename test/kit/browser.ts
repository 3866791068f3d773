/** A real Chromium at the console: people in windows of their own, and screenshots of what they see. */
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import axe from "axe-core";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";
import { expect } from "vitest";

const PROGRAMS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
/** Root has no sandbox of its own; and no request may leave the machine. */
const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-dev-shm-usage",
];
/** Where a test run leaves what it saw. */
const SCREENSHOTS = process.env["SALLYPORT_SCREENSHOTS"];

export interface Window extends AsyncDisposable {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What went wrong in the page: exceptions, violations of the policy, errors on its console. */
  readonly faults: string[];
  /** Requests to anywhere but the gate. */
  readonly strangers: string[];
}

export interface TestBrowser extends AsyncDisposable {
  readonly browser: Browser;
  /** Of somebody else each time. `path` is opened. */
  open(url: string, options?: { readonly path?: string; readonly phone?: boolean }): Promise<Window>;
}

export async function startBrowser(): Promise<TestBrowser> {
  const executablePath = PROGRAMS.find((path) => existsSync(path));
  if (executablePath === undefined) throw new Error("Chromium is not installed");
  const browser = await chromium.launch({ executablePath, headless: true, args: ARGS });
  return {
    browser,
    open: async (url, { path = "/", phone = false } = {}) => {
      const context = await browser.newContext({
        baseURL: url,
        viewport: phone ? { width: 390, height: 844 } : { width: 1280, height: 860 },
        ...(phone && { hasTouch: true, isMobile: true }),
        reducedMotion: "reduce",
        permissions: ["clipboard-read", "clipboard-write"],
      });
      const page = await context.newPage();
      const [faults, strangers]: [string[], string[]] = [[], []];
      page.on("pageerror", (error) => faults.push(error.message));
      page.on("console", (message) => {
        // A refusal that the page shows is no fault of the page.
        if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) faults.push(message.text());
      });
      page.on("request", (request) => {
        if (!request.url().startsWith(`${url}/`) && !request.url().startsWith("data:") && !request.url().startsWith("blob:"))
          strangers.push(request.url());
      });
      await page.goto(path);
      return { page, context, faults, strangers, [Symbol.asyncDispose]: () => context.close() };
    },
    [Symbol.asyncDispose]: () => browser.close(),
  };
}

/** Chromium without a screen shows no notification: what the page would have shown is kept. To be evaluated in a page. */
export const TELLS = `globalThis.told = [];
globalThis.Notification = class extends EventTarget {
  static permission = "granted";
  static requestPermission = async () => "granted";
  constructor(title, { body }) { super(); told.push(title + " / " + body); }
  close() {}
};`;

export async function logIn({ page }: Window, user: string, password: string): Promise<void> {
  await page.getByLabel("Name").fill(user);
  await page.getByLabel("Password").fill(password);
  await page.keyboard.press("Enter");
  await page.getByRole("navigation", { name: "Pages" }).waitFor();
}

/** In light and in dark, where `SALLYPORT_SCREENSHOTS` names a folder; and nothing that axe calls serious. */
export async function look({ page }: Window, name: string): Promise<void> {
  for (const theme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
    if (SCREENSHOTS !== undefined) {
      await mkdir(SCREENSHOTS, { recursive: true });
      await page.screenshot({ path: join(SCREENSHOTS, `${name}-${theme}.png`), fullPage: true });
    }
    expect(await seriousIssues(page, theme), `${name} in ${theme}`).toEqual([]);
  }
}

/** Run over the protocol's own channel: the page's policy lets no script in. In dark other colours are all that is new. */
async function seriousIssues(page: Page, theme: "light" | "dark"): Promise<string[]> {
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axe.source);
  const rules = theme === "dark" ? ["color-contrast"] : undefined;
  const found = await page.evaluate(async (only) => {
    const options = { resultTypes: ["violations" as const], ...(only && { runOnly: only }) };
    const { violations } = await (globalThis as unknown as { axe: typeof axe }).axe.run(options);
    return violations.map(({ id, impact, nodes }) => ({ id, impact, places: nodes.map(({ html }) => html.slice(0, 200)) }));
  }, rules);
  return found
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, places }) => `${id}: ${places.join(" | ")}`);
}
