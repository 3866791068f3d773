import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Channel } from "./channel.ts";
import { encodeChannelRequest, type ChannelRequest } from "./channel-request.ts";
import { ClientConnection } from "./client.ts";
import { ConnectionEndpoint, type SessionHandler } from "./endpoint.ts";
import { encodeGlobalRequest } from "./global-request.ts";
import * as msg from "./messages.ts";
import type { PacketLink } from "./packet-link.ts";

const refused = expect.objectContaining({ code: "protocol-error" });
const SESSION = { channelType: "session", senderChannel: 0, initialWindow: 1000, maximumPacket: 100, specific: Buffer.alloc(0) };

/** A link that keeps what is sent, and is as full as a test says. */
class TestLink implements PacketLink {
  readonly sent: Buffer[] = [];
  queued = 0;
  drain: () => void = () => undefined;
  /** Where packets go besides; a view that is overwritten afterwards, as packets are. */
  deliver: ((payload: Buffer) => void) | undefined;

  send(payload: Uint8Array): void {
    this.sent.push(Buffer.from(payload));
    if (this.deliver === undefined) return;
    const view = Buffer.from(payload);
    queueMicrotask(() => {
      this.deliver?.(view);
      view.fill(0xee);
    });
  }

  queuedBytes(): number {
    return this.queued;
  }

  onDrain(listener: () => void): void {
    this.drain = listener;
  }

  take(): Buffer[] {
    return this.sent.splice(0);
  }
}

/** Accepts everything; `run` as given. */
function handlerOf(run: SessionHandler["run"], accept: SessionHandler["accept"] = () => true): SessionHandler {
  return { accept, run };
}

/** A server and a client of ours, connected. */
function connect(
  run: SessionHandler["run"],
  accept?: SessionHandler["accept"],
): { client: ClientConnection; server: ConnectionEndpoint; links: TestLink[] } {
  const [toClient, toServer] = [new TestLink(), new TestLink()];
  const server = new ConnectionEndpoint({ link: toClient, openSession: () => handlerOf(run, accept) });
  const client = new ClientConnection(toServer);
  toServer.deliver = (payload) => expect(server.receive(payload)).toBe(true);
  toClient.deliver = (payload) => expect(client.receive(payload)).toBe(true);
  return { client, server, links: [toClient, toServer] };
}

