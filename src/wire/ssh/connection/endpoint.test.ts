import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { connect, EXEC, forever, serve, SESSION, TestLink, turn } from "../../../../test/kit/ssh-connection.ts";
import { encodeChannelRequest } from "./channel-request.ts";
import { ClientConnection } from "./client.ts";
import { ConnectionEndpoint, type SessionHandler } from "./endpoint.ts";
import { encodeGlobalRequest } from "./global-request.ts";
import * as msg from "./messages.ts";

const refused = expect.objectContaining({ code: "protocol-error" });

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
