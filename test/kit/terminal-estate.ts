/** A gate with its API in front of a real sshd, and ana, who has a grant, at terminals in a browser. */
import type { GrantId } from "../../src/kernel/ids.ts";
import { openTerminal, resumeTerminal, type BrowserTerminal, type Reach } from "./browser-terminal.ts";
import { startEstate, type Estate } from "./estate.ts";
import { openEstateApi, type EstateApi } from "./estate-api.ts";
import { until } from "./until.ts";

export interface TerminalEstate extends AsyncDisposable {
  readonly estate: Estate;
  readonly api: EstateApi;
  /** Another once her login has ended. */
  ana: Reach;
  /** Of ana, for a shell. */
  readonly grant: GrantId;
  /** How many sessions are. */
  live(): number;
  /** Open, or refused. */
  open(reach: Reach, query?: Record<string, string | number>): Promise<BrowserTerminal>;
  /** As its page comes back, with its secret and what it received of the output; open, or refused. */
  resume(reach: Reach, of: BrowserTerminal, received?: number): Promise<BrowserTerminal>;
  /** What a test left open; resolves when no session is left. */
  closeAll(): Promise<void>;
}

export interface TerminalEstateOptions {
  /** Further lines of its configuration. */
  readonly sshd?: readonly string[];
  readonly roles?: string;
  readonly rules?: string;
}

export async function startTerminalEstate({ sshd = [], ...options }: TerminalEstateOptions = {}): Promise<TerminalEstate> {
  await using started = new AsyncDisposableStack();
  const estate = started.use(await startEstate({ ...options, sshd: { extraConfig: ["LogLevel ERROR", ...sshd] } }));
  const api = started.use(await openEstateApi(estate.test));
  const ana = { url: api.url, token: await api.token("ana") };
  const { id: grant } = await estate.grant();
  const opened: BrowserTerminal[] = [];
  const settled = async (terminal: BrowserTerminal): Promise<BrowserTerminal> => {
    opened.push(terminal);
    await terminal.until(() => terminal.opened() ?? terminal.closed());
    return terminal;
  };
  const live = (): number => estate.test.gate.registry.list().length;
  const everything = started.move();
  return {
    estate,
    api,
    ana,
    grant,
    live,
    open: async (reach, query) => settled(await openTerminal(reach, query)),
    resume: async (reach, of, received = of.output().length) => {
      const { id = "", secret = "" } = of.opened() ?? {};
      return settled(await resumeTerminal(reach, { id, secret }, received));
    },
    closeAll: async () => {
      for (const { ws } of opened.splice(0)) if (ws.readyState === ws.OPEN) ws.close(1000);
      await until(() => live() === 0);
    },
    [Symbol.asyncDispose]: () => everything.disposeAsync(),
  };
}