/** A server whose client is the test itself. */
function serve(run: SessionHandler["run"], accept?: SessionHandler["accept"], maxChannels?: number) {
  const link = new TestLink();
  const channels: Channel[] = [];
  const openSession = (channel: Channel): SessionHandler => (channels.push(channel), handlerOf(run, accept));
  const server = new ConnectionEndpoint({ link, openSession, ...(maxChannels === undefined ? {} : { maxChannels }) });
  const ask = (request: ChannelRequest, wantReply = true): boolean =>
    server.receive(encodeChannelRequest({ recipientChannel: 0, wantReply, request }));
  return { link, server, channels, ask };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const forever = (): Promise<void> => new Promise(() => undefined);
const EXEC: ChannelRequest = { type: "exec", command: Buffer.from("true") };

describe("a command between both ends", () => {
  test("command, both streams, status: all of 3 MiB, in order, through windows", async () => {
    const [out, err] = [randomBytes(3_000_000), randomBytes(3_000_000)];
    const { client, server } = connect(async (request, channel) => {
      expect(request).toEqual({ type: "exec", command: Buffer.from([0xff, 0x00, 0x41]) });
      const both = await Promise.all([channel.write(out), channel.writeError(err)]);
      expect(both).toEqual([true, true]);
      channel.exit(7);
    });
    const limits = { maxStdoutBytes: 4_000_000, maxStderrBytes: 4_000_000 };
    const result = await client.exec(Buffer.from([0xff, 0x00, 0x41]), limits);
    expect(result).toMatchObject({ exitStatus: 7, exitSignal: undefined, isTruncated: false });
    expect(result.stdout.equals(out)).toBe(true);
    expect(result.stderr.equals(err)).toBe(true);
    await turn();
    expect(server.openChannels).toBe(0);
  });

  test("its input comes back, all of it, then the end", async () => {
    const stdin = randomBytes(1_500_000);
    const { client } = connect(async (_request, channel) => {
      for await (const chunk of channel.input) await channel.write(chunk);
      channel.exit(0);
    });
    const result = await client.exec("cat", { stdin, maxStdoutBytes: 2_000_000 });
    expect(result.stdout.equals(stdin)).toBe(true);
    expect(result.exitStatus).toBe(0);
  });

  test("a reader that stops does not hold the writer up", async () => {
    const { client } = connect(async (_request, channel) => {
      for await (const chunk of channel.input) if (chunk.length > 0) break;
      await channel.write("enough");
      await channel.closed;
    });
    const channel = await client.openSession();
    const answers: string[] = [];
    channel.onData = (bytes) => void answers.push(bytes.toString());
    expect(await channel.request(EXEC)).toBe(true);
    expect(await channel.write(Buffer.alloc(2_000_000))).toBe(true);
    expect(answers).toEqual(["enough"]);
    channel.close();
    await channel.closed;
  });

  test("a signal, a crash of the handler, and a refusal", async () => {
    const signalled = connect((_request, channel) => Promise.resolve(channel.exitSignal("KILL", "cut")));
    expect(await signalled.client.exec("x")).toMatchObject({ exitStatus: undefined, exitSignal: "KILL" });
    const broken = connect(() => Promise.reject(new Error("secret detail")));
    expect(await broken.client.exec("x")).toMatchObject({ exitStatus: 255, stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) });
    const denied = connect(forever, () => false);
    await expect(denied.client.exec("x")).rejects.toMatchObject({ code: "target-refused" });
    const throwing = connect(forever, () => Promise.reject(new Error("no")));
    await expect(throwing.client.exec("x")).rejects.toMatchObject({ code: "target-refused" });
  });

  test("output beyond its limit gives the command up and says so", async () => {
    const { client } = connect(async (_request, channel) => {
      while (await channel.write(Buffer.alloc(10_000, 65)));
    });
    const result = await client.exec("yes", { maxStdoutBytes: 25_000 });
    expect(result).toMatchObject({ isTruncated: true, exitStatus: undefined });
    expect(result.stdout).toHaveLength(25_000);
  });

  test("a lost connection fails everything that waits", async () => {
    let written: Promise<boolean> | undefined;
    const { client, server } = connect(async (_request, channel) => {
      written = channel.write(Buffer.alloc(4_000_000));
      await written;
    });
    const result = client.exec("x", { maxStdoutBytes: 1e9 });
    const opening = client.openSession();
    client.end();
    await expect(result).rejects.toMatchObject({ code: "target-unreachable" });
    await expect(opening).rejects.toMatchObject({ code: "target-unreachable" });
    await expect(client.openSession()).rejects.toMatchObject({ code: "target-unreachable" });
    server.end();
    expect(server.openChannels).toBe(0);
    expect(await (written ?? Promise.resolve(false))).toBe(false);
  });
});

