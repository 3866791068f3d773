/** Terminals in browsers, on a whole gate with a real sshd behind it. */
import { createHash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { z } from "zod";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTerminal, type BrowserTerminal, type Reach } from "../kit/browser-terminal.ts";
import type { Client } from "../../src/contract/client.ts";
import type { frameView } from "../../src/contract/sessions.ts";
import { TERMINAL_WINDOW_BYTES } from "../../src/contract/terminals.ts";
import type { PrincipalName } from "../../src/kernel/ids.ts";
import { estateYaml, startEstate, type Estate } from "../kit/estate.ts";
import { openEstateApi, type EstateApi } from "../kit/estate-api.ts";
import { requirePeer } from "../kit/peers.ts";
import { until } from "../kit/until.ts";

const sshd = requirePeer("OpenSSH server", "sshd");

type FrameView = z.output<typeof frameView>;

let estate: Estate;
let api: EstateApi;
let ana: Reach;

// oxlint-disable-next-line vitest/valid-title -- it names the program that is missing
describe.skipIf(sshd.missing)(sshd.title("a terminal in a browser"), () => {
  beforeAll(async () => {
    estate = await startEstate({ sshd: { extraConfig: ["LogLevel ERROR"] } });
    api = await openEstateApi(estate.test);
    ana = { url: api.url, token: await api.token("ana") };
    await estate.grant();
  });
  afterAll(async () => {
    await api?.[Symbol.asyncDispose]();
    await estate?.[Symbol.asyncDispose]();
  });

  const newestGrant = async (): Promise<string> =>
    (await estate.test.gate.store.access.listGrants({ state: "active", principal: "ana" as PrincipalName, limit: 1 }))[0]?.id ?? "";
  const client = (): Client => api.with(ana.token ?? "");
  const framesOf = async (terminal: BrowserTerminal): Promise<FrameView[]> => {
    const { session } = terminal.opened() ?? {};
    const frames: FrameView[] = [];
    for await (const frame of await client().call("sessions.recording", { params: { id: session ?? "" } })) frames.push(frame);
    return frames;
  };
  const castOf = async (terminal: BrowserTerminal): Promise<string> => {
    const lines: string[] = [];
    const { session } = terminal.opened() ?? {};
    for await (const line of await client().call("sessions.asciicast", { params: { id: session ?? "" } })) lines.push(JSON.stringify(line));
    return lines.join("\n");
  };
  /** Not another value for a while. */
  const stands = async (value: () => number): Promise<boolean> => {
    const before = value();
    await delay(100);
    return value() === before;
  };

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

  test("runs a command in place of a shell, and has the size that the page says, also later", async () => {
    const terminal = await shell({ command: "stty size; read x; stty size; exit 3", cols: 100, rows: 30 });
    await terminal.shows("30 100");
    terminal.tell({ type: "resize", cols: 120, rows: 40 });
    terminal.tell({ type: "resize", cols: 132, rows: 43 });
    await until(async () => (await framesOf(terminal)).some(({ type, info }) => type === "resize" && info?.["cols"] === 132));
    terminal.type("\n");
    await terminal.until(terminal.closed);
    expect(terminal.output().toString()).toContain("43 132");
    expect(terminal.exit()).toEqual({ type: "exit", status: 3 });
  });

  test("is an ssh session as every other in the log and on record, what was typed excepted", async () => {
    const terminal = await shell();
    const session = terminal.opened()?.session ?? "";
    // The host echoes what comes before the shell has seen to it.
    terminal.type("stty -echo; echo rea''dy; read secret\n");
    await terminal.shows("ready");
    terminal.type("hunter2\n");
    terminal.type("echo done\nexit\n");
    await terminal.until(terminal.closed);
    const { log } = estate.test.gate.store;
    await until(async () => (await log.query({ session, limit: 100 })).some(({ kind }) => kind === "session.ended"));
    const events = await log.query({ session, limit: 100 });
    expect(events.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(["session.started", "certificate.issued", "ssh.shell", "recording.finished", "session.ended"]),
    );
    const started = events.find(({ kind }) => kind === "session.started");
    const address = /^127\.0\.0\.1:\d+$/;
    expect(started).toMatchObject({ principal: "ana", target: "web-1.prod", body: { protocol: "ssh", client: "console" } });
    expect((started?.body as { remote?: string } | undefined)?.remote).toMatch(address);
    // The certificate that it came with names the person, for a minute, and is of the login authority.
    const issued = (await log.query({ kinds: ["certificate.issued"], limit: 1000 })).filter(
      ({ body }) => body !== undefined && "authority" in body && body.authority === "login",
    );
    const { validAfter = 0, validBefore = Infinity } = (issued.at(-1)?.body ?? {}) as { validAfter?: number; validBefore?: number };
    expect(validBefore - validAfter).toBeLessThanOrEqual(90);
    const shown = await castOf(terminal);
    expect(shown).toContain("done");
    expect(shown + JSON.stringify(await log.query({ limit: 1000 }))).not.toContain("hunter2");
  });

  test("10 MB with a reader that stops now and then come whole, and never more than a window waits", async () => {
    const terminal = await shell({ command: "seq 1 1500000 | tr '\\n' ' '" });
    let most = 0;
    const watch = setInterval(() => {
      const [session] = estate.test.gate.registry.list();
      if (session) most = Math.max(most, session.bytesOut - terminal.bytes());
    }, 5);
    for (let round = 0; round < 5 && terminal.closed() === undefined; round += 1) {
      terminal.acknowledge(false);
      await until(async () => terminal.closed() !== undefined || (await stands(() => terminal.bytes())));
      terminal.acknowledge(true);
    }
    while (terminal.closed() === undefined) {
      const before = terminal.bytes();
      await terminal.until(() => terminal.closed() ?? terminal.bytes() > before);
    }
    clearInterval(watch);
    const whole = Array.from({ length: 1_500_000 }, (_, at) => `${at + 1} `).join("");
    expect(terminal.bytes()).toBe(whole.length);
    expect(terminal.output().equals(Buffer.from(whole))).toBe(true);
    expect(most).toBeLessThan(4 * TERMINAL_WINDOW_BYTES);
  });

  test("a page that acknowledges nothing gets one window and no more, and holds up nobody else", async () => {
    const silent = await shell({ command: "yes" });
    silent.acknowledge(false);
    await silent.until(() => silent.bytes() > TERMINAL_WINDOW_BYTES / 2);
    const other = await shell();
    other.type("echo still $((1 + 1)) here; exit\n");
    await other.shows("still 2 here");
    await until(async () => (await stands(() => silent.bytes())) && silent.bytes() > 0);
    expect(silent.bytes()).toBeLessThanOrEqual(2 * TERMINAL_WINDOW_BYTES);
    silent.ws.close(1000);
    await until(() => estate.test.gate.registry.list().length === 0);
  });

  test("a long paste goes in as fast as the host takes it", async () => {
    const terminal = await shell({ command: "stty raw -echo; echo ready; head -c 1000000 | sha256sum; exit" });
    await terminal.shows("ready");
    const paste = Buffer.alloc(1_000_000, "0123456789abcdef");
    for (let at = 0; at < paste.length; at += 16_384) {
      await terminal.until(() => at - terminal.taken() < TERMINAL_WINDOW_BYTES - 16_384);
      terminal.type(paste.subarray(at, at + 16_384));
    }
    await terminal.until(terminal.closed);
    expect(terminal.output().toString()).toContain(createHash("sha256").update(paste).digest("hex"));
  });

  test("a role for commands refuses a shell, with the reason and what would allow it", async () => {
    await estate.reconfigure(estateYaml(estate.target, { debug: "exec: [uptime]" }));
    await estate.grant();
    const terminal = await openTerminal(ana, { grant: await newestGrant() });
    await terminal.until(terminal.closed);
    expect(terminal.problem()).toMatchObject({ code: "role-denies", status: 403 });
    expect(terminal.output().toString()).toContain("[role-denies]");
    await estate.reconfigure(estateYaml(estate.target));
  });

  test("nothing went wrong inside the gate meanwhile", () => {
    expect(estate.test.faults).toEqual([]);
  });
});
