/**
 * Peers that break the rules, on either side of the relay: the session ends with `protocol-error`, said once in the log,
 * and what was against the rules never reached the other side. Both ends are our own transport, driven by hand.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { StartBody } from "../../src/audit/events/ssh.ts";
import { encodeChannelRequest, type ChannelRequest } from "../../src/wire/ssh/connection/channel-request.ts";
import { encodeGlobalRequest } from "../../src/wire/ssh/connection/global-request.ts";
import * as msg from "../../src/wire/ssh/connection/messages.ts";
import { SftpFramer } from "../../src/wire/ssh/sftp/framer.ts";
import { encodeInit, encodeRequest } from "../../src/wire/ssh/sftp/request.ts";
import { encodeStatus, parseResponse } from "../../src/wire/ssh/sftp/response.ts";
import * as fxp from "../../src/wire/ssh/sftp/messages.ts";
import { startRawEstate, type RawEnd, type RawEstate } from "../kit/raw-ssh.ts";
import { packet, READ, text, WRITE } from "../kit/sftp-conversation.ts";
import { until } from "../kit/until.ts";

/** The client calls the channel 5, the target calls it 9. */
const [OWN, THEIRS] = [5, 9];
const WINDOW = 100_000;

const open = (senderChannel = OWN, initialWindow = WINDOW, channelType = "session"): Buffer =>
  msg.encodeChannelOpen({ channelType, senderChannel, initialWindow, maximumPacket: 32_768, specific: Buffer.alloc(0) });
const confirm = (recipientChannel = OWN, senderChannel = THEIRS): Buffer =>
  msg.encodeChannelOpenConfirmation({ recipientChannel, senderChannel, initialWindow: WINDOW, maximumPacket: 32_768 });
const ask = (recipientChannel: number, request: ChannelRequest, wantReply = true): Buffer =>
  encodeChannelRequest({ recipientChannel, wantReply, request });
const EXEC: ChannelRequest = { type: "exec", command: Buffer.from("true") };
const SFTP: ChannelRequest = { type: "subsystem", name: "sftp" };
const VERSION = packet(fxp.SSH_FXP_VERSION, 3, (writer) => writer);

/** Messages of so many STATs each, with ids from 1 on. */
const stats = (messages: number, each: number, path = "/"): Buffer[] =>
  Array.from({ length: messages }, (_, index) =>
    msg.encodeChannelData(
      THEIRS,
      Buffer.concat(Array.from({ length: each }, (_, at) => encodeRequest({ id: index * each + at + 1, op: "stat", path: text(path) }))),
    ),
  );

interface Ends {
  client: RawEnd;
  target: RawEnd;
  session: string;
}