describe("windows and back-pressure", () => {
  const open = (window: number, maximumPacket: number) => {
    const made = serve(forever);
    made.server.receive(msg.encodeChannelOpen({ ...SESSION, initialWindow: window, maximumPacket }));
    made.link.take();
    const [channel] = made.channels;
    if (channel === undefined) throw new Error("no channel");
    return { ...made, channel };
  };

  test("the peer's window and packet size are never exceeded; the promise waits for both", async () => {
    const { link, server, channel } = open(250, 100);
    let isDone = false;
    const done = channel.write(Buffer.alloc(600)).then(() => (isDone = true));
    expect(link.take().map((payload) => msg.dataOf(payload).length)).toEqual([100, 100, 50]);
    await turn();
    expect(isDone).toBe(false);
    server.receive(msg.encodeChannelWindowAdjust(0, 1));
    server.receive(msg.encodeChannelWindowAdjust(0, 1000));
    expect(link.take().map((payload) => msg.dataOf(payload).length)).toEqual([1, 100, 100, 100, 49]);
    await done;
    expect(isDone).toBe(true);
  });

  test("a full link holds data back until it drains", () => {
    const { link, channel } = open(1_000_000, 32_768);
    link.queued = 2_000_000;
    void channel.write("late");
    expect(link.take()).toEqual([]);
    link.drain();
    expect(link.take()).toEqual([]);
    link.queued = 0;
    link.drain();
    expect(link.take().map((payload) => msg.dataOf(payload).toString())).toEqual(["late"]);
  });

  test("what was asked for leaves in order: data, status, end of file, close", async () => {
    const { link, server, channel } = open(3, 100);
    const [first, second] = [channel.write("abc"), channel.writeError("def")];
    channel.exit(3);
    channel.exit(4);
    channel.close();
    expect(await channel.write("after")).toBe(false);
    expect(await first).toBe(true);
    expect(link.take().map((payload) => payload[0])).toEqual([msg.SSH_MSG_CHANNEL_DATA]);
    server.receive(msg.encodeChannelWindowAdjust(0, 100));
    expect(await second).toBe(true);
    const sent = link.take();
    const numbers = sent.map((payload) => payload[0]);
    expect(numbers).toEqual([
      msg.SSH_MSG_CHANNEL_EXTENDED_DATA,
      msg.SSH_MSG_CHANNEL_REQUEST,
      msg.SSH_MSG_CHANNEL_EOF,
      msg.SSH_MSG_CHANNEL_CLOSE,
    ]);
    const status: ChannelRequest = { type: "exit-status", status: 3 };
    expect(sent[1]).toEqual(encodeChannelRequest({ recipientChannel: 0, wantReply: false, request: status }));
    expect(server.openChannels).toBe(1);
    server.receive(msg.encodeChannelClose(0));
    expect(server.openChannels).toBe(0);
    await channel.closed;
  });

  test("more than may wait is the writer's fault", async () => {
    const { channel } = open(0, 100);
    void channel.write(Buffer.alloc(5_000_000));
    await expect(channel.write("x")).rejects.toMatchObject({ code: "internal" });
  });

  test("our window is given back only for what was read", async () => {
    const { link, server, channel } = open(1000, 100);
    const send = (bytes: number): boolean => server.receive(msg.encodeChannelData(0, Buffer.alloc(bytes)));
    for (let count = 0; count < 8; count += 1) send(32_768);
    expect(link.take()).toEqual([]);
    expect(() => send(1)).toThrow(refused);
    const reader = channel.input[Symbol.asyncIterator]();
    for (let count = 0; count < 5; count += 1) await reader.next();
    expect(link.take()).toEqual([msg.encodeChannelWindowAdjust(0, 131_072)]);
    send(32_768);
  });

  test.each<[string, (server: ConnectionEndpoint) => unknown]>([
    ["a packet larger than ours may be", (server) => server.receive(msg.encodeChannelData(0, Buffer.alloc(32_769)))],
    [
      "data after the end of file",
      (server) => (server.receive(msg.encodeChannelEof(0)), server.receive(msg.encodeChannelData(0, Buffer.alloc(1)))),
    ],
    ["a window beyond 2^32 - 1", (server) => server.receive(msg.encodeChannelWindowAdjust(0, 0xffff_ffff))],
    ["a channel that is not open", (server) => server.receive(msg.encodeChannelData(1, Buffer.alloc(1)))],
    ["an answer to nothing", (server) => server.receive(msg.encodeChannelSuccess(0))],
    ["a confirmation of nothing", (server) => server.receive(msg.encodeChannelOpenConfirmation({ ...SESSION, recipientChannel: 0 }))],
    ["a channel without packets", (server) => server.receive(msg.encodeChannelOpen({ ...SESSION, maximumPacket: 0 }))],
    [
      "too many requests at once",
      (server) => {
        const request: ChannelRequest = { type: "env", name: "A", value: Buffer.alloc(0) };
        for (let count = 0; count < 100; count += 1)
          server.receive(encodeChannelRequest({ recipientChannel: 0, wantReply: false, request }));
      },
    ],
  ])("refused: %s", (_name, work) => {
    expect(() => work(open(1000, 100).server)).toThrow(refused);
  });

  test("a close by the peer ends writers and readers", async () => {
    const { link, server, channel } = open(10, 100);
    const written = channel.write(Buffer.alloc(100));
    const read = channel.input[Symbol.asyncIterator]().next();
    link.take();
    server.receive(msg.encodeChannelClose(0));
    expect(await written).toBe(false);
    expect(await read).toEqual({ done: true, value: undefined });
    expect(link.take()).toEqual([msg.encodeChannelClose(0)]);
    expect(await channel.write("x")).toBe(false);
    expect(await channel.request(EXEC)).toBe(false);
    await channel.closed;
  });
});

