/** Terminals in browsers, on a whole gate with a real sshd behind it. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTerminal, type BrowserTerminal, type Reach } from "../kit/browser-terminal.ts";
import { startEstate, type Estate } from "../kit/estate.ts";
import { openEstateApi, type EstateApi } from "../kit/estate-api.ts";
import { requirePeer } from "../kit/peers.ts";
import { until } from "../kit/until.ts";

const sshd = requirePeer("OpenSSH server", "sshd");

let estate: Estate;
let api: EstateApi;
let ana: Reach;

// oxlint-disable-next-line vitest/valid-title -- it names the program that is missing
describe.skipIf(sshd.missing)(sshd.title("a terminal in a browser"), () => {
  beforeAll(async () => {
    estate = await startEstate();
    api = await openEstateApi(estate.test);
    ana = { url: api.url, token: await api.token("ana") };
    await estate.grant();
  });
  afterAll(async () => {
    await api?.[Symbol.asyncDispose]();
    await estate?.[Symbol.asyncDispose]();
  });

  const shell = async (query: Record<string, string | number> = {}): Promise<BrowserTerminal> => {
    const terminal = await openTerminal(ana, query);
    await terminal.until(() => terminal.opened() ?? terminal.closed());
    expect(terminal.problem()).toBeUndefined();
    return terminal;
  };

  test("is a shell on the host, which ends with its exit status", async () => {
    const terminal = await shell();
    terminal.type("echo it is $((40 + 2))\n");
    await terminal.shows("it is 42");
    terminal.type("exit 7\n");
    await terminal.until(terminal.closed);
    expect(terminal.exit()).toEqual({ type: "exit", status: 7 });
    expect(terminal.closed()).toBe(1000);
    await until(() => estate.test.gate.registry.list().length === 0);
  });

  test("nothing went wrong inside the gate meanwhile", () => {
    expect(estate.test.faults).toEqual([]);
  });
});
