/** The console on a gate as people run it: somebody opens a page of it and is logged in. */
import { logIn, startBrowser, type TestBrowser, type Window } from "./browser.ts";
import { PASSWORD, startServing, type Person, type Serving, type ServingOptions } from "./serving.ts";

export interface TestConsole extends AsyncDisposable {
  readonly serving: Serving;
  readonly browser: TestBrowser;
  /** In a window of their own. */
  open(person: Person, path: string, options?: { readonly phone?: boolean }): Promise<Window>;
}

export async function startConsole({ gateLines = "", ...options }: ServingOptions = {}): Promise<TestConsole> {
  await using opened = new AsyncDisposableStack();
  // Passkeys and cookies want a name, and the gate answers to no other than its own.
  const lines = ["  public: { url: http://localhost:HTTP_PORT }", gateLines].filter((line) => line !== "").join("\n");
  const serving = opened.use(await startServing({ ...options, gateLines: lines }));
  const browser = opened.use(await startBrowser());
  const url = serving.url.replace("127.0.0.1", "localhost");
  const everything = opened.move();
  return {
    serving,
    browser,
    open: async (person, path, { phone = false } = {}) => {
      const window = await browser.open(url, { path, phone });
      await logIn(window, person, PASSWORD);
      return window;
    },
    [Symbol.asyncDispose]: () => everything.disposeAsync(),
  };
}

/** What no page may cause: faults of its own, and requests to anywhere but the gate. */
export function troubles({ faults, strangers }: Window): string[] {
  return [...faults, ...strangers];
}

/** How wide the page is: on a phone 390, or something makes people scroll sideways. */
export function widthOf({ page }: Window): Promise<number> {
  return page.locator("html").evaluate(({ scrollWidth }) => scrollWidth);
}

/** What every page asks the gate for, whoever looks: it shows them nothing that is not theirs. */
const EVERYBODYS = new Set(["/v1/status", "/v1/requests/stream", "/v1/holds/stream"]);

/** Paths of the API that the window asks for from here on, but for those that every page does. */
export function askedFor({ page }: Window): readonly string[] {
  const asked: string[] = [];
  page.on("request", (request) => {
    const { pathname } = new URL(request.url());
    if (pathname.startsWith("/v1/") && !EVERYBODYS.has(pathname)) asked.push(pathname);
  });
  return asked;
}
