/** The console on a gate as people run it: somebody opens a page of it and is logged in. */
import { logIn, startBrowser, type TestBrowser, type Window } from "./browser.ts";
import { PASSWORD, startServing, type Person, type Serving, type ServingOptions } from "./serving.ts";

interface OpenOptions {
  readonly phone?: boolean;
}

export interface ConsoleWindows extends AsyncDisposable {
  readonly browser: TestBrowser;
  /** Where the console is, without a slash at its end. */
  readonly url: string;
  /** In a window of somebody's own, who is not logged in. */
  visit(path: string, options?: OpenOptions): Promise<Window>;
  /** In a window of their own. */
  open(person: Person, path: string, options?: OpenOptions): Promise<Window>;
}

export interface TestConsole extends ConsoleWindows {
  readonly serving: Serving;
}

export interface ConsoleOptions extends ServingOptions {
  /** Where something else is between the browser and the gate; the caller starts it. */
  readonly publicUrl?: string;
  /** Taken up by a reload, once the gate runs. */
  readonly configuration?: Parameters<Serving["configure"]>[0];
}

/** A line of the `gate:` block. Passkeys and cookies want a name, and the gate answers to no other than its own. */
export const PUBLIC_LINE = "  public: { url: http://localhost:HTTP_PORT }";

export async function startConsole({ gateLines = "", publicUrl, configuration, ...options }: ConsoleOptions = {}): Promise<TestConsole> {
  await using opened = new AsyncDisposableStack();
  const line = publicUrl === undefined ? PUBLIC_LINE : `  public: { url: ${publicUrl} }`;
  const serving = opened.use(await startServing({ ...options, gateLines: [line, gateLines].filter((each) => each !== "").join("\n") }));
  if (configuration !== undefined) {
    await serving.configure(configuration);
    await serving.client("olga").call("config.reload");
  }
  const windows = opened.use(await openConsole(publicUrl ?? publicUrlOf(serving)));
  const everything = opened.move();
  return { ...windows, serving, [Symbol.asyncDispose]: () => everything.disposeAsync() };
}

/** A browser for the console of a gate that runs, and stays the caller's. */
export async function openConsole(url: string): Promise<ConsoleWindows> {
  const browser = await startBrowser();
  const visit: ConsoleWindows["visit"] = (path, options = {}) => browser.open(url, { path, ...options });
  return {
    browser,
    url,
    visit,
    open: async (person, path, options) => {
      const window = await visit(path, options);
      await logIn(window, person, PASSWORD);
      return window;
    },
    [Symbol.asyncDispose]: () => browser[Symbol.asyncDispose](),
  };
}

/** Of a gate that has the line `PUBLIC_LINE`. */
export function publicUrlOf({ url }: Serving): string {
  return url.replace("127.0.0.1", "localhost");
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
const EVERYBODYS = new Set(["/v1/status", "/v1/waiting/stream"]);

/** Paths of the API that the window asks for from here on, but for those that every page does. */
export function askedFor({ page }: Window): readonly string[] {
  const asked: string[] = [];
  page.on("request", (request) => {
    const { pathname } = new URL(request.url());
    if (pathname.startsWith("/v1/") && !EVERYBODYS.has(pathname)) asked.push(pathname);
  });
  return asked;
}
