/** A terminal whose connection is lost waits for its page, and for nobody else. */
import { userInfo } from "node:os";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { resumeTerminal, type BrowserTerminal } from "../kit/browser-terminal.ts";
import { requirePeer } from "../kit/peers.ts";
import { startTerminalEstate, type TerminalEstate } from "../kit/terminal-estate.ts";
import { until } from "../kit/until.ts";

const sshd = requirePeer("OpenSSH server", "sshd");

// oxlint-disable-next-line vitest/valid-title -- it names the program that is missing
describe.skipIf(sshd.missing)(sshd.title("a terminal whose connection was lost"), () => {
  let world: TerminalEstate;

  beforeAll(async () => {
    world = await startTerminalEstate({
      roles: `  bound: { ssh: { account: ${userInfo().username}, shell: true, exec: true }, secondFactor: { use: none, address: bound } }`,
      rules: `  - { name: bound, who: ["group:oncall"], roles: [bound], targets: { names: [web-1.prod] }, max: 4h, approval: 1 of leads }`,
    });
  });
  afterEach(() => world.closeAll());
  afterAll(() => world?.[Symbol.asyncDispose]());

  const shell = async (command?: string, grant = world.grant): Promise<BrowserTerminal> => {
    const terminal = await world.open(world.ana, { grant, ...(command !== undefined && { command }) });
    expect(terminal.problem()).toBeUndefined();
    return terminal;
  };
  const lose = async (terminal: BrowserTerminal): Promise<void> => {
    terminal.drop();
    await terminal.until(terminal.closed);
  };

  test("goes on where it was, without a byte lost or shown twice, in both directions", async () => {
    const first = await shell('stty -echo -opost; echo ready; seq 1 300000; while read x; do echo "<$x>"; done');
    await first.shows("ready");
    // What was shown is not acknowledged, as when the acknowledgement is lost with the connection.
    first.acknowledge(false);
    first.type("one\n");
    await lose(first);
    const second = await world.resume(world.ana, first);
    expect(second.opened()?.received).toBeLessThanOrEqual(4);
    // Only the page knows what it sent: the gate says what it has, and the page sends the rest.
    second.type("one\n".slice(second.opened()?.received));
    second.type("two\n");
    await second.shows("<two>");
    const all = Buffer.concat([first.output(), second.output()]).toString();
    const numbers = Array.from({ length: 300_000 }, (_, at) => `${at + 1}\n`).join("");
    expect(all).toBe(`ready\n${numbers}<one>\n<two>\n`);
  });

  test("the program behind it waits when a window of output has gathered, and nothing of it is lost", async () => {
    const first = await shell("stty -opost; read x; seq 1 500000; echo over");
    first.type("\n");
    await lose(first);
    const [session] = world.estate.test.gate.registry.list();
    let before = -1;
    // It has stopped when nothing more comes between two looks.
    await until(() => {
      const bytes = session?.bytesOut ?? 0;
      const stopped = bytes > 200_000 && bytes === before;
      before = bytes;
      return stopped;
    });
    expect(before).toBeLessThan(1_000_000);
    const second = await world.resume(world.ana, first);
    await second.until(second.closed);
    expect(second.exit()).toEqual({ type: "exit", status: 0 });
    const all = Buffer.concat([first.output(), second.output()]).toString();
    expect(all.endsWith(`${Array.from({ length: 500_000 }, (_, at) => `${at + 1}\n`).join("")}over\n`)).toBe(true);
  });

  test("what ended meanwhile is told, after the rest of its output", async () => {
    const first = await shell("read x; echo the last words; exit 5");
    first.acknowledge(false);
    first.type("\n");
    await lose(first);
    await until(() => world.live() === 0);
    const second = await world.resume(world.ana, first);
    await second.until(second.closed);
    expect(Buffer.concat([first.output(), second.output()]).toString()).toContain("the last words");
    expect(second.exit()).toEqual({ type: "exit", status: 5 });
  });

  test("a page that comes back before the gate noticed takes its place, and the other hears no more", async () => {
    const first = await shell();
    // What it has is fixed from here on.
    first.acknowledge(false);
    const second = await world.resume(world.ana, first);
    await first.until(first.closed);
    expect(first.problem()).toMatchObject({ code: "wrong-state" });
    second.type("echo it is $((40 + 2))\n");
    await second.shows("it is 42");
    expect(first.output().includes("it is 42")).toBe(false);
  });

  test.each([
    ["somebody else, with its secret", async () => ({ url: world.api.url, token: await world.api.token("lea") })],
    [
      "another login of the same person, with its secret",
      async () => {
        const body = { name: "another", scopes: ["all"], ttlMs: 600_000 };
        return { url: world.api.url, token: (await world.api.with(world.ana.token ?? "").call("tokens.create", { body })).secret };
      },
    ],
  ])("%s gets nothing, and does not hear that there is one", async (_, reachOf) => {
    const first = await shell();
    await lose(first);
    const other = await world.resume(await reachOf(), first);
    expect(other.problem()).toMatchObject({ code: "not-found" });
    expect(other.output().length).toBe(0);
    const none = await resumeTerminal(world.ana, { id: "term-0000000000", secret: "guessed" }, 0);
    await none.until(none.closed);
    expect(none.problem()?.code).toBe(other.problem()?.code);
    // It is still there for its own page: what others tried did not use the secret up.
    const second = await world.resume(world.ana, first);
    expect(second.opened()).toBeDefined();
  });

  test("that it was taken up, and from where, is in the log before it shows anything", async () => {
    const first = await shell();
    await lose(first);
    const { log } = world.estate.test.gate.store;
    const from = log.head().size;
    const second = await world.resume({ ...world.ana, from: "127.0.0.2" }, first);
    const { session } = second.opened() ?? {};
    const [event, ...more] = await log.query({ from, kinds: ["session.resumed"], limit: 10 });
    expect(event).toMatchObject({ principal: "ana", session, target: "web-1.prod", grant: world.grant });
    expect(event?.body).toEqual({ remote: expect.stringMatching(/^127\.0\.0\.2:\d+$/) });
    expect(more).toEqual([]);
  });

  test("where the role binds it to its address, nobody takes it up at another, and who tries takes nothing away", async () => {
    const { id } = await world.estate.grant({ role: "bound" });
    const first = await shell(undefined, id);
    await lose(first);
    const thief = await world.resume({ ...world.ana, from: "127.0.0.2" }, first);
    expect(thief.problem()).toMatchObject({ code: "wrong-address" });
    expect(thief.output().length).toBe(0);
    const second = await world.resume(world.ana, first);
    expect(second.opened()).toBeDefined();
  });

  test("the gate itself has no terminal in a browser, and says so", async () => {
    const terminal = await world.open(world.ana, { target: "gate" });
    await terminal.until(terminal.closed);
    expect(terminal.problem()).toMatchObject({ code: "not-supported" });
  });

  test("a secret is good once", async () => {
    const first = await shell();
    await lose(first);
    const second = await world.resume(world.ana, first);
    expect(second.opened()?.secret).not.toBe(first.opened()?.secret);
    const third = await world.resume(world.ana, first);
    expect(third.problem()).toMatchObject({ code: "not-found" });
    second.type("echo it is $((40 + 2))\n");
    await second.shows("it is 42");
  });

  test.each([
    ["less than it acknowledged", -1_000_000],
    ["more than was sent", 1_000_000],
  ])("a page that says it has %s is refused", async (_, off) => {
    const first = await shell();
    first.type("echo shown\n");
    await first.shows("shown");
    await lose(first);
    const second = await world.resume(world.ana, first, Math.max(0, first.output().length + off));
    expect(second.problem()).toMatchObject({ code: "not-found" });
    const [session] = world.estate.test.gate.registry.list();
    if (session) await world.estate.test.gate.registry.kill(session.id, "olga", "the test is over");
  });

  test("a page that closes it on purpose ends it at once", async () => {
    for (const code of [1000, 1001, undefined]) {
      const terminal = await shell();
      terminal.ws.close(code);
      await until(() => world.live() === 0);
      const again = await world.resume(world.ana, terminal);
      expect(again.problem()).toMatchObject({ code: "not-found" });
    }
  });

  test("a login that ends while nobody looks ends the terminal", async () => {
    const token = await world.api.token("lea");
    const mine = await shell();
    await lose(mine);
    const ended = performance.now();
    await world.api.with(world.ana.token ?? "").call("login.end");
    await until(() => world.live() === 0);
    expect(performance.now() - ended).toBeLessThan(1_500);
    world.ana = { url: world.api.url, token: await world.api.token("ana") };
    expect(token).not.toBe("");
  });
});
