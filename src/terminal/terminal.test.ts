import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { TerminalSent } from "../contract/terminals.ts";
import { TERMINAL_RECONNECT_MS, TERMINAL_WINDOW_BYTES } from "../contract/terminals.ts";
import type { SessionId } from "../kernel/ids.ts";
import { deny, type Denial } from "../kernel/result.ts";
import type { Channel } from "../wire/ssh/connection/channel.ts";
import { Terminal } from "./terminal.ts";

/** What a page was sent: bytes as text, frames, and how it ended. */
function screen() {
  const said: (string | TerminalSent | Denial)[] = [];
  return {
    said,
    send: (bytes: Uint8Array) => void said.push(Buffer.from(bytes).toString()),
    tell: (frame: TerminalSent) => void said.push(frame),
    close: () => void said.push("closed"),
    refuse: (denial: Denial) => void said.push(denial),
  };
}

function open() {
  let gone = 0;
  let secrets = 0;
  const written: Buffer[] = [];
  const sizes: number[] = [];
  const answers: (() => void)[] = [];
  let credited = 0;
  let isClosed = false;
  /** The host takes input only while this is true. */
  const host = { takes: true, waiting: [] as (() => void)[] };
  const channel = {
    write: (bytes: Buffer) => {
      written.push(Buffer.from(bytes));
      return host.takes ? Promise.resolve(true) : new Promise((resolve) => host.waiting.push(() => resolve(true)));
    },
    credit: (bytes: number) => void (credited += bytes),
    request: ({ columns }: { columns: number }) => {
      sizes.push(columns);
      return new Promise<boolean>((resolve) => answers.push(() => resolve(true)));
    },
  };
  const terminal = new Terminal({ id: "term-0000000000", newSecret: () => `secret ${(secrets += 1)}`, onGone: () => (gone += 1) });
  const line = { session: "s-0000000000" as SessionId, channel: channel as unknown as Channel, close: () => void (isClosed = true) };
  return {
    terminal,
    line,
    host,
    sizes,
    answers,
    input: () => Buffer.concat(written).toString(),
    credited: () => credited,
    closed: () => isClosed,
    gone: () => gone,
  };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const opened = (secret: number, received = 0) => ({
  type: "opened",
  id: "term-0000000000",
  session: "s-0000000000",
  secret: `secret ${secret}`,
  reconnectMs: TERMINAL_RECONNECT_MS,
  received,
});

describe("a terminal", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
  afterEach(() => void vi.useRealTimers());

  test("gives room for output only for what was acknowledged, each byte once", () => {
    const { terminal, line, credited } = open();
    const page = screen();
    const hearing = terminal.attach(page, 0);
    terminal.opened(line);
    terminal.output(Buffer.from("hello "));
    terminal.output(Buffer.from("world"));
    expect(page.said).toEqual([opened(1), "hello ", "world"]);
    expect(credited()).toBe(0);
    hearing?.frame({ type: "ack", received: 8 });
    hearing?.frame({ type: "ack", received: 8 });
    expect(credited()).toBe(8);
    hearing?.frame({ type: "ack", received: 11 });
    expect(credited()).toBe(11);
    hearing?.frame({ type: "ack", received: 12 });
    expect(page.said.at(-1)).toMatchObject({ code: "protocol-error" });
  });

  test("output that comes with the opening is shown after it", () => {
    const { terminal, line } = open();
    const page = screen();
    terminal.attach(page, 0);
    terminal.output(Buffer.from("early"));
    expect(page.said).toEqual([]);
    terminal.opened(line);
    expect(page.said).toEqual([opened(1), "early"]);
  });

  test("what comes byte by byte is kept in pieces: a host that sends so costs the gate no more than another", () => {
    const { terminal, line } = open();
    const first = screen();
    const hearing = terminal.attach(first, 0);
    terminal.opened(line);
    hearing?.closed(false);
    const sent = Array.from({ length: 20_000 }, (_, at) => String(at % 10)).join("");
    for (const each of sent) terminal.output(Buffer.from(each));
    const second = screen();
    terminal.attach(second, 7);
    const shown = second.said.filter((each) => typeof each === "string");
    expect(shown.join("")).toBe(sent.slice(7));
    expect(shown.length).toBeLessThan(20);
  });

  test("keeps what is typed before it is open, in order, and tells what the host took", async () => {
    const { terminal, line, host, input } = open();
    const page = screen();
    const hearing = terminal.attach(page, 0);
    hearing?.bytes(Buffer.from("l"));
    hearing?.bytes(Buffer.from("s\n"));
    host.takes = false;
    terminal.opened(line);
    hearing?.bytes(Buffer.from("more"));
    await turn();
    expect(input()).toBe("ls\n");
    expect(page.said).not.toContainEqual({ type: "ack", received: 3 });
    host.takes = true;
    for (const go of host.waiting.splice(0)) go();
    await turn();
    expect(input()).toBe("ls\nmore");
    expect(page.said).toContainEqual({ type: "ack", received: 3 });
    expect(page.said.at(-1)).toEqual({ type: "ack", received: 7 });
  });

  test("more input than may be on its way ends it, whatever the size of the pieces", async () => {
    const { terminal, line, host, closed } = open();
    const page = screen();
    const hearing = terminal.attach(page, 0);
    host.takes = false;
    terminal.opened(line);
    for (let sent = 0; sent < TERMINAL_WINDOW_BYTES; sent += 16_384) hearing?.bytes(Buffer.alloc(16_384));
    expect(closed()).toBe(false);
    hearing?.bytes(Buffer.alloc(1));
    expect(closed()).toBe(true);
    expect(page.said.at(-1)).toMatchObject({ code: "protocol-error" });
  });

  test("of many sizes the first and the last reach the host, one at a time", async () => {
    const { terminal, line, sizes, answers } = open();
    const hearing = terminal.attach(screen(), 0);
    terminal.opened(line);
    for (let cols = 1; cols <= 100; cols += 1) hearing?.frame({ type: "resize", cols, rows: 24 });
    expect(sizes).toEqual([1]);
    answers[0]?.();
    await turn();
    expect(sizes).toEqual([1, 100]);
  });

  test("taken up again it goes on from where the page was, with another secret", () => {
    const { terminal, line, credited } = open();
    const first = terminal.attach(screen(), 0);
    terminal.opened(line);
    terminal.output(Buffer.from("one "));
    first?.frame({ type: "ack", received: 2 });
    first?.closed(false);
    terminal.output(Buffer.from("two"));
    const page = screen();
    terminal.attach(page, 4);
    expect(page.said).toEqual([opened(2), "two"]);
    expect(credited()).toBe(4);
    // What the old connection still brings is nobody's.
    first?.frame({ type: "ack", received: 7 });
    first?.bytes(Buffer.from("late"));
    first?.closed(true);
    expect(credited()).toBe(4);
    terminal.output(Buffer.from("!"));
    expect(page.said.at(-1)).toBe("!");
  });

  test.each([0, 1, 8, Number.MAX_SAFE_INTEGER])(
    "a page that has %i of seven bytes, three of them acknowledged, cannot go on",
    (received) => {
      const { terminal, line } = open();
      const first = terminal.attach(screen(), 0);
      terminal.opened(line);
      terminal.output(Buffer.from("1234567"));
      first?.frame({ type: "ack", received: 3 });
      first?.closed(false);
      expect(terminal.attach(screen(), received)).toBeUndefined();
      expect(terminal.attach(screen(), 5)).toBeDefined();
    },
  );

  test("waits so long for its page, and is gone then", () => {
    const { terminal, line, gone, closed } = open();
    const hearing = terminal.attach(screen(), 0);
    terminal.opened(line);
    hearing?.closed(false);
    vi.advanceTimersByTime(TERMINAL_RECONNECT_MS - 1);
    expect({ gone: gone(), closed: closed() }).toEqual({ gone: 0, closed: false });
    vi.advanceTimersByTime(1);
    expect({ gone: gone(), closed: closed() }).toEqual({ gone: 1, closed: true });
    expect(terminal.attach(screen(), 0)).toBeUndefined();
  });

  test("keeps its last words for a page that is away, and is gone once they are heard", () => {
    const { terminal, gone } = open();
    terminal.attach(screen(), 0)?.closed(false);
    expect(gone()).toBe(1);
    const other = open();
    const hearing = other.terminal.attach(screen(), 0);
    other.terminal.opened(other.line);
    hearing?.closed(false);
    other.terminal.output(Buffer.from("bye"));
    other.terminal.end(deny("session-killed"));
    expect(other.gone()).toBe(0);
    const page = screen();
    const heard = other.terminal.attach(page, 0);
    expect(page.said).toEqual([opened(2), "bye", expect.objectContaining({ code: "session-killed" })]);
    expect(other.gone()).toBe(0);
    heard?.closed(true);
    expect(other.gone()).toBe(1);
  });

  test("says them again to a page that had lost its connection when they were said, and waits no longer for it than for others", () => {
    const { terminal, line, gone } = open();
    const lost = terminal.attach(screen(), 0);
    terminal.opened(line);
    terminal.output(Buffer.from("bye"));
    // The gate has not noticed yet that nobody hears it.
    terminal.end({ type: "exit", status: 5 });
    lost?.closed(false);
    const page = screen();
    const hearing = terminal.attach(page, 0);
    expect(page.said).toEqual([opened(2), "bye", { type: "exit", status: 5 }, "closed"]);
    hearing?.closed(false);
    expect(gone()).toBe(0);
    vi.advanceTimersByTime(TERMINAL_RECONNECT_MS);
    expect(gone()).toBe(1);
  });

  test("what is opened for a page that has gone is closed", () => {
    const { terminal, line, closed, gone } = open();
    terminal.attach(screen(), 0)?.closed(true);
    terminal.opened(line);
    expect({ closed: closed(), gone: gone() }).toEqual({ closed: true, gone: 1 });
  });
});