describe("requests", () => {
  test("are handled one after the other, whatever they take, and answered in order", async () => {
    const seen: string[] = [];
    const accept: SessionHandler["accept"] = async (request) => {
      if (request.type === "env") await turn();
      seen.push(request.type === "env" ? `env ${request.name}=${request.value.toString()}` : request.type);
      return request.type !== "signal";
    };
    const { link, server, ask } = serve(async (request) => (seen.push(`run ${request.type}`), forever()), accept);
    server.receive(msg.encodeChannelOpen(SESSION));
    const env = encodeChannelRequest({
      recipientChannel: 0,
      wantReply: true,
      request: { type: "env", name: "A", value: Buffer.from("1") },
    });
    server.receive(env);
    env.fill(0xee, 9);
    ask({ type: "pty-req", term: "xterm", columns: 80, rows: 24, widthPixels: 0, heightPixels: 0, modes: Buffer.of(0) });
    ask({ type: "shell" });
    ask({ type: "window-change", columns: 120, rows: 40, widthPixels: 0, heightPixels: 0 }, false);
    ask({ type: "signal", signal: "INT" });
    ask(EXEC);
    ask({ type: "pty-req", term: "xterm", columns: 80, rows: 24, widthPixels: 0, heightPixels: 0, modes: Buffer.of(0) });
    ask({ type: "auth-agent-req@openssh.com" });
    ask({ type: "keepalive@openssh.com" });
    ask({ type: "unknown", name: "x11-req", specific: Buffer.alloc(4) });
    await turn();
    await turn();
    const [yes, no] = [msg.SSH_MSG_CHANNEL_SUCCESS, msg.SSH_MSG_CHANNEL_FAILURE];
    expect(link.take().map((payload) => payload[0])).toEqual([91, yes, yes, yes, no, no, no, no, no, no]);
    expect(seen).toEqual(["env A=1", "pty-req", "shell", "run shell", "window-change", "signal"]);
  });

  test("a command that was refused may be followed by another", async () => {
    const { link, server, ask } = serve(forever, (request) => request.type === "shell");
    server.receive(msg.encodeChannelOpen(SESSION));
    for (const request of [EXEC, { type: "shell" } as const]) ask(request);
    await turn();
    expect(link.take().map((payload) => payload[0])).toEqual([91, msg.SSH_MSG_CHANNEL_FAILURE, msg.SSH_MSG_CHANNEL_SUCCESS]);
  });
});

