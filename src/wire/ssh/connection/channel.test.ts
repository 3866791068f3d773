import { describe, expect, test } from "vitest";
import { EXEC, forever, serve, SESSION, turn } from "../../../../test/kit/ssh-connection.ts";
import { encodeChannelRequest, type ChannelRequest } from "./channel-request.ts";
import type { ConnectionEndpoint } from "./endpoint.ts";
import * as msg from "./messages.ts";

const refused = expect.objectContaining({ code: "protocol-error" });

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
    for (let count = 0; count < 64; count += 1) void channel.write("waits");
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
