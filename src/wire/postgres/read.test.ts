import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { noticeEnd, readBytes, readMessage } from "./read.ts";

const opened: { destroy(): void }[] = [];
afterEach(() => opened.splice(0).forEach((each) => each.destroy()));

async function pair(): Promise<{ client: Socket; server: Socket }> {
  const listener = createServer({ pauseOnConnect: true }).listen(0, "127.0.0.1");
  await once(listener, "listening");
  const client = connect((listener.address() as AddressInfo).port, "127.0.0.1");
  const [server] = (await once(listener, "connection")) as [Socket];
  opened.push(client, server);
  listener.close();
  return { client, server };
}

test("a message that comes in pieces is waited for, and nothing else waits with it", async () => {
  const { client, server } = await pair();
  const reading = readMessage(server, 1000);
  for (const byte of Buffer.from([0x51, 0, 0, 0, 6, 0x41, 0])) {
    client.write(Buffer.of(byte));
    // A reader that spins on what has come would never let this timer fire.
    await wait(5);
  }
  expect(await reading).toEqual(Buffer.from([0x51, 0, 0, 0, 6, 0x41, 0]));
});

test("what follows stays in the socket, and a peer that closes in the middle is told from one that is slow", async () => {
  const { client, server } = await pair();
  client.write("abcdef");
  expect((await readBytes(server, 4)).toString()).toBe("abcd");
  const rest = readBytes(server, 4);
  client.end();
  await expect(rest).rejects.toMatchObject({ code: "protocol-error" });
});

test("a peer that leaves while nobody reads is noticed, and what it said before stays for who reads next", async () => {
  const { client, server } = await pair();
  const left = new Promise<void>((resolve) => {
    noticeEnd(server, resolve);
  });
  client.end();
  await left;

  const other = await pair();
  const noticing = noticeEnd(other.server, () => undefined);
  other.client.write("abc");
  await once(other.server, "readable");
  noticing[Symbol.dispose]();
  expect((await readBytes(other.server, 3)).toString()).toBe("abc");
});