describe("what else a client may try", () => {
  test.each(["direct-tcpip", "direct-streamlocal@openssh.com", "x11", "forwarded-tcpip", "tun@openssh.com", ""])(
    "channel type %j",
    (channelType) => {
      const { link, server } = serve(forever);
      server.receive(msg.encodeChannelOpen({ ...SESSION, channelType, senderChannel: 9 }));
      expect(link.take().map(msg.parseChannelOpenFailure)).toEqual([
        { recipientChannel: 9, reason: msg.SSH_OPEN_ADMINISTRATIVELY_PROHIBITED, description: "Only sessions can be opened here" },
      ]);
    },
  );

  test("more sessions than the bound, until one is gone", () => {
    const { link, server } = serve(forever, () => true, 2);
    for (let senderChannel = 0; senderChannel < 3; senderChannel += 1) server.receive(msg.encodeChannelOpen({ ...SESSION, senderChannel }));
    expect(link.take().map((payload) => payload[0])).toEqual([91, 91, 92]);
    server.receive(msg.encodeChannelClose(0));
    server.receive(msg.encodeChannelOpen({ ...SESSION, senderChannel: 5 }));
    const sent = link.take();
    expect(sent.map((payload) => payload[0])).toEqual([msg.SSH_MSG_CHANNEL_CLOSE, msg.SSH_MSG_CHANNEL_OPEN_CONFIRMATION]);
  });

  test("a session that cannot be started is refused, not left half open", () => {
    const link = new TestLink();
    const openSession = (): SessionHandler => {
      throw new Error("no room");
    };
    const server = new ConnectionEndpoint({ link, openSession });
    server.receive(msg.encodeChannelOpen(SESSION));
    expect(link.take().map((payload) => payload[0])).toEqual([msg.SSH_MSG_CHANNEL_OPEN_FAILURE]);
    expect(server.openChannels).toBe(0);
  });

  test("global requests: all refused, answered only where wanted", () => {
    const { link, server } = serve(forever);
    for (const name of ["keepalive@openssh.com", "tcpip-forward", "no-more-sessions@openssh.com"]) {
      server.receive(encodeGlobalRequest({ name, wantReply: name !== "no-more-sessions@openssh.com", specific: Buffer.alloc(0) }));
    }
    expect(link.take()).toEqual([Buffer.of(82), Buffer.of(82)]);
  });

  test("numbers that mean nothing are told apart from those that are wrong", () => {
    const { server } = serve(forever);
    const client = new ClientConnection(new TestLink());
    for (const number of [83, 89, 101, 127]) {
      expect(server.receive(Buffer.of(number))).toBe(false);
      expect(client.receive(Buffer.of(number))).toBe(false);
    }
  });

  test("a server opens nothing with our client", () => {
    const link = new TestLink();
    const client = new ClientConnection(link);
    client.receive(msg.encodeChannelOpen({ ...SESSION, channelType: "forwarded-tcpip", senderChannel: 3 }));
    expect(link.take().map(msg.parseChannelOpenFailure)).toMatchObject([{ recipientChannel: 3, reason: 1 }]);
    expect(() => client.receive(msg.encodeChannelOpenConfirmation({ ...SESSION, recipientChannel: 0 }))).toThrow(refused);
  });
});

test("one busy channel does not starve another", () => {
  const { link, server, channels } = serve(forever);
  for (let senderChannel = 0; senderChannel < 2; senderChannel += 1) {
    server.receive(msg.encodeChannelOpen({ ...SESSION, senderChannel, initialWindow: 1_000_000, maximumPacket: 32_768 }));
  }
  link.take();
  link.queued = 2_000_000;
  for (const channel of channels) void channel.write(Buffer.alloc(300_000));
  // The link takes one packet at a time.
  const order: number[] = [];
  const send = link.send.bind(link);
  link.send = (payload) => {
    send(payload);
    order.push(msg.channelOf(Buffer.from(payload)));
    link.queued = 2_000_000;
  };
  for (let count = 0; count < 6; count += 1) {
    link.queued = 0;
    link.drain();
  }
  expect(order).toEqual([0, 1, 0, 1, 0, 1]);
});