describe("hostile peers of the relay", () => {
  let estate: RawEstate;
  beforeAll(async () => {
    estate = await startRawEstate();
  });
  afterAll(() => estate[Symbol.asyncDispose]());

  const opened = async (window = WINDOW): Promise<Ends> => {
    const ends = await estate.pair();
    ends.client.send(open(OWN, window));
    await ends.target.next(msg.SSH_MSG_CHANNEL_OPEN);
    ends.target.send(confirm());
    await ends.client.next(msg.SSH_MSG_CHANNEL_OPEN_CONFIRMATION);
    return ends;
  };
  const started = async (request: ChannelRequest = EXEC, window = WINDOW): Promise<Ends> => {
    const ends = await opened(window);
    ends.client.send(ask(THEIRS, request));
    await ends.target.next(msg.SSH_MSG_CHANNEL_REQUEST);
    ends.target.send(msg.encodeChannelSuccess(OWN));
    await ends.client.next(msg.SSH_MSG_CHANNEL_SUCCESS);
    return ends;
  };
  const sftp = async (window = WINDOW): Promise<Ends> => {
    const ends = await started(SFTP, window);
    ends.client.send(msg.encodeChannelData(THEIRS, encodeInit()));
    await ends.target.next(msg.SSH_MSG_CHANNEL_DATA);
    ends.target.send(msg.encodeChannelData(OWN, VERSION));
    await ends.client.next(msg.SSH_MSG_CHANNEL_DATA);
    return ends;
  };
  /** How the log says that a session ended. */
  const endOf = async (session: string): Promise<unknown> => {
    const ended = async () => estate.test.gate.store.log.query({ session, kinds: ["session.ended"], limit: 10 });
    await until(async () => (await ended()).length > 0);
    return (await ended()).map(({ body }) => body);
  };
  const PROTOCOL_ERROR = [expect.objectContaining({ how: "cut", code: "protocol-error" })];

  describe("a client", () => {
    const overlong = msg.encodeChannelData(THEIRS, Buffer.from("evil"));
    overlong.writeUInt32BE(3, 5);
    const stat = encodeRequest({ id: 1, op: "stat", path: text("/") });
    const cases: Record<string, [prepare: () => Promise<Ends>, bad: Buffer[]]> = {
      "data before anything was started": [opened, [msg.encodeChannelData(THEIRS, Buffer.from("evil"))]],
      "data for a channel that is not open": [started, [msg.encodeChannelData(77, Buffer.from("evil"))]],
      "data under its own number": [started, [msg.encodeChannelData(OWN, Buffer.from("evil"))]],
      "data whose length is wrong": [started, [overlong]],
      "extended data": [started, [msg.encodeChannelExtendedData(THEIRS, 1, Buffer.from("evil"))]],
      "a channel number twice": [opened, [open()]],
      "a message after its own CLOSE": [started, [msg.encodeChannelClose(THEIRS), msg.encodeChannelEof(THEIRS)]],
      "an answer to nothing": [started, [msg.encodeChannelSuccess(THEIRS)]],
      "a confirmation of nothing": [opened, [confirm(THEIRS, 3)]],
      "an unknown message": [started, [Buffer.of(127, 0, 0, 0, 0)]],
      "a message of the authentication": [started, [Buffer.of(50, 0, 0, 0, 0)]],
      "a window beyond the largest": [started, [msg.encodeChannelWindowAdjust(THEIRS, 2 ** 32 - 1)]],
      "a request that is cut short": [started, [ask(THEIRS, EXEC).subarray(0, 12)]],
      "many requests without waiting for an answer": [
        opened,
        Array.from({ length: 70 }, () => ask(THEIRS, { type: "env", name: "TEST_A", value: Buffer.from("evil") })),
      ],
      "sftp that does not begin with INIT": [() => started(SFTP), [msg.encodeChannelData(THEIRS, stat)]],
      "an sftp packet of 4 GiB": [sftp, [msg.encodeChannelData(THEIRS, Buffer.from("ffffffff0300000001", "hex"))]],
      "an sftp path with a NUL": [
        sftp,
        [msg.encodeChannelData(THEIRS, encodeRequest({ id: 1, op: "stat", path: Buffer.from("evil\0x") }))],
      ],
      "an sftp id in use": [sftp, [msg.encodeChannelData(THEIRS, stat), msg.encodeChannelData(THEIRS, stat)]],
      "more sftp requests ahead of their answers than any window holds": [sftp, [...stats(200, 1000, "x".repeat(16))]],
    };
    test.each(Object.entries(cases))("%s", async (_, [prepare, bad]) => {
      const { client, target, session } = await prepare();
      client.send(...bad);
      expect(await client.ended).toMatchObject({ how: "goodbye", description: expect.stringContaining("[protocol-error]") as string });
      expect(await endOf(session)).toEqual(PROTOCOL_ERROR);
      // The clean-up's own channel, or the end, comes behind everything that was passed.
      await Promise.race([target.ended, target.next(msg.SSH_MSG_CHANNEL_OPEN)]);
      target.destroy();
      expect(target.received.filter((payload) => msg.isData(payload) && payload.includes("evil"))).toEqual([]);
    });

    test.each([
      ["many", 200, "x", 128],
      ["large", 10, "x".repeat(100_000), 2],
    ])("variables without end, %s: the target gets those that the log has", async (_, count, value, kept) => {
      const { client, target, session } = await opened();
      const names = Array.from({ length: count }, (__, index) => `TEST_${index}`);
      client.send(...names.map((name) => ask(THEIRS, { type: "env", name, value: Buffer.from(value) }, false)), ask(THEIRS, EXEC));
      await until(() => target.received.some((payload) => payload[0] === msg.SSH_MSG_CHANNEL_REQUEST && payload.includes("exec")));
      const sent = target.received.filter((payload) => payload[0] === msg.SSH_MSG_CHANNEL_REQUEST && payload.includes("TEST_"));
      expect(sent).toHaveLength(kept);
      const [event] = await estate.test.gate.store.log.query({ session, kinds: ["ssh.exec"], limit: 1 });
      const body = event?.body as StartBody;
      expect(Object.keys(body.environment).sort()).toEqual(names.slice(0, kept).sort());
      expect(body.withheld).toEqual(names.slice(kept).slice(0, 64));
      client.destroy();
    });

    test("too many channels: the one too many is refused, the rest go on", async () => {
      const { client, target } = await opened();
      for (let number = 10; number < 10 + 64; number += 1) client.send(open(number));
      const refusal = msg.parseChannelOpenFailure(await client.next(msg.SSH_MSG_CHANNEL_OPEN_FAILURE));
      expect(refusal.recipientChannel).toBe(73);
      client.send(ask(THEIRS, EXEC));
      await target.next(msg.SSH_MSG_CHANNEL_REQUEST);
      client.destroy();
    });
  });

  describe("a target", () => {
    const cases: Record<string, [prepare: () => Promise<Ends>, bad: Buffer[]]> = {
      "output before anything was started": [opened, [msg.encodeChannelData(OWN, Buffer.from("evil"))]],
      "output beyond the window": [
        started,
        [
          ...Array.from({ length: 3 }, () => msg.encodeChannelData(OWN, Buffer.alloc(31_968))),
          msg.encodeChannelData(OWN, Buffer.from("evil")),
        ],
      ],
      "output of a type nobody knows": [started, [msg.encodeChannelExtendedData(OWN, 2, Buffer.from("evil"))]],
      "output after its own CLOSE": [started, [msg.encodeChannelClose(OWN), msg.encodeChannelData(OWN, Buffer.from("evil"))]],
      "output for a channel that is not open": [started, [msg.encodeChannelData(6, Buffer.from("evil"))]],
      "a confirmation twice": [opened, [confirm()]],
      "a failure of what is open": [opened, [msg.encodeChannelOpenFailure(OWN, 1, "evil")]],
      "an answer to nothing": [opened, [msg.encodeChannelSuccess(OWN)]],
      "an answer twice": [started, [msg.encodeChannelFailure(OWN)]],
      "an unknown message": [started, [Buffer.of(127, 0, 0, 0, 0)]],
      "opening one channel after the other": [started, Array.from({ length: 20 }, (_, index) => open(index, WINDOW, "x11"))],
      "sftp answers to nothing": [sftp, [msg.encodeChannelData(OWN, encodeStatus(1, 0, "evil"))]],
      "an sftp packet that nobody can be asked for": [
        sftp,
        [
          msg.encodeChannelData(
            OWN,
            packet(7, 1, (writer) => writer.string("evil")),
          ),
        ],
      ],
    };
    test.each(Object.entries(cases))("%s", async (_, [prepare, bad]) => {
      const { client, target, session } = await prepare();
      target.send(...bad);
      expect(await client.ended).toMatchObject({ how: "goodbye", description: expect.stringContaining("[protocol-error]") as string });
      expect(await endOf(session)).toEqual(PROTOCOL_ERROR);
      target.destroy();
      expect(client.received.filter((payload) => payload.includes("evil"))).toEqual([]);
    });

    test("channels and global requests of the target never reach the client", async () => {
      const { client, target } = await started();
      for (const type of ["x11", "forwarded-tcpip", "auth-agent@openssh.com", "session"]) {
        target.send(open(1, WINDOW, type));
        await target.next(msg.SSH_MSG_CHANNEL_OPEN_FAILURE);
      }
      target.send(encodeGlobalRequest({ name: "hostkeys-00@openssh.com", wantReply: false, specific: Buffer.from("evil") }));
      target.send(encodeGlobalRequest({ name: "keepalive@openssh.com", wantReply: true, specific: Buffer.alloc(0) }));
      await target.next(82);
      target.send(ask(OWN, { type: "keepalive@openssh.com" }));
      await target.next(msg.SSH_MSG_CHANNEL_FAILURE);
      target.send(msg.encodeChannelData(OWN, Buffer.from("honest")));
      await client.next(msg.SSH_MSG_CHANNEL_DATA);
      expect(client.received.map(([number]) => number)).toEqual([91, 99, 94]);
      client.destroy();
    });

    test("one that never closes a refused channel holds up nobody else", async () => {
      const { client, target } = await opened();
      client.send(ask(THEIRS, { type: "subsystem", name: "netconf" }));
      await client.next(msg.SSH_MSG_CHANNEL_CLOSE);
      client.send(msg.encodeChannelClose(THEIRS));
      await target.next(msg.SSH_MSG_CHANNEL_CLOSE);
      const other = await started();
      expect(other.client.received.at(-1)?.[0]).toBe(msg.SSH_MSG_CHANNEL_SUCCESS);
      other.client.destroy();
      client.destroy();
    });
  });

  describe("sftp windows", () => {
    test("hundreds of refusals go through a small window, in order, and never overrun it", async () => {
      const narrow = await startRawEstate("files: read");
      try {
        const { client, target } = await narrow.pair();
        const window = 2000;
        client.send(open(OWN, window));
        await target.next(msg.SSH_MSG_CHANNEL_OPEN);
        target.send(confirm());
        await client.next(msg.SSH_MSG_CHANNEL_OPEN_CONFIRMATION);
        client.send(ask(THEIRS, SFTP));
        await target.next(msg.SSH_MSG_CHANNEL_REQUEST);
        target.send(msg.encodeChannelSuccess(OWN));
        client.send(msg.encodeChannelData(THEIRS, encodeInit()));
        await target.next(msg.SSH_MSG_CHANNEL_DATA);
        target.send(msg.encodeChannelData(OWN, VERSION));

        const count = 300;
        const requests = Array.from({ length: count }, (_, id) =>
          encodeRequest({ id, op: "open", path: text(`/f${id}`), flags: WRITE, attributes: {} }),
        );
        for (const request of requests) client.send(msg.encodeChannelData(THEIRS, request));
        const framer = new SftpFramer();
        const ids: number[] = [];
        let room = window - VERSION.length;
        await client.next(msg.SSH_MSG_CHANNEL_DATA);
        while (ids.length < count) {
          const payload = await Promise.race([client.next(msg.SSH_MSG_CHANNEL_DATA), client.ended.then(() => Buffer.alloc(0))]);
          const data = msg.dataOf(payload);
          room -= data.length;
          expect(room).toBeGreaterThanOrEqual(0);
          for (const piece of framer.push(data)) {
            const answer = parseResponse(piece.bytes);
            expect(answer).toMatchObject({ kind: "status", code: fxp.SSH_FX_PERMISSION_DENIED });
            ids.push(answer.id);
          }
          if (room > window / 2) continue;
          client.send(msg.encodeChannelWindowAdjust(THEIRS, window - room));
          room = window;
        }
        expect(ids).toEqual(requests.map((_, id) => id));
        // Nothing of them came to the target, and all of it was credited to the client.
        expect(target.received.filter((payload) => msg.isData(payload))).toHaveLength(1);
        const credited = client.received
          .filter(([number]) => number === msg.SSH_MSG_CHANNEL_WINDOW_ADJUST)
          .reduce((sum, payload) => sum + msg.parseChannelWindowAdjust(payload).bytesToAdd, 0);
        expect(credited).toBe(Buffer.concat(requests).length);
        client.destroy();
      } finally {
        await narrow[Symbol.asyncDispose]();
      }
    });

    test("a listing larger than the client's window still arrives", async () => {
      const { client, target } = await sftp(10_000);
      client.send(msg.encodeChannelData(THEIRS, encodeRequest({ id: 1, op: "opendir", path: text("/") })));
      await target.next(msg.SSH_MSG_CHANNEL_DATA);
      const handle = packet(fxp.SSH_FXP_HANDLE, 1, (writer) => writer.string("h"));
      target.send(msg.encodeChannelData(OWN, handle));
      await client.next(msg.SSH_MSG_CHANNEL_DATA);
      client.send(msg.encodeChannelData(THEIRS, encodeRequest({ id: 2, op: "readdir", handle: text("h") })));
      await target.next(msg.SSH_MSG_CHANNEL_DATA);
      const names = packet(fxp.SSH_FXP_NAME, 2, (writer) => {
        writer.uint32(200);
        for (let index = 0; index < 200; index += 1) writer.string(`file-${index}`).string("x".repeat(150)).uint32(0);
        return writer;
      });
      // As a server does: as much as it may.
      let may = 10_000 - VERSION.length - handle.length;
      for (let at = 0; at < names.length;) {
        if (may <= 0) may += msg.parseChannelWindowAdjust(await target.next(msg.SSH_MSG_CHANNEL_WINDOW_ADJUST)).bytesToAdd;
        const part = names.subarray(at, at + Math.min(may, 8000));
        target.send(msg.encodeChannelData(OWN, part));
        at += part.length;
        may -= part.length;
      }
      const got: Buffer[] = [];
      while (Buffer.concat(got).length < names.length) {
        const data = msg.dataOf(await client.next(msg.SSH_MSG_CHANNEL_DATA));
        got.push(data);
        client.send(msg.encodeChannelWindowAdjust(THEIRS, data.length));
      }
      expect(Buffer.concat(got)).toEqual(names);
      client.destroy();
    });

    test.each(["the client first", "the target first"])("a channel is closed though answers wait for room in it: %s", async (order) => {
      const { client, target } = await sftp(40);
      const unknown = packet(fxp.SSH_FXP_EXTENDED, 3, (writer) => writer.string("vendor@example.org"));
      client.send(msg.encodeChannelData(THEIRS, unknown));
      // As much of the answer as there is room for.
      await client.next(msg.SSH_MSG_CHANNEL_DATA);
      const close = {
        client: () => client.send(msg.encodeChannelClose(THEIRS)),
        target: async () => {
          target.send(msg.encodeChannelEof(OWN), msg.encodeChannelClose(OWN));
          // Said before the gate has forwarded anything else: what the target sent is there.
          target.send(encodeGlobalRequest({ name: "keepalive@openssh.com", wantReply: true, specific: Buffer.alloc(0) }));
          await target.next(msg.SSH_MSG_REQUEST_FAILURE);
        },
      };
      if (order === "the target first") await close.target();
      close.client();
      await target.next(msg.SSH_MSG_CHANNEL_CLOSE);
      if (order === "the client first") await close.target();
      await client.next(msg.SSH_MSG_CHANNEL_CLOSE);
      // Both numbers are free again.
      client.send(open());
      expect(msg.parseChannelOpen(await target.next(msg.SSH_MSG_CHANNEL_OPEN)).senderChannel).toBe(OWN);
      client.destroy();
    });

    test("an answer of the gate never stands inside a packet of the target", async () => {
      const { client, target } = await sftp();
      client.send(msg.encodeChannelData(THEIRS, encodeRequest({ id: 1, op: "open", path: text("/f"), flags: READ, attributes: {} })));
      await target.next(msg.SSH_MSG_CHANNEL_DATA);
      target.send(
        msg.encodeChannelData(
          OWN,
          packet(fxp.SSH_FXP_HANDLE, 1, (writer) => writer.string("h")),
        ),
      );
      await client.next(msg.SSH_MSG_CHANNEL_DATA);
      client.send(msg.encodeChannelData(THEIRS, encodeRequest({ id: 2, op: "read", handle: text("h"), offset: 0n, length: 100 })));
      await target.next(msg.SSH_MSG_CHANNEL_DATA);
      const data = packet(fxp.SSH_FXP_DATA, 2, (writer) => writer.string("d".repeat(100)));
      target.send(msg.encodeChannelData(OWN, data.subarray(0, 50)));
      // The head, and so much of the data.
      await client.next(msg.SSH_MSG_CHANNEL_DATA);
      const unknown = packet(fxp.SSH_FXP_EXTENDED, 3, (writer) => writer.string("vendor@example.org"));
      client.send(msg.encodeChannelData(THEIRS, unknown));
      // Its bytes are credited in any case: by then the answer waits.
      await client.next(msg.SSH_MSG_CHANNEL_WINDOW_ADJUST);
      target.send(msg.encodeChannelData(OWN, data.subarray(50)));
      const rest = [await client.next(msg.SSH_MSG_CHANNEL_DATA), await client.next(msg.SSH_MSG_CHANNEL_DATA)].map((payload) =>
        msg.dataOf(payload),
      );
      expect(rest[0]).toEqual(data.subarray(50));
      expect(parseResponse(rest[1] ?? Buffer.alloc(0))).toMatchObject({ id: 3, code: fxp.SSH_FX_OP_UNSUPPORTED });
      client.destroy();
    });
  });

  describe("sftp requests far ahead of their answers", () => {
    /** Answers what comes with FAILURE, until `isEnough`; gives the ids in the order in which they came. */
    const answering = async ({ target }: Ends, isEnough: (ids: readonly number[]) => boolean): Promise<number[]> => {
      const asks = new SftpFramer();
      const ids: number[] = [];
      while (!isEnough(ids)) {
        for (const { bytes } of asks.push(msg.dataOf(await target.next(msg.SSH_MSG_CHANNEL_DATA)))) {
          const id = bytes.readUInt32BE(5);
          ids.push(id);
          target.send(msg.encodeChannelData(OWN, encodeStatus(id, fxp.SSH_FX_FAILURE, "")));
        }
      }
      return ids;
    };

    test("all get there, in order, what is decided among them too, and the end of file behind them", async () => {
      const ends = await sftp(1_000_000);
      const { client, target } = ends;
      const asked = stats(50, 100);
      const read = encodeRequest({ id: 9000, op: "open", path: text("/f"), flags: READ, attributes: {} });
      client.send(...asked.slice(0, 40), msg.encodeChannelData(THEIRS, read), ...asked.slice(40), msg.encodeChannelEof(THEIRS));
      // Enough to be busy with, and no more, as long as nothing is answered.
      const forwarded = (): number => target.received.filter((payload) => msg.isData(payload)).length;
      await until(() => forwarded() > 10);
      client.send(open(OWN + 1));
      await target.next(msg.SSH_MSG_CHANNEL_OPEN);
      expect(forwarded()).toBeLessThan(20);
      const numbers = Array.from({ length: 5000 }, (_, index) => index + 1);
      expect(await answering(ends, (ids) => ids.length === 5001)).toEqual([...numbers.slice(0, 4000), 9000, ...numbers.slice(4000)]);
      await target.next(msg.SSH_MSG_CHANNEL_EOF);
      expect(target.received.at(-1)?.[0]).toBe(msg.SSH_MSG_CHANNEL_EOF);
      client.destroy();
    });

    test("what still waits when the client closes the channel is not asked any more", async () => {
      const ends = await sftp(1_000_000);
      const { client, target } = ends;
      client.send(...stats(50, 100), msg.encodeChannelClose(THEIRS));
      await target.next(msg.SSH_MSG_CHANNEL_CLOSE);
      await answering(ends, (ids) => ids.length >= 1000);
      client.send(open(OWN + 1));
      await target.next(msg.SSH_MSG_CHANNEL_OPEN);
      const closed = target.received.findIndex((payload) => payload[0] === msg.SSH_MSG_CHANNEL_CLOSE);
      expect(target.received.slice(closed).filter((payload) => msg.isData(payload))).toEqual([]);
      client.destroy();
    });
  });

  test("the gate met no fault of its own", () => {
    expect(estate.test.faults).toEqual([]);
  });
});
