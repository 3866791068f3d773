/** Pages, logins and frames that have no business at a terminal: refused, and nothing else of the gate notices. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { MAX_FRAME_BYTES } from "../../src/contract/socket.ts";
import { TERMINAL_WINDOW_BYTES } from "../../src/contract/terminals.ts";
import { resumeTerminal, type BrowserTerminal, type Reach } from "../kit/browser-terminal.ts";
import { requirePeer } from "../kit/peers.ts";
import { startTerminalEstate, type TerminalEstate } from "../kit/terminal-estate.ts";
import { until } from "../kit/until.ts";

const sshd = requirePeer("OpenSSH server", "sshd");
const PER_PERSON = 16;

// oxlint-disable-next-line vitest/valid-title -- it names the program that is missing
describe.skipIf(sshd.missing)(sshd.title("at a terminal"), () => {
  let world: TerminalEstate;

  beforeAll(async () => {
    world = await startTerminalEstate({ sshd: ["MaxStartups 100"] });
  });
  afterEach(() => world.closeAll());
  afterAll(() => world?.[Symbol.asyncDispose]());

  const open = (query: Record<string, string | number> = {}, reach: Reach = world.ana) => world.open(reach, query);
  const comeBack = async (of: BrowserTerminal): Promise<void> => {
    const terminal = await world.resume(world.ana, of);
    expect(terminal.opened()).toBeDefined();
  };
  const events = async (from: number): Promise<string[]> =>
    (await world.estate.test.gate.store.log.query({ from, limit: 1000 })).map(({ kind }) => kind);

  describe("nobody gets a WebSocket", () => {
    test.each([
      ["from a page elsewhere", { origin: "https://evil.example" }],
      ["from another port of the same machine", { origin: "http://127.0.0.1:1" }],
      ["from a page without an origin", { origin: "null" }],
      ["from another site, by the browser's word", { "sec-fetch-site": "cross-site" }],
    ])("%s, whoever they are", async (_, headers: Record<string, string>) => {
      const from = world.estate.test.gate.store.log.head().size;
      const terminal = await open({}, { ...world.ana, headers });
      expect(terminal.closed()).toBe(403);
      expect(await events(from)).toEqual([]);
    });

    test("with a cookie but no origin, as no browser sends it", async () => {
      const { WebSocket } = await import("ws");
      const ws = new WebSocket(`${world.api.url.replace("http", "ws")}/v1/terminals?target=web-1.prod&cols=80&rows=24`, {
        headers: { cookie: `sallyport=${world.ana.token ?? ""}` },
      });
      const status = await new Promise((resolve) => {
        ws.on("unexpected-response", (_request, response) => resolve(response.statusCode));
        ws.on("open", () => resolve("open"));
        ws.on("error", () => undefined);
      });
      ws.terminate();
      expect(status).toBe(403);
    });

    test.each([
      ["without a login", undefined],
      ["with a guessed one", "tok-0000000000.guessed"],
    ])("%s", async (_, token) => {
      expect((await open({}, { url: world.api.url, token })).closed()).toBe(401);
      const again = await resumeTerminal({ url: world.api.url, token }, { id: "term-0000000000", secret: "" }, 0);
      expect(again.closed()).toBe(401);
    });

    test("with the token in the address", async () => {
      for (const name of ["token", "access_token", "authorization", "sallyport"]) {
        const terminal = await open({ [name]: world.ana.token ?? "" }, { url: world.api.url });
        expect(terminal.closed()).toBe(401);
      }
    });

    test("with a token for other things", async () => {
      const body = { name: "status only", scopes: ["gate.status"], ttlMs: 60_000 };
      const { secret } = await (await world.api.logIn("olga")).call("tokens.create", { body });
      expect((await open({}, { url: world.api.url, token: secret })).closed()).toBe(403);
    });
  });

  test("a plain call is told that this is a WebSocket", async () => {
    const headers = { authorization: `Bearer ${world.ana.token ?? ""}` };
    const answer = await fetch(`${world.api.url}/v1/terminals?target=web-1.prod&cols=80&rows=24`, { headers });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: "bad-request" });
  });

  test.each([
    ["no size", { cols: "", rows: 24 }],
    ["a negative size", { cols: -1 }],
    ["no cells", { rows: 0 }],
    ["a huge size", { cols: 100_000 }],
    ["half a cell", { cols: 1.5 }],
    ["a target that is no name", { target: "a+b%c" }],
    ["a grant that is none", { grant: "gr-x" }],
    ["a field nobody knows", { shell: "1" }],
    ["a command without end", { command: "x".repeat(5_000) }],
  ])("%s in the query is refused", async (_, query: Record<string, string | number>) => {
    const terminal = await open(query);
    await terminal.until(terminal.closed);
    expect(terminal.problem()).toMatchObject({ code: "bad-request" });
    expect(terminal.closed()).toBe(1008);
  });

  test("where no grant covers the target the refusal says what may be asked for, and nothing is asked at a prompt", async () => {
    const lea = { url: world.api.url, token: await world.api.token("lea") };
    const from = world.estate.test.gate.store.log.head().size;
    const terminal = await open({}, lea);
    await terminal.until(terminal.closed);
    expect(terminal.problem()).toMatchObject({ code: "no-grant", status: 403, next: expect.stringContaining("sallyport request") });
    expect(terminal.output().length).toBe(0);
    expect(await events(from)).toContain("session.refused");
    expect(await events(from)).not.toContain("request.filed");
  });

  test("where several do, the refusal lists them, and naming one opens it", async () => {
    const { id, state } = await world.estate.grant();
    expect(state).toBe("active");
    const terminal = await open();
    await terminal.until(terminal.closed);
    expect(terminal.problem()).toMatchObject({ code: "several-grants", detail: expect.stringContaining(`web-1.prod%${id}`) });
    expect((await open({ grant: id })).opened()).toBeDefined();
    await world.estate.test.gate.access.revoke(id, { name: "lea" as never, groups: ["leads"] }, "the test is over");
  });

  test.each([
    ["the gate itself", "gate"],
    ["a target nobody knows", "nowhere"],
  ])("%s is no target for a terminal", async (_, target) => {
    const terminal = await open({ target });
    await terminal.until(terminal.closed);
    expect(terminal.problem()?.status).toBeGreaterThanOrEqual(400);
    expect(world.live()).toBe(0);
  });

  describe("a frame that breaks the rules ends the terminal:", () => {
    const frames: [string, (terminal: BrowserTerminal) => void, number, string | undefined][] = [
      ["no JSON", ({ ws }) => ws.send("{"), 1008, "protocol-error"],
      ["JSON of something else", ({ ws }) => ws.send("[1,2]"), 1008, "protocol-error"],
      ["terminal bytes as text", ({ ws }) => ws.send("ls\n"), 1008, "protocol-error"],
      ["a type nobody knows", ({ ws }) => ws.send('{"type":"exec","command":"id"}'), 1008, "protocol-error"],
      ["a field nobody knows", ({ ws }) => ws.send('{"type":"resize","cols":80,"rows":24,"x":1}'), 1008, "protocol-error"],
      ["a negative size", ({ ws }) => ws.send('{"type":"resize","cols":-80,"rows":24}'), 1008, "protocol-error"],
      ["a size beyond numbers", ({ ws }) => ws.send('{"type":"resize","cols":1e999,"rows":24}'), 1008, "protocol-error"],
      ["more acknowledged than was sent", ({ ws }) => ws.send('{"type":"ack","received":999999}'), 1008, "protocol-error"],
      ["a negative acknowledgement", ({ ws }) => ws.send('{"type":"ack","received":-1}'), 1008, "protocol-error"],
      ["a resumption in the middle", ({ ws }) => ws.send('{"type":"resume","secret":"x","received":0}'), 1008, "protocol-error"],
      ["a prototype in place of a frame", ({ ws }) => ws.send('{"__proto__":{"type":"ack"}}'), 1008, "protocol-error"],
      ["bytes beyond a frame", ({ ws }) => ws.send(Buffer.alloc(MAX_FRAME_BYTES + 1)), 1009, undefined],
      ["a huge text", ({ ws }) => ws.send(`{"type":"${"x".repeat(MAX_FRAME_BYTES)}"}`), 1009, undefined],
      [
        "more input than may be on its way",
        ({ ws }) => {
          for (let sent = 0; sent <= 16 * TERMINAL_WINDOW_BYTES; sent += 32_768) ws.send(Buffer.alloc(32_768, "x"));
        },
        1008,
        "protocol-error",
      ],
    ];

    test.each(frames)("%s", async (_, send, code, problem) => {
      const terminal = await open({ command: "stty raw -echo; sleep 60" });
      expect(terminal.opened()).toBeDefined();
      send(terminal);
      await terminal.until(terminal.closed);
      expect({ code: terminal.closed(), problem: terminal.problem()?.code }).toEqual({ code, problem });
      await until(() => world.live() === 0);
    });

    test("the first frame of one that comes back is the secret", async () => {
      const first = await open();
      first.drop();
      const again = await resumeTerminal(world.ana, { id: first.opened()?.id ?? "", secret: "wrong" }, 0);
      await again.until(again.closed);
      expect(again.problem()?.code).toBe("not-found");
      await comeBack(first);
    });
  });

  test("many small frames and sizes are taken as they come, and nothing piles up", async () => {
    const terminal = await open({ command: "stty raw -echo; head -c 20000 | sha256sum; stty size" });
    for (let each = 0; each < 20_000; each += 1) {
      terminal.type("x");
      if (each % 10 === 0) terminal.tell({ type: "resize", cols: 20 + (each % 100), rows: 24 });
      terminal.ws.send(Buffer.alloc(0));
    }
    terminal.tell({ type: "resize", cols: 99, rows: 33 });
    await terminal.until(terminal.closed);
    expect(terminal.exit()).toEqual({ type: "exit", status: 0 });
  });

  test("a person has so many and no more, those of lost connections among them; another person has theirs", async () => {
    const all = await Promise.all(Array.from({ length: PER_PERSON }, () => open({ command: "sleep 60" })));
    expect(all.every((each) => each.opened())).toBe(true);
    all[0]?.drop();
    const more = await open();
    await more.until(more.closed);
    expect(more.problem()).toMatchObject({ code: "too-many-connections" });
    all[1]?.ws.close(1000);
    await until(() => world.estate.test.gate.browsing.terminals.count < PER_PERSON);
    expect((await open()).opened()).toBeDefined();
    if (all[0]) await comeBack(all[0]);
  });

  test("nothing went wrong inside the gate meanwhile, and it is as empty as before", async () => {
    expect(world.estate.test.faults).toEqual([]);
    await until(() => world.estate.test.gate.browsing.terminals.count === 0);
  });
});
